/** Requests to the Worker that served the page. */
import { signal } from "@preact/signals";
import type { At, Issue } from "cuecard";

import { parseJson } from "../document/exact.ts";
import { texts } from "../texts.ts";

export interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** The answer is no longer wanted. */
  readonly isQuiet?: boolean;
}

/** A server that takes longer counts as unreachable. */
const PATIENCE = 60_000;

/** The number of answers that a person waits for. */
export const awaited = signal(0);

/** The content of a problem+json answer; `status` 0 if no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly issues: readonly Issue[] = [],
    readonly at?: At,
    /** Seconds until a retry may succeed. */
    readonly retryAfter?: number,
  ) {
    super(detail);
  }

  /** Whether the same request may succeed later. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The last change to a path. */
interface LastChange {
  readonly request: string;
  readonly key: string;
  /** The pending answer. */
  answer: Promise<unknown> | undefined;
}

/** The API, as one key sees it. */
export class Client {
  /** Unanswered changes, by method and path. */
  private readonly changes = new Map<string, LastChange>();

  /** `refused` is called when the server does not accept the key. */
  constructor(
    private readonly key: string,
    private readonly refused: (client: Client, error: ApiError) => void,
  ) {}

  /** `list`: the name of the list that the server's answer has. */
  async get<T>(path: string, list?: string): Promise<T> {
    const answer = await this.whole("GET", path);
    assertObject(answer);
    if (list && !Array.isArray(answer[list])) throw new ApiError(0, "unreachable", texts.error.noAnswer);
    return answer as T;
  }

  /** A change. A repeated call before the answer returns the same promise; after a lost answer it sends the same
   * idempotency key, so that the server makes the change once. */
  change<T>(
    method: "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    options: Omit<RequestOptions, "signal"> = {},
  ): Promise<T> {
    const place = `${method} ${path}`;
    const request = JSON.stringify([options.body, options.headers]);
    const last = this.changes.get(place);
    const isSame = last?.request === request;
    if (isSame && last.answer) return last.answer as Promise<T>;
    const change: LastChange = { request, key: isSame ? last.key : crypto.randomUUID(), answer: undefined };
    const headers = { "Idempotency-Key": change.key, ...options.headers };
    change.answer = this.whole(method, path, { ...options, headers }).then(
      (answer) => {
        if (this.changes.get(place) === change) this.changes.delete(place);
        if (method !== "DELETE") assertObject(answer);
        return answer;
      },
      (error: unknown) => {
        change.answer = undefined;
        const isLost = error instanceof ApiError && error.isTemporary;
        if (!isLost && this.changes.get(place) === change) this.changes.delete(place);
        throw error;
      },
    );
    this.changes.set(place, change);
    return change.answer as Promise<T>;
  }

  /** All items of a paged list, handed over page by page. */
  async all<T>(path: string, name: string, seen?: (items: readonly T[]) => void): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | undefined, first = true; first || cursor; first = false) {
      const url = `${path}${path.includes("?") ? "&" : "?"}limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`;
      const page = await this.get<Record<string, T[]> & { nextCursor?: string }>(url, name);
      items.push(...(page[name] ?? []));
      cursor = page.nextCursor;
      seen?.(items);
    }
    return items;
  }

  private async whole(method: string, path: string, options: Omit<RequestOptions, "signal"> = {}): Promise<unknown> {
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(), PATIENCE);
    try {
      const response = await this.send(method, path, { ...options, signal: slow.signal });
      return response.status === 204 ? undefined : await json(response);
    } catch (error) {
      throw slow.signal.aborted ? new ApiError(0, "unreachable", texts.error.unreachable) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The response itself, for what is streamed. */
  async send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const isAwaited = !options.isQuiet;
    if (isAwaited) awaited.value = awaited.peek() + 1;
    try {
      return await this.fetch(method, path, options);
    } finally {
      if (isAwaited) awaited.value = awaited.peek() - 1;
    }
  }

  private async fetch(method: string, path: string, { body, headers = {}, signal }: RequestOptions): Promise<Response> {
    const request: RequestInit = {
      method,
      headers: {
        Authorization: `Bearer ${this.key}`,
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      cache: "no-store",
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    };
    let response: Response;
    try {
      response = await fetch(path, request);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError(0, "unreachable", texts.error.unreachable);
    }
    if (response.ok) return response;
    const error = await refusal(response);
    // A model API refuses its own key with the same status.
    if (error.status === 401 && error.code.startsWith("key_")) this.refused(this, error);
    throw error;
  }
}

/** Every body that the server sends is an object. */
function assertObject(answer: unknown): asserts answer is Record<string, unknown> {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer))
    throw new ApiError(0, "unreachable", texts.error.noAnswer);
}

/** The JSON of an answer. One that is cut off, or comes from a proxy, is not the server's. */
async function json(response: Response): Promise<unknown> {
  try {
    return parseJson(await response.text());
  } catch {
    throw new ApiError(0, "unreachable", texts.error.noAnswer);
  }
}

/** A proxy may answer with JSON of its own. */
async function refusal(response: Response): Promise<ApiError> {
  const answer = (await json(response).catch(() => undefined)) as Record<string, unknown> | null | undefined;
  const { code, detail, title, issues, at } = answer ?? {};
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return new ApiError(
    response.status,
    text(code) || "internal",
    text(detail) || text(title) || texts.error.status(response.status),
    Array.isArray(issues) ? issues.filter((issue) => text(issue?.message)) : [],
    isPlace(at) ? at : undefined,
    Number.parseInt(response.headers.get("Retry-After") ?? "", 10) || undefined,
  );
}

const isPlace = (at: unknown): at is At =>
  typeof at === "object" && at !== null && ["line", "column"].every((name) => Number.isInteger((at as never)[name]));
