/**
 * The wall: one strict walk over what a caller passes in, which copies it into one flat buffer (`src/wire.rs` reads
 * it). Nothing is changed in silence: a value either has an exact counterpart or is an issue, and all issues are found
 * at once.
 */
import { forgetNames, keepNames, type KeptNames, keptNames, namesIn } from "./names.ts";
import { isWellFormed } from "./text.ts";
import type { Issue } from "./types.ts";

/** Depth of lists and dicts. */
export const MAX_DEPTH = 64;
/** Values of all levels together. */
export const MAX_NODES = 100_000;
/** Names of one dict of inputs. */
export const MAX_NAMES = 20_000;
/** Values of all conversations together. */
export const MAX_TURN_VALUES = 32_000;
/** Bytes of the flat form. */
export const MAX_BYTES = 8 * 1024 * 1024;
/** UTF-16 units of all texts of inputs, and of a document: fewer than the bytes that the engine allows. */
export const MAX_INPUT = 4 << 20;
export const MAX_DOCUMENT = 1 << 20;
/** The most issues that are reported. */
const MAX_ISSUES = 50;

const NULL = 0;
const FALSE = 1;
const TRUE = 2;
const INT = 3;
const FLOAT = 4;
const STRING = 5;
const LIST = 6;
const DICT = 7;

const encoder = /* @__PURE__ */ new TextEncoder();
const objectPrototype = Object.prototype;
const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;

/** What a walk gives: the bytes, valid until the next walk, and what had no counterpart. */
export interface Walked {
  readonly bytes: Uint8Array;
  readonly issues: Issue[];
  /** The first exception of a getter or a Proxy. */
  readonly cause: unknown;
}

/** The kind of value that is walked: words for messages, and which members accept any double. */
export interface Shape {
  /** `inputs` or `document`. */
  readonly what: string;
  /** UTF-16 units of all texts, at most. */
  readonly units?: number;
  /** Names of one dict, at most. */
  readonly most?: number;
  /** The names that were listed before. */
  readonly kept?: KeptNames | undefined;
  /** The members that are conversations. */
  readonly turns?: ReadonlySet<string>;
  /** The members that are read, where all others are ignored. */
  readonly names?: readonly string[] | undefined;
  /** Names of members whose numbers are floats, so that an integer beyond 2^53 is one too, and -0 keeps its sign. */
  readonly floats?: ReadonlySet<string>;
  /** Whether it comes from a store, which has checked it: values are not counted, and integers beyond 2^53 are
   * floats. */
  readonly isStored?: boolean;
}

interface Frame {
  readonly source: object;
  /** `null` for a list. */
  readonly keys: readonly string[] | null;
  readonly length: number;
  /** Where the number of entries was written, to correct it when one is left out. */
  readonly at: number;
  next: number;
  written: number;
}

/** Kept between walks; a nested walk (begun by a getter) makes its own. */
let spare: Uint8Array | null = null;

/** Copies `value`, which must be a plain object, into the flat form. */
export function walk(value: unknown, shape: Shape): Walked {
  const bytes = spare ?? new Uint8Array(16_384);
  spare = null;
  const before = keepNames(shape.kept ?? keptNames());
  const walker = new Walker(bytes, shape);
  try {
    walker.run(value);
    return { bytes: walker.bytes.subarray(0, walker.length), issues: walker.issues, cause: walker.cause };
  } finally {
    forgetNames(before);
    spare = walker.bytes.length <= 1 << 20 ? walker.bytes : bytes;
  }
}

class Walker {
  bytes: Uint8Array;
  length = 0;
  readonly issues: Issue[] = [];
  cause: unknown;
  readonly #shape: Shape;
  readonly #frames: Frame[] = [];
  #view: DataView;
  #nodes = 0;
  #turnNodes = 0;
  #units = 0;
  #full = false;

