/** The client: prompts by name, from memory, the origin or a snapshot. */
import { Cache, keyOf } from "./cache.ts";
import { now } from "./clock.ts";
import { aborted, stopIfAborted } from "./abort.ts";
import { loaded } from "./engine.ts";
import { PromptError } from "./error.ts";
import type { Fetch } from "./fetch.ts";
import type { Attempt, Settled } from "./freshness.ts";
import { Locked } from "./lock.ts";
import { ask, type Copy, type OriginOptions, type OriginOutcome, type Wanted } from "./origin.ts";
import { FetchedPrompt } from "./prompt.ts";
import { parseReference } from "./reference.ts";
import { run, type Run, type RunOptions, type RunStream, type Streamed, type Whole } from "./run.ts";
import { Shipped } from "./snapshot.ts";
import type { Rendered } from "./rendered.ts";
import type { Code, Lock, LockJson, Prompts, RenderOptions, Snapshot, SnapshotJson, Source } from "./types.ts";
import { takeSnapshot } from "./whole.ts";

/** The settings of a client. Times are in milliseconds. */
export interface CuecardOptions {
  /** The URL of the Worker: `https://prompts.example.com`. */
  readonly url: string | URL;
  /** A key with the role `read`. */
  readonly key: string;
  /** The tag of a reference that names none. Default `production`. */
  readonly tag?: string;
  /** Serves prompts when the origin fails and there is no copy. */
  readonly snapshot?: Snapshot | SnapshotJson | string;
  /** `cuecard.lock.json`: a prompt that it lists is accepted only with the listed hash. Its snapshot is the default of
   * `snapshot`. */
  readonly lock?: Lock | LockJson | string;
  /** How long a copy is served without asking the origin. Default 5,000. */
  readonly freshFor?: number;
  /** How much longer a copy is served at once while the origin is asked. Default 55,000. */
  readonly staleWhileRevalidate?: number;
  /** How much longer a copy is served when the origin fails. Default 7 days. */
  readonly staleIfError?: number;
  /** How long a `get` waits for the origin, retries included. Default 3,000. */
  readonly timeout?: number;
  /** Memory for copies, in bytes; the least recently used goes first. Default 16 MiB. */
  readonly maxBytes?: number;
  /** In place of the runtime's `fetch`: a service binding's, or a test's. */
  readonly fetch?: Fetch;
  /** Keeps work alive that goes on after an answer: in Workers, `(work) => ctx.waitUntil(work)`. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
  /** Called for every request to the origin and for every answer that is not fresh. Exceptions that it throws are
   * ignored. */
  readonly onEvent?: (event: CuecardEvent) => void;
}

/** An event for `onEvent`. */
export type CuecardEvent =
  /** A request to the origin has ended. `duration` is in milliseconds. */
  | {
      readonly type: "fetch";
      readonly slug: string;
      readonly tag?: string | undefined;
      readonly version?: number | undefined;
      readonly outcome: "modified" | "not_modified" | "missing" | "failed";
      readonly duration: number;
      readonly reason?: Code | undefined;
    }
  /** A caller got a copy that is not fresh; `reason` is the error code if the origin failed. */
  | {
      readonly type: "stale" | "snapshot";
      readonly slug: string;
      readonly version: number;
      readonly tag?: string | undefined;
      readonly age: number;
      readonly reason?: Code | undefined;
    }
  /** A caller got an error. */
  | {
      readonly type: "unavailable";
      readonly slug: string;
      readonly tag?: string | undefined;
      readonly version?: number | undefined;
      readonly reason: Code;
    };

/** A slug of `Prompts`, alone or with `@tag` or `@7`. */
type KnownSlug = keyof Prompts & string;
type KnownReference = KnownSlug | `${KnownSlug}@${string}`;
type InputsAt<R extends string> = (R extends `${infer S}@${string}` ? S : R) extends infer S extends KnownSlug
  ? Prompts[S] extends { inputs: infer I extends object }
    ? I
    : Record<string, unknown>
  : never;
type OutputsAt<R extends string> = (R extends `${infer S}@${string}` ? S : R) extends infer S extends KnownSlug
  ? Prompts[S] extends { outputs: infer O }
    ? O
    : unknown
  : never;
/** Any text, except a literal that is no slug of `Prompts`, if that has any. */
type UnknownReference<R extends string> = string extends R ? R : [KnownSlug] extends [never] ? R : never;

