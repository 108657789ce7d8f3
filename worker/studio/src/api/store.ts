/** The routes of the API that the studio uses, one function each. */
import type * as T from "cuecard/admin";
import type { Document, JsonObject } from "cuecard";

import type { Client } from "./client.ts";

export const promptPath = (slug: string): string => `/v1/prompts/${slug.split("/").map(encodeURIComponent).join("/")}`;

/** The precondition of a change: this revision, or that nothing exists yet. */
export function condition(revision: number | undefined): Record<string, string> {
  return revision === undefined ? { "If-None-Match": "*" } : { "If-Match": `"${revision}"` };
}

export const self = (api: Client) => api.get<T.KeySelf>("/v1/keys/self");

export const prompts = (api: Client, seen: (items: readonly T.PromptInfo[]) => void) =>
  api.all<T.PromptInfo>("/v1/prompts", "prompts", seen);

export const deleted = (api: Client) => api.all<T.PromptInfo>("/v1/prompts?deleted=true", "prompts");

export const prompt = (api: Client, slug: string) => named(api, slug, "");

export async function isDeleted(api: Client, slug: string): Promise<boolean> {
  return (await named(api, slug, "deleted=true&"))?.deletedAt !== undefined;
}

/** The prompt with exactly this slug, which sorts before all others with that prefix. */
async function named(api: Client, slug: string, query: string): Promise<T.PromptInfo | undefined> {
  const page = await api.get<{ prompts: T.PromptInfo[] }>(
    `/v1/prompts?${query}prefix=${encodeURIComponent(slug)}&limit=1`,
    "prompts",
  );
  return page.prompts.find((found) => found.slug === slug);
}

export const history = (api: Client, slug: string, cursor?: string) =>
  api.get<{ versions: T.HistoryEntry[]; nextCursor?: string }>(
    `${promptPath(slug)}/versions?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
    "versions",
  );

export const version = (api: Client, slug: string, number: number) =>
  api.get<T.Version>(`${promptPath(slug)}/versions/${number}`);

const draftPath = (
  slug: string,
  author?: string,
  { base, tail = "" }: { base?: number | undefined; tail?: string } = {},
) => {
  const query = new URLSearchParams();
  if (author) query.set("author", author);
  if (base) query.set("base", String(base));
  return `${promptPath(slug)}/draft${tail}${query.size ? `?${query}` : ""}`;
};

export const draft = (api: Client, slug: string, author?: string) => api.get<T.Draft>(draftPath(slug, author));

export const drafts = (api: Client) => api.all<T.DraftInfo>("/v1/drafts", "drafts");

export const draftsOf = (api: Client, slug: string) => api.all<T.DraftInfo>(`${promptPath(slug)}/drafts`, "drafts");

export const putDraft = (
  api: Client,
  slug: string,
  body: Document,
  { author, base, revision }: { author?: string | undefined; base?: number | undefined; revision: number | undefined },
) =>
  api.change<T.Draft>("PUT", draftPath(slug, author, { base }), {
    body,
    headers: condition(revision),
    isQuiet: true,
  });

export const commitDraft = (
  api: Client,
  slug: string,
  given: { author: string; revision: number; body: { commitMessage?: string; tags?: readonly string[] } },
) => {
  const path = draftPath(slug, given.author, { tail: "/commit" });
  return api.change<T.CommittedVersion>("POST", path, { body: given.body, headers: condition(given.revision) });
};

export const deleteDraft = (api: Client, slug: string, author?: string, revision?: number) =>
  api.change<void>("DELETE", draftPath(slug, author), {
    headers: revision === undefined ? {} : { "If-Match": `"${revision}"` },
  });

export const tags = (api: Client, slug: string) =>
  api.get<{ tags: T.TagInfo[] }>(`${promptPath(slug)}/tags`, "tags").then((body) => body.tags);

export const moveTag = (
  api: Client,
  slug: string,
  tag: string,
  body: { version: number; reason?: string },
  from: T.TagInfo | undefined,
) => api.change<T.TagInfo>("PUT", `${promptPath(slug)}/tags/${tag}`, { body, headers: condition(from?.revision) });

export const moves = (api: Client, slug: string, tag: string) =>
  api.get<{ moves: T.Move[] }>(`${promptPath(slug)}/tags/${tag}/history?limit=50`, "moves").then((body) => body.moves);

export const rollBack = (
  api: Client,
  slug: string,
  tag: string,
  { revision, reason }: { revision: number; reason: string },
) =>
  api.change<T.TagInfo>("POST", `${promptPath(slug)}/tags/${tag}/rollback`, {
    ...(reason && { body: { reason } }),
    headers: condition(revision),
  });

export const update = (api: Client, slug: string, body: T.PromptChange, revision: number | undefined) =>
  api.change<T.PromptInfo>("PATCH", promptPath(slug), {
    body,
    headers: revision === undefined ? {} : condition(revision),
  });

export const remove = (api: Client, slug: string) => api.change<void>("DELETE", promptPath(slug));

export const restore = (api: Client, slug: string) => api.change<T.PromptInfo>("POST", `${promptPath(slug)}/restore`);

export const duplicate = (api: Client, slug: string, body: { slug: string; version?: number }) =>
  api.change<T.Version>("POST", `${promptPath(slug)}/duplicate`, { body });

export const cases = (api: Client, slug: string) =>
  api.get<{ cases: T.Case[] }>(`${promptPath(slug)}/cases`, "cases").then((body) => body.cases);

const casePath = (slug: string, name: string) => `${promptPath(slug)}/cases/${encodeURIComponent(name)}`;

export const putCase = (api: Client, slug: string, name: string, inputs: JsonObject, revision: number | undefined) =>
  api.change<T.Case>("PUT", casePath(slug, name), { body: { inputs }, headers: condition(revision) });

export const deleteCase = (api: Client, slug: string, name: string, revision: number) =>
  api.change<void>("DELETE", casePath(slug, name), { headers: condition(revision) });

/** The version of every prompt under this tag, for the search in texts. */
export const snapshot = (api: Client, tag: string) =>
  api.get<{ prompts: T.Version[] }>(`/v1/snapshot?tag=${encodeURIComponent(tag)}`, "prompts");
