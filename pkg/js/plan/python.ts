/** Python's behaviour with plain values. Where JavaScript might differ, `stop`: the engine is asked then. */
import { namesIn } from "../names.ts";
import { isWellFormed } from "../text.ts";
import { MAX_NAMES } from "../wire.ts";
import type { Operator } from "./nodes.ts";

/** The value of a missing name or attribute under `strict`, and under `lenient`. */
export const STRICT = Symbol("strict undefined");
export const LENIENT = Symbol("lenient undefined");
/** The value of an optional input that is left out, under `strict`: false where it is tested. */
export const LEFT_OUT = Symbol("optional input left out");

export type Dict = Record<string, unknown>;

let reason: Error | undefined;

/** Ends a run by a plan. The error is made once, as its stack takes time. */
export function stop(): never {
  throw (reason ??= new Error("the engine has to look"));
}

export function isUndefined(value: unknown): value is symbol {
  return value === STRICT || value === LENIENT || value === LEFT_OUT;
}

/** The value, if it is of a kind that plans support: an array and a plain object are examined when they are read. */
export function known(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value)) ? value : stop();
    case "object":
      return value === null || (Array.isArray(value) ? isList(value) : isPlain(value)) ? value : stop();
    default:
      return isUndefined(value) ? value : stop();
  }
}

/** The most items of a list that the engine accepts. */
const MAX_ITEMS = 100_000;

/** Whether an array has a plausible length: a Proxy may give any. */
export function isList(value: readonly unknown[]): boolean {
  return Number.isInteger(value.length) && value.length >= 0 && value.length <= MAX_ITEMS;
}

/** Whether an object is a plain literal's, or has no prototype. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a known value is a dict. */
export function isDict(value: unknown): value is Dict {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `str(value)` */
export function str(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return number(value);
    case "boolean":
      return value ? "True" : "False";
    default:
      return value === null ? "None" : value === LENIENT ? "" : stop();
  }
}

/** Of a fraction `repr` writes no exponent, and both languages take the shortest digits. */
function number(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  return isFraction(value) ? String(value) : stop();
}

/** Steps besides for printing a number: the shortest digits of a float take the engine long. */
export function digitSteps(value: number): number {
  return Number.isInteger(value) ? 0 : 3;
}

/** Whether a number is no integer and one that Python, Rust and JavaScript print alike. */
export function isFraction(value: number): boolean {
  const size = Math.abs(value);
  return !Number.isInteger(value) && size >= 1e-4 && size < 1e15;
}

/** `bool(value)` of what is no dict. */
export function truth(value: unknown): boolean {
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return value !== "";
    case "number":
      return value !== 0;
    default:
      if (value === null || value === LENIENT || value === LEFT_OUT) return false;
      return Array.isArray(value) ? value.length > 0 : stop();
  }
}

/** `a == b`; two containers are left to the engine. */
export function equal(a: unknown, b: unknown): boolean {
  if (isUndefined(a) || isUndefined(b)) stop();
  const container = typeof a === "object" && a !== null;
  if (container && typeof b === "object" && b !== null) stop();
  if (container || typeof a === typeof b) return a === b;
  const numbers = isNumber(a) && isNumber(b);
  return numbers && Number(a) === Number(b);
}

/** Below, at or above 0 as `a` is to `b`; texts are ordered by code points, which JavaScript does not do. */
export function difference(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
  return isNumber(a) && isNumber(b) ? Number(a) - Number(b) : stop();
}

/** Up to here a quotient is not rounded over an integer. */
const MAX_QUOTIENT = 2 ** 31;

/** Arithmetic of integers; of texts, `+`. */
export function math(op: Operator, a: unknown, b: unknown): unknown {
  if (op === "+" && typeof a === "string" && typeof b === "string") return a + b;
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) stop();
  const [x, y] = [a as number, b as number];
  switch (op) {
    case "+":
      return exact(x + y);
    case "-":
      return exact(x - y);
    case "*":
      return exact(x * y);
  }
  if (y === 0 || Math.abs(x) > MAX_QUOTIENT || Math.abs(y) > MAX_QUOTIENT) stop();
  if (op === "//") return exact(Math.floor(x / y));
  if (op === "%") return exact(x - y * Math.floor(x / y));
  // An exact quotient is a float, which no number of JavaScript is.
  return op !== "/" || Number.isInteger(x / y) ? stop() : x / y;
}

/** An integer; 0 has no sign. */
function exact(value: number): number {
  return Number.isSafeInteger(value) ? value + 0 : stop();
}

