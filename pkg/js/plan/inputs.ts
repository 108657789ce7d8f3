/** What a caller passes in, checked as far as types are declared; what is inside of lists and dicts is checked when it is read. */
import { isWellFormed } from "../text.ts";
import type { Input } from "../types.ts";
import { type Dict, isDict, isPlain, known } from "./python.ts";
import { MAX_LENGTH } from "./run.ts";

/** An input as Rust writes it. */
export interface PlannedInput {
  readonly name: string;
  readonly type: NonNullable<Input["type"]> | "any";
  readonly required: boolean;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
}

type Check = (value: unknown) => boolean;
type Checked = PlannedInput & { readonly fits: Check };

/** Reads the inputs of a render. */
export class Inputs {
  readonly #inputs: readonly Checked[];
  readonly #open: boolean;
  /** What an optional input is that was left out. */
  readonly #missing: symbol;

  constructor(inputs: readonly PlannedInput[], open: boolean, missing: symbol) {
    this.#inputs = inputs.map((input) => ({ ...input, fits: check(input) }));
    this.#open = open;
    this.#missing = missing;
  }

  /** The value of each, or `undefined` where the engine has to look. */
  read(given: unknown): unknown[] | undefined {
    if (!isPlainDict(given)) return undefined;
    const values: unknown[] = [];
    let found = 0;
    for (let i = 0; i < this.#inputs.length; i++) {
      const input = this.#inputs[i] as Checked;
      let value = Object.hasOwn(given, input.name) ? given[input.name] : undefined;
      if (value !== undefined) found++;
      else if (input.required) return undefined;
      else value = input.default;
      if (value !== undefined && !input.fits(value)) return undefined;
      values.push(value === undefined ? this.#missing : value);
    }
    if (this.#open) return values;
    let all = 0;
    for (const _ in given) all++;
    return all === found && Object.getOwnPropertySymbols(given).length === 0 ? values : undefined;
  }
}

function check({ type, enum: allowed }: PlannedInput): Check {
  const fits = checks[type] ?? (() => false);
  return allowed === undefined ? fits : (value) => allowed.includes(value) && fits(value);
}

const isText: Check = (value) => typeof value === "string" && value.length <= MAX_LENGTH && isWellFormed(value);
const isBool: Check = (value) => typeof value === "boolean";
/** One that is an integer would be printed with its `.0`. */
const isFloat: Check = (value) => Number.isFinite(value) && !Number.isInteger(value);

const checks: Readonly<Record<string, Check>> = {
  any: (value) => (typeof value === "string" ? isText(value) : known(value) === value),
  str: isText,
  int: Number.isSafeInteger,
  float: isFloat,
  bool: isBool,
  dict: isPlainDict,
  list: Array.isArray,
  "list[str]": listOf(isText),
  "list[int]": listOf(Number.isSafeInteger),
  "list[float]": listOf(isFloat),
  "list[bool]": listOf(isBool),
};

function listOf(fits: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (let i = 0; i < value.length; i++) if (!fits(value[i])) return false;
    return true;
  };
}

function isPlainDict(value: unknown): value is Dict {
  return isDict(value) && isPlain(value);
}
