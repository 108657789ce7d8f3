/** LangWatch: all versions of all prompts, by its API (GET /api/prompts) or as JSON. The server turns them into documents. */
import { no } from "../failure.ts";
import {
  byName,
  type Foreign,
  given,
  isObject,
  listIn,
  Losses,
  slugOf,
  type Source,
  tagOf,
  text,
  time,
} from "./foreign.ts";
import { getJson } from "./http.ts";

type Version = Record<string, unknown>;

/** What has its place beside the document. */
const BESIDE = [
  "id",
  "handle",
  "name",
  "scope",
  "projectId",
  "organizationId",
  "version",
  "versionId",
  "versionCreatedAt",
  "createdAt",
  "updatedAt",
  "deletedAt",
  "authorId",
  "author",
  "commitMessage",
  "tags",
  "platformUrl",
];

export const langwatch: Source = {
  env: { key: ["LANGWATCH_API_KEY"], url: ["LANGWATCH_ENDPOINT"] },

  read(name, json) {
    return prompts(listIn(JSON.parse(json), ["prompts", "data"]) as Version[], name);
  },

  async fetch({ url = "https://app.langwatch.ai", key }, each) {
    const headers = { "x-auth-token": key };
    const route = `${url.replace(/\/+$/, "")}/api/prompts`;
    const list = await getJson(route, headers);
    if (!Array.isArray(list)) throw no("source_refused", `${url} is no LangWatch`);
    const histories = await each(list as Version[], async (prompt) => {
      const versions = await getJson(
        `${route}/${encodeURIComponent(String(prompt["id"] ?? prompt["handle"]))}/versions`,
        headers,
      );
      // Only the newest is sure to say the handle.
      return (Array.isArray(versions) ? (versions as Version[]) : [prompt]).map((one) => ({
        ...one,
        handle: prompt["handle"],
      }));
    });
    return prompts(histories.flat(), "prompt");
  },
};

function prompts(versions: readonly Version[], fallback: string): Foreign[] {
  const nameOf = ({ handle, id }: Version) => text(handle) ?? text(id) ?? fallback;
  return [...byName(versions.filter(isObject), nameOf)].map(([name, group]) => {
    const losses = new Losses();
    const numbered = group
      .map((one, at) => ({ one, number: Number(one["version"] ?? at + 1) }))
      .sort((a, b) => a.number - b.number);
    const tags: Record<string, number> = {};
    for (const { one, number } of numbered) {
      for (const given of Array.isArray(one["tags"]) ? one["tags"] : []) {
        const tag = tagOf(String(isObject(given) ? given["name"] : given), losses);
        const points = isObject(given) ? given["versionId"] : undefined;
        if (tag !== undefined && (points === undefined || points === one["versionId"])) tags[tag] = number;
      }
    }
    if (group.some((one) => one["scope"] === "ORGANIZATION"))
      losses.add("it is shared in the organisation there: `PATCH` its scope here");
    return {
      slug: slugOf(name, losses),
      from: "langwatch",
      versions: numbered.map(({ one, number }) => ({
        version: number,
        document: Object.fromEntries(Object.entries(one).filter(([field]) => !BESIDE.includes(field))),
        ...given({
          commitMessage: text(one["commitMessage"]),
          author: text(
            isObject(one["author"])
              ? (one["author"]["name"] ?? one["author"]["email"])
              : (one["author"] ?? one["authorId"]),
          ),
          createdAt: time(one["versionCreatedAt"] ?? one["createdAt"]),
        }),
      })),
      tags,
      losses: losses.list,
    };
  });
}
