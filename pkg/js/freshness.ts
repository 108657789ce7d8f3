/** When a copy may be served: the policy of `crates/freshness`, for one client. Times are milliseconds of the caller's
 * clock. */

/** The windows of the policy, in milliseconds. */
export interface Policy {
  readonly freshFor: number;
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
}

/** The longest time that a "does not exist" counts as fresh. */
const MISSING = 10_000;
/** The longest time that one request may be the only one asking for a key. */
const LEASE = 10_000;
/** The longest `Retry-After` that is respected. */
const MAX_PAUSE = 60_000;

/** `12`, or `3.12` where a store was restored: ordered by epoch, then number. */
type EpochRevision = readonly [epoch: number, number: number];

const NONE: EpochRevision = [0, 0];

/** A copy, or a confirmed absence. */
interface Held {
  /** The project's revision at which this was right. */
  readonly revision: EpochRevision;
  /** When the request that last confirmed it started. */
  checked: number;
  /** Whether the origin said that the prompt does not exist. */
  readonly missing: boolean;
}

interface KeyState {
  /** Whether it is a version, whose answer stays once it is there. */
  readonly pinned: boolean;
  held: Held | undefined;
  askingUntil: number;
  asking: number;
  retryAt: number;
  failures: number;
  settled: number;
}

/** The right to ask the origin, once. */
export interface Attempt {
  readonly started: number;
  readonly asking: number;
  readonly settled: number;
  readonly forProject: boolean;
}

/** What to do now: `wait` for the request under way, or one of the words of RFC 9111. */
export interface Verdict {
  readonly state: "fresh" | "stale" | "missing" | "fetch" | "wait" | "unavailable";
  /** Since the origin confirmed it, in milliseconds. */
  readonly age: number;
  /** How long until the next attempt, in milliseconds. */
  readonly retryAfter: number;
  readonly attempt?: Attempt;
}

/** What to serve after an attempt. */
export interface Settled {
  readonly state: "answer" | "stored" | "missing" | "unavailable";
  readonly age: number;
  readonly retryAfter: number;
}

/** How an attempt ended. */
export type Outcome = "modified" | "not_modified" | "missing" | "failed";

/** The freshness of all keys of one client, and of its project, whose revision is the validator that they share. */
export class Freshness {
  readonly #fresh: number;
  readonly #revalidatesUntil: number;
  /** The age from which a copy is never served. */
  readonly #retention: number;
  readonly #keys = new Map<string, KeyState>();
  /** The newest revision seen of the project. */
  #seen: EpochRevision | undefined;
  /** When the origin last confirmed it. */
  #seenAt = 0;
  #askingUntil = 0;

  constructor({ freshFor, staleWhileRevalidate, staleIfError }: Policy) {
    this.#fresh = Math.floor(freshFor);
    this.#revalidatesUntil = this.#fresh + Math.floor(staleWhileRevalidate);
    this.#retention = this.#fresh + Math.floor(Math.max(staleWhileRevalidate, staleIfError));
  }

