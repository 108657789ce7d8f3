/** One operation of the API: sent, retried where that is safe, and its answer read. */
import { aborted, stopIfAborted } from "../abort.ts";
import { PromptError, fromProblem, isProblem } from "../error.ts";
import { type Fetch, MAX_ANSWER, text } from "../fetch.ts";
import { type Operations, operations } from "./api.ts";

/** Tries in all. */
const TRIES = 4;
/** Before the second try, at most; doubles. Milliseconds. */
const PAUSE = 200;

/** Where to send, and how. */
export interface ApiTarget {
  readonly url: string;
  readonly key: string;
  /** Of one try, in milliseconds. */
  readonly timeout: number;
  readonly fetch: Fetch;
}

/** Options of every call. */
export interface CallOptions {
  /** The change happens only if this is still the revision; `"*"`: only if there is one at all. */
  readonly ifMatch?: number | string;
  /** `true`: the change happens only if there is nothing yet. */
  readonly ifAbsent?: boolean;
  /** In place of one made for this call. Two calls with the same key are one change. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

type Operation = keyof Operations;

/** The arguments of an operation. */
export type OperationRequest<O extends Operation> = CallOptions & {
  readonly path?: Operations[O]["path"];
  readonly query?: Operations[O]["query"];
  readonly body?: Operations[O]["body"];
};

/** Sends an operation. A read is retried when it fails; so is a change, as its `Idempotency-Key` makes it happen once.
 * A run has none, and is sent once.
 *
 * @throws PromptError what the API says; `origin_unavailable`, `origin_bad_response`, `timeout`, `aborted`
 */
export async function send<O extends Operation>(
  target: ApiTarget,
  operation: O,
  request: OperationRequest<O>,
): Promise<Operations[O]["answer"]> {
  const { method, path, writes } = operations[operation];
  const url = target.url + address(path, (request.path ?? {}) as Record<string, unknown>, request.query ?? {});
  const headers: Record<string, string> = { authorization: `Bearer ${target.key}`, accept: "application/json" };
  if (writes) headers["idempotency-key"] = request.idempotencyKey ?? crypto.randomUUID();
  if (request.ifMatch !== undefined) headers["if-match"] = request.ifMatch === "*" ? "*" : `"${request.ifMatch}"`;
  if (request.ifAbsent === true) headers["if-none-match"] = "*";
  const init: RequestInit = { method, headers, redirect: "manual" };
  if (request.body !== undefined) {
    headers["content-type"] = "application/json";
    init.body = JSON.stringify(request.body);
  }
  for (let n = 1; ; n++) {
    const said = await once(target, url, init, request.signal);
    if (said instanceof Success) return said.value as Operations[O]["answer"];
    if (!said.again || n === TRIES || operation === "runPrompt") throw said.error;
    const pause = Math.max(Math.random() * PAUSE * 2 ** n, Math.min(said.after, target.timeout));
    await sleep(pause, request.signal);
  }
}

class Success {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

interface Failed {
  readonly error: PromptError;
  readonly again: boolean;
  /** The API's `Retry-After`, in milliseconds. */
  readonly after: number;
}

async function once(
  { timeout, fetch }: ApiTarget,
  url: string,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Success | Failed> {
  const late = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, {
      ...init,
      signal: signal === undefined ? late : AbortSignal.any([late, signal]),
    });
    return read(response.status, await text(response, MAX_ANSWER), response.headers.get("retry-after"));
  } catch (cause) {
    stopIfAborted(signal);
    if (cause instanceof PromptError) return { error: cause, again: false, after: 0 };
    if (late.aborted) return failed("timeout", `no answer within ${timeout} ms`, 503, true, cause);
    return failed("origin_unavailable", "the API cannot be reached", 503, true, cause);
  }
}

function read(status: number, text: string, retryAfter: string | null): Success | Failed {
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch (cause) {
    return failed("origin_bad_response", `the answer with status ${status} is not JSON`, 502, status >= 500, cause);
  }
  if (status >= 200 && status < 300) return new Success(body);
  const again = status === 429 || status >= 500;
  const after = Number(retryAfter ?? "") * 1000 || 0;
  if (isProblem(body)) return { error: fromProblem(body), again, after };
  return failed("origin_bad_response", `the API answered with status ${status}`, 502, again);
}

function failed(
  code: "timeout" | "origin_unavailable" | "origin_bad_response",
  message: string,
  status: number,
  again: boolean,
  cause?: unknown,
): Failed {
  return { error: new PromptError(code, message, { status, ...(cause !== undefined && { cause }) }), again, after: 0 };
}

function address(path: string, places: Record<string, unknown>, query: object): string {
  // Encoded slashes keep a slug that ends like a route, such as `email/draft`, apart from the route.
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(places[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? filled : `${filled}?${search}`;
}

async function sleep(duration: number, signal: AbortSignal | undefined): Promise<void> {
  let stop: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      stop = () => reject(aborted(signal));
      if (signal?.aborted === true) return stop();
      signal?.addEventListener("abort", stop, { once: true });
      timer = setTimeout(resolve, duration);
    });
  } finally {
    clearTimeout(timer);
    if (stop !== undefined) signal?.removeEventListener("abort", stop);
  }
}
