import { existsSync } from "node:fs";

import { command } from "../command.ts";
import { EXIT, type Exit, CommandFailure } from "../failure.ts";
import { inspect, readPrompt, slugs } from "../files/prompt.ts";
import { Server } from "../server.ts";
import { ownVersion } from "../server-package.ts";
import type { Session } from "../session.ts";

interface Diagnosis {
  readonly what: string;
  readonly ok: boolean;
  readonly says: string;
  readonly exit?: Exit;
}

/** Routes that the commands need; a server without one is older than this package. */
const NEEDED = [
  "/v1/keys/self",
  "/v1/snapshot",
  "/v1/prompts/{slug}/draft",
  "/v1/prompts/{slug}/cases/{case}",
  "/v1/prompts/{slug}/run",
];

export const doctor = command({
  name: "doctor",
  about: "Looks at Node, the project, the key and the server, and says what is not as it should be.",
  takes: "",
  words: [0, 0],
  options: {},
  async run({ session }) {
    const { terminal } = session;
    const findings = [node(), credentials(session), ...project(session), ...(await server(session))];
    for (const { what, ok, says } of findings)
      terminal.print(`${ok ? terminal.paint("green", "✓") : terminal.paint("red", "✗")} ${what}: ${says}`);
    const exit = Math.max(EXIT.done, ...findings.map(({ ok, exit }) => (ok ? EXIT.done : (exit ?? EXIT.no)))) as Exit;
    return { exit, data: { version: ownVersion(), findings: findings.map(({ exit: _, ...finding }) => finding) } };
  },
});

function node(): Diagnosis {
  const [major = 0] = process.versions.node.split(".").map(Number);
  return {
    what: "Node.js",
    ok: major >= 20,
    says: `${process.version}${major >= 20 ? "" : ", 20 or newer is needed"}`,
  };
}

function credentials({ credentials }: Session): Diagnosis {
  const { file, exposed } = credentials;
  const says = exposed ? `${file} can be read by others: chmod 600 ${file}` : existsSync(file) ? file : "none kept yet";
  return { what: "keys", ok: !exposed, says };
}

function project(session: Session): Diagnosis[] {
  try {
    const { root, config } = session.project;
    const files = slugs(session.project).map((slug) => readPrompt(session.project, slug));
    const broken = files.filter((file) => inspect(file).prompt === undefined);
    const says =
      broken.length === 0
        ? `${files.length}, all compile`
        : `${broken.map(({ name }) => name).join(", ")}: see \`cuecard check\``;
    return [
      { what: "project", ok: true, says: `${root}${Object.keys(config).length === 0 ? ", without cuecard.json" : ""}` },
      { what: "files of prompts", ok: broken.length === 0, says },
    ];
  } catch (error) {
    return [told("project", error)];
  }
}

async function server(session: Session): Promise<Diagnosis[]> {
  try {
    const { url } = session;
    if (url === undefined) return [{ what: "server", ok: true, says: "none is named; `cuecard dev` starts one" }];
    const probe = new Server(url, session.keyFor(url) ?? "", undefined);
    const { value, status } = await probe.call<{ paths?: object } | undefined>("/openapi.json");
    if (typeof value?.paths !== "object")
      throw new CommandFailure(
        EXIT.unreachable,
        "no_cuecard",
        `the server at ${url} is not a Cuecard (status ${status})`,
      );
    const lacking = NEEDED.filter((path) => !Object.keys(value?.paths ?? {}).some((known) => same(known, path)));
    const says = lacking.length === 0 ? url : `${url} is older than this command: it lacks ${lacking.join(", ")}`;
    const found: Diagnosis[] = [{ what: "server", ok: lacking.length === 0, says }];
    const own = await session.server().own();
    return [...found, { what: "key", ok: true, says: `project ${own.project}, role ${own.role}` }];
  } catch (error) {
    return [told("server", error)];
  }
}

/** Whether two paths are one route, whatever their placeholders are called. */
function same(one: string, other: string): boolean {
  const shape = (path: string) => path.replaceAll(/\{[^}]*\}/g, "{}");
  return shape(one) === shape(other);
}

function told(what: string, error: unknown): Diagnosis {
  if (!(error instanceof CommandFailure)) throw error;
  return { what, ok: false, says: error.message, exit: error.exit };
}
