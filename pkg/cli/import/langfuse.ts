/** Langfuse: text and chat prompts, all versions, by its API (GET /api/public/v2/prompts) or as JSON. */
import { no } from "../failure.ts";
import {
  byName,
  type ForeignHistory,
  given,
  isObject,
  listIn,
  LossList,
  parametersOf,
  slugOf,
  type ForeignSystem,
  tagOf,
  text,
  time,
} from "./foreign.ts";
import { getObject } from "./http.ts";
import { fromVariables, optionsFor } from "./mustache.ts";

interface LangfuseVersion {
  readonly name: string;
  readonly version: number;
  readonly type?: string;
  readonly prompt: unknown;
  readonly config?: unknown;
  readonly labels?: readonly string[];
  readonly tags?: readonly string[];
  readonly commitMessage?: string | null;
  readonly createdAt?: string;
  readonly createdBy?: string;
  readonly resolutionGraph?: unknown;
}

export const langfuse: ForeignSystem = {
  env: { key: ["LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY"], url: ["LANGFUSE_BASE_URL", "LANGFUSE_HOST"] },

  read(_name, json) {
    return prompts(listIn(JSON.parse(json), ["data", "prompts"]) as LangfuseVersion[]);
  },

  async fetch({ url = "https://cloud.langfuse.com", key }, each) {
    const headers = { authorization: `Basic ${Buffer.from(key).toString("base64")}` };
    const route = `${url.replace(/\/+$/, "")}/api/public/v2/prompts`;
    const wanted: { name: string; version: number }[] = [];
    for (let page = 1, pages = 1; page <= pages; page++) {
      const answer = await getObject(`${route}?page=${page}&limit=100`, headers);
      const { data, meta } = answer as {
        data?: { name: string; versions: number[] }[];
        meta?: { totalPages?: number };
      };
      if (!Array.isArray(data)) throw no("source_refused", `${url} is not Langfuse's API`);
      for (const { name, versions } of data) wanted.push(...versions.map((version) => ({ name, version })));
      pages = meta?.totalPages ?? 1;
    }
    const read = async ({ name, version }: { name: string; version: number }) => {
      const found: unknown = await getObject(`${route}/${encodeURIComponent(name)}?version=${version}`, headers);
      const { name: own, prompt } = found as Partial<LangfuseVersion>;
      if (own === undefined || prompt === undefined)
        throw no("source_refused", `${url} has no version ${version} of ${name}, where it lists one`);
      return found as LangfuseVersion;
    };
    return prompts(await each(wanted, read));
  },
};

function prompts(versions: readonly LangfuseVersion[]): ForeignHistory[] {
  return [...byName(versions, ({ name }) => name)].map(([name, group]) => {
    const losses = new LossList();
    const tags: Record<string, number> = {};
    const sorted = [...group].sort((a, b) => a.version - b.version);
    for (const { labels = [], version } of sorted) {
      for (const label of labels) {
        const tag = tagOf(label, losses);
        if (tag !== undefined) tags[tag] = version;
      }
    }
    const categories = sorted.at(-1)?.tags ?? [];
    if (categories.length > 0) losses.add(`the prompt's own tags have no place: ${categories.join(", ")}`);
    return {
      slug: slugOf(name, losses),
      versions: sorted.map((one) => ({
        version: one.version,
        document: documentOf(one, losses),
        ...given({
          commitMessage: text(one.commitMessage),
          author: text(one.createdBy),
          createdAt: time(one.createdAt),
        }),
      })),
      tags,
      losses: losses.list,
    };
  });
}

function documentOf({ prompt, config, version, resolutionGraph }: LangfuseVersion, losses: LossList): object {
  const names = new Map<string, string>();
  const texts: string[] = [];
  if (resolutionGraph) losses.add(`version ${version} is made of other prompts: it is taken as it reads now`);
  const content = (written: unknown) => {
    if (typeof written !== "string") losses.add(`version ${version} has a message whose content is no text`);
    const { template, names: found } = fromVariables(
      typeof written === "string" ? written : JSON.stringify(written ?? ""),
    );
    for (const name of found) if (!names.has(name)) names.set(name, "str");
    texts.push(template);
    return template;
  };
  const chat = Array.isArray(prompt) ? prompt : [{ role: "user", content: prompt }];
  const messages = chat.filter(isObject).map((message) => {
    if (message["type"] === "placeholder") {
      const name = String(message["name"]);
      names.set(name, "messages");
      return { role: "placeholder", content: `{{ ${name} }}` };
    }
    const role = String(message["role"]);
    const known = ["system", "developer", "user", "assistant", "tool"].includes(role);
    if (!known) losses.add(`version ${version}: the role \`${role}\` becomes user`);
    return { role: known ? role : "user", content: content(message["content"]) };
  });
  const { model, tools, tool_choice, response_format, ...others } = isObject(config) ? config : {};
  const { parameters, rest } = parametersOf(others);
  return given({
    messages,
    inputs: [...names].map(([name, type]) => ({ name, type })),
    model: text(model),
    parameters,
    tools: Array.isArray(tools) ? tools : undefined,
    toolChoice: tool_choice,
    responseFormat: response_format,
    template: optionsFor(texts),
    metadata: given({ langfuse: given({ config: isObject(config) ? rest : config }) }),
  });
}
