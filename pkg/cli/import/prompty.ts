/** Prompty: a Markdown file with a YAML head and `system:`, `user:` lines. Its templates are Jinja2. */
import { no } from "../failure.ts";
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
import { fromVariables } from "./mustache.ts";

const ROLE = /^[^\S\n]*#?[^\S\n]*(system|user|assistant|developer|tool)[^\S\n]*:[^\S\n]*$/gim;

/** Fields that have a place in or beside the document. */
const KNOWN = [
  "name",
  "description",
  "model",
  "inputs",
  "outputs",
  "sample",
  "template",
  "authors",
  "tags",
  "version",
  "tools",
  "$schema",
];

export const prompty: ForeignSystem = {
  read(name, written): ForeignHistory[] {
    const losses = new LossList();
    const { head, body } = split(name, written);
    const { format = "jinja2" } = isObject(head["template"])
      ? head["template"]
      : { format: head["template"] ?? "jinja2" };
    const kind = isObject(format) ? format["kind"] : format;
    if (kind !== "jinja2" && kind !== "mustache")
      throw no("template_unknown", `${name}: the template language \`${kind}\` cannot be taken`);
    for (const field of Object.keys(head)) if (!KNOWN.includes(field)) losses.add(`\`${field}\` has no place`);
    for (const field of ["authors", "tags", "tools"])
      if (head[field] !== undefined) losses.add(`\`${field}\` has no place`);
    const model = isObject(head["model"]) ? head["model"] : {};
    const configuration = isObject(model["configuration"]) ? model["configuration"] : {};
    const { parameters, rest } = parametersOf(
      isObject(model["parameters"]) ? model["parameters"] : isObject(model["options"]) ? model["options"] : {},
    );
    const { response_format, tools, tool_choice, ...unknown } = rest;
    for (const field of Object.keys(unknown)) losses.add(`the parameter \`${field}\` has no place`);
    const document = given({
      messages: messages(body).map(({ role, content }) => ({
        role,
        content: kind === "mustache" ? fromVariables(content).template : content,
      })),
      inputs: inputs(head["inputs"], head["sample"]),
      model:
        text(head["model"]) ??
        text(model["id"]) ??
        text(configuration["model"]) ??
        text(configuration["name"]) ??
        text(configuration["azure_deployment"]),
      parameters,
      tools: Array.isArray(tools) ? tools : undefined,
      toolChoice: tool_choice,
      responseFormat: response_format,
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

function messages(body: string): { role: string; content: string }[] {
  const parts = body.split(ROLE);
  const [before = "", ...rest] = parts;
  const found = before.trim() === "" ? [] : [{ role: "system", content: before.trim() }];
  for (let at = 0; at < rest.length; at += 2)
    found.push({ role: (rest[at] ?? "").toLowerCase(), content: (rest[at + 1] ?? "").trim() });
  return found;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "str",
  number: "float",
  integer: "int",
  boolean: "bool",
  array: "list",
  object: "dict",
};

function inputs(declared: unknown, sample: unknown): object[] | undefined {
  const list = Array.isArray(declared)
    ? declared.filter(isObject)
    : Object.entries(isObject(declared) ? declared : {}).map(([name, one]) => ({
        name,
        ...(isObject(one) ? one : { default: one }),
      }));
  const all = list.length > 0 ? list : Object.keys(isObject(sample) ? sample : {}).map((name) => ({ name }));
  const found = all.map((one: Record<string, unknown>) =>
    given({
      name: text(one["name"]),
      type:
        TYPES[String(one["type"] ?? one["kind"])] ??
        typeOf(one["default"] ?? (isObject(sample) ? sample[String(one["name"])] : undefined)),
      description: text(one["description"]),
      default: one["default"],
      required: one["required"] === false ? false : undefined,
    }),
  );
  return found.length === 0 ? undefined : found;
}

/** The type of a sample value; without one, a text. */
function typeOf(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (typeof value === "boolean") return "bool";
  return Array.isArray(value) ? "list" : isObject(value) ? "dict" : "str";
}
