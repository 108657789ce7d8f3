import { existsSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { compile } from "cuecard";

import { command } from "../command.ts";
import { documentOf } from "../content.ts";
import { no, wrongUse } from "../failure.ts";
import { compileFile, readPrompts, writeFiles } from "../files/prompt.ts";
import { readLock } from "../lock.ts";
import type { ProjectFolder } from "../project.ts";
import type { Session } from "../session.ts";
import { flagsOf, type Typed, typesFile } from "../types.ts";

/** The default file. */
export const DEFAULT = "cuecard.d.ts";

export const types = command({
  name: "types",
  about: 'Writes a file that makes `cue.get("support/bot")` know its inputs, outputs and tags.',
  takes: "",
  words: [0, 0],
  options: {
    out: { type: "string", value: "FILE", about: `where to (default ${DEFAULT})` },
    from: {
      type: "string",
      value: "SOURCE",
      about: "`files` (the default), `lock`, or `server`: the versions under the project's tag",
    },
    check: { type: "boolean", about: "write nothing; end with 1 where the file is not what would be written" },
  },
  more: "The file's first line keeps the flags, so --check needs none but --out. Tags come from cuecard.lock.json where there is one.",
  async run({ options, session }) {
    const { project, terminal } = session;
    const path = join(project.root, options.out ?? DEFAULT);
    const name = relative(project.root, path).split(sep).join("/");
    const now = existsSync(path) ? readFileSync(path, "utf8") : undefined;
    if (options.check) {
      const wanted = now === undefined ? undefined : await current((source) => typed(session, source), now);
      if (wanted !== now || now === undefined) {
        const state = now === undefined ? "is not there" : "is not current";
        throw no(
          "types_stale",
          `${name} ${state}: run \`${commandOf(flags(project, path, options.from ?? sourceOf(now)))}\``,
        );
      }
      terminal.print(`${name} is current.`);
      return { data: { file: name, current: true } };
    }
    const source = options.from ?? sourceOf(now);
    const text = typesFile(flags(project, path, source), await typed(session, source));
    if (text !== now) writeFiles([{ path, text }]);
    terminal.print(`${name} ${text === now ? "is current" : "is written"}.`);
    return { data: { file: name, changed: text !== now } };
  },
});

/** The current content of a file of types, made with the flags that it keeps. `make` gives the types of a source. */
export async function current(
  make: (source: string) => Promise<readonly Typed[]>,
  text: string,
): Promise<string | undefined> {
  const kept = flagsOf(text);
  return kept === undefined ? undefined : typesFile(kept, await make(sourceOf(text)));
}

/** The source of a file of types, by the flags that it keeps: `files`, `lock` or `server`. */
export function sourceOf(text: string | undefined): string {
  return /--from (\w+)/.exec((text === undefined ? undefined : flagsOf(text)) ?? "")?.[1] ?? "files";
}

function flags(project: ProjectFolder, path: string, source: string): string {
  const out = relative(project.root, path).split(sep).join("/");
  return [out === DEFAULT ? "" : `--out ${out}`, source === "files" ? "" : `--from ${source}`]
    .filter(Boolean)
    .join(" ");
}

function commandOf(flags: string): string {
  return `cuecard types ${flags}`.trimEnd();
}

/** The content of a new file of types. */
export async function typed(session: Session, source: string): Promise<Typed[]> {
  const { project } = session;
  const locked = readLock(project);
  const tagsOf = (slug: string) => Object.keys(locked?.prompts[slug] ?? {}).sort();
  if (source === "files") {
    const files = readPrompts(project);
    if (files.length === 0) throw no("no_prompts", "there are no files of prompts: pull them, or take --from server");
    return files.map((file) => {
      const { inputs } = compileFile(file);
      return { slug: file.slug, inputs, outputs: file.document.outputs, tags: tagsOf(file.slug) };
    });
  }
  if (source === "lock" && locked === undefined)
    throw no("lock_missing", "there is no cuecard.lock.json: run `cuecard lock`");
  if (source !== "lock" && source !== "server") throw wrongUse("--from takes files, lock or server");
  const snapshot = source === "lock" ? locked?.snapshot : await session.server().snapshot(project.tag);
  return (snapshot?.prompts ?? []).map((version) => {
    const document = documentOf(version);
    const { slug } = version;
    return { slug, inputs: compile(document).inputs, outputs: document.outputs, tags: tagsOf(slug) };
  });
}