/** The version to get, and how to ask for it. */
export interface GetOptions {
  /** In place of the reference's own; not together with `version`. */
  readonly tag?: string;
  /** This version, whatever tags point to. */
  readonly version?: number;
  /** Aborts for this caller; others that wait for the same prompt go on. */
  readonly signal?: AbortSignal;
  /** In place of the client's. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

/** The origin's answer and the policy's decision. */
interface SettledAnswer {
  readonly settled: Settled;
  readonly said: OriginOutcome;
}

/** Gets prompts by name. Make one per app: it holds the copies. */
export class Cuecard {
  readonly #origin: OriginOptions;
  readonly #tag: string;
  readonly #cache: Cache;
  readonly #snapshot: Shipped | undefined;
  readonly #asking = new Map<string, Promise<SettledAnswer>>();
  readonly #waitUntil: GetOptions["waitUntil"];
  readonly #onEvent: CuecardOptions["onEvent"];

  /** @throws PromptError `query_invalid`, `key_missing`, `tag_invalid`, `body_invalid` (the snapshot, the lock) */
  constructor(options: CuecardOptions) {
    const { url, key, tag, snapshot, lock, timeout = 3_000, fetch, waitUntil, onEvent } = options;
    const {
      freshFor = 5_000,
      staleWhileRevalidate = 55_000,
      staleIfError = 604_800_000,
      maxBytes = 16 * 1024 * 1024,
    } = options;
    for (const [name, value] of Object.entries({ timeout, freshFor, staleWhileRevalidate, staleIfError, maxBytes })) {
      if (!(typeof value === "number" && value >= 0))
        throw new PromptError("query_invalid", `\`${name}\` is not a number from 0`, { status: 400 });
    }
    if (typeof key !== "string" || key === "")
      throw new PromptError("key_missing", "a client needs a `key`", { status: 401 });
    const locked = lock === undefined ? undefined : new Locked(lock);
    this.#origin = { url: base(url), key, timeout, fetch, lock: locked };
    this.#tag = tag === undefined ? "production" : (select(`a@${tag}`).tag ?? tag);
    this.#cache = new Cache({ freshFor, staleWhileRevalidate, staleIfError, maxBytes });
    const shipped = snapshot ?? locked?.snapshot;
    this.#snapshot = shipped === undefined ? undefined : new Shipped(shipped);
    this.#waitUntil = waitUntil;
    this.#onEvent = onEvent;
  }

