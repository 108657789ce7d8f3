/** TypeScript types of the inputs and outputs of prompts. */
import type { Document, Input, Json, JsonObject, Output } from "cuecard";

/** One prompt of the generated file. */
export interface Typed {
  readonly slug: string;
  readonly inputs: readonly Input[];
  /** Whether the inputs are declared; of inferred ones only the names are known. */
  readonly outputs: Document["outputs"];
  readonly tags: readonly string[];
}

const TYPES: Readonly<Record<string, string>> = {
  str: "string",
  image: "string",
  int: "number | bigint",
  float: "number",
  bool: "boolean",
  list: "readonly unknown[]",
  "list[str]": "readonly string[]",
  "list[int]": "readonly (number | bigint)[]",
  "list[float]": "readonly number[]",
  "list[bool]": "readonly boolean[]",
  dict: "object",
  messages: "readonly unknown[]",
  any: "unknown",
};

/** The whole file. The same prompts give the same bytes. */
export function typesFile(flags: string, prompts: readonly Typed[]): string {
  const rows = [...prompts].sort((a, b) => (a.slug < b.slug ? -1 : 1)).map(row);
  return `// Made by \`cuecard types${flags === "" ? "" : ` ${flags}`}\`; changes are lost.
import "cuecard";

declare module "cuecard" {
  interface Prompts {
${rows.join("\n")}
  }
}
`;
}

/** The flags that a file was made with. */
export function flagsOf(text: string): string | undefined {
  return /^\/\/ Made by `cuecard types ?([^`]*)`/.exec(text)?.[1];
}

/** The place of a prompt in the file. */
export function placeOf(text: string, slug: string): { readonly line: number; readonly column: number } | undefined {
  const line = text.split("\n").indexOf(INDENT + head(slug)) + 1;
  return line > 0 ? { line, column: INDENT.length + 1 } : undefined;
}

const INDENT = "    ";
const head = (slug: string): string => `${JSON.stringify(slug)}: {`;

function row({ slug, inputs, outputs, tags }: Typed): string {
  const tagType = tags.length === 0 ? "string" : tags.map((tag) => JSON.stringify(tag)).join(" | ");
  return `${INDENT}${head(slug)}
      inputs: ${members(inputs.map((input) => [input.name, typeOf(input), isOptional(input), input.description]))};
      outputs: ${outputs === undefined || outputs.length === 0 ? "unknown" : members(outputs.map((output) => [output.name, outputType(output), false, undefined]))};
      tags: ${tagType};
    };`;
}

function members(list: readonly (readonly [string, string, boolean, string | undefined])[]): string {
  if (list.length === 0) return "{}";
  const lines = list.map(([name, type, optional, description]) => {
    const about =
      description === undefined
        ? ""
        : `        /** ${description.replaceAll("*/", "*\\/").replaceAll(/\s+/g, " ")} */\n`;
    return `${about}        readonly ${nameOf(name)}${optional ? "?" : ""}: ${type}${optional ? " | undefined" : ""};`;
  });
  return `{\n${lines.join("\n")}\n      }`;
}

function typeOf({ type, enum: values, schema }: Input): string {
  if (values !== undefined && values.length > 0) return values.map(literal).join(" | ");
  if (schema !== undefined) return schemaType(schema);
  return TYPES[type] ?? "unknown";
}

function isOptional({ required, default: fallback }: Input): boolean {
  return required === false || fallback !== undefined;
}

function outputType({ type, schema }: Output): string {
  return type === "json_schema" && schema !== undefined ? schemaType(schema) : (TYPES[type] ?? "unknown");
}

/** A JSON Schema as a type; `unknown` for anything that types cannot express. */
function schemaType(schema: Json | undefined, depth = 0): string {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema) || depth > 20) return "unknown";
  const { type, properties, required, items, enum: values, const: constant, anyOf, oneOf } = schema as JsonObject;
  if (constant !== undefined) return literal(constant);
  if (Array.isArray(values)) return values.map(literal).join(" | ") || "never";
  const either = anyOf ?? oneOf;
  if (Array.isArray(either)) return either.map((one) => `(${schemaType(one, depth + 1)})`).join(" | ");
  if (Array.isArray(type))
    return type.map((one) => schemaType({ ...(schema as JsonObject), type: one }, depth + 1)).join(" | ");
  switch (type) {
    case "string":
      return "string";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "null":
      return "null";
    case "array":
      return `readonly (${schemaType(items, depth + 1)})[]`;
    default:
      return type === "object" || properties !== undefined ? objectType(properties, required, depth) : "unknown";
  }
}

function objectType(properties: Json | undefined, required: Json | undefined, depth: number): string {
  if (typeof properties !== "object" || properties === null) return "object";
  const needed = Array.isArray(required) ? required : [];
  const list = Object.entries(properties as JsonObject).map(([name, schema]) => {
    const optional = !needed.includes(name);
    return `readonly ${nameOf(name)}${optional ? "?" : ""}: ${schemaType(schema, depth + 1)}`;
  });
  return list.length === 0 ? "object" : `{ ${list.join("; ")} }`;
}

function literal(value: Json): string {
  return typeof value === "object" && value !== null ? "unknown" : JSON.stringify(value);
}

function nameOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
