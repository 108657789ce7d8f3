/** The output of `cuecard export`: lines of JSON, each a project, a prompt or a version. */
import { createHash } from "node:crypto";

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
  /** The digest of the lines before; earlier releases wrote none. */
  readonly sha256?: string;
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
  const digest = new Digest();
  const head: ExportHead = { kind: "cuecard-export", format: 2, exportedAt };
  yield digest.add(JSON.stringify(head));
  let [prompts, count] = [0, 0];
  for (const { project, cut } of projects) {
    yield digest.add(JSON.stringify({ project, revision: cut.revision }));
    for (const { versions, ...prompt } of cut.prompts) {
      yield digest.add(JSON.stringify({ prompt }));
      for (const version of versions) yield digest.add(JSON.stringify({ version }));
      prompts += 1;
      count += versions.length;
    }
  }
  const end: End = { prompts, versions: count, sha256: digest.hex() };
  yield JSON.stringify({ end });
}

/** The digest of lines, however they end. */
class Digest {
  readonly #hash = createHash("sha256");

  add(line: string): string {
    this.#hash.update(`${line.trimEnd()}\n`);
    return line;
  }

  hex(): string {
    return this.#hash.digest("hex");
  }
}

export const cuecard: ForeignSystem = {
  read(name, text) {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    const first = parsed(lines[0]) as Partial<ExportHead> | undefined;
    if (first?.kind === "cuecard-export" && first.format === 2) return fromLines(name, lines);
    const { format, kind, prompts } = (parsed(text) ?? {}) as Partial<Export>;
    if (format !== 1 || kind !== "cuecard-export" || prompts === undefined)
      throw no("source_invalid", `${name} is not an export of Cuecard, format 1 or 2`);
    return prompts.map((prompt) => ({ ...prompt, losses: [] }));
  },
};

/** The members of a project and of a prompt. Others are of a later release, and would be lost. */
const PROJECT = ["slug", "name", "allowedOrigins", "recording"];
const PROMPT = ["slug", "name", "description", "labels", "scope", "tags", "cases"];

function fromLines(name: string, [head = "", ...lines]: readonly string[]): ForeignHistory[] {
  const found: (Omit<ForeignHistory, "versions"> & { versions: ForeignVersion[] })[] = [];
  const digest = new Digest();
  digest.add(head);
  let project: ProjectCopy | undefined;
  let end: End | undefined;
  let versions = 0;
  for (const [at, line] of lines.entries()) {
    const value = parsed(line);
    const place = `${name}:${at + 2}`;
    const wrong = () => no("source_invalid", `${place}: the line is not a project, prompt, version or end`);
    if (!isObject(value) || end !== undefined) throw wrong();
    if (isObject(value["project"])) project = known<ProjectCopy>(value["project"], PROJECT, place);
    else if (isObject(value["prompt"]) && project !== undefined)
      found.push({ ...known<ForeignHistory>(value["prompt"], PROMPT, place), project, versions: [], losses: [] });
    else if (isObject(value["version"]) && found.length > 0) {
      found.at(-1)?.versions.push(value["version"] as unknown as ForeignVersion);
      versions += 1;
    } else if (isObject(value["end"])) end = value["end"] as unknown as End;
    else throw wrong();
    if (end === undefined) digest.add(line);
  }
  if (end?.prompts !== found.length || end.versions !== versions)
    throw no("source_invalid", `${name} is not whole: its end is missing, or lines of it are`);
  if (end.sha256 !== undefined && end.sha256 !== digest.hex())
    throw no(
      "source_invalid",
      `${name} is not as it was exported: a line of it is damaged or edited. To take it as it is, remove \`sha256\` from its last line`,
    );
  return found;
}

function known<T>(value: Record<string, unknown>, members: readonly string[], place: string): T {
  const other = Object.keys(value).find((member) => !members.includes(member));
  if (other !== undefined) throw no("source_invalid", `${place}: \`${other}\` is of a later release of Cuecard`);
  return value as T;
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? "");
  } catch {
    return undefined;
  }
}