  /** What to do about `name` at `now`. */
  lookup(name: string, pinned: boolean, now: number): Verdict {
    let key = this.#keys.get(name);
    if (key === undefined) {
      key = { pinned, held: undefined, askingUntil: 0, asking: 0, retryAt: 0, failures: 0, settled: 0 };
      this.#keys.set(name, key);
    }
    this.#clamp(key, now);
    const { held } = key;
    if (held === undefined) return ask(key, now);
    const age = this.#age(held, now);
    const isVersion = key.pinned && !held.missing;
    if (isVersion && !(this.#seen !== undefined && this.#seen[0] > held.revision[0])) return serve("fresh", age);
    if (!isVersion && age < (held.missing ? Math.min(this.#fresh, MISSING) : this.#fresh))
      return serve(held.missing ? "missing" : "fresh", age);
    const mayAsk = key.askingUntil <= now && key.retryAt <= now;
    if (!isVersion && !held.missing && age < this.#revalidatesUntil) {
      const shared = this.#seen !== undefined && order(this.#seen, held.revision) === 0;
      return serve("stale", age, mayAsk && (!shared || this.#lease(now)) ? lease(key, shared, now) : undefined);
    }
    if (key.failures > 0 && (isVersion || age < this.#retention))
      return serve(held.missing ? "missing" : "stale", age, mayAsk ? lease(key, false, now) : undefined);
    return ask(key, now);
  }

  /** What to serve and to keep after an attempt; `undefined` if the key was evicted meanwhile. An answer older than
   * what is held by now changes nothing, nor does one that took longer than a lease. `said`: the revision that the
   * answer tells. */
  settle(
    name: string,
    attempt: Attempt,
    outcome: Outcome,
    said: string | undefined,
    retryAfter: number | undefined,
    now: number,
  ): Settled | undefined {
    const key = this.#keys.get(name);
    if (key === undefined) return undefined;
    if (attempt.forProject) this.#askingUntil = 0;
    if (key.asking === attempt.asking) key.askingUntil = 0;
    const { held } = key;
    const late = now - attempt.started > LEASE;
    if (late || outcome === "failed") return this.#failed(key, late ? 0 : (retryAfter ?? 0), now);
    const revision = parse(said) ?? newest(held?.revision, this.#seen);
    this.#confirm(revision, attempt.started);
    if (!this.#supersedes(key, revision, outcome, key.settled === attempt.settled, now))
      return this.#failed(key, 0, now);
    const renews = held !== undefined && order(held.revision, revision) === 0 && held.checked <= now;
    const checked = renews ? Math.max(held.checked, attempt.started) : attempt.started;
    key.held = { revision, checked, missing: outcome === "missing" };
    key.failures = 0;
    key.retryAt = 0;
    key.settled++;
    if (outcome === "not_modified") return { state: "stored", age: Math.max(0, now - checked), retryAfter: 0 };
    return { state: outcome === "modified" ? "answer" : "missing", age: 0, retryAfter: 0 };
  }

  /** Forgets `name`, whose copy was evicted. */
  forget(name: string): void {
    this.#keys.delete(name);
  }

  /** Whether an answer may replace or renew the copy. `alone`: nothing else was settled since it was asked for. A late
   * "not modified" is about a copy that is no longer held; a late answer at the revision of a deletion must not bring
   * back what is gone. */
  #supersedes({ held }: KeyState, revision: EpochRevision, outcome: Outcome, alone: boolean, now: number): boolean {
    if (held === undefined) return outcome !== "not_modified";
    const newer = order(revision, held.revision);
    if (outcome === "not_modified") return alone && !held.missing && newer >= 0;
    if (now - held.checked >= this.#retention || newer > 0) return true;
    return newer === 0 && !(held.missing && outcome === "modified" && !alone);
  }

  #failed(key: KeyState, wanted: number, now: number): Settled {
    key.failures++;
    const own = Math.min(500 * 2 ** Math.min(key.failures - 1, 4), 5_000);
    const retryAfter = Math.max(own, Math.min(wanted, MAX_PAUSE));
    key.retryAt = now + retryAfter;
    const { held, pinned } = key;
    if (held === undefined) return { state: "unavailable", age: 0, retryAfter };
    const age = this.#age(held, now);
    const kept = age < this.#retention || (pinned && !held.missing);
    return kept
      ? { state: held.missing ? "missing" : "stored", age, retryAfter: 0 }
      : { state: "unavailable", age: 0, retryAfter };
  }

  /** Since the origin confirmed it, for this key or for the whole project. */
  #age(held: Held, now: number): number {
    const shared = this.#seen !== undefined && order(this.#seen, held.revision) === 0 && this.#seenAt <= now;
    return Math.max(0, now - Math.max(held.checked, shared ? this.#seenAt : 0));
  }

  #confirm(revision: EpochRevision, asked: number): void {
    const newer = this.#seen === undefined ? 1 : order(revision, this.#seen);
    if (newer < 0) return;
    this.#seenAt = newer === 0 ? Math.max(this.#seenAt, asked) : asked;
    this.#seen = revision;
  }

  /** Whether nobody is asking on behalf of the whole project; if so, the caller is from now on. */
  #lease(now: number): boolean {
    const free = this.#askingUntil <= now || this.#askingUntil > now + LEASE;
    if (free) this.#askingUntil = now + LEASE;
    return free;
  }

  /** After the clock went back, points that lie further ahead than they were ever set would hold for too long. A copy
   * from the future turns stale, so that a jump costs at most one extra request. */
  #clamp(key: KeyState, now: number): void {
    if (key.held !== undefined && key.held.checked > now) key.held.checked = Math.max(0, now - this.#fresh);
    if (key.askingUntil > now + LEASE) key.askingUntil = 0;
    if (key.retryAt > now + MAX_PAUSE) key.retryAt = 0;
  }
}

function serve(state: "fresh" | "stale" | "missing", age: number, attempt?: Attempt): Verdict {
  return { state, age, retryAfter: 0, ...(attempt && { attempt }) };
}

function ask(key: KeyState, now: number): Verdict {
  if (key.askingUntil > now) return { state: "wait", age: 0, retryAfter: 0 };
  if (key.retryAt > now) return { state: "unavailable", age: 0, retryAfter: key.retryAt - now };
  return { state: "fetch", age: 0, retryAfter: 0, attempt: lease(key, false, now) };
}

function lease(key: KeyState, forProject: boolean, now: number): Attempt {
  key.askingUntil = now + LEASE;
  return { started: now, asking: ++key.asking, settled: key.settled, forProject };
}

/** Below, at or above 0 as `a` is to `b`. */
function order(a: EpochRevision, b: EpochRevision): number {
  return a[0] - b[0] || a[1] - b[1];
}

function newest(a: EpochRevision = NONE, b: EpochRevision = NONE): EpochRevision {
  return order(a, b) < 0 ? b : a;
}

/** No store counts beyond 2^53: a larger revision would block the project for ever. */
function parse(text: string | undefined): EpochRevision | undefined {
  const [, epoch, number] = /^(?:(\d+)\.)?(\d+)$/.exec(text ?? "") ?? [];
  const revision: EpochRevision = [Number(epoch ?? 0), Number(number ?? Number.NaN)];
  return revision.every((part) => part <= 2 ** 53) ? revision : undefined;
}
