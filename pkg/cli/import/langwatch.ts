/** LangWatch: all versions of all prompts, by its API (GET /api/prompts) or as JSON. The server turns them into
 * documents. */
import { no } from "../failure.ts";
import { isObject, listIn, type ForeignSystem, text } from "./foreign.ts";
import { byNumber, histories, ownNumber, type HistoryFormat, type WrittenVersion } from "./histories.ts";
import { getJson } from "./http.ts";

/** Fields that have a place beside the document. */
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

const SHAPE: HistoryFormat = {
  from: "langwatch",
  beside: BESIDE,
  nameOf: ({ handle, id }) => text(handle) ?? text(id),
  sorted: byNumber,
  number: ownNumber,
  labels: (one) => (Array.isArray(one["tags"]) ? one["tags"] : []).flatMap((given) => labelOf(given, one)),
  note: (one) => ({
    commitMessage: one["commitMessage"],
    author: isObject(one["author"])
      ? (one["author"]["name"] ?? one["author"]["email"])
      : (one["author"] ?? one["authorId"]),
    createdAt: one["versionCreatedAt"] ?? one["createdAt"],
  }),
  about(versions, losses) {
    if (versions.some((one) => one["scope"] === "ORGANIZATION"))
      losses.add("it is shared in the organisation there: `PATCH` its scope here");
    return {};
  },
};

/** A tag is a name, or names the version that it points to. */
function labelOf(given: unknown, { versionId }: WrittenVersion): unknown[] {
  if (!isObject(given)) return [given];
  const points = given["versionId"];
  return points === undefined || points === versionId ? [given["name"]] : [];
}

export const langwatch: ForeignSystem = {
  env: { key: ["LANGWATCH_API_KEY"], url: ["LANGWATCH_ENDPOINT"] },

  read(name, json) {
    return histories(SHAPE, listIn(JSON.parse(json), ["prompts", "data"]), name);
  },

  async fetch({ url = "https://app.langwatch.ai", key }, each) {
    const headers = { "x-auth-token": key };
    const route = `${url.replace(/\/+$/, "")}/api/prompts`;
    const list = await getJson(route, headers);
    if (!Array.isArray(list)) throw no("source_refused", `${url} is not LangWatch's API`);
    const all = await each(list as WrittenVersion[], async (prompt) => {
      const versions = await getJson(
        `${route}/${encodeURIComponent(String(prompt["id"] ?? prompt["handle"]))}/versions`,
        headers,
      );
      if (!Array.isArray(versions))
        throw no("source_refused", `${url} lists no versions of ${prompt["handle"] ?? prompt["id"]}`);
      // Only the newest always has the handle.
      return (versions as WrittenVersion[]).map((one) => ({
        ...one,
        handle: prompt["handle"],
      }));
    });
    return histories(SHAPE, all.flat(), "prompt");
  },
};
