/** Whether a value has a type: `crates/prompt/src/typed.rs` and `inputs.rs`. */
import { more } from "../plan/extra.ts";
import { type Dict, isDict, stop } from "../plan/python.ts";
import type { Input, Issue } from "../types.ts";
import { equal, first, isImage, isInteger, isNumber, kind, oneOf, size } from "./data.ts";
import { MAX_NAMES, MAX_TURN_VALUES } from "../wire.ts";
import { Reader, below } from "./reader.ts";
import { suggest } from "./suggest.ts";

/** Limits of inputs: bytes, values and depth. */
const MAX_BYTES = 4 << 20;
const MAX_VALUES = 100_000;
const MAX_DEPTH = 64;

const EXPECTED: Readonly<Record<string, string>> = { image: "image (an https URL or a data:image/…;base64, URL)" };

/** Names that are accepted without being inputs. */
interface Passing {
  /** Whether missing and unknown inputs are accepted. */
  readonly isOpen: boolean;
  readonly globals: readonly string[];
}

/** Every issue of inputs that a walk has accepted. */
export function checkInputs(inputs: readonly Input[], { isOpen, globals }: Passing, given: unknown): Issue[] {
  const reader = new Reader();
  if (!isDict(given)) {
    reader.wrongType("", "dict", given);
    return reader.told();
  }
  const turns = inputs.filter(({ type }) => type === "messages").map(({ name }) => name);
  const limit = tooMuch(given, turns);
  if (limit !== undefined) {
    reader.issue(limit[0], "", limit[1]);
    return reader.told();
  }
  const has = (name: string) => Object.hasOwn(given, name);
  for (const input of inputs) {
    const { name, type } = input;
    if (has(name)) fitInput(reader, input, given[name], below("", name));
    else if (!isOpen && isRequired(input))
      reader.issue("missing_input", below("", name), `\`${name}\` is required`, { expected: type });
  }
  const names = inputs.map(({ name }) => name);
  for (const name of Object.keys(given)) {
    if (isOpen || names.includes(name) || globals.includes(name) || reader.isFull) continue;
    // A given input is never suggested for a misspelt one.
    const suggestion = suggest(
      name,
      names.filter((other) => !has(other)),
    );
    reader.issue("unknown_input", below("", name), `there is no input \`${first(name, 64)}\``, { suggestion });
  }
  return reader.told();
}

/** Whether a render fails without it. */
export function isRequired({ required, default: other }: Input): boolean {
  return required ?? other === undefined;
}

/** The detail of the error with these issues. */
export function detailOf(issues: readonly Issue[]): string {
  const [only] = issues;
  if (only === undefined || issues.length > 1) return `${issues.length} issues`;
  return only.pointer === "" ? only.message : `${only.pointer}: ${only.message}`;
}

/** Type, `enum` and `schema`. */
export function fitInput(reader: Reader, { type, enum: allowed, schema }: Input, value: unknown, at: string): void {
  const before = reader.issues.length;
  fit(reader, value, type, at);
  if (reader.issues.length > before) return;
  if (allowed !== undefined && !allowed.some((one) => equal(one, value))) {
    const expected = oneOf(allowed);
    const received = type === "float" ? "float" : type === "int" ? "int" : kind(value);
    reader.issue("not_in_enum", at, `expected ${expected}`, { expected, received });
  } else if (schema !== undefined) (more() ?? stop()).checkSchema(schema, reader, value, at);
}

function fit(reader: Reader, value: unknown, type: string, at: string): void {
  const [, item] = /^list\[(\w+)\]$/.exec(type) ?? [];
  if (type === "messages" && Array.isArray(value)) more()?.readTurns(reader, value, at);
  else if (item !== undefined && Array.isArray(value))
    value.forEach((one, i) => hasType(one, item) || reader.isFull || fit(reader, one, item, below(at, i)));
  else if (!hasType(value, type)) reader.wrongType(at, EXPECTED[type] ?? type, value);
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case "any":
      return true;
    case "int":
      return isInteger(value) || (Number.isInteger(value) && Math.abs(value as number) <= 2 ** 53);
    case "float":
      return isNumber(value) && (typeof value !== "bigint" || (value <= 2n ** 53n && value >= -(2n ** 53n)));
    case "image":
      return typeof value === "string" && isImage(value);
    default:
      return kind(value) === type;
  }
}

function tooMuch(given: Dict, turns: readonly string[]): readonly [code: string, message: string] | undefined {
  let [bytes, values, deep, most, inTurns] = [0, 0, false, 0, 0];
  const add = (value: unknown, depth: number): void => {
    values++;
    if (typeof value === "string") bytes += size(value);
    else if (typeof value !== "object" || value === null) bytes += 8;
    else if (depth === MAX_DEPTH) deep = true;
    else if (Array.isArray(value)) for (const item of value) add(item, depth + 1);
    else members(value as Dict, depth);
  };
  const members = (dict: Dict, depth: number): void => {
    const names = Object.keys(dict);
    most = Math.max(most, names.length);
    for (const key of names) {
      const before = values;
      bytes += size(key);
      add(dict[key], depth + 1);
      if (depth === 0 && turns.includes(key)) inTurns += values - before;
    }
  };
  members(given, 0);
  if (deep) return ["too_deep", `the inputs have more than ${MAX_DEPTH} levels`];
  if (bytes > MAX_BYTES) return ["too_large", `the inputs are over ${MAX_BYTES} bytes`];
  if (values > MAX_VALUES) return ["too_large", `the inputs have more than ${MAX_VALUES} values`];
  if (most > MAX_NAMES) return ["too_large", `a dict of the inputs has more than ${MAX_NAMES} names`];
  if (inTurns > MAX_TURN_VALUES) return ["too_large", `the conversations have more than ${MAX_TURN_VALUES} values`];
  return undefined;
}
