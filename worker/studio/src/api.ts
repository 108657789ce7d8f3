import type { Document } from "cuecard";

/** A version as `GET /v1/prompts/{slug}` gives it: the document's fields beside these. */
export type Version = Document & {
  slug: string;
  version: number;
  hash: string;
  commitMessage?: string;
  author?: string;
  createdAt: string;
};
export type PromptSummary = { slug: string; name?: string; description?: string };
export type TagEntry = { tag: string; version: number; revision: number };

/** What a problem+json answer says, as an exception. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** The store, as one key sees it. */
export class Api {
  constructor(private readonly key: string) {}

  async prompts(): Promise<PromptSummary[]> {
    const all: PromptSummary[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ limit: "100", ...(cursor && { cursor }) });
      const page = await this.call<{ prompts: PromptSummary[]; nextCursor?: string }>("GET", `/v1/prompts?${query}`);
      all.push(...page.prompts);
      cursor = page.nextCursor;
    } while (cursor);
    return all;
  }

  role(): Promise<{ role: "read" | "write" | "admin"; project: string }> {
    return this.call("GET", "/v1/keys/self");
  }

  tags(slug: string): Promise<TagEntry[]> {
    return this.call<{ tags: TagEntry[] }>("GET", `${path(slug)}/tags`).then((body) => body.tags);
  }

  /** The newest hundred; older ones are reached by their number. */
  history(slug: string): Promise<Pick<Version, "version" | "commitMessage" | "createdAt">[]> {
    return this.call<{ versions: Version[] }>("GET", `${path(slug)}/versions?limit=100`).then((body) => body.versions);
  }

  /** `selector` is a tag, `latest` or a version number. */
  resolve(slug: string, selector: string): Promise<Version> {
    const name = /^[0-9]+$/.test(selector) ? "version" : "tag";
    return this.call("GET", `${path(slug)}?${name}=${selector}`);
  }

  commit(slug: string, document: Document, commitMessage: string, tags: string[]): Promise<Version> {
    const body = { ...document, ...(commitMessage && { commitMessage }), ...(tags.length && { tags }) };
    return this.call("POST", `${path(slug)}/versions`, body);
  }

  /** Moves a tag only if nobody else has moved it since `from` was read. */
  moveTag(slug: string, tag: string, version: number, from: TagEntry | undefined): Promise<TagEntry> {
    const condition = from ? { "If-Match": `"${from.revision}"` } : { "If-None-Match": "*" };
    return this.call("PUT", `${path(slug)}/tags/${tag}`, { version }, condition);
  }

  private async call<T>(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (method !== "GET") headers["Idempotency-Key"] = crypto.randomUUID();
    headers["Authorization"] = `Bearer ${this.key}`;
    const response = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer as T;
    const problem = (answer ?? {}) as { code?: string; detail?: string; title?: string };
    throw new ApiError(
      response.status,
      problem.code ?? "internal",
      problem.detail || problem.title || response.statusText,
    );
  }
}

function path(slug: string): string {
  return `/v1/prompts/${slug.split("/").map(encodeURIComponent).join("/")}`;
}
