/** The copies that a client holds, and when they may be served: the policy is Rust's (`src/freshness.rs`). */
import { now } from "./clock.ts";
import type { Freshness } from "../glue/cuecard.js";
import { call, generation } from "./engine.ts";
import type { PromptError } from "./error.ts";
import type { Copy, Said, Wanted } from "./origin.ts";

/** What an entry costs beside its text, in bytes. */
const OVERHEAD = 512;

/** The windows of the policy, in milliseconds, and the room for copies, in bytes. */
export interface Windows {
  readonly freshFor: number;
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  readonly maxBytes: number;
}

/** The right to ask the origin, once. */
export interface Attempt {
  readonly number: number;
  readonly generation: number;
}

/** What to do now. */
export interface Verdict {
  readonly state: "fresh" | "stale" | "missing" | "fetch" | "wait" | "unavailable";
  /** Since the origin confirmed it, in milliseconds. */
  readonly age: number;
  /** In milliseconds. */
  readonly retryAfter: number;
  readonly attempt?: Attempt;
}

/** What to serve after an attempt. */
export interface Settled {
  readonly state: "answer" | "stored" | "missing" | "unavailable";
  readonly age: number;
}

interface Entry {
  copy: Copy | undefined;
  /** What the origin said when it said that there is no such thing. */
  missing: PromptError | undefined;
  /** How the last attempt failed. */
  failure: PromptError | undefined;
  revision: string | undefined;
  checked: number;
  bytes: number;
}

/** What copies are held under: `slug@7` or `slug@tag`. A tag begins with a letter, so they never meet. */
export function keyOf({ slug, version, tag }: Wanted): string {
  return `${slug}@${version ?? tag}`;
}

function pinned(key: string): boolean {
  return /@\d/.test(key);
}

/** Least recently used goes first; a `Map` keeps the order. */
export class Cache {
  readonly #windows: Windows;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  #freshness: Freshness | null = null;
  #generation = -1;

  constructor(windows: Windows) {
    this.#windows = windows;
  }

  lookup(key: string): Verdict {
    const raw = call(() => this.#policy().lookup(key, pinned(key), now())) as RawVerdict;
    const { state, age, retryAfter, attempt } = raw;
    return { state, age, retryAfter, ...(attempt != null && { attempt: { number: attempt, generation } }) };
  }

  /** What is held under `key`; counts as a use. */
  entry(key: string): Readonly<Entry> {
    const entry = this.#entries.get(key) ?? {
      copy: undefined,
      missing: undefined,
      failure: undefined,
      revision: undefined,
      checked: 0,
      bytes: OVERHEAD,
    };
    if (!this.#entries.delete(key)) this.#bytes += entry.bytes;
    this.#entries.set(key, entry);
    return entry;
  }

  /** Takes in what the origin said. */
  settle(key: string, attempt: Attempt, said: Said): Settled {
    const entry: Entry = this.entry(key);
    const settled = call(() => this.#settle(key, attempt, said));
    entry.failure = said.outcome === "failed" ? said.error : undefined;
    if (settled.state === "answer" && said.outcome === "modified") entry.copy = said.copy;
    if (settled.state === "missing" || settled.state === "unavailable") entry.copy = undefined;
    entry.missing = settled.state === "missing" ? (said.outcome === "missing" ? said.error : entry.missing) : undefined;
    entry.revision = call(() => this.#policy().revision(key));
    entry.checked = now() - settled.age;
    this.#resize(key, entry);
    return settled;
  }

  #settle(key: string, attempt: Attempt, said: Said): Settled {
    const policy = this.#policy();
    const time = now();
    let { number } = attempt;
    if (attempt.generation !== generation) {
      // The instance that gave the attempt is gone; the one of now gives another, unless it needs none.
      const verdict = policy.lookup(key, pinned(key), time) as RawVerdict;
      if (verdict.attempt == null)
        return { state: verdict.state === "fresh" ? "stored" : "unavailable", age: verdict.age };
      number = verdict.attempt;
    }
    const revision = said.outcome === "failed" ? undefined : said.revision;
    const retryAfter = said.outcome === "failed" ? said.retryAfter : undefined;
    const settled = policy.settle(key, number, said.outcome, revision, retryAfter, time) as Settled | null;
    // Forgotten meanwhile, to make room for others: the answer still serves whoever asked.
    return (
      settled ?? {
        state: said.outcome === "modified" ? "answer" : said.outcome === "missing" ? "missing" : "unavailable",
        age: 0,
      }
    );
  }

  #resize(key: string, entry: Entry): void {
    this.#bytes -= entry.bytes;
    entry.bytes = OVERHEAD + key.length * 2 + (entry.copy?.bytes ?? 0);
    this.#bytes += entry.bytes;
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= this.#windows.maxBytes) return;
      this.#entries.delete(oldest);
      this.#bytes -= bytes;
      call(() => this.#policy().forget(oldest));
    }
  }

  /** The policy; after an instance was lost, a new one that takes over what is held. */
  #policy(): Freshness {
    if (this.#freshness !== null && this.#generation === generation) return this.#freshness;
    const { freshFor, staleWhileRevalidate, staleIfError } = this.#windows;
    const policy = call((wasm) => new wasm.Freshness(freshFor, staleWhileRevalidate, staleIfError));
    for (const [key, { copy, missing, revision, checked }] of this.#entries) {
      if (revision === undefined || (copy === undefined && missing === undefined)) continue;
      policy.adopt(key, pinned(key), revision, checked, copy === undefined);
    }
    this.#freshness = policy;
    this.#generation = generation;
    return policy;
  }
}

interface RawVerdict extends Omit<Verdict, "attempt"> {
  readonly attempt?: number | null;
}