  constructor(bytes: Uint8Array, shape: Shape) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.#shape = shape;
  }

  run(root: unknown): void {
    try {
      if (typeof root === "object" && root !== null && !Array.isArray(root) && isPlain(root)) {
        this.#enter(root, false);
      } else {
        const received = kindOf(root);
        this.#issue("wrong_type", `the ${this.#shape.what} must be a plain object`, "dict", received);
      }
    } catch (error) {
      this.#unreadable(error);
    }
    if (this.#frames.length === 0 && !this.#full) this.#byte(NULL);
    for (let frame = this.#frames.at(-1); frame !== undefined && !this.#full; frame = this.#frames.at(-1)) {
      if (frame.next === frame.length) {
        this.#view.setUint32(frame.at, frame.written, true);
        this.#frames.pop();
      } else {
        this.#member(frame, frame.next++);
      }
    }
  }

  /** One item of a list or one entry of a dict. */
  #member(frame: Frame, index: number): void {
    const key = frame.keys === null ? null : (frame.keys[index] ?? "");
    let value: unknown;
    try {
      value = (frame.source as Record<string | number, unknown>)[key ?? index];
    } catch (error) {
      this.#unreadable(error);
    }
    if (value === undefined) {
      if (key === null) {
        this.#issue("missing_input", "a list has nothing at this index", undefined, "undefined");
        this.#byte(NULL);
        frame.written++;
      }
      return; // a member without a value counts as left out
    }
    if (key !== null) this.#text(key);
    frame.written++;
    this.#value(value);
  }

  #value(value: unknown): void {
    if (++this.#nodes > MAX_NODES && !this.#shape.isStored)
      return this.#stop(`over ${MAX_NODES.toLocaleString("en")} values`);
    if (this.#isTurn() && ++this.#turnNodes > MAX_TURN_VALUES)
      return this.#stop(`over ${MAX_TURN_VALUES.toLocaleString("en")} values in conversations`);
    switch (typeof value) {
      case "string":
        this.#byte(STRING);
        return this.#text(value);
      case "number":
        return this.#number(value);
      case "boolean":
        return this.#byte(value ? TRUE : FALSE);
      case "bigint":
        return this.#bigint(value);
      case "object":
        return value === null ? this.#byte(NULL) : this.#object(value);
      default:
        return this.#unsupported(value);
    }
  }

  #number(value: number): void {
    const isInteger = Number.isInteger(value);
    if (isInteger && Number.isSafeInteger(value) && !(value === 0 && this.#isNegativeZero(value))) {
      this.#room(9);
      this.bytes[this.length] = INT;
      // two halves: a BigInt for each number would be garbage
      this.#view.setUint32(this.length + 1, value >>> 0, true);
      this.#view.setInt32(this.length + 5, Math.floor(value / 4_294_967_296), true);
      this.length += 9;
    } else if (!Number.isFinite(value)) {
      this.#issue("not_finite", "the number is not finite", "a finite number", "float");
      this.#byte(NULL);
    } else if (isInteger && !this.#isFloat()) {
      this.#issue("unsafe_integer", "the integer is beyond 2^53 - 1 and may not be exact; pass a BigInt", "int", "int");
      this.#byte(NULL);
    } else {
      this.#room(9);
      this.bytes[this.length] = FLOAT;
      this.#view.setFloat64(this.length + 1, value, true);
      this.length += 9;
    }
  }

  #bigint(value: bigint): void {
    if (value < I64_MIN || value > I64_MAX) {
      this.#issue("unsafe_integer", "the integer is outside 64 bits", "int", "int");
      return this.#byte(NULL);
    }
    this.#room(9);
    this.bytes[this.length] = INT;
    this.#view.setBigInt64(this.length + 1, value, true);
    this.length += 9;
  }

  /** Only a float can be -0: without a declared type, JavaScript's numbers have one kind. */
  #isNegativeZero(value: number): boolean {
    return Object.is(value, -0) && !this.#shape.isStored && this.#isFloat();
  }

  /** Whether the value belongs to a member that was declared `float` or `list[float]`, or can be nothing else. */
  #isFloat(): boolean {
    if (this.#shape.isStored) return true;
    const name = this.#rootName();
    return this.#frames.length <= 2 && name !== undefined && this.#shape.floats?.has(name) === true;
  }

  /** Whether the value belongs to a conversation. */
  #isTurn(): boolean {
    const { turns } = this.#shape;
    return turns !== undefined && turns.size > 0 && turns.has(this.#rootName() ?? "");
  }

  #rootName(): string | undefined {
    const root = this.#frames[0];
    return root?.keys?.[root.next - 1];
  }

  #object(value: object): void {
    if (this.#frames.length >= MAX_DEPTH) {
      this.#issue("too_deep", `nested deeper than ${MAX_DEPTH} levels`, undefined, kindOf(value));
      return this.#byte(NULL);
    }
    for (const frame of this.#frames) {
      if (frame.source === value) {
        this.#issue("cycle", "the value contains itself", undefined, kindOf(value));
        return this.#byte(NULL);
      }
    }
    try {
      if (Array.isArray(value)) return this.#enter(value, true);
      if (isPlain(value)) return this.#enter(value, false);
    } catch (error) {
      this.#unreadable(error);
      return this.#byte(NULL);
    }
    this.#unsupported(value);
  }

  /** Starts a list or a dict; a Proxy may throw. */
  #enter(source: object, isList: boolean): void {
    const names = this.#frames.length === 0 ? this.#shape.names : undefined;
    const keys = isList ? null : keysOf(source, names);
    const length = keys === null ? (source as unknown[]).length : keys.length;
    const { most = length } = this.#shape;
    if (keys !== null && length > most) return this.#stop(`over ${most.toLocaleString("en")} names of a dict`);
    // A Proxy may give any length.
    if (!Number.isSafeInteger(length) || length < 0) {
      this.#issue("unreadable", "the list has no length", undefined, "list");
      return this.#byte(NULL);
    }
    if (keys !== null && names === undefined && Object.getOwnPropertySymbols(source).length > 0) {
      this.#issue("unsupported_type", "a key is a symbol", "str", "symbol");
    }
    if (length > MAX_NODES && !this.#shape.isStored) return this.#stop(`over ${MAX_NODES.toLocaleString("en")} values`);
    this.#room(5);
    this.bytes[this.length] = keys === null ? LIST : DICT;
    const at = this.length + 1;
    this.length += 5;
    this.#frames.push({ source, keys, length, at, next: 0, written: 0 });
  }

  #unsupported(value: unknown): void {
    const kind = kindOf(value);
    const hint = kind === "Promise" ? "; is an `await` missing?" : "";
    this.#issue("unsupported_type", `a ${kind} has no counterpart in a template${hint}`, "plain data", kind);
    this.#byte(NULL);
  }

  #unreadable(error: unknown): void {
    this.cause ??= error;
    this.#issue("unreadable", "reading the value threw an error", undefined, undefined);
  }

  #text(text: string): void {
    const { length } = text;
    const { units = MAX_BYTES } = this.#shape;
    this.#units += length;
    if (this.#units > units) return this.#stop(`over ${units >> 20} MiB`);
    // three bytes hold any UTF-16 unit
    this.#room(4 + length * 3);
    const start = this.length + 4;
    let written = 0;
    if (length < 64) {
      while (written < length) {
        const unit = text.charCodeAt(written);
        if (unit > 127) break;
        this.bytes[start + written++] = unit;
      }
    }
    if (written < length) {
      if (!isWellFormed(text))
        this.#issue("invalid_unicode", "the text has half of a surrogate pair", "well-formed text", "str");
      written = encoder.encodeInto(text, this.bytes.subarray(start)).written;
    }
    this.#view.setUint32(this.length, written, true);
    this.length = start + written;
    if (this.length > MAX_BYTES) this.#stop("over 8 MiB");
  }

  #byte(tag: number): void {
    this.#room(1);
    this.bytes[this.length++] = tag;
  }

  #room(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  #stop(why: string): void {
    this.#full = true;
    this.issues.push({ code: "too_large", pointer: "", message: `the ${this.#shape.what} are too large: ${why}` });
  }

  #issue(code: Issue["code"], message: string, expected?: string, received?: string): void {
    if (this.issues.length >= MAX_ISSUES) return;
    const pointer = this.#frames
      .map((frame) => `/${escape(frame.keys?.[frame.next - 1] ?? String(frame.next - 1))}`)
      .join("");
    this.issues.push({ code, pointer, message, ...(expected && { expected }), ...(received && { received }) });
  }
}

const { propertyIsEnumerable: isEnumerable } = Object.prototype;

/** Whether `Object.keys` has the name. */
export function hasKey(source: object, name: string): boolean {
  return isEnumerable.call(source, name);
}

/** The names of all members, or those in `names`. */
export function keysOf(source: object, names: readonly string[] | undefined): readonly string[] {
  return names === undefined ? namesIn(source) : names.filter((name) => hasKey(source, name));
}

/** An object literal's prototype, of this realm or another, or none at all. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === objectPrototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf");
}

/** The kind of a value, in the words of input types where they have one. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (typeof value !== "object") return typeof value;
  try {
    if (Array.isArray(value)) return "list";
    if (isPlain(value)) return "dict";
    if (value instanceof Promise) return "Promise";
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    return tag === "Object" ? "class instance" : tag;
  } catch {
    return "object";
  }
}

function escape(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
