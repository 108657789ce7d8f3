/** The HTTP API for the commands: every failure is one clear line with its exit code. */
import type { Document, Problem, ResolvedVersion, Snapshot } from "cuecard";

import type { KeySelf, PromptInfo } from "../js/admin/api.ts";
import { EXIT, CommandFailure, no } from "./failure.ts";

/** A version, with its state for `If-Match`. */
export interface HeadVersion {
  readonly version: ResolvedVersion;
  readonly etag: string;
}

/** Named inputs of a prompt on the server. */
export interface KeptCase {
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  readonly revision: number;
}

interface ServerRequest {
  readonly method?: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that are results, not failures. */
  readonly allow?: readonly number[];
  readonly signal?: AbortSignal;
}

export interface ServerAnswer<T> {
  readonly status: number;
  readonly value: T;
  readonly etag: string | null;
}

const TIMEOUT = 30_000;
/** Routes that identify the server. */
const FIRST = ["/v1/keys/self", "/openapi.json"];

export class Server {
  readonly url: string;
  readonly #key: string;
  readonly #project: string | undefined;
  readonly #past: boolean;
  #own: Promise<KeySelf> | undefined;

  /** With `past`, reads go past the copies of every location, to the store. */
  constructor(url: string, key: string, project: string | undefined, past = false) {
    this.url = url.replace(/\/+$/, "");
    this.#key = key;
    this.#project = project;
    this.#past = past;
  }

  /** The same, past the copies. */
  get store(): Server {
    return new Server(this.url, this.#key, this.#project, true);
  }

  /** For another key of the same server. */
  as(key: string): Server {
    return new Server(this.url, key, undefined, this.#past);
  }

  /** The rights of the key.
   *
   * @throws Failure also where it is for another project than `cuecard.json` names
   */
  own(): Promise<KeySelf> {
    this.#own ??= this.call<KeySelf>("/v1/keys/self").then(({ value, status }) => {
      if (typeof value?.project !== "string") throw this.#foreign(status);
      if (this.#project !== undefined && value.project !== this.#project)
        throw no("wrong_project", `the key is for the project ${value.project}, cuecard.json says ${this.#project}`);
      return value;
    });
    return this.#own;
  }

  /** The prompts that the project owns, by slug, or those of `wanted`.
   *
   * @throws Failure also where one of `wanted` is not there
   */
  async prompts(wanted: readonly string[] = []): Promise<PromptInfo[]> {
    const { project } = await this.own();
    const all = await this.pages<PromptInfo>("/v1/prompts", "prompts");
    const owned = all.filter((prompt) => prompt.project === project);
    const missing = wanted.find((slug) => !owned.some((prompt) => prompt.slug === slug));
    if (missing !== undefined) throw no("prompt_not_found", `there is no prompt \`${missing}\``);
    return wanted.length === 0 ? owned : owned.filter(({ slug }) => wanted.includes(slug));
  }

  /** One version; `undefined` if it does not exist. */
  async head(
    slug: string,
    selector: { tag?: string; version?: number } = { tag: "latest" },
  ): Promise<HeadVersion | undefined> {
    const query = { tag: selector.tag, version: selector.version?.toString() };
    const { status, value, etag } = await this.call<ResolvedVersion>(path(slug), { query, allow: [404] });
    return status === 404 ? undefined : { version: value, etag: etag ?? "" };
  }

  async commit(
    slug: string,
    body: object,
    headers: Readonly<Record<string, string>>,
  ): Promise<ServerAnswer<ResolvedVersion>> {
    return this.call<ResolvedVersion>(`${path(slug)}/versions`, { method: "POST", body, headers, allow: [412] });
  }

  async setTag(slug: string, tag: string, version: number, reason?: string): Promise<void> {
    const body = { version, ...(reason !== undefined && { reason }) };
    await this.call(`${path(slug)}/tags/${tag}`, { method: "PUT", body });
  }

  async putDraft(slug: string, document: Document): Promise<void> {
    await this.call(`${path(slug)}/draft`, { method: "PUT", body: document });
  }

  /** The cases of a prompt; none if there is no prompt. */
  async cases(slug: string): Promise<readonly KeptCase[]> {
    const { status, value } = await this.call<{ cases?: KeptCase[] }>(`${path(slug)}/cases`, { allow: [404] });
    return status === 404 ? [] : (value.cases ?? []);
  }

  async snapshot(tag: string): Promise<Snapshot> {
    return (await this.call<Snapshot>("/v1/snapshot", { query: { tag } })).value;
  }

  /** All items of a paged list; none if the status is one of `absent`. */
  async pages<T>(
    route: string,
    member: string,
    query: ServerRequest["query"] = {},
    absent: readonly number[] = [],
  ): Promise<T[]> {
    const items: T[] = [];
    // The audit log continues from a revision, other lists from the cursor of the previous page.
    const name = query["after"] === undefined ? "cursor" : "after";
    let cursor = query["after"];
    do {
      const page = { ...query, limit: "100", [name]: cursor };
      const { status, value } = await this.call<Record<string, unknown>>(route, { query: page, allow: absent });
      if (absent.includes(status)) return items;
      items.push(...((value[member] ?? []) as T[]));
      const next = value["nextCursor"];
      cursor = next === undefined || next === null ? undefined : String(next);
    } while (cursor !== undefined);
    return items;
  }

  /** The answer as it comes, for what is streamed.
   *
   * @throws Failure for everything but 2xx
   */
  async open(route: string, request: ServerRequest): Promise<Response> {
    await this.own();
    const response = await this.raw(route, request);
    if (response.ok) return response;
    throw this.#failure(response.status, parsed(await this.#text(response)));
  }

  #failure(status: number, value: unknown): CommandFailure {
    return isProblem(value) ? this.#refused(value) : this.#foreign(status);
  }

