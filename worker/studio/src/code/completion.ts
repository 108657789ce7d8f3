/** Completion at the cursor of a template: inputs and their attributes, filters, tests, tags. */
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Input } from "cuecard";

import { canonicalType, own } from "../document/values.ts";
import { FILTERS, GLOBALS, LOOP, METHODS, TAGS, TESTS } from "./jinja.ts";

export interface KnownNames {
  readonly inputs: readonly Input[];
  /** Values of the form, whose members are attributes too. */
  readonly values: Readonly<Record<string, unknown>>;
}

const WORD = /[\w]*$/;
const FARTHEST = 4000;

export function complete(context: CompletionContext, known: KnownNames): CompletionResult | null {
  const from = Math.max(0, context.pos - FARTHEST);
  const before = context.state.sliceDoc(from, context.pos);
  const inside = insideOf(before);
  if (inside === undefined) return null;
  const word = WORD.exec(inside.text)?.[0] ?? "";
  const start = inside.text.slice(0, inside.text.length - word.length);
  if (word === "" && !context.explicit && !/[.|]\s*$|\b(is|not)\s+$|[{%]-?\s*$/.test(start)) return null;
  const options = optionsAfter(start, inside.isTag, known, before);
  return options ? { from: context.pos - word.length, options, validFor: /^\w*$/ } : null;
}

/** The text of the expression or tag that the cursor is in. */
function insideOf(before: string): { text: string; isTag: boolean } | undefined {
  const expression = before.lastIndexOf("{{");
  const tag = before.lastIndexOf("{%");
  const open = Math.max(expression, tag);
  if (open === -1) return undefined;
  const isTag = tag > expression;
  const text = before.slice(open + 2);
  return text.includes(isTag ? "%}" : "}}") ? undefined : { text, isTag };
}

function optionsAfter(start: string, isTag: boolean, known: KnownNames, before: string): Completion[] | undefined {
  if (/\|\s*$/.test(start)) return FILTERS;
  if (/\bis\s+(not\s+)?$/.test(start)) return TESTS;
  if (isTag && /^[-+]?\s*$/.test(start)) return TAGS;
  if (isTag && /^[-+]?\s*filter\s+$/.test(start)) return FILTERS;
  const path = /((?:\w+\.)+)$/.exec(start)?.[1];
  if (path) return attributes(path.slice(0, -1).split("."), known, before);
  if (/["']\w*$/.test(start)) return undefined;
  return [...inputOptions(known), ...locals(before), ...GLOBALS];
}

const inputOptions = ({ inputs, values }: KnownNames): Completion[] =>
  inputs.map(({ name, type, description }) => ({
    label: name,
    type: "variable",
    detail: canonicalType(type),
    boost: 10,
    info: [description, show(own(values, name))].filter(Boolean).join("\n"),
  }));

/** Names that the template assigns before the cursor. */
function locals(before: string): Completion[] {
  const names = new Set<string>();
  for (const match of before.matchAll(/\{%[-+]?\s*(?:for\s+([\w\s,]+?)\s+in\b|set\s+(\w+)|macro\s+(\w+))/g))
    for (const name of (match[1] ?? match[2] ?? match[3] ?? "").split(",")) if (name.trim()) names.add(name.trim());
  return [...names].map((label) => ({ label, type: "variable", boost: 5 }));
}

function attributes([root = "", ...path]: readonly string[], known: KnownNames, before: string): Completion[] {
  if (root === "loop") return LOOP;
  const shape = shapeOf(root, known, before);
  let { schema, value } = shape;
  for (const name of path) {
    schema = (schema as { properties?: Record<string, unknown> } | undefined)?.properties?.[name];
    value = (value as Record<string, unknown> | undefined)?.[name];
  }
  const properties = Object.entries(
    (schema as { properties?: Record<string, { type?: string }> } | undefined)?.properties ?? {},
  );
  const own = properties.map(([label, { type }]) => ({
    label,
    type: "property",
    boost: 10,
    ...(type && { detail: type }),
  }));
  const seen = new Set(own.map(({ label }) => label));
  const held = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  const more = held.filter((label) => !seen.has(label)).map((label) => ({ label, type: "property", boost: 8 }));
  return [...own, ...more, ...METHODS];
}

/** The schema and value of a name: an input's, or those of an item where a loop runs over an input. */
function shapeOf(root: string, { inputs, values }: KnownNames, before: string): { schema?: unknown; value?: unknown } {
  const input = inputs.find(({ name }) => name === root);
  if (input) return { schema: input.schema, value: own(values, root) };
  const loops = [...before.matchAll(/\{%[-+]?\s*for\s+(\w+)\s+in\s+(\w+)/g)].reverse();
  const list = loops.find(([, item]) => item === root)?.[2];
  const over = inputs.find(({ name }) => name === list);
  if (!over) return {};
  const items = (over.schema as { items?: unknown } | undefined)?.items;
  const first = Array.isArray(values[over.name]) ? (values[over.name] as unknown[])[0] : undefined;
  return { schema: items, value: first };
}

export function show(value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
