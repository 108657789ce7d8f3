import { type Cut, readCut } from "../backup.ts";
import { command, type CommandOutcome } from "../command.ts";
import { no, wrongUse } from "../failure.ts";
import { writeFiles } from "../files/prompt.ts";
import { exportLines } from "../import/cuecard.ts";
import type { ProjectCopy } from "../import/foreign.ts";
import { inEachProject } from "../projects.ts";
import { path } from "../server.ts";
import type { Session } from "../session.ts";

const SYSTEMS = ["athina", "basalt", "langwatch"];

export const exportCommand = command({
  name: "export",
  about:
    "Writes every prompt with its versions, tags and cases into one file: a backup, and what `import --from cuecard` takes.",
  takes: "[slug]…",
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    out: { type: "string", value: "FILE", about: "where to; standard output when left out" },
    all: { type: "boolean", about: "all projects of the organisation; takes an admin key of its first project" },
    to: {
      type: "string",
      value: "SYSTEM",
      about: `in place of that: the versions under a tag, as ${SYSTEMS.join(", ")} writes them`,
    },
    tag: { type: "string", value: "TAG", about: "with --to (default: the project's)" },
  },
  more: `Each project is written as it was at one revision, whatever is written meanwhile. Takes a key with the role write. Not in it: keys,
connections, drafts, executions, deleted prompts.`,
  async run({ words, options, session }) {
    const { terminal, project } = session;
    const { out, to, all } = options;
    if (to !== undefined && !SYSTEMS.includes(to)) throw wrongUse(`--to takes one of ${SYSTEMS.join(", ")}`);
    if (all && (to !== undefined || words.length > 0)) throw wrongUse("--all takes no slugs, and no --to");
    if (to === undefined && options.tag !== undefined) throw wrongUse("--tag is for --to");
    if (to !== undefined) return written(session, out, await foreign(session, words, to, options.tag ?? project.tag));
    const projects = await cuts(session, words, all);
    const lines = exportLines(new Date().toISOString(), projects);
    const prompts = projects.flatMap(({ cut }) => cut.prompts);
    const versions = prompts.reduce((sum, one) => sum + one.versions.length, 0);
    if (out === undefined) {
      for (const line of lines) terminal.print(line);
      return { data: { projects } };
    }
    writeFiles([{ path: out, text: `${[...lines].join("\n")}\n` }]);
    terminal.print(
      `${out}: ${projects.length} ${projects.length === 1 ? "project" : "projects"}, ${prompts.length} prompts, ${versions} versions`,
    );
    return { data: { file: out, projects: projects.length, prompts: prompts.length, versions } };
  },
});

async function cuts(session: Session, words: readonly string[], all: boolean) {
  const { terminal } = session;
  const server = session.server().store;
  const found: { project: ProjectCopy; cut: Cut }[] = [];
  if (!all) {
    const { project } = await server.own();
    return [{ project: { slug: project }, cut: await readCut(server, terminal, words) }];
  }
  await inEachProject(server, "write", undefined, async (own, { slug, name, allowedOrigins, recording }) => {
    const project: ProjectCopy = {
      slug,
      ...(name !== undefined && { name }),
      ...(allowedOrigins !== undefined && { allowedOrigins }),
      ...(recording !== undefined && { recording }),
    };
    found.push({ project, cut: await readCut(own, terminal) });
  });
  return found;
}

/** The version of each prompt under a tag, as another system writes it. */
async function foreign(session: Session, words: readonly string[], to: string, tag: string): Promise<unknown[]> {
  const server = session.server();
  return session.terminal.each("exported", await server.prompts(words), async ({ slug }) => {
    return (await server.call(`${path(slug)}/export`, { query: { to, tag } })).value;
  });
}

function written({ terminal }: Session, out: string | undefined, prompts: readonly unknown[]): CommandOutcome {
  const text = JSON.stringify(prompts, null, 2);
  if (out === undefined) {
    terminal.print(text);
    return { data: prompts };
  }
  writeFiles([{ path: out, text: `${text}\n` }]);
  terminal.print(`${out}: ${prompts.length} prompts`);
  return { data: { file: out, prompts: prompts.length } };
}
