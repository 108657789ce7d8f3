/**
 * The inputs of a render on their way into the engine (`src/packed.rs` has the form and reads it): words that say what
 * there is, and all short texts as one, which is encoded at once, straight into the engine's memory. What is rare or
 * wrong is not of this form; the walk (`wire.ts`) copies that, or tells what is wrong with it.
 */
import { reserve } from "./engine.ts";
import { isWellFormed } from "./text.ts";
import { keysOf, MAX_BYTES, MAX_DEPTH, MAX_INPUT, MAX_NAMES, MAX_NODES } from "./wire.ts";

/** A text of at least this length is encoded alone: copying it to the others would cost more. */
const LONG = 1_024;
/** A number that fits in the word itself. */
const SMALL = 2 ** 27;

const NULL = 0;
const FALSE = 1;
const TRUE = 2;
const SMALL_INT = 3;
const INT = 4;
const FLOAT = 5;
const STRING = 6;
const LIST = 7;
const DICT = 8;
const DICT_OF_SAME_KEYS = 9;
const NOTHING = 10;
const ENCODED = 11;

/** Thrown for a value that has no place in this form. */
const OTHER = Symbol("other");

const encoder = new TextEncoder();
const objectPrototype = Object.prototype;
const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);

/** Kept between two packings; a nested one (begun by a getter) makes its own. */
let spare: Packer | null = null;

/** Packed inputs, in the engine's memory: how many words there are, and the bytes of all. */
export interface Packed {
  readonly words: number;
  readonly length: number;
}

/** Packs inputs, of which only `names` are read where they are given; `undefined`: a walk has to look. */
export function pack(inputs: unknown, names?: readonly string[]): Packed | undefined {
  const packer = spare ?? new Packer();
  spare = null;
  try {
    return packer.pack(inputs, names);
  } catch {
    return undefined; // also what a getter or a Proxy throws
  } finally {
    spare = packer;
  }
}

class Packer {
  #words = new Uint32Array(4_096);
  #length = 0;
  /** The texts since the last long one. */
  #text = "";
  /** What came before them, and for each long text where its word is. */
  readonly #pieces: { readonly text: string; readonly at?: number }[] = [];
  #nodes = 0;
  /** UTF-16 units of all texts. */
  #units = 0;
  /** Of each depth, the keys of its last dict. */
  readonly #keys: (readonly string[])[] = [];

  pack(inputs: unknown, names: readonly string[] | undefined): Packed | undefined {
    this.#length = 0;
    this.#text = "";
    this.#pieces.length = 0;
    this.#nodes = 0;
    this.#units = 0;
    this.#keys.length = 0;
    if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs)) return undefined;
    this.#dict(inputs, 0, names);
    this.#pieces.push({ text: this.#text });
    let units = 0;
    for (const { text } of this.#pieces) {
      units += text.length;
    }
    if (units > MAX_INPUT || !this.#pieces.every(({ text }) => isWellFormed(text))) return undefined;
    const words = this.#length * 4;
    // A unit of UTF-16 takes at most 3 bytes. How many it takes is counted only where those would be too many.
    let room = words + units * 3;
    if (room > MAX_BYTES) room = this.#pieces.reduce((sum, { text }) => sum + bytesOf(text), words);
    return room > MAX_BYTES ? undefined : this.#put(reserve(room));
  }

  #put(memory: Uint8Array): Packed {
    const words = this.#length;
    let length = words * 4;
    for (const { text, at } of this.#pieces) {
      const { written } = encoder.encodeInto(text, memory.subarray(length));
      if (at !== undefined) this.#words[at] = (written << 4) | ENCODED;
      length += written;
    }
    this.#pieces.length = 0;
    memory.set(new Uint8Array(this.#words.buffer, 0, words * 4));
    return { words, length };
  }

  #value(value: unknown, depth: number): void {
    if (++this.#nodes > MAX_NODES) throw OTHER;
    switch (typeof value) {
      case "string":
        return this.#string(value);
      case "number":
        return this.#number(value);
      case "boolean":
        return this.#word(value ? TRUE : FALSE, 0);
      case "object":
        if (value === null) return this.#word(NULL, 0);
        return Array.isArray(value) ? this.#list(value, depth) : this.#dict(value, depth);
      default:
        throw OTHER;
    }
  }

  #string(value: string): void {
    this.#units += value.length;
    if (this.#units > MAX_INPUT) throw OTHER;
    if (value.length < LONG) {
      this.#word(STRING, value.length);
      this.#text += value;
    } else {
      this.#pieces.push({ text: this.#text }, { text: value, at: this.#length });
      this.#text = "";
      this.#word(ENCODED, 0);
    }
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value)) {
      if (value === 0 && Object.is(value, -0)) throw OTHER;
      if (value < SMALL && value >= -SMALL) return this.#word(SMALL_INT, value);
      this.#word(INT, 0);
      this.#raw(value >>> 0);
      this.#raw(Math.floor(value / 4_294_967_296));
    } else if (Number.isFinite(value) && !Number.isInteger(value)) {
      double[0] = value;
      this.#word(FLOAT, 0);
      this.#raw(halves[0] as number);
      this.#raw(halves[1] as number);
    } else throw OTHER;
  }

  #list(items: readonly unknown[], depth: number): void {
    const { length } = items;
    // A Proxy may give any length.
    if (depth === MAX_DEPTH || !(length <= MAX_NODES) || length >>> 0 !== length) throw OTHER;
    this.#word(LIST, length);
    for (let i = 0; i < length; i++) this.#value(items[i], depth + 1);
  }

  #dict(source: object, depth: number, names?: readonly string[]): void {
    const prototype: unknown = Object.getPrototypeOf(source);
    if (prototype !== objectPrototype && prototype !== null) throw OTHER;
    if (depth === MAX_DEPTH) throw OTHER;
    let keys: readonly string[] = keysOf(source, names);
    const { length } = keys;
    if (length > MAX_NAMES) throw OTHER;
    if (names === undefined && Object.getOwnPropertySymbols(source).length > 0) throw OTHER;
    const last = this.#keys[depth];
    if (last !== undefined && areEqual(last, keys)) {
      keys = last;
      this.#word(DICT_OF_SAME_KEYS, length);
    } else {
      this.#word(DICT, length);
      for (let i = 0; i < length; i++) {
        const key = keys[i] as string;
        this.#word(STRING, key.length);
        this.#text += key;
      }
      while (this.#keys.length < depth) this.#keys.push([]);
      this.#keys[depth] = keys;
    }
    for (let i = 0; i < length; i++) {
      const value = (source as Record<string, unknown>)[keys[i] as string];
      if (value === undefined) this.#word(NOTHING, 0);
      else this.#value(value, depth + 1);
    }
  }

  #word(kind: number, number: number): void {
    this.#raw((number << 4) | kind);
  }

  #raw(word: number): void {
    if (this.#length === this.#words.length) {
      const grown = new Uint32Array(this.#length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[this.#length++] = word;
  }
}

/** The bytes of a text as UTF-8. */
function bytesOf(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Each half of a pair has two of its four bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit & 0xf800) !== 0xd800 ? 2 : 1;
  }
  return bytes;
}

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
