/** Athina: the versions of each slug, by its API or as JSON. The server turns them into documents. */
import { no } from "../failure.ts";
import { isObject, listIn, type ForeignSystem, text } from "./foreign.ts";
import { byNumber, histories, ownNumber, type HistoryFormat, type WrittenVersion } from "./histories.ts";
import { getObject } from "./http.ts";

const BESIDE = [
  "id",
  "org_id",
  "workspace_slug",
  "prompt_slug",
  "prompt_template_slug_id",
  "slug",
  "version",
  "commit_message",
  "created_at",
  "updated_at",
  "user_id",
  "username",
  "default",
  "is_default",
];

const SHAPE: HistoryFormat = {
  from: "athina",
  beside: BESIDE,
  nameOf: ({ slug, prompt_slug }) => text(slug) ?? text(prompt_slug),
  sorted: byNumber,
  number: ownNumber,
  labels: (one) => (one["is_default"] === true || one["default"] === true ? ["production"] : []),
  note: (one) => ({
    commitMessage: one["commit_message"],
    author: one["username"] ?? one["user_id"],
    createdAt: one["created_at"],
  }),
};

export const athina: ForeignSystem = {
  env: { key: ["ATHINA_API_KEY"], url: ["ATHINA_API_URL"] },

  read(name, json) {
    return histories(SHAPE, listIn(JSON.parse(json), ["prompts", "versions", "data"]), name);
  },

  async fetch({ url = "https://api.athina.ai", key }, each) {
    const headers = { "athina-api-key": key };
    const base = `${url.replace(/\/+$/, "")}/api/v1/prompt`;
    const { data: all } = await getObject(`${base}/slug/all`, headers);
    const slugs = isObject(all) ? (all["slugs"] as WrittenVersion[] | undefined) : undefined;
    if (!Array.isArray(slugs)) throw no("source_refused", `${url} is not Athina's API`);
    const versions = await each(slugs, async (slug) => {
      const name = String(slug["name"] ?? slug["slug"]);
      const path = `${base}/${encodeURIComponent(name)}`;
      const found = listed(await getObject(`${path}/version`, headers, true));
      const { data } = await getObject(`${path}/default`, headers, true);
      const standard = isObject(data) && isObject(data["prompt"]) ? data["prompt"] : undefined;
      const known = found.length > 0 || standard === undefined ? found : [standard];
      if (known.length === 0) throw no("source_refused", `${url} lists no versions of ${name}`);
      return known.map((one) => ({
        ...one,
        slug: name,
        is_default: standard !== undefined && one["version"] === standard["version"],
      }));
    });
    return histories(SHAPE, versions.flat(), "prompt");
  },
};

/** The versions in an answer whose shape Athina does not document. */
function listed(answer: Readonly<Record<string, unknown>>): WrittenVersion[] {
  const inside = Object.values(isObject(answer["data"]) ? answer["data"] : answer);
  return (inside.find(Array.isArray) as WrittenVersion[] | undefined) ?? [];
}
