/** Values of inputs: parsed from text, printed as text, and sample values. */
import type { Document, Input, JsonObject } from "cuecard";

import { parseJson } from "./exact.ts";

export const INPUT_TYPES = [
  "str",
  "int",
  "float",
  "bool",
  "image",
  "list",
  "list[str]",
  "list[int]",
  "list[float]",
  "list[bool]",
  "dict",
  "messages",
] as const;

const SPELLINGS: Record<string, string> = {
  string: "str",
  integer: "int",
  number: "float",
  boolean: "bool",
  object: "dict",
  array: "list",
};

export const canonicalType = (type: string | undefined): string => SPELLINGS[type ?? ""] ?? type ?? "any";

export const isOptional = (input: Input): boolean => input.required === false || input.default !== undefined;

/** The value of a typed text. A text that is no value of the type stays a text, and the engine reports it. An input
 * that may be left out is left out where nothing was typed, as production leaves it out. */
export function read(input: Input, text: string): unknown {
  const type = canonicalType(input.type);
  if (type === "str" || type === "image") return text === "" && (isOptional(input) || input.enum) ? undefined : text;
  if (text.trim() === "") return type.startsWith("list[") && !isOptional(input) ? [] : undefined;
  const item = /^list\[(\w+)\]$/.exec(type)?.[1];
  if (item === undefined) return json(text);
  const lines = text.replace(/\n$/, "").split("\n");
  return lines.map((line) => (item === "str" ? line : json(line)));
}

export function write(input: Input, value: unknown): string {
  if (value === undefined) return "";
  const isLines = canonicalType(input.type).startsWith("list[") && Array.isArray(value);
  if (isLines && value.every((item) => typeof item !== "object" && !String(item).includes("\n")))
    return value.map((item) => (typeof item === "string" ? item : JSON.stringify(item))).join("\n");
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** A member of its own: an input may be called `constructor`. */
export const own = (of: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(of, name) ? of[name] : undefined;

export function json(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** A sample value for each required input: the first demonstration's, else one of the type. */
export function samples(document: Document, inputs: readonly Input[]): JsonObject {
  const first = document.demonstrations?.rows?.[0] ?? {};
  const entries = inputs.map((input) => [input.name, own(first, input.name) ?? sample(input)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as JsonObject;
}

function sample(input: Input): unknown {
  if (isOptional(input)) return undefined;
  if (input.enum) return input.enum[0];
  const word = input.name.replaceAll("_", " ");
  const byType: Record<string, unknown> = {
    str: `(${word})`,
    any: `(${word})`,
    int: 1,
    float: 1.5,
    bool: true,
    image: "https://example.com/image.png",
    "list[str]": [`(${word} 1)`, `(${word} 2)`],
    "list[int]": [1, 2],
    "list[float]": [1.5, 2.5],
    "list[bool]": [true, false],
    list: [],
    messages: [{ role: "user", content: "Hello" }],
  };
  return own(byType, canonicalType(input.type)) ?? fromSchema(input.schema);
}

function fromSchema(schema: unknown): unknown {
  const {
    type,
    properties,
    items,
    enum: choices,
  } = (schema ?? {}) as {
    type?: string;
    properties?: Record<string, unknown>;
    items?: unknown;
    enum?: unknown[];
  };
  if (choices?.length) return choices[0];
  if (type === "string") return "text";
  if (type === "integer" || type === "number") return 1;
  if (type === "boolean") return true;
  if (type === "array") return [fromSchema(items)];
  return Object.fromEntries(Object.entries(properties ?? {}).map(([name, inner]) => [name, fromSchema(inner)]));
}
