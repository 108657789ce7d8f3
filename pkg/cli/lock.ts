/** `cuecard.lock.json`: the version of each tag of each prompt, and the snapshot for the client. */
import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import * as cuecard from "cuecard";
import type { Lock, LockedVersion, ResolvedVersion, Snapshot } from "cuecard";

import { no } from "./failure.ts";
import type { ProjectFolder } from "./project.ts";
import type { Server } from "./server.ts";
import type { Terminal } from "./terminal.ts";

/** The lock of a project, where it has one.
 *
 * @throws Failure for a file that is none
 */
export function readLock(project: ProjectFolder): Lock | undefined {
  if (!existsSync(project.lockFile)) return undefined;
  try {
    const lock = JSON.parse(readFileSync(project.lockFile, "utf8")) as Lock;
    if (lock.format === 1 && typeof lock.prompts === "object" && Array.isArray(lock.snapshot.prompts)) return lock;
  } catch {
    // Reported below.
  }
  throw no("lock_invalid", "cuecard.lock.json is not a lock of Cuecard, format 1: run `cuecard lock`");
}

/** The lock of the server's current state. If nothing has changed it is the previous one, byte for byte. */
export async function makeLock(
  server: Server,
  tag: string,
  terminal: Terminal,
  before: Lock | undefined,
): Promise<Lock> {
  const infos = await server.prompts();
  const snapshot = shipped(await server.snapshot(tag));
  const wanted = infos.flatMap(({ slug, tags }) => tags.map(({ tag, version }) => ({ slug, tag, version })));
  const entries = await terminal.each("locked", wanted, async ({ slug, tag, version }) => {
    const known = snapshot.prompts.find((prompt) => prompt.slug === slug && prompt.version === version);
    const hash = known?.hash ?? (await server.head(slug, { version }))?.version.hash;
    return { slug, tag, version, hash };
  });
  const prompts: Record<string, Record<string, LockedVersion>> = {};
  for (const { slug, tag, version, hash } of entries.sort((a, b) => order(a.slug, b.slug) || order(a.tag, b.tag))) {
    if (hash !== undefined) (prompts[slug] ??= {})[tag] = { version, hash };
  }
  const kept = before?.snapshot;
  const same = kept !== undefined && kept.tag === snapshot.tag && isDeepStrictEqual(content(kept), content(snapshot));
  return { format: 1, prompts, snapshot: same ? kept : snapshot };
}

export function lockText(lock: Lock): string {
  return `${JSON.stringify(lock, null, 2)}\n`;
}

/** The plans of `cuecard/client`, which the package's types do not show. */
const { __engine } = cuecard as unknown as { readonly __engine: { withPlans(snapshot: Snapshot): Snapshot } };

/** The parts of a snapshot that an app needs, with the plans; authors and messages are left out. */
function shipped(snapshot: Snapshot): Snapshot {
  const prompts = snapshot.prompts.map(({ author: _, commitMessage: __, ...version }) => version as ResolvedVersion);
  return __engine.withPlans({ ...snapshot, prompts: prompts.sort((a, b) => order(a.slug, b.slug)) });
}

function content({ prompts }: Snapshot): unknown {
  return prompts.map(({ resolved: _, ...version }) => version);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
