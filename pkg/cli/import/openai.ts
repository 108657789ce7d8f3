/** OpenAI: arguments of `responses.create` or `chat.completions.create`, as JSON or as pasted code. It has no API to
 * list prompts. */
import { no } from "../failure.ts";
import { Yaml } from "../files/yaml.ts";
import {
  type ForeignHistory,
  given,
  isObject,
  LossList,
  parametersOf,
  slugOf,
  type ForeignSystem,
  text,
} from "./foreign.ts";
import { fromVariables, optionsFor } from "./mustache.ts";

export const openai: ForeignSystem = {
  read(name, written): ForeignHistory[] {
    const request = requestIn(name, written);
    const losses = new LossList();
    const slug = slugOf(text(request["name"]) ?? name, losses);
    return [{ slug, versions: [{ version: 1, document: documentOf(request, losses) }], tags: {}, losses: losses.list }];
  },
};

/** The object itself, or the one that a call in code is given. */
function requestIn(name: string, written: string): Record<string, unknown> {
  const call = /\b(?:responses|completions)\.(?:create|parse|stream)\(\s*(\{)/.exec(written);
  const source = call === null ? written : literal(written, call.index + call[0].length - 1);
  try {
    // YAML's flow style takes JSON, and object literals with names without quotes.
    const request = Yaml.parse(source, name).value;
    if (isObject(request)) return request;
  } catch {
    // Reported below.
  }
  throw no(
    "source_invalid",
    `${name} has no request that can be read: an object, or a call of responses.create with one`,
  );
}

function literal(text: string, from: number): string {
  let depth = 0;
  let quote = "";
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? "";
    if (quote !== "") {
      if (character === "\\") at++;
      else if (character === quote) quote = "";
    } else if (`"'\``.includes(character)) quote = character;
    else if ("{[".includes(character)) depth++;
    else if ("}]".includes(character) && --depth === 0) return text.slice(from, at + 1);
  }
  return text.slice(from);
}

function documentOf(request: Record<string, unknown>, losses: LossList): object {
  const {
    name: _,
    model,
    instructions,
    input,
    messages,
    tools,
    tool_choice,
    text: format,
    response_format,
    prompt,
    ...others
  } = request;
  if (prompt !== undefined)
    losses.add("`prompt` names a prompt object, whose content only OpenAI's dashboard has: paste that");
  const names = new Set<string>();
  const texts: string[] = [];
  const template = (written: string) => {
    const { template, names: found } = fromVariables(written);
    for (const name of found) names.add(name);
    texts.push(template);
    return template;
  };
  const turns = [
    ...(typeof instructions === "string" ? [{ role: "developer", content: instructions }] : []),
    ...[input, messages].flatMap((given) =>
      typeof given === "string" ? [{ role: "user", content: given }] : Array.isArray(given) ? given : [],
    ),
  ].filter(isObject);
  const { parameters, rest } = parametersOf(others);
  for (const field of Object.keys(rest)) losses.add(`\`${field}\` has no place`);
  return given({
    messages: turns.map(({ role, content }) => ({
      role: String(role ?? "user"),
      content: contentOf(content, template, losses),
    })),
    inputs: [...names].map((name) => ({ name, type: "str" })),
    model: text(model) === undefined ? undefined : `openai/${model}`,
    parameters,
    tools: Array.isArray(tools) ? tools : undefined,
    toolChoice: tool_choice,
    responseFormat: response_format ?? (isObject(format) ? format["format"] : undefined),
    template: optionsFor(texts),
  });
}

function contentOf(content: unknown, template: (text: string) => string, losses: LossList): unknown {
  if (typeof content === "string") return template(content);
  return (Array.isArray(content) ? content : []).filter(isObject).flatMap((part): object[] => {
    if (typeof part["text"] === "string") return [{ type: "text", text: template(part["text"]) }];
    const image = isObject(part["image_url"]) ? part["image_url"]["url"] : part["image_url"];
    if (typeof image === "string") return [{ type: "image", image: template(image) }];
    losses.add(`a part of the type \`${part["type"]}\` has no place`);
    return [];
  });
}
