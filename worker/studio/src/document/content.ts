/** Documents, and the members around them in an answer. */
import type { Document, Message, Part, RenderedMessage } from "cuecard";

import type { Draft, Version } from "cuecard/admin";
import { own } from "./values.ts";

/** The order in which fields are shown. The type is that of the contract: a field that is missing here does not
 * compile. */
const PLACES: Readonly<Record<keyof Document, number>> = {
  messages: 0,
  inputs: 1,
  outputs: 2,
  model: 3,
  provider: 4,
  parameters: 5,
  tools: 6,
  toolChoice: 7,
  responseFormat: 8,
  demonstrations: 9,
  promptingTechnique: 10,
  template: 11,
  metadata: 12,
};

export const EMPTY: Document = {
  messages: [
    { role: "system", content: "" },
    { role: "user", content: "" },
  ],
};

/** The document's own fields of a version or a draft, in one order. */
export function content(answer: Version | Draft): Document {
  const known = new Set(["slug", "version", "id", "hash", "commitMessage", "author", "createdAt", "resolved"]);
  for (const name of ["base", "revision", "updatedAt", "updatedBy", "tags", "created", "warnings"]) known.add(name);
  const entries = Object.entries(answer).filter(([name]) => !known.has(name));
  const place = (name: string) => Number(own(PLACES, name) ?? Infinity);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (place(a) < place(b) ? -1 : Number(place(a) > place(b)))),
  ) as unknown as Document;
}

/** A document with some fields changed; `undefined` removes one. */
export function withFields(document: Document, fields: { [K in keyof Document]?: Document[K] | undefined }): Document {
  const merged = { ...document, ...fields };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as unknown as Document;
}

/** Whether two documents are equal, whatever the order of their keys. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [one, two] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(one);
  return keys.length === Object.keys(two).length && keys.every((key) => key in two && same(one[key], two[key]));
}

/** The parts of a message: a plain text is one. A provider's other parts are shown as JSON. */
export function partsOf({ content }: Pick<RenderedMessage | Message, "content">): readonly Part[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.map((part) => (isPart(part) ? part : { type: "text", text: JSON.stringify(part, null, 2) }));
}

/** The shortest way to write parts. */
export function fromParts(parts: readonly Part[]): Message["content"] {
  const [only] = parts;
  return parts.length === 1 && only?.type === "text" ? only.text : parts;
}

/** Whether this can be edited as cards and forms; anything else is shown as JSON. */
export function isEditable(document: unknown): document is Document {
  return isObject(document) && isOf(document, DOCUMENT);
}

type Guard = (value: unknown) => boolean;
type Guards = Readonly<Record<string, Guard>>;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText: Guard = (value) => typeof value === "string";
const isFlag: Guard = (value) => typeof value === "boolean";
const maybe =
  (check: Guard): Guard =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Guard): Guard =>
  (value) =>
    Array.isArray(value) && value.every(check);
const isOf = (value: unknown, shape: Guards): boolean =>
  isObject(value) && Object.entries(shape).every(([name, check]) => check(own(value, name)));

const MESSAGE: Guards = {
  role: isText,
  name: maybe(isText),
  content: (value) => isText(value) || listOf(isPart)(value),
};
const INPUT: Guards = {
  name: isText,
  type: maybe(isText),
  description: maybe(isText),
  required: maybe(isFlag),
  enum: maybe(Array.isArray),
};
const OUTPUT: Guards = { name: isText, type: maybe(isText) };
const COLUMN: Guards = { id: isText, type: maybe(isText), name: maybe(isText) };
const TABLE: Guards = { columns: listOf((column) => isOf(column, COLUMN)), rows: listOf(isObject) };
const DOCUMENT: Guards = {
  messages: listOf((message) => isOf(message, MESSAGE)),
  inputs: maybe(listOf((input) => isOf(input, INPUT))),
  outputs: maybe(listOf((output) => isOf(output, OUTPUT))),
  model: maybe(isText),
  provider: maybe(isText),
  parameters: maybe(isObject),
  tools: maybe(listOf(isObject)),
  demonstrations: maybe((table) => isOf(table, TABLE)),
  promptingTechnique: maybe(isText),
  template: maybe(isObject),
};

function isPart(part: unknown): part is Part {
  const { type, text, image } = (part ?? {}) as Record<string, unknown>;
  return (type === "text" && typeof text === "string") || (type === "image" && typeof image === "string");
}

/** An estimate: providers count with tables of their own. Four characters of Latin text are about a token; of others,
 * one or two. */
export function tokens(text: string): number {
  const known = counted.get(text);
  if (known !== undefined) return known;
  const wide = WIDE.test(text) ? (text.match(ALL_WIDE)?.length ?? 0) : 0;
  const count = Math.ceil((text.length - wide) / 4 + wide * 0.7);
  if (counted.size >= 100) counted.clear();
  counted.set(text, count);
  return count;
}
const WIDE = /[^\u0000-\u02ff]/;
const ALL_WIDE = /[^\u0000-\u02ff]/gu;
/** The same texts are counted again on every keystroke in another. */
const counted = new Map<string, number>();
