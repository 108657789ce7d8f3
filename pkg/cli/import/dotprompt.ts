/** Dotprompt: a `.prompt` file with a YAML head, Picoschema and a Handlebars template. */
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
import { split } from "./frontmatter.ts";
import { turnsOf } from "./handlebars.ts";

const KNOWN = ["name", "description", "model", "config", "input", "output", "tools", "variant", "metadata"];

export const dotprompt: ForeignSystem = {
  read(name, written): ForeignHistory[] {
    const losses = new LossList();
    const { head, body } = split(name, written);
    for (const field of Object.keys(head))
      if (!KNOWN.includes(field) && !field.includes(".")) losses.add(`\`${field}\` has no place`);
    for (const field of ["tools", "variant"]) if (head[field] !== undefined) losses.add(`\`${field}\` has no place`);
    const { parameters, rest } = parametersOf(isObject(head["config"]) ? head["config"] : {});
    for (const field of Object.keys(rest)) losses.add(`the parameter \`${field}\` has no place`);
    const input = isObject(head["input"]) ? head["input"] : {};
    const output = isObject(head["output"]) ? head["output"] : {};
    const schema = picoschema(output["schema"]);
    // `{{media url=x}}` on a line of its own is a part.
    const media = [...body.matchAll(/\{\{\s*media\s+url=(\w+)\s*\}\}/g)].map(([, name]) => name as string);
    const turns = turnsOf(name, body.replaceAll(/\{\{\s*media\s+url=(\w+)\s*\}\}/g, "\u0000$1\u0000"));
    const document = given({
      messages: turns.map(({ role, content }) => ({ role, content: parts(content) })),
      inputs: inputs(
        input["schema"],
        input["default"],
        media,
        turns.some(({ role }) => role === "placeholder"),
      ),
      outputs: schema === undefined ? undefined : [{ name: "output", type: "json_schema", schema }],
      model: text(head["model"])?.replace(/^googleai\//, "google/"),
      parameters,
      // A missing value is empty.
      template: { undefined: "lenient", keepTrailingNewline: true },
      metadata: isObject(head["metadata"]) ? head["metadata"] : undefined,
    });
    const slug = slugOf(text(head["name"]) ?? name, losses);
    return [
      {
        slug,
        ...given({ description: text(head["description"]) }),
        versions: [{ version: 1, document }],
        tags: {},
        losses: losses.list,
      },
    ];
  },
};

function parts(content: string): unknown {
  if (!content.includes("\u0000")) return content;
  return content
    .split("\u0000")
    .flatMap((text, at): object[] =>
      at % 2 === 1 ? [{ type: "image", image: `{{ ${text} }}` }] : text === "" ? [] : [{ type: "text", text }],
    );
}

const TYPES: Readonly<Record<string, string>> = {
  string: "str",
  integer: "int",
  number: "float",
  boolean: "bool",
  any: "any",
  array: "list",
  object: "dict",
};

function inputs(schema: unknown, defaults: unknown, media: readonly string[], history: boolean): object[] | undefined {
  const fallback = isObject(defaults) ? defaults : {};
  const json = picoschema(schema);
  if (json === undefined) return undefined;
  const { properties, required } = json as {
    properties?: Record<string, Record<string, unknown>>;
    required?: string[];
  };
  const found = Object.entries(properties ?? {}).map(([name, one]) => {
    const items = isObject(one["items"]) ? TYPES[String(one["items"]["type"])] : undefined;
    const isList = one["type"] === "array" && items !== undefined && ["str", "int", "float", "bool"].includes(items);
    const type = media.includes(name) ? "image" : isList ? `list[${items}]` : (TYPES[String(one["type"])] ?? "any");
    const needed = required?.includes(name) === true || fallback[name] !== undefined;
    return {
      ...given({
        name,
        type: type === "any" ? (one["enum"] === undefined ? "any" : "str") : type,
        description: text(one["description"]),
        enum: one["enum"] as unknown[],
      }),
      ...(fallback[name] !== undefined && { default: fallback[name] }),
      ...(!needed && { required: false }),
    };
  });
  if (history && !found.some(({ name }) => name === "history"))
    found.push({ name: "history", type: "messages", required: false });
  return found.some(({ type }) => type === "any") ? undefined : found;
}

/** Picoschema as JSON Schema: https://google.github.io/dotprompt/reference/picoschema */
function picoschema(schema: unknown): Record<string, unknown> | undefined {
  if (schema === undefined || schema === null) return undefined;
  if (typeof schema === "string") return scalar(schema);
  if (!isObject(schema)) return undefined;
  if (typeof schema["type"] === "string" && TYPES[schema["type"]] !== undefined) return schema;
  const properties: Record<string, unknown> = {};
  const required: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    const [, name, optional, kind, description] = /^([^?(]+)(\?)?(?:\((\w+)(?:,\s*([^)]*))?\))?$/.exec(key) ?? [];
    if (name === undefined || key === "(*)") continue;
    if (optional === undefined) required.push(name);
    const about = description === undefined ? {} : { description };
    if (kind === "array") properties[name] = { type: "array", items: picoschema(value) ?? {}, ...about };
    else if (kind === "enum") properties[name] = { enum: value, ...about };
    else properties[name] = { ...picoschema(value), ...about };
  }
  return { type: "object", properties, required };
}

function scalar(written: string): Record<string, unknown> {
  const [type = "any", ...about] = written.split(",").map((part) => part.trim());
  return { ...(type !== "any" && { type }), ...(about.length > 0 && { description: about.join(", ") }) };
}
