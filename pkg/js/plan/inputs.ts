/** A caller's inputs, checked as far as types are declared; the contents of lists and dicts are checked when they are
 * read. */
import { copy, isImage } from "../check/data.ts";
import { conversationOf, fitsInput } from "../checks.ts";
import { isRequired } from "../check/typed.ts";
import { namesIn } from "../names.ts";
import { isWellFormed } from "../text.ts";
import type { Input } from "../types.ts";
import { hasKey, MAX_INPUT, MAX_NODES } from "../wire.ts";
import { more } from "./extra.ts";
import { type Dict, isDict, isList, isPlain, known, stop } from "./python.ts";
import { MAX_LENGTH } from "./run.ts";

/** The engine's units of work for a value of the inputs, and for one where some are messages; and the bytes for which it
 * takes one. */
const VALUE_WORK = 2;
const TURN_WORK = 6;
const WORK_BYTES = 128;

type InputTest = (value: unknown) => boolean;
interface CheckedInput {
  readonly name: string;
  readonly isRequired: boolean;
  readonly other: unknown;
  readonly fits: InputTest;
  /** Whether the whole value is examined, and a copy of it is used. */
  readonly isCopied: boolean;
}

/** Reads the inputs of a render. */
export class InputReader {
  readonly #inputs: readonly CheckedInput[];
  readonly #names: ReadonlySet<string>;
  readonly #globals: readonly string[] | undefined;
  /** The value of an optional input that is left out. */
  readonly #missing: symbol;
  /** The demonstrations, behind all inputs. */
  readonly #rows: unknown;
  readonly #valueWork: number;
  /** The steps of examining the inputs that were last read. */
  #examined = 0;

  /** `globals`: where all that is not read passes, the names beside the inputs that would be read. `conversations`: the
   * inputs whose messages are read anyway, where they are written. */
  constructor(
    inputs: readonly Input[],
    globals: readonly string[] | undefined,
    missing: symbol,
    rows: unknown,
    conversations: ReadonlySet<string | undefined>,
  ) {
    this.#inputs = inputs.map((input) => ({
      name: input.name,
      isRequired: isRequired(input) && globals === undefined,
      other: input.default,
      fits:
        input.type === "messages" && conversations.has(input.name)
          ? Array.isArray
          : check(input, (steps) => (this.#examined += steps)),
      isCopied: isCopied(input),
    }));
    this.#names = new Set(inputs.map(({ name }) => name));
    this.#globals = globals;
    this.#missing = missing;
    this.#rows = rows;
    this.#valueWork = inputs.some(({ type }) => type === "messages") ? TURN_WORK : VALUE_WORK;
  }

  /** The value of each, or `undefined` where the engine must decide. */
  read(given: unknown): unknown[] | undefined {
    if (!isPlainDict(given)) return undefined;
    const globals = this.#globals;
    const has = globals === undefined ? Object.hasOwn : hasKey;
    const values: unknown[] = [];
    let found = 0;
    this.#examined = 0;
    for (let i = 0; i < this.#inputs.length; i++) {
      const input = this.#inputs[i] as CheckedInput;
      let value = has(given, input.name) ? given[input.name] : undefined;
      if (value !== undefined) found++;
      else if (input.isRequired) return undefined;
      else value = input.other;
      if (value !== undefined) {
        if (input.isCopied) value = copy(value);
        if (!input.fits(value)) return undefined;
      }
      values.push(value === undefined ? this.#missing : value);
    }
    if (this.#rows !== undefined) values.push(this.#rows);
    if (globals !== undefined) return globals.some((name) => has(given, name)) ? undefined : values;
    const names = namesIn(given);
    const isKnown = names.length === found && names.every((name) => this.#names.has(name));
    return isKnown && Object.getOwnPropertySymbols(given).length === 0 ? values : undefined;
  }

  /** Whether the engine would read these values, too, with so much work left. */
  canBeRead(values: readonly unknown[], left: number): boolean {
    const [each, rest] = [this.#valueWork, left - this.#examined];
    const most = MAX_NODES * each + MAX_INPUT / WORK_BYTES;
    return rest >= most || afterReading(values, each, rest) >= 0;
  }
}

/** The units of work that are left of `left`; less than 0 where they are not enough. */
function afterReading(values: readonly unknown[], each: number, left: number): number {
  for (let i = 0; i < values.length && left >= 0; i++) {
    const value = values[i];
    left -= each + bytesOf(value) / WORK_BYTES;
    if (Array.isArray(value)) left = afterReading(value, each, left);
    else if (isDict(value)) left = afterMembers(value, each, left);
  }
  return left;
}

function afterMembers(dict: Dict, each: number, left: number): number {
  const names = namesIn(dict);
  for (let i = 0; i < names.length && left >= 0; i++) {
    const name = names[i] as string;
    left = afterReading([dict[name]], each, left - bytesOf(name) / WORK_BYTES);
  }
  return left;
}

/** The most bytes that the engine counts for a text, or for another value. */
function bytesOf(value: unknown): number {
  return typeof value === "string" ? value.length * 3 : 8;
}

function isCopied({ type, schema }: Input): boolean {
  return schema !== undefined || type === "messages";
}

function check(input: Input, spend: (steps: number) => void): InputTest {
  const { type, enum: allowed, schema } = input;
  const fits = inputTest(type) ?? (() => false);
  if ((type === "messages" || schema !== undefined) && more() === undefined) stop();
  if (schema !== undefined) return (value) => fits(value) && fitsInput(input, value, spend);
  return allowed === undefined ? fits : (value) => allowed.includes(value as never) && fits(value);
}

/** The test of a type; `undefined` where plans do not know it. */
export function inputTest(type: Input["type"]): InputTest | undefined {
  switch (type) {
    case "any":
      return (value) => (typeof value === "string" ? isText(value) : known(value) === value);
    case "str":
      return isText;
    case "int":
      return Number.isSafeInteger;
    case "float":
      return isFloat;
    case "bool":
      return (value) => typeof value === "boolean";
    case "image":
      return (value) => isText(value) && isImage(value as string);
    case "messages":
      return (value) => conversationOf(value) !== undefined;
    case "dict":
      return isPlainDict;
    case "list":
      return (value) => Array.isArray(value) && isList(value);
    case "list[str]":
      return listOf(isText);
    case "list[int]":
      return listOf(Number.isSafeInteger);
    case "list[float]":
      return listOf(isFloat);
    case "list[bool]":
      return listOf((value) => typeof value === "boolean");
    default:
      return undefined;
  }
}

const isText: InputTest = (value) => typeof value === "string" && value.length <= MAX_LENGTH && isWellFormed(value);
/** An integral one would be printed with its `.0`. */
const isFloat: InputTest = (value) => Number.isFinite(value) && !Number.isInteger(value);

/** The texts are counted together, as they may be the same one many times. */
function listOf(fits: InputTest): InputTest {
  return (value) => {
    if (!Array.isArray(value) || !isList(value)) return false;
    let units = 0;
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === "string") units += item.length;
      if (units > MAX_INPUT || !fits(item)) return false;
    }
    return true;
  };
}

function isPlainDict(value: unknown): value is Dict {
  return isDict(value) && isPlain(value);
}
