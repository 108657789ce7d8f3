/** Basalt: the versions that its API describes (GET /prompts), or JSON. The server turns them into documents. */
import { no } from "../failure.ts";
import { isObject, listIn, type ForeignSystem, text } from "./foreign.ts";
import { histories, type HistoryFormat, type WrittenVersion } from "./histories.ts";
import { getObject } from "./http.ts";

const BESIDE = [
  "slug",
  "name",
  "description",
  "version",
  "tag",
  "tags",
  "status",
  "createdAt",
  "availableVersions",
  "availableTags",
];

const SHAPE: HistoryFormat = {
  from: "basalt",
  beside: BESIDE,
  nameOf: ({ slug }) => text(slug),
  sorted: (versions) => [...versions].sort((a, b) => order(String(a["version"] ?? ""), String(b["version"] ?? ""))),
  // Ours are whole numbers, theirs are 1.2.0.
  number(one, at, losses) {
    const written = String(one["version"] ?? at + 1);
    if (written !== String(at + 1)) losses.add(`the version ${written} becomes number ${at + 1}`);
    return at + 1;
  },
  labels: (one) => [
    ...(Array.isArray(one["tags"]) ? one["tags"] : [one["tag"]]),
    one["status"] === "live" ? "production" : undefined,
  ],
  note: (one) => ({ createdAt: one["createdAt"] }),
  about: (versions) => ({ description: text(versions.at(-1)?.["description"]) }),
};

export const basalt: ForeignSystem = {
  env: { key: ["BASALT_API_KEY"], url: ["BASALT_API_URL"] },

  read(name, json) {
    return histories(SHAPE, listIn(JSON.parse(json), ["prompts", "data"]), name);
  },

  async fetch({ url = "https://api.getbasalt.ai", key }, each) {
    const headers = { authorization: `Bearer ${key}` };
    const base = url.replace(/\/+$/, "");
    const { prompts: list } = await getObject(`${base}/prompts`, headers);
    if (!Array.isArray(list)) throw no("source_refused", `${url} is not Basalt's API`);
    const all = await each(list as WrittenVersion[], async (prompt) => {
      const slug = encodeURIComponent(String(prompt["slug"]));
      const one = async (query: string) => {
        const { prompt: version } = await getObject(`${base}/prompts/${slug}?${query}`, headers);
        if (!isObject(version)) throw no("source_refused", `${url} has no prompt where it says one: ${prompt["slug"]}`);
        return version;
      };
      const versions = (prompt["availableVersions"] ?? []) as string[];
      const tags = (prompt["availableTags"] ?? []) as string[];
      const found = await Promise.all(versions.map((version) => one(`version=${encodeURIComponent(version)}`)));
      const tagged = await Promise.all(
        tags.map(async (tag) => [tag, (await one(`tag=${encodeURIComponent(tag)}`))["version"]] as const),
      );
      return found.map((version, at) => {
        const number = version["version"] ?? versions[at];
        const labels = tagged.filter(([, points]) => points === number).map(([tag]) => tag);
        return { ...version, slug: prompt["slug"], description: prompt["description"], version: number, tags: labels };
      });
    });
    return histories(SHAPE, all.flat(), "prompt");
  },
};

function order(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
