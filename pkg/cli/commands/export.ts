import { writeFileSync } from "node:fs";
import type { ResolvedVersion } from "cuecard";

import { command } from "../command.ts";
import { wrongUse } from "../failure.ts";
import type { Export } from "../import/cuecard.ts";
import { path } from "../server.ts";

type Version = Omit<ResolvedVersion, "resolved"> & { readonly tags: readonly string[]; readonly revision: number };

const SYSTEMS = ["athina", "basalt", "langwatch"];

export const exportCommand = command({
  name: "export",
  about:
    "Writes every prompt with all its versions and tags into one file: a backup, and what `import --from cuecard` takes.",
  takes: "[slug]…",
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    out: { type: "string", value: "FILE", about: "where to; standard output when left out" },
    to: {
      type: "string",
      value: "SYSTEM",
      about: `in place of that: the versions under a tag, as ${SYSTEMS.join(", ")} writes them`,
    },
    tag: { type: "string", value: "TAG", about: "with --to (default: the project's)" },
  },
  async run({ words, options, session }) {
    const { terminal, project } = session;
    const { out, to } = options;
    if (to !== undefined && !SYSTEMS.includes(to)) throw wrongUse(`--to takes one of ${SYSTEMS.join(", ")}`);
    const server = session.server();
    const own = await server.own();
    const all = (await server.prompts()).filter(({ slug }) => words.length === 0 || words.includes(slug));
    const missing = words.find((word) => !all.some(({ slug }) => slug === word));
    if (missing !== undefined) throw wrongUse(`there is no prompt \`${missing}\``);
    const data =
      to === undefined
        ? await whole()
        : await terminal.each("exported", all, async ({ slug }) => {
            const query = { to, tag: options.tag ?? project.tag };
            return (await server.call(`${path(slug)}/export`, { query })).value;
          });
    const text = `${JSON.stringify(data, null, 2)}\n`;
    if (out !== undefined) {
      writeFileSync(out, text);
      terminal.print(`${out}: ${all.length} prompts`);
      return { data: { file: out, prompts: all.length } };
    }
    terminal.print(text.trimEnd());
    return { data };

    async function whole(): Promise<Export> {
      const prompts = await terminal.each("exported", all, async ({ slug, description, tags }) => {
        const versions = await server.pages<Version>(`${path(slug)}/versions`, "versions");
        return {
          slug,
          ...(description !== undefined && { description }),
          versions: versions
            .reverse()
            .map(
              ({
                slug: _,
                version,
                id: __,
                hash: ___,
                commitMessage,
                author,
                createdAt,
                tags: _t,
                revision: _r,
                ...document
              }) => ({
                version,
                ...(commitMessage !== undefined && { commitMessage }),
                ...(author !== undefined && { author }),
                createdAt,
                document,
              }),
            ),
          tags: Object.fromEntries(tags.map(({ tag, version }) => [tag, version])),
        };
      });
      return { format: 1, kind: "cuecard-export", project: own.project, exportedAt: new Date().toISOString(), prompts };
    }
  },
});
