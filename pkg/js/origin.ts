/** Asks the origin for one prompt until it answers or the time is up, and classifies the answer. */
import { now } from "./clock.ts";
import { PromptError, fromProblem, isProblem } from "./error.ts";
import { get, type OriginAnswer, type Fetch } from "./fetch.ts";
import type { Locked } from "./lock.ts";
import { Compiled } from "./prompt.ts";
import type { ResolvedVersion } from "./types.ts";

/** The most tries, if there is nothing else to serve. */
const TRIES = 3;
/** Before the second try, at most; doubles. Milliseconds. */
const PAUSE = 100;

/** Where to ask, and how. */
export interface OriginOptions {
  readonly url: string;
  readonly key: string;
  /** Of all tries together, in milliseconds. */
  readonly timeout: number;
  readonly fetch?: Fetch | undefined;
  readonly lock?: Locked | undefined;
}

/** One prompt as it came from the origin. */
export interface Copy {
  readonly compiled: Compiled;
  readonly resolved: ResolvedVersion;
  readonly etag: string | undefined;
  readonly bytes: number;
}

/** The outcome of a request. */
export type OriginOutcome =
  | { readonly outcome: "modified"; readonly copy: Copy; readonly revision: string }
  | { readonly outcome: "not_modified"; readonly revision: string | undefined }
  | { readonly outcome: "missing"; readonly error: PromptError; readonly revision: string | undefined }
  | {
      readonly outcome: "failed";
      readonly error: PromptError;
      readonly retryAfter: number | undefined;
      readonly again: boolean;
    };

/** The wanted prompt. */
export interface Wanted {
  readonly slug: string;
  readonly tag?: string | undefined;
  readonly version?: number | undefined;
}

/** Asks for one prompt. Never rejects. `patient`: there is nothing else to serve, so a failure is retried. */
export async function ask(
  origin: OriginOptions,
  wanted: Wanted,
  etag: string | undefined,
  patient: boolean,
): Promise<OriginOutcome> {
  const deadline = now() + origin.timeout;
  for (let n = 1; ; n++) {
    const said = await once(origin, wanted, etag, deadline);
    if (said.outcome !== "failed" || !said.again || !patient || n === TRIES) return said;
    const pause = Math.max(Math.random() * PAUSE * 2 ** n, said.retryAfter ?? 0);
    if (now() + pause >= deadline) return said;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function once(
  origin: OriginOptions,
  wanted: Wanted,
  etag: string | undefined,
  deadline: number,
): Promise<OriginOutcome> {
  const controller = new AbortController();
  let late: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    late = setTimeout(
      () => {
        reject(new PromptError("timeout", `the origin did not answer within ${origin.timeout} ms`, { status: 503 }));
        controller.abort();
      },
      Math.max(0, deadline - now()),
    );
  });
  try {
    const answer = get(address(origin.url, wanted), origin.key, etag, controller.signal, origin.fetch);
    return await read(await Promise.race([answer, timeout]), wanted, etag, origin.lock);
  } catch (error) {
    const known = error instanceof PromptError ? error : undefined;
    // Too late or too long, and the next answer would be, too.
    const again = known === undefined;
    return failed(known ?? unavailable("the origin cannot be reached", error), undefined, again);
  } finally {
    clearTimeout(late);
  }
}

function address(url: string, { slug, tag, version }: Wanted): string {
  const query = version !== undefined ? `version=${version}` : `tag=${tag}`;
  // Encoded slashes keep a slug that ends like a route, such as `email/draft`, apart from the route.
  return `${url}/v1/prompts/${encodeURIComponent(slug)}?${query}`;
}

async function read(
  answer: OriginAnswer,
  wanted: Wanted,
  etag: string | undefined,
  lock: Locked | undefined,
): Promise<OriginOutcome> {
  const { status, body } = answer;
  const revision = answer.revision ?? undefined;
  if (status === 304 && etag !== undefined) return { outcome: "not_modified", revision };
  if (status === 200) return modified(answer, wanted, lock);
  const problem = body.length < 65_536 ? json(body) : undefined;
  const error = isProblem(problem) && problem.status === status ? fromProblem(problem) : undefined;
  // A 404 of something else (a proxy, a wrong URL) says nothing about the prompt.
  if (status === 404 && error !== undefined && /^(prompt|version|tag|project)_not_found$/.test(error.code)) {
    return { outcome: "missing", error, revision };
  }
  const again = status === 429 || status >= 500;
  const pause = Number(answer.retryAfter ?? "") * 1000 || undefined;
  return failed(error ?? bad(`the origin answered with status ${status}`), pause, again);
}

async function modified(
  { body, etag, revision }: OriginAnswer,
  wanted: Wanted,
  lock: Locked | undefined,
): Promise<OriginOutcome> {
  try {
    const resolved = JSON.parse(body) as ResolvedVersion;
    const trusted = lock?.trusted(resolved) ?? resolved;
    const compiled = await Compiled.fromVersion(trusted, lock?.has(resolved));
    const number = revision ?? String(resolved.resolved?.revision);
    const fits =
      resolved.slug === wanted.slug &&
      (wanted.version === undefined
        ? (resolved.resolved?.tag ?? wanted.tag) === wanted.tag
        : resolved.version === wanted.version);
    if (!fits || !/^\d+(\.\d+)?$/.test(number))
      return failed(bad("the answer is not the prompt that was asked for"), undefined, true);
    const refusal = lock?.refusal(wanted, resolved, compiled);
    if (refusal !== undefined) return failed(bad(refusal), undefined, false);
    const copy = { compiled, resolved, etag: etag ?? undefined, bytes: body.length * 2 };
    return { outcome: "modified", copy, revision: number };
  } catch (error) {
    return failed(bad("the answer is not a prompt", error), undefined, true);
  }
}

function failed(error: PromptError, retryAfter: number | undefined, again: boolean): OriginOutcome {
  return { outcome: "failed", error, retryAfter, again };
}

function bad(message: string, cause?: unknown): PromptError {
  return new PromptError("origin_bad_response", message, { status: 502, ...(cause !== undefined && { cause }) });
}

function unavailable(message: string, cause: unknown): PromptError {
  return new PromptError("origin_unavailable", message, { status: 503, cause });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