  /** A prompt by reference: `slug`, `slug@tag`, `slug@latest` or `slug@7`.
   *
   * Served from memory while fresh; while stale, from memory at once and refreshed in the background; when the origin
   * fails, from memory or the snapshot. `source` tells which.
   *
   * @throws PromptError `prompt_not_found`, `tag_not_found`, `version_not_found`: the origin says that it does not exist;
   * `prompt_unavailable`: the origin failed (`cause` says how) and there is no copy; what the origin says of the key;
   * `slug_invalid`, `tag_invalid`, `version_invalid`, `selector_conflict`; `aborted`
   */
  get<R extends KnownReference>(reference: R, options?: GetOptions): Promise<FetchedPrompt<InputsAt<R>>>;
  get<R extends string>(reference: UnknownReference<R>, options?: GetOptions): Promise<FetchedPrompt>;
  get<Inputs extends object = never>(
    reference: [Inputs] extends [never] ? never : string,
    options?: GetOptions,
  ): Promise<FetchedPrompt<Inputs>>;
  async get(reference: string, options: GetOptions = {}): Promise<FetchedPrompt> {
    const wanted = this.#wanted(reference, options);
    const key = keyOf(wanted);
    stopIfAborted(options.signal);
    const held = this.#cache.entry(key);
    const isShipped = wanted.version !== undefined && held.copy === undefined && this.#snapshot?.has(wanted) === true;
    const shipped = isShipped ? await this.#shipped(wanted) : undefined;
    if (shipped !== undefined) return shipped; // a version never changes: no need to ask

    const { state, age, attempt } = this.#cache.lookup(key);
    const work = attempt === undefined ? this.#asking.get(key) : this.#ask(key, wanted, attempt);
    if ((state === "fresh" || state === "stale") && held.copy !== undefined) {
      if (attempt !== undefined && work !== undefined) (options.waitUntil ?? this.#waitUntil)?.(work);
      const reason = state === "stale" ? held.failure?.code : undefined;
      return this.#give(held.copy, wanted, { state, age, ...(reason && { reason }) });
    }
    if (state === "missing" && held.missing !== undefined) {
      if (attempt !== undefined && work !== undefined) (options.waitUntil ?? this.#waitUntil)?.(work);
      throw held.missing;
    }
    if (work === undefined || state === "unavailable") return this.#fallBack(wanted, held.failure);
    const answered = await this.#until(work, options.signal);
    return this.#served(key, wanted, answered);
  }

  /** Gets a prompt and renders it. */
  render<R extends KnownReference>(
    reference: R,
    inputs: InputsAt<R>,
    options?: GetOptions & RenderOptions,
  ): Promise<Rendered>;
  render<R extends string>(
    reference: UnknownReference<R>,
    inputs: Record<string, unknown>,
    options?: GetOptions & RenderOptions,
  ): Promise<Rendered>;
  render<Inputs extends object = never>(
    reference: [Inputs] extends [never] ? never : string,
    inputs: NoInfer<Inputs>,
    options?: GetOptions & RenderOptions,
  ): Promise<Rendered>;
  async render(
    reference: string,
    inputs: Record<string, unknown>,
    options?: GetOptions & RenderOptions,
  ): Promise<Rendered> {
    const prompt = await this.get(reference, options);
    try {
      return prompt.render(inputs, options);
    } catch (error) {
      if (!(error instanceof PromptError && error.code === "engine_pending")) throw error;
      await loaded();
      return prompt.render(inputs, options);
    }
  }

  /** Runs a prompt at the Worker, against one of the project's connections. Takes a key with the role `run`.
   *
   * With `stream`, the model API's own events as they arrive; leaving the iteration aborts the run. Otherwise `output` is
   * the prompt's output: a text, or the value that its schema describes.
   *
   * @throws PromptError what the Worker says of the run, as `upstream_refused`; `query_invalid` (a `url` that is not `https`);
   * `origin_unavailable`; `aborted`
   */
  run<R extends KnownReference>(reference: R, inputs: InputsAt<R>, options: RunOptions & Streamed): Promise<RunStream>;
  run<R extends KnownReference>(
    reference: R,
    inputs: InputsAt<R>,
    options?: RunOptions & Whole,
  ): Promise<Run<OutputsAt<R>>>;
  run<R extends string>(
    reference: UnknownReference<R>,
    inputs: object,
    options: RunOptions & Streamed,
  ): Promise<RunStream>;
  run<R extends string>(
    reference: UnknownReference<R>,
    inputs: object,
    options?: RunOptions & Whole,
  ): Promise<Run<unknown>>;
  run<Output = never>(
    reference: [Output] extends [never] ? never : string,
    inputs: object,
    options?: RunOptions & Whole,
  ): Promise<Run<Output>>;
  async run(reference: string, inputs: object, options: RunOptions = {}): Promise<Run<unknown> | RunStream> {
    return run(this.#origin, this.#wanted(reference, options), inputs, options);
  }

  /** Every prompt of the project under a tag, for a file that an app ships.
   *
   * @throws PromptError what the origin says, or how it failed
   */
  async snapshot(options: { readonly tag?: string; readonly signal?: AbortSignal } = {}): Promise<Snapshot> {
    const { tag = this.#tag } = select(`a@${options.tag ?? this.#tag}`);
    await loaded();
    const snapshot = await takeSnapshot(this.#origin, tag, options.signal);
    new Shipped(snapshot);
    return snapshot;
  }

  #wanted(reference: string, { tag, version }: GetOptions): Wanted {
    const wanted = select(reference);
    const named = [wanted.tag ?? wanted.version, tag, version].filter((one) => one !== undefined);
    if (named.length > 1)
      throw new PromptError("selector_conflict", "both a tag and a version were given", { status: 400 });
    if (tag !== undefined || version !== undefined) return { slug: wanted.slug, ...pick(tag, version) };
    return named.length === 1 ? wanted : { slug: wanted.slug, tag: this.#tag };
  }

  /** Asks the origin, once for all waiting callers. Never rejects. */
  #ask(key: string, wanted: Wanted, attempt: Attempt): Promise<SettledAnswer> {
    const held = this.#cache.entry(key).copy;
    const patient = held === undefined && this.#snapshot?.has(wanted) !== true;
    const began = now();
    const work = ask(this.#origin, wanted, held?.etag, patient).then((said) => {
      this.#asking.delete(key);
      const reason = said.outcome === "failed" || said.outcome === "missing" ? said.error.code : undefined;
      this.#tell({ type: "fetch", ...wanted, outcome: said.outcome, duration: now() - began, reason });
      return { said, settled: this.#cache.settle(key, attempt, said) };
    });
    this.#asking.set(key, work);
    return work;
  }

  async #served(key: string, wanted: Wanted, { settled, said }: SettledAnswer): Promise<FetchedPrompt> {
    const { copy, missing } = this.#cache.entry(key);
    const failure = said.outcome === "failed" ? said.error : undefined;
    const answer = settled.state === "answer" && said.outcome === "modified" ? said.copy : copy;
    if (settled.state === "missing")
      throw said.outcome === "missing" ? said.error : (missing ?? unavailable(wanted, failure));
    if (settled.state === "unavailable" || answer === undefined) return this.#fallBack(wanted, failure);
    const state = failure === undefined ? "fresh" : "stale";
    return this.#give(answer, wanted, { state, age: settled.age, ...(failure && { reason: failure.code }) });
  }

  /** The snapshot's prompt, or the error. */
  async #fallBack(wanted: Wanted, failure: PromptError | undefined): Promise<FetchedPrompt> {
    const shipped = await this.#shipped(wanted, failure);
    if (shipped !== undefined) return shipped;
    const isOfKey = failure !== undefined && [401, 403].includes(failure.status);
    const error = isOfKey ? failure : unavailable(wanted, failure);
    this.#tell({ type: "unavailable", ...wanted, reason: failure?.code ?? error.code });
    throw error;
  }

  async #shipped(wanted: Wanted, failure?: PromptError): Promise<FetchedPrompt | undefined> {
    const copy = await this.#snapshot?.find(wanted);
    if (copy === undefined || this.#snapshot === undefined) return undefined;
    const reason = failure?.code;
    return this.#give(copy, wanted, { state: "snapshot", age: this.#snapshot.age, ...(reason && { reason }) });
  }

  #give({ compiled, resolved }: Copy, { slug, tag }: Wanted, source: Source): FetchedPrompt {
    const { state, age, reason } = source;
    if (state !== "fresh") this.#tell({ type: state, slug, version: resolved.version, tag, age, reason });
    return new FetchedPrompt(compiled, resolved, source, tag);
  }

  #tell(event: CuecardEvent): void {
    try {
      this.#onEvent?.(event);
    } catch {
      // An observer must not change anything.
    }
  }

