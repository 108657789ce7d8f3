/** Work in other projects of an organisation: a key belongs to one project, so each gets a temporary key. */
import type { ProjectCopy } from "./import/foreign.ts";
import type { Server } from "./server.ts";

/** A key that could not be revoked, because the process was killed, expires by itself. */
const HOURS = 6;

/** Does something in each project that there is, or in those that are named; one that is named and not there is made.
 *
 * @throws Failure also where the key is no admin's of the organisation's first project
 */
export async function inEachProject(
  server: Server,
  role: "write" | "admin",
  wanted: readonly ProjectCopy[] | undefined,
  work: (server: Server, project: ProjectCopy) => Promise<void>,
): Promise<void> {
  const own = await server.own();
  const { value } = await server.call<{ projects: ProjectCopy[] }>("/v1/projects");
  for (const project of wanted ?? value.projects) {
    if (!value.projects.some(({ slug }) => slug === project.slug))
      await server.call("/v1/projects", { method: "POST", body: project });
    if (project.slug === own.project) await work(server, project);
    else await withKey(server, project.slug, role, (key) => work(server.as(key), project));
  }
}

async function withKey(server: Server, project: string, role: string, work: (key: string) => Promise<void>) {
  const expiresAt = new Date(Date.now() + HOURS * 3_600_000).toISOString();
  const body = { project, role, name: "cuecard export and import", expiresAt };
  const { value } = await server.call<{ id: string; key: string }>("/v1/keys", { method: "POST", body });
  try {
    await work(value.key);
  } finally {
    await server.call(`/v1/keys/${value.id}`, { method: "DELETE" });
  }
}