  async #text(response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      throw this.broken(error);
    }
  }

  /** An answer that is cut off. */
  broken(error: unknown): CommandFailure {
    return new CommandFailure(
      EXIT.unreachable,
      "unreachable",
      `the answer of ${this.url} was cut off: ${reason(error)}`,
    );
  }

  /** @throws Failure for everything but 2xx and what is allowed */
  async call<T = unknown>(route: string, request: ServerRequest = {}): Promise<ServerAnswer<T>> {
    // Checks first that the server is a Cuecard, accepts the key, and that the key is for the project.
    if (!FIRST.includes(route)) await this.own();
    const response = await this.raw(route, request);
    const text = await this.#text(response);
    const value = parsed(text);
    const { status } = response;
    if (response.ok) {
      if (text !== "" && value === undefined) throw this.#foreign(status);
      return { status, value: value as T, etag: response.headers.get("etag") };
    }
    if (isProblem(value) && request.allow?.includes(status) && !this.#isOld(value))
      return { status, value: value as T, etag: null };
    throw this.#failure(status, value);
  }

  /** The response, with its body unread. */
  async raw(
    route: string,
    { method = "GET", query = {}, body, headers = {}, signal }: ServerRequest = {},
  ): Promise<Response> {
    const url = new URL(this.url + route);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    try {
      return await fetch(url, {
        method,
        redirect: "error",
        signal: signal ?? AbortSignal.timeout(TIMEOUT),
        headers: {
          authorization: `Bearer ${this.#key}`,
          ...(this.#past && { "cuecard-via": "command" }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new CommandFailure(EXIT.unreachable, "unreachable", `cannot reach ${this.url}: ${reason(error)}`);
    }
  }

  #isOld({ code }: Problem): boolean {
    return code === "route_not_found" || code === "method_not_allowed";
  }

  #refused(problem: Problem): CommandFailure {
    const { code, status, title, detail, issues = [] } = problem;
    if (this.#isOld(problem))
      return no("server_old", `the server at ${this.url} is older than this command (${detail}): upgrade it`);
    if (status === 401 && code !== "upstream_refused")
      return no(code, `${this.url} does not accept the key: ${detail}`);
    // A model API refused, so it was reached.
    const away = code !== "upstream_refused" && (status >= 500 || status === 429);
    const exit = away ? EXIT.unreachable : EXIT.no;
    const list = issues.map(({ pointer, message }) => `  ${pointer || "/"}: ${message}`);
    return new CommandFailure(exit, code, `${title}: ${detail}`, list.join("\n"));
  }

  #foreign(status: number): CommandFailure {
    return new CommandFailure(
      EXIT.unreachable,
      "no_cuecard",
      `the server at ${this.url} is not a Cuecard (status ${status})`,
    );
  }
}

/** The path of a prompt, encoded so that no slug is mistaken for a route. */
export function path(slug: string): string {
  return `/v1/prompts/${encodeURIComponent(slug)}`;
}

function isProblem(value: unknown): value is Problem {
  const { code, status } = (value ?? {}) as Partial<Problem>;
  return typeof code === "string" && typeof status === "number";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reason(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === "TimeoutError") return `no answer within ${TIMEOUT / 1000} s`;
  const { code, message: deeper } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? deeper ?? message;
}
