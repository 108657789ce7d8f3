/** Cases of a file beside those of the server. Names and inputs are compared; checks exist only in the file. */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import { type CaseFile, casePath, readCaseFile } from "./cases.ts";
import { CommandFailure } from "./failure.ts";
import { toYaml } from "./files/yaml.ts";
import type { ProjectFolder } from "./project.ts";
import { type KeptCase, path, type Server } from "./server.ts";
import type { Terminal } from "./terminal.ts";

/** Name → inputs. */
type NamedInputs = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface ComparedCases {
  readonly slug: string;
  readonly state: "same" | "changed_here" | "changed_there" | "conflict";
  readonly file: CaseFile | undefined;
  readonly mine: NamedInputs;
  readonly theirs: NamedInputs;
  /** The changes that a push makes on the server. */
  readonly put: readonly string[];
  readonly remove: readonly string[];
  /** The file's cases after a pull. */
  readonly pulled: NamedInputs;
  readonly kept: readonly KeptCase[];
}

/** Names the state in which both sides were last equal; written by `pull` and `push`. */
const BASE = /^# cuecard: cases of (\S+) ([0-9a-f]{16})[^\S\n]*\n?/m;

/** A prompt, and its file of cases if there is one. */
export interface CasesHere {
  readonly slug: string;
  readonly file: CaseFile | undefined;
}

/** @throws Failure with line and column for a file that is none */
export function casesHere(project: ProjectFolder, slugs: readonly string[]): CasesHere[] {
  return slugs.map((slug) => ({ slug, file: readCaseFile(project, slug) }));
}

/** The cases of prompts; reading them takes the role `write`, and other keys get none. */
export async function compareAllCases(
  terminal: Terminal,
  server: Server,
  files: readonly CasesHere[],
): Promise<ComparedCases[]> {
  try {
    return await terminal.each("compared cases", files, (one) => compareCases(server, one));
  } catch (error) {
    if (error instanceof CommandFailure && error.code === "role_required") return [];
    throw error;
  }
}

/** Where both sides have changed since they were the same it is a conflict; a file that never was the same has its
 * names added. */
async function compareCases(server: Server, { slug, file }: CasesHere): Promise<ComparedCases> {
  const kept = await server.cases(slug);
  const mine = named(file?.cases ?? []);
  const theirs = named(kept);
  const [, of, state] = BASE.exec(file?.text ?? "") ?? [];
  const base = of === slug ? state : undefined;
  const put = Object.keys(mine).filter((name) => !isDeepStrictEqual(mine[name], theirs[name]));
  const lacking = Object.keys(theirs).filter((name) => mine[name] === undefined);
  const remove = base === undefined ? [] : lacking;
  const as = (state: ComparedCases["state"], pulled: NamedInputs): ComparedCases => {
    return { slug, state, file, mine, theirs, put, remove, pulled, kept };
  };
  if (put.length === 0 && lacking.length === 0) return as("same", theirs);
  if (base === undefined) {
    const clash = put.some((name) => theirs[name] !== undefined);
    if (clash) return as("conflict", theirs);
    return as(put.length > 0 ? "changed_here" : "changed_there", { ...mine, ...theirs });
  }
  if (stateOf(theirs) === base) return as("changed_here", mine);
  return as(stateOf(mine) === base ? "changed_there" : "conflict", theirs);
}

/** The text that a pull writes; `undefined` if the file stays as it is. */
export function pulledFile(
  project: ProjectFolder,
  { slug, state, file, mine, theirs, pulled }: ComparedCases,
  force: boolean,
): { path: string; text: string } | undefined {
  const next = force ? theirs : pulled;
  if (file === undefined && Object.keys(next).length === 0) return undefined;
  if (file !== undefined && state !== "same" && isDeepStrictEqual(next, mine)) return undefined;
  const text = textOf(slug, file, next, isDeepStrictEqual(next, theirs));
  return text === file?.text ? undefined : { path: casePath(project, slug), text };
}

/** Makes the server's cases equal to the file's, and returns the file's new text. Concurrent changes are refused
 * there. */
export async function pushCases(
  server: Server,
  { slug, file, mine, theirs, put, remove, kept }: ComparedCases,
): Promise<string | undefined> {
  for (const name of [...put, ...remove]) {
    const there = kept.find((one) => one.name === name);
    const headers = there === undefined ? { "if-none-match": "*" } : { "if-match": `"${there.revision}"` };
    const route = `${path(slug)}/cases/${encodeURIComponent(name)}`;
    if (remove.includes(name)) await server.call(route, { method: "DELETE", headers });
    else await server.call(route, { method: "PUT", body: { inputs: mine[name] }, headers });
  }
  const others = Object.keys(theirs).some((name) => mine[name] === undefined && !remove.includes(name));
  return file === undefined ? undefined : textOf(slug, file, mine, !others);
}

/** The text of the file with these inputs; its checks and comments stay. */
function textOf(slug: string, file: CaseFile | undefined, cases: NamedInputs, isBase: boolean): string {
  const header = isBase ? `# cuecard: cases of ${slug} ${stateOf(cases)}\n` : "";
  if (file === undefined) return header + toYaml(withChecks(cases, new Map()));
  const before = file.text.replace(BASE, "");
  if (isDeepStrictEqual(cases, named(file.cases))) return header + before;
  const checks = new Map(file.cases.map((one) => [one.name, one.checks]));
  return header + file.yaml.with(withChecks(cases, checks)).replace(BASE, "");
}

function withChecks(cases: NamedInputs, checks: ReadonlyMap<string, readonly unknown[]>): object {
  const entries = Object.entries(cases).map(([name, inputs]) => {
    const own = checks.get(name) ?? [];
    return [name, { inputs, ...(own.length > 0 && { checks: own }) }];
  });
  return Object.fromEntries(entries);
}

function named(cases: readonly { readonly name: string; readonly inputs: Record<string, unknown> }[]): NamedInputs {
  return Object.fromEntries(cases.map(({ name, inputs }) => [name, inputs]));
}

/** Equal names with equal inputs, equal state, whatever their order. */
function stateOf(cases: NamedInputs): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(cases)))
    .digest("hex")
    .slice(0, 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}
