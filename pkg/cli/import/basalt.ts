/** Basalt: the versions that its API describes (GET /prompts), or JSON. The server turns them into documents. */
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

export const basalt: Source = {
  env: { key: ["BASALT_API_KEY"], url: ["BASALT_API_URL"] },

  read(name, json) {
    return prompts(listIn(JSON.parse(json), ["prompts", "data"]) as Version[], name);
  },

  async fetch({ url = "https://api.getbasalt.ai", key }, each) {
    const headers = { authorization: `Bearer ${key}` };
    const base = url.replace(/\/+$/, "");
    const { prompts: list } = (await getJson(`${base}/prompts`, headers)) as { prompts?: Version[] };
    if (!Array.isArray(list)) throw no("source_refused", `${url} is no Basalt`);
    const histories = await each(list, async (prompt) => {
      const slug = encodeURIComponent(String(prompt["slug"]));
      const one = async (query: string) => {
        const { prompt: version } = (await getJson(`${base}/prompts/${slug}?${query}`, headers)) as {
          prompt?: Version;
        };
        return version ?? {};
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
    return prompts(histories.flat(), "prompt");
  },
};

function prompts(versions: readonly Version[], fallback: string): Foreign[] {
  return [...byName(versions.filter(isObject), ({ slug }) => text(slug) ?? fallback)].map(([name, group]) => {
    const losses = new Losses();
    const tags: Record<string, number> = {};
    const sorted = [...group].sort((a, b) => order(String(a["version"] ?? ""), String(b["version"] ?? "")));
    const numbered = sorted.map((one, at) => {
      const written = String(one["version"] ?? at + 1);
      // Ours are whole numbers, theirs are 1.2.0.
      if (written !== String(at + 1)) losses.add(`the version ${written} becomes number ${at + 1}`);
      const labels = Array.isArray(one["tags"]) ? one["tags"] : [one["tag"]];
      for (const label of [...labels, one["status"] === "live" ? "production" : undefined]) {
        const tag = typeof label === "string" ? tagOf(label, losses) : undefined;
        if (tag !== undefined) tags[tag] = at + 1;
      }
      return {
        version: at + 1,
        document: Object.fromEntries(Object.entries(one).filter(([field]) => !BESIDE.includes(field))),
        ...given({ createdAt: time(one["createdAt"]) }),
      };
    });
    const description = text(sorted.at(-1)?.["description"]);
    return {
      slug: slugOf(name, losses),
      from: "basalt",
      ...given({ description }),
      versions: numbered,
      tags,
      losses: losses.list,
    };
  });
}

function order(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
