/** The output of `cuecard export`: lines of JSON, each a project, a prompt or a version. */
import type { Cut } from "../backup.ts";
import { no } from "../failure.ts";
import { type ForeignHistory, type ForeignVersion, isObject, type ProjectCopy, type ForeignSystem } from "./foreign.ts";

/** The first line. */
interface ExportHead {
  readonly kind: "cuecard-export";
  readonly format: 2;
  readonly exportedAt: string;
}

/** The last line: a file without it is incomplete. */
interface End {
  readonly prompts: number;
  readonly versions: number;
}

/** Format 1: one JSON document, of one project. */
interface Export {
  readonly format: 1;
  readonly kind: "cuecard-export";
  readonly prompts: readonly Omit<ForeignHistory, "losses" | "from">[];
}

/** The lines of an export. */
export function* exportLines(
  exportedAt: string,
  projects: readonly { readonly project: ProjectCopy; readonly cut: Cut }[],
): Generator<string> {
  const head: ExportHead = { kind: "cuecard-export", format: 2, exportedAt };
  yield JSON.stringify(head);
  let [prompts, count] = [0, 0];
  for (const { project, cut } of projects) {
    yield JSON.stringify({ project, revision: cut.revision });
    for (const { versions, ...prompt } of cut.prompts) {
      yield JSON.stringify({ prompt });
      for (const version of versions) yield JSON.stringify({ version });
      prompts += 1;
      count += versions.length;
    }
  }
  const end: End = { prompts, versions: count };
  yield JSON.stringify({ end });
}

export const cuecard: ForeignSystem = {
  read(name, text) {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    const first = parsed(lines[0]) as Partial<ExportHead> | undefined;
    if (first?.kind === "cuecard-export" && first.format === 2) return fromLines(name, lines.slice(1));
    const { format, kind, prompts } = (parsed(text) ?? {}) as Partial<Export>;
    if (format !== 1 || kind !== "cuecard-export" || prompts === undefined)
      throw no("source_invalid", `${name} is not an export of Cuecard, format 1 or 2`);
    return prompts.map((prompt) => ({ ...prompt, losses: [] }));
  },
};

function fromLines(name: string, lines: readonly string[]): ForeignHistory[] {
  const found: (Omit<ForeignHistory, "versions"> & { versions: ForeignVersion[] })[] = [];
  let project: ProjectCopy | undefined;
  let end: End | undefined;
  let versions = 0;
  for (const [at, line] of lines.entries()) {
    const value = parsed(line);
    const wrong = () => no("source_invalid", `${name}:${at + 2}: the line is not a project, prompt, version or end`);
    if (!isObject(value) || end !== undefined) throw wrong();
    if (isObject(value["project"])) project = value["project"] as unknown as ProjectCopy;
    else if (isObject(value["prompt"]) && project !== undefined)
      found.push({ ...(value["prompt"] as unknown as ForeignHistory), project, versions: [], losses: [] });
    else if (isObject(value["version"]) && found.length > 0) {
      found.at(-1)?.versions.push(value["version"] as unknown as ForeignVersion);
      versions += 1;
    } else if (isObject(value["end"])) end = value["end"] as unknown as End;
    else throw wrong();
  }
  if (end?.prompts !== found.length || end.versions !== versions)
    throw no("source_invalid", `${name} is not whole: its end is missing, or lines of it are`);
  return found;
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? "");
  } catch {
    return undefined;
  }
}