  /** Waits for work that another caller may have started; never longer than that work itself can take. */
  async #until(work: Promise<SettledAnswer>, signal: AbortSignal | undefined): Promise<SettledAnswer> {
    let late: ReturnType<typeof setTimeout> | undefined;
    let stop: (() => void) | undefined;
    const { timeout } = this.#origin;
    const given = new Promise<SettledAnswer>((resolve, reject) => {
      stop = () => reject(aborted(signal));
      signal?.addEventListener("abort", stop, { once: true });
      // In a Worker the request that began the work may have ended, and its work with it.
      late = setTimeout(() => {
        const error = new PromptError("timeout", `no answer within ${timeout} ms`, { status: 503 });
        const said: OriginOutcome = { outcome: "failed", error, retryAfter: undefined, again: false };
        resolve({ said, settled: { state: "stored", age: 0, retryAfter: 0 } });
      }, timeout + 500);
    });
    try {
      return await Promise.race([work, given]);
    } finally {
      clearTimeout(late);
      if (stop !== undefined) signal?.removeEventListener("abort", stop);
    }
  }
}

/** `slug`, `slug@tag` or `slug@7`, checked as the server does. */
function select(reference: string): Wanted {
  if (typeof reference !== "string") throw new PromptError("slug_invalid", "a reference is a text", { status: 400 });
  return parseReference(reference);
}

function pick(tag: string | undefined, version: number | undefined): { tag?: string; version?: number } {
  if (version === undefined) {
    if (typeof tag !== "string" || /^\d*$/.test(tag))
      throw new PromptError("tag_invalid", "a tag is a text that is no number", { status: 400 });
    return { tag: select(`a@${tag}`).tag ?? tag };
  }
  if (!Number.isInteger(version) || version < 1 || version > 0xffff_ffff) {
    throw new PromptError("version_invalid", "a version is a whole number from 1", { status: 400 });
  }
  return { version };
}

/** The URL without a slash at its end. */
function base(url: string | URL): string {
  try {
    const { protocol, host, pathname, username } = new URL(url);
    let path = pathname;
    while (path.endsWith("/")) path = path.slice(0, -1);
    if ((protocol === "https:" || protocol === "http:") && username === "") return `${protocol}//${host}${path}`;
  } catch {
    // reported below
  }
  throw new PromptError("query_invalid", "`url` is not an http or https URL", { status: 400 });
}

function unavailable({ slug, tag, version }: Wanted, cause: PromptError | undefined): PromptError {
  const why = cause === undefined ? "it is too early to ask again" : cause.message;
  return new PromptError(
    "prompt_unavailable",
    `${slug}@${version ?? tag} can neither be fetched nor found in a copy: ${why}`,
    {
      status: 503,
      ...(cause !== undefined && { cause }),
    },
  );
}
