/** Athina: the versions of each slug, by its API or as JSON. The server turns them into documents. */
import { no } from "../failure.ts";
import { byName, type Foreign, given, isObject, listIn, Losses, slugOf, type Source, text, time } from "./foreign.ts";
import { getJson } from "./http.ts";

type Version = Record<string, unknown>;

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

export const athina: Source = {
  env: { key: ["ATHINA_API_KEY"], url: ["ATHINA_API_URL"] },

  read(name, json) {
    return prompts(listIn(JSON.parse(json), ["prompts", "versions", "data"]) as Version[], name);
  },

  async fetch({ url = "https://api.athina.ai", key }, each) {
    const headers = { "athina-api-key": key };
    const base = `${url.replace(/\/+$/, "")}/api/v1/prompt`;
    const all = (await getJson(`${base}/slug/all`, headers)) as { data?: { slugs?: Version[] } };
    const slugs = all.data?.slugs;
    if (!Array.isArray(slugs)) throw no("source_refused", `${url} is no Athina`);
    const histories = await each(slugs, async (slug) => {
      const name = String(slug["name"] ?? slug["slug"]);
      const path = `${base}/${encodeURIComponent(name)}`;
      const versions = await getJson(`${path}/version`, headers).catch(() => undefined);
      const found = listed(versions);
      const { data } = (await getJson(`${path}/default`, headers).catch(() => ({}))) as { data?: { prompt?: Version } };
      const standard = data?.prompt;
      const list = found.length > 0 || standard === undefined ? found : [standard];
      return list.map((one) => ({
        ...one,
        slug: name,
        is_default: standard !== undefined && one["version"] === standard["version"],
      }));
    });
    return prompts(histories.flat(), "prompt");
  },
};

/** The versions in an answer whose shape is in no document of theirs. */
function listed(answer: unknown): Version[] {
  const inside =
    isObject(answer) && isObject(answer["data"])
      ? Object.values(answer["data"])
      : isObject(answer)
        ? Object.values(answer)
        : [answer];
  return (inside.find(Array.isArray) as Version[] | undefined) ?? [];
}

function prompts(versions: readonly Version[], fallback: string): Foreign[] {
  const nameOf = ({ slug, prompt_slug }: Version) => text(slug) ?? text(prompt_slug) ?? fallback;
  return [...byName(versions.filter(isObject), nameOf)].map(([name, group]) => {
    const losses = new Losses();
    const numbered = group
      .map((one, at) => ({ one, number: Number(one["version"] ?? at + 1) }))
      .sort((a, b) => a.number - b.number);
    const standard = numbered.find(({ one }) => one["is_default"] === true || one["default"] === true);
    return {
      slug: slugOf(name, losses),
      from: "athina",
      versions: numbered.map(({ one, number }) => ({
        version: number,
        document: Object.fromEntries(Object.entries(one).filter(([field]) => !BESIDE.includes(field))),
        ...given({
          commitMessage: text(one["commit_message"]),
          author: text(one["username"] ?? one["user_id"]),
          createdAt: time(one["created_at"]),
        }),
      })),
      tags: standard === undefined ? {} : { production: standard.number },
      losses: losses.list,
    };
  });
}