/** `value[start:end]` */
export function slice(value: unknown, start: unknown, end: unknown): string | unknown[] {
  const at = (bound: unknown) =>
    bound === null ? undefined : Number.isSafeInteger(bound) ? (bound as number) : stop();
  const [from, to] = [at(start), at(end)];
  if (Array.isArray(value)) return value.slice(from, to);
  if (typeof value !== "string") stop();
  return SURROGATE.test(value) ? [...value].slice(from, to).join("") : value.slice(from, to);
}

const SURROGATE = /[\ud800-\udfff]/;

const MAX_JSON_DEPTH = 40;

/** `tojson(value, indent=spaces)`, of plain data; `pay` gets the size of every value. Without `isHtml` it is
 * `json.dumps`. */
export function toJson(
  value: unknown,
  spaces: number | null,
  pay: (steps: number) => void,
  isHtml = true,
  depth = 1,
): string {
  const plain = known(value);
  if (typeof plain === "string") {
    // Each character of a text that is not plain may be escaped by itself.
    pay(1 + (plain.length >> (PLAIN.test(plain) ? 3 : 1)));
    return jsonText(plain, isHtml);
  }
  pay(2);
  if (typeof plain !== "object" || plain === null) {
    if (typeof plain === "number") {
      pay(digitSteps(plain));
      return number(plain);
    }
    return plain === null ? "null" : typeof plain === "boolean" ? String(plain) : stop();
  }
  if (depth > MAX_JSON_DEPTH) stop();
  const inner = (item: unknown) => toJson(item, spaces, pay, isHtml, depth + 1);
  const isList = Array.isArray(plain);
  const names = isList ? [] : keys(plain as Dict);
  pay(names.length * 2);
  const parts = isList
    ? Array.from(plain, inner)
    : (isHtml ? sorted(names) : names).map((key) => `${jsonText(key, isHtml)}: ${inner((plain as Dict)[key])}`);
  const [open, close] = isList ? "[]" : "{}";
  if (parts.length === 0) return `${open}${close}`;
  if (spaces === null) return `${open}${parts.join(", ")}${close}`;
  const line = (levels: number) => `\n${" ".repeat(spaces * levels)}`;
  return `${open}${line(depth)}${parts.join(`,${line(depth)}`)}${line(depth - 1)}${close}`;
}

/** In the order of Python's and Rust's texts, which is that of UTF-16 where there are no surrogates. */
function sorted(texts: readonly string[]): string[] {
  return texts.some((text) => SURROGATE.test(text)) ? stop() : [...texts].sort();
}

/** The order of Python's and Rust's texts; of those without surrogates that of UTF-16 is the same. */
export function byCodePoint(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) stop();
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A text without characters that JSON escapes or that have a meaning in HTML. */
const PLAIN = /^[ !#-%(-;=?-[\]-~]*$/;

function jsonText(text: string, isHtml: boolean): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!isWellFormed(text)) stop();
  const json = JSON.stringify(text);
  if (!isHtml) return json;
  return json.replace(/[<>&'\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** `len(value)` of what is no dict. */
export function length(value: unknown): number {
  if (typeof value === "string") {
    let count = 0;
    for (const _ of value) count++;
    return count;
  }
  return Array.isArray(value) ? value.length : stop();
}

/** A dict's own value, `undefined` where it has none. */
export function member(dict: Dict, key: string): unknown {
  return Object.hasOwn(dict, key) ? dict[key] : undefined;
}

/** A member without a value counts as left out. */
export function keys(dict: Dict): readonly string[] {
  const all = namesIn(dict);
  if (all.length > MAX_NAMES || Object.getOwnPropertySymbols(dict).length > 0) stop();
  return all.some((key) => dict[key] === undefined) ? all.filter((key) => dict[key] !== undefined) : all;
}

/** The characters that `upper` and `lower` change in the same way in every version of Unicode: Latin-1. */
export function latin(value: unknown): string {
  return typeof value === "string" && !/[^\0-\xff]/.test(value) ? value : stop();
}

/** `text.strip()`, if only ASCII's white space is at the ends. */
export function strip(value: unknown): string {
  if (typeof value !== "string") return stop();
  let [start, end] = [0, value.length];
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(unit: number): boolean {
  if (unit > 0x7f) stop();
  return unit === 32 || (unit >= 9 && unit <= 13) || (unit >= 0x1c && unit <= 0x1f);
}

function isNumber(value: unknown): value is number | boolean {
  return typeof value === "number" || typeof value === "boolean";
}
