/** Plain data as Rust sees it: a value that a walk has accepted, or a copy made as strictly. */
import { type Dict, isDict, isFraction, isPlain, stop } from "../plan/python.ts";
import { namesIn } from "../names.ts";
import { isWellFormed } from "../text.ts";
import { MAX_INPUT } from "../wire.ts";

/** Depth of lists and dicts. */
const MAX_DEPTH = 60;
/** Values of all levels, of which the engine checks more in less time. */
const MAX_VALUES = 10_000;
/** White space and control characters. `\p{White_Space}` would take 0.6 ms of the import, whether it is used or not. */
const BLANK = /[\0-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { ignoreBOM: true });

/** The kind of a value, in the words of input types. A `bigint` is an integer that no double holds. */
export function kind(value: unknown): string {
  switch (typeof value) {
    case "string":
      return "str";
    case "boolean":
      return "bool";
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "list" : "dict";
    default:
      return isInteger(value) ? "int" : "float";
  }
}

export function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** Whether it is written as an integer: only a float can be -0. */
export function isInteger(value: unknown): boolean {
  return typeof value === "bigint" || (Number.isSafeInteger(value) && !Object.is(value, -0));
}

/** Equality of JSON Schema. */
export function equal(a: unknown, b: unknown): boolean {
  if (isNumber(a) && isNumber(b)) return a === b || Number(a) === Number(b);
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  if (!isDict(a)) return a === b;
  const keys = Object.keys(a);
  return (
    isDict(b) &&
    Object.keys(b).length === keys.length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]))
  );
}

/** A copy of a caller's value for a plan: stops at everything that a walk would report, and at large values, such as a
 * list that is in another one many times. */
export function copy(value: unknown, depth = 0, left = { values: MAX_VALUES, units: MAX_INPUT }): unknown {
  if (--left.values < 0) stop();
  switch (typeof value) {
    case "string":
      left.units -= value.length;
      return left.units >= 0 && isWellFormed(value) ? value : stop();
    case "boolean":
      return value;
    case "number":
      return Number.isSafeInteger(value) || isFraction(value) ? value : stop();
    case "object":
      break;
    default:
      return stop();
  }
  if (value === null) return null;
  if (depth > MAX_DEPTH) stop();
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (let i = 0; i < value.length; i++) items.push(copy(value[i], depth + 1, left));
    return items;
  }
  if (!isPlain(value) || Object.getOwnPropertySymbols(value).length > 0) stop();
  const members: Dict = {};
  const names = namesIn(value);
  if (names.length > left.values) stop();
  for (const key of names) {
    const member = (value as Dict)[key];
    if (member === undefined) continue;
    if (key === "__proto__" || !isWellFormed(key)) stop();
    members[key] = copy(member, depth + 1, left);
  }
  return members;
}

/** JSON without white space. */
export function json(value: unknown): string {
  return JSON.stringify(copy(value));
}

/** A text that ends in `…` where it has more bytes. */
export function cut(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  const encoded = encoder.encode(text.slice(0, bytes + 1));
  if (encoded.length <= bytes) return text;
  let end = bytes;
  while ((encoded[end] as number) >> 6 === 2) end--;
  return `${decoder.decode(encoded.subarray(0, end))}…`;
}

/** `one of [1,2]` */
export function oneOf(values: readonly unknown[]): string {
  const text = cut(json(values), 400);
  return `one of ${text.endsWith("…") ? `${text.slice(0, -1).replace(/\ufffd+$/, "")}…` : text}`;
}

/** Bytes of UTF-8. */
export function size(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) bytes += unit > 0x7ff && unit >> 11 !== 27 ? 2 : 1;
  }
  return bytes;
}

export function namesSize(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + size(name), 0);
}

/** The first code points of a text. */
export function first(text: string, count: number): string {
  return text.length <= count ? text : [...text.slice(0, count * 2)].slice(0, count).join("");
}

/** Whether a text is an `https` URL or a `data:image/…;base64,` URL. */
export function isImage(text: string): boolean {
  const at = text.startsWith("data:image/") ? text.indexOf(";base64,", 11) : -1;
  if (at >= 0) return at > 11 && /^[A-Za-z0-9+/]+={0,2}$/.test(text.slice(at + 8));
  return /^https:\/\/[^/]/.test(text) && !BLANK.test(text);
}
