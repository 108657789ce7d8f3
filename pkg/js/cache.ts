/** The copies of a client, and when they may be served. */
import { now } from "./clock.ts";
import type { PromptError } from "./error.ts";
import { type Attempt, Freshness, type Policy, type Settled, type Verdict } from "./freshness.ts";
import type { Copy, OriginOutcome, Wanted } from "./origin.ts";

/** The overhead of an entry beside its text, in bytes. */
const OVERHEAD = 512;

/** The windows of the policy, in milliseconds, and the room for copies, in bytes. */
export interface Windows extends Policy {
  readonly maxBytes: number;
}

interface ClientEntry {
  copy: Copy | undefined;
  /** The origin's words for a prompt that does not exist. */
  missing: PromptError | undefined;
  /** The cause of the last failure. */
  failure: PromptError | undefined;
  bytes: number;
}

/** The key of a copy: `slug@7` or `slug@tag`. A tag begins with a letter, so they never collide. */
export function keyOf({ slug, version, tag }: Wanted): string {
  return `${slug}@${version ?? tag}`;
}

function pinned(key: string): boolean {
  return /@\d/.test(key);
}

/** Least recently used goes first; a `Map` keeps the order. */
export class Cache {
  readonly #maxBytes: number;
  readonly #freshness: Freshness;
  readonly #entries = new Map<string, ClientEntry>();
  #bytes = 0;

  constructor({ maxBytes, ...policy }: Windows) {
    this.#maxBytes = maxBytes;
    this.#freshness = new Freshness(policy);
  }

  lookup(key: string): Verdict {
    return this.#freshness.lookup(key, pinned(key), now());
  }

  /** The entry under `key`; counts as a use. */
  entry(key: string): Readonly<ClientEntry> {
    const entry = this.#entries.get(key) ?? {
      copy: undefined,
      missing: undefined,
      failure: undefined,
      bytes: OVERHEAD,
    };
    if (!this.#entries.delete(key)) this.#bytes += entry.bytes;
    this.#entries.set(key, entry);
    return entry;
  }

  /** Applies an answer of the origin. */
  settle(key: string, attempt: Attempt, said: OriginOutcome): Settled {
    const entry: ClientEntry = this.entry(key);
    const { outcome } = said;
    const [revision, retryAfter] = outcome === "failed" ? [undefined, said.retryAfter] : [said.revision, undefined];
    // The entry was evicted meanwhile: the answer still serves its caller.
    const settled = this.#freshness.settle(key, attempt, outcome, revision, retryAfter, now()) ?? {
      state: outcome === "modified" ? "answer" : outcome === "missing" ? "missing" : "unavailable",
      age: 0,
      retryAfter: 0,
    };
    entry.failure = outcome === "failed" ? said.error : undefined;
    if (settled.state === "answer" && outcome === "modified") entry.copy = said.copy;
    if (settled.state === "missing" || settled.state === "unavailable") entry.copy = undefined;
    entry.missing = settled.state === "missing" ? (outcome === "missing" ? said.error : entry.missing) : undefined;
    this.#resize(key, entry);
    return settled;
  }

  #resize(key: string, entry: ClientEntry): void {
    this.#bytes -= entry.bytes;
    entry.bytes = OVERHEAD + key.length * 2 + (entry.copy?.bytes ?? 0);
    this.#bytes += entry.bytes;
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#entries.delete(oldest);
      this.#bytes -= bytes;
      this.#freshness.forget(oldest);
    }
  }
}
