/** A snapshot, which is served when the origin fails and there is no copy. */
import { now } from "./clock.ts";
import { PromptError } from "./error.ts";
import type { Copy, Wanted } from "./origin.ts";
import { Compiled } from "./prompt.ts";
import type { ResolvedVersion, Snapshot, SnapshotJson } from "./types.ts";

/** The prompts of a snapshot, compiled when they are first needed. */
export class Shipped {
  readonly #prompts = new Map<string, ResolvedVersion>();
  readonly #copies = new Map<string, Promise<Copy>>();
  readonly #tag: string;
  readonly #createdAt: number;

  /** @throws PromptError `body_invalid` where it is not a snapshot */
  constructor(snapshot: Snapshot | SnapshotJson | string) {
    const { format, tag, createdAt, prompts } = read(snapshot);
    if (format !== 1 || typeof tag !== "string" || !Array.isArray(prompts)) throw notOne();
    for (const prompt of prompts as ResolvedVersion[]) this.#prompts.set(prompt.slug, prompt);
    // The former spelling in snapshots.
    this.#tag = tag === "live" ? "production" : tag;
    this.#createdAt = Date.parse(String(createdAt)) || 0;
  }

  /** Since the snapshot was made, in milliseconds. */
  get age(): number {
    return Math.max(0, now() - this.#createdAt);
  }

  /** Whether the snapshot has the prompt under this tag or at this version. */
  has({ slug, tag, version }: Wanted): boolean {
    const resolved = this.#prompts.get(slug);
    return resolved !== undefined && (version === undefined ? tag === this.#tag : version === resolved.version);
  }

  /** The prompt, if the snapshot has it. */
  async find(wanted: Wanted): Promise<Copy | undefined> {
    const resolved = this.#prompts.get(wanted.slug);
    if (resolved === undefined || !this.has(wanted)) return undefined;
    let copy = this.#copies.get(wanted.slug);
    if (copy === undefined) {
      copy = Compiled.fromVersion(resolved).then((compiled) => ({ compiled, resolved, etag: undefined, bytes: 0 }));
      this.#copies.set(wanted.slug, copy);
      copy.catch(() => this.#copies.delete(wanted.slug));
    }
    return copy;
  }
}

function read(snapshot: Snapshot | SnapshotJson | string): Partial<Snapshot> {
  try {
    return ((typeof snapshot === "string" ? JSON.parse(snapshot) : snapshot) ?? {}) as Partial<Snapshot>;
  } catch (cause) {
    throw notOne(cause);
  }
}

function notOne(cause?: unknown): PromptError {
  return new PromptError("body_invalid", "this is not a snapshot of Cuecard, format 1", { status: 422, cause });
}
