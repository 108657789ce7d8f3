/** A project at one revision, read while others write: versions do not change, and tags keep their history. */
import type { ResolvedVersion } from "cuecard";

import type { KeySelf, LogEntry, Move, PromptInfo } from "../js/admin/api.ts";
import { no } from "./failure.ts";
import type { ForeignVersion } from "./import/foreign.ts";
import { path, type Server } from "./server.ts";
import type { Terminal } from "./terminal.ts";

/** A prompt with everything that a key can read of it. */
export interface PromptCopy {
  readonly slug: string;
  readonly name?: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly scope?: string;
  readonly tags: Readonly<Record<string, number>>;
  /** Name → inputs. */
  readonly cases: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly versions: readonly ForeignVersion[];
}

/** A consistent cut of a project. */
export interface Cut {
  readonly revision: number;
  readonly prompts: readonly PromptCopy[];
}

type BackupVersion = Omit<ResolvedVersion, "resolved"> & {
  readonly tags: readonly string[];
  readonly revision: number;
};

/** Changes that remove or overwrite something. All others only add, and name their revision. */
const HARD = ["prompt.update", "prompt.delete", "prompt.restore", "prompt.purge", "version.remove"];
const ATTEMPTS = 10;

/** Reads the prompts that a project owns, or those of `wanted`.
 *
 * @throws Failure also where prompts are deleted or renamed without end meanwhile
 */
export async function readCut(server: Server, terminal: Terminal, wanted: readonly string[] = []): Promise<Cut> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const { value } = await server.call<KeySelf>("/v1/keys/self");
    // A change that no reader sees has a revision, too, and does not matter here.
    const revision = (await since(server, value.revision)).at(-1)?.revision ?? value.revision;
    const infos = await server.prompts(wanted);
    const copies = await terminal.each("exported", infos, (info) => copyOf(server, info, revision));
    const events = await since(server, revision);
    if (events.some(({ action }) => HARD.includes(action))) continue;
    const prompts = await terminal.each(
      "tags",
      copies.filter((copy) => copy !== undefined),
      async (copy) => {
        const touching = events.filter(({ slug }) => slug === copy.slug);
        return touching.length === 0 ? copy : { ...copy, tags: await tagsAt(server, copy, touching, revision) };
      },
    );
    return { revision, prompts: prompts.filter(({ versions }) => versions.length > 0) };
  }
  throw no("no_cut", `prompts were deleted, renamed or described ${ATTEMPTS} times while they were read: try again`);
}

/** `undefined` if the prompt has gone meanwhile. */
async function copyOf(server: Server, info: PromptInfo, revision: number): Promise<PromptCopy | undefined> {
  const { slug, name, description, labels, scope, tags } = info;
  const versions = await server.pages<BackupVersion>(`${path(slug)}/versions`, "versions", {}, [404]);
  const cases = await server.cases(slug);
  return {
    slug,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(labels !== undefined && { labels }),
    ...(scope !== undefined && { scope }),
    tags: Object.fromEntries(tags.map(({ tag, version }) => [tag, version])),
    cases: Object.fromEntries(cases.map(({ name, inputs }) => [name, inputs])),
    versions: versions
      .filter((one) => one.revision <= revision)
      .reverse()
      .map(stored),
  };
}

function stored(version: BackupVersion): ForeignVersion {
  const {
    slug: _s,
    id: _i,
    hash: _h,
    tags: _t,
    revision: _r,
    version: number,
    commitMessage,
    author,
    createdAt,
    ...document
  } = version;
  return {
    version: number,
    ...(commitMessage !== undefined && { commitMessage }),
    ...(author !== undefined && { author }),
    createdAt,
    document,
  };
}

function since(server: Server, revision: number): Promise<LogEntry[]> {
  return server.pages<LogEntry>("/v1/events", "events", { after: String(revision) });
}

/** The versions of the tags, by their own history. */
async function tagsAt(server: Server, { slug, tags }: PromptCopy, events: readonly LogEntry[], revision: number) {
  const named = events.flatMap(({ detail }) => (typeof detail["tag"] === "string" ? [detail["tag"]] : []));
  const found: Record<string, number> = {};
  for (const tag of new Set([...Object.keys(tags), ...named])) {
    const route = `${path(slug)}/tags/${encodeURIComponent(tag)}/history`;
    const moves = await server.pages<Move>(route, "moves", {}, [404]);
    const last = moves.find((move) => move.revision <= revision);
    if (last?.to !== undefined) found[tag] = last.to;
  }
  return found;
}
