/** Whether a value fits a schema: the subset that `crates/prompt/src/schema` reads, with its words and its steps. */
import { canonical } from "../hash.ts";
import { byCodePoint, type Dict, isDict, stop } from "../plan/python.ts";
import { equal, isInteger, isNumber, json, kind, namesSize, oneOf, size } from "./data.ts";
import { MAX_ISSUES, type Reader, below } from "./reader.ts";
import { suggest } from "./suggest.ts";

const ISSUE = 4;
const TELL = 4;
const GUESS = 500;
const UNIQUE = 10;
const UNIQUE_BYTES = 16;
const EQUAL_BYTES = 256;
const LENGTH_BYTES = 64;
const HASH_BYTES = 16;

/** What is worked out once: of each schema, and the bytes of the names in listed values. */
const rulesOf = new WeakMap<object, Rules>();
const keyBytesOf = new WeakMap<object, number>();

/** The kinds of a schema's `type`, as issues call them. */
const KINDS: Readonly<Record<string, string>> = {
  null: "null",
  boolean: "bool",
  integer: "int",
  number: "float",
  string: "str",
  array: "list",
  object: "dict",
};

const BOUNDS = {
  minimum: ["at least", (value: number, bound: number) => value >= bound],
  maximum: ["at most", (value: number, bound: number) => value <= bound],
  exclusiveMinimum: ["more than", (value: number, bound: number) => value > bound],
  exclusiveMaximum: ["less than", (value: number, bound: number) => value < bound],
} as const;

const NO_NAMES = { names: [], bytes: 0 };
const COMPOSITIONS = ["allOf", "anyOf", "oneOf", "not"];

type Schema = Dict | boolean;

/** A schema as it is checked: one with very many members checks the same schema as often. */
interface Rules {
  readonly keywords: Dict;
  /** The values of `enum` and `const`, in the order in which these stand, and how many they are. */
  readonly listed: readonly (readonly unknown[])[];
  readonly count: number;
  /** The names of a `type`, each once. */
  readonly types: readonly string[] | undefined;
  readonly bounds: readonly (readonly [keyof typeof BOUNDS, unknown])[];
  readonly isComposed: boolean;
}

/** Notes where a value does not fit. */
export function checkSchema(schema: unknown, reader: Reader, value: unknown, at: string): void {
  check(schema as Schema, reader, value, at);
  reader.finish(at);
}

function check(schema: Schema, reader: Reader, value: unknown, at: string): void {
  const { keywords, listed, count, types, bounds, isComposed } = typeof schema === "boolean" ? ANY : read(schema);
  if (reader.isFull || !reader.works(1 + count)) return;
  if (schema === false) return mismatch(reader, at, "nothing here", kind(value));
  if (types !== undefined && !types.some((type) => hasType(type, value)))
    return mismatch(reader, at, types.map((type) => KINDS[type]).join(" or "), kind(value));
  if (count > 0 && !reader.works(comparing(listed, value))) return;
  for (const allowed of listed) {
    if (allowed.some((one) => equal(one, value))) continue;
    if (!reader.works(TELL * allowed.length)) return;
    mismatch(reader, at, reader.isQuiet ? "" : oneOf(allowed), kind(value));
  }
  if (Array.isArray(value)) checkList(keywords, reader, value, at);
  else if (isDict(value)) checkDict(keywords, reader, value, at);
  else if (typeof value === "string") checkLength(keywords, reader, value, at);
  else if (isNumber(value)) checkNumber(bounds, reader, value, at);
  if (isComposed) compositions(keywords, reader, value, at);
}

function read(schema: Dict): Rules {
  const known = rulesOf.get(schema);
  if (known !== undefined) return known;
  const entries = Object.entries(schema);
  const lists = entries.filter(([keyword]) => keyword === "enum" || keyword === "const");
  const listed = lists.map(([keyword, allowed]) => (keyword === "enum" ? (allowed as unknown[]) : [allowed]));
  const type = schema["type"];
  const rules = {
    keywords: schema,
    listed,
    count: listed.reduce((sum, { length }) => sum + length, 0),
    types: type === undefined ? undefined : Array.isArray(type) ? [...new Set<string>(type)] : [type as string],
    bounds: entries.filter((entry): entry is [keyof typeof BOUNDS, unknown] => Object.hasOwn(BOUNDS, entry[0])),
    isComposed: COMPOSITIONS.some((keyword) => schema[keyword] !== undefined),
  };
  rulesOf.set(schema, rules);
  return rules;
}

/** The rules of `true`, and of `false`, which is told before any is read. */
const ANY = read({});

/** Steps of comparing a value with the listed ones, in addition to one for each. */
function comparing(values: readonly (readonly unknown[])[], value: unknown): number {
  const listed = ["str", "list", "dict"].includes(kind(value)) ? values.flat() : [];
  const alike = listed.filter((one) => kind(one) === kind(value)).length;
  if (alike === 0) return 0;
  const named = typeof value === "string" ? 0 : values.flat().reduce((sum: number, one) => sum + keyBytes(one), 0);
  return alike * weight(value) + Math.floor(named / HASH_BYTES);
}

/** Bytes of the names of a dict's members, and of those of the dicts inside. */
function keyBytes(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const known = keyBytesOf.get(value);
  if (known !== undefined) return known;
  const own = isDict(value) ? namesSize(Object.keys(value)) : 0;
  const bytes = Object.values(value).reduce((sum: number, one) => sum + keyBytes(one), own);
  keyBytesOf.set(value, bytes);
  return bytes;
}

function weight(value: unknown): number {
  if (typeof value === "string") return Math.floor(size(value) / EQUAL_BYTES);
  if (!Array.isArray(value) && !isDict(value)) return 0;
  const inside = Object.values(value);
  return inside.reduce((sum: number, one) => sum + weight(one), inside.length);
}

function checkLength(rules: Dict, reader: Reader, text: string, at: string): void {
  const { minLength, maxLength } = rules;
  if (minLength === undefined && maxLength === undefined) return;
  if (!reader.works(Math.floor(size(text) / LENGTH_BYTES))) return;
  let length = 0;
  for (let i = 0; i < text.length; length++) i += (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
  count(reader, length, at, "characters", minLength, maxLength);
}

function hasType(type: string, value: unknown): boolean {
  if (type === "number") return isNumber(value);
  if (type === "integer") return isInteger(value) || (Number.isInteger(value) && Math.abs(value as number) <= 2 ** 53);
  return kind(value) === KINDS[type];
}

function checkDict(rules: Dict, reader: Reader, members: Dict, at: string): void {
  const { minProperties, maxProperties } = rules;
  const properties = (rules["properties"] ?? {}) as Dict;
  const additional = rules["additionalProperties"] as Schema | undefined;
  const required = (rules["required"] ?? []) as string[];
  const isLookedUp = additional !== undefined || !isEmpty(properties);
  const isCounted = minProperties !== undefined || maxProperties !== undefined;
  const { names, bytes: nameBytes } = isLookedUp || isCounted ? reader.namesOf(members) : NO_NAMES;
  count(reader, names.length, at, "members", minProperties, maxProperties);
  const bytes = Math.floor(namesSize(required) / HASH_BYTES) + Math.floor(nameBytes / LENGTH_BYTES);
  if (!reader.works(required.length + names.length + bytes)) return;
  for (const name of required) {
    if (Object.hasOwn(members, name)) continue;
    if (reader.isFull || !reader.works(ISSUE)) return;
    reader.issue("schema_mismatch", below(at, name), `\`${name}\` is required`, { received: "nothing" });
  }
  if (!isLookedUp) return;
  for (const name of names) {
    if (Object.hasOwn(properties, name)) {
      check(properties[name] as Schema, reader, members[name], below(at, name));
    } else if (additional === false) {
      if (reader.isFull || !reader.works(GUESS)) return;
      const suggestion = reader.isQuiet ? undefined : suggest(name, Object.keys(properties).sort(byCodePoint));
      mismatch(reader, below(at, name), "no member of this name", kind(members[name]), suggestion);
    } else if (additional !== undefined) {
      check(additional, reader, members[name], below(at, name));
    }
  }
}

function isEmpty(members: Dict): boolean {
  for (const _ in members) return false;
  return true;
}

function checkList(rules: Dict, reader: Reader, items: readonly unknown[], at: string): void {
  count(reader, items.length, at, "items", rules["minItems"], rules["maxItems"]);
  const schema = rules["items"] as Schema | undefined;
  if (schema !== undefined) items.forEach((item, i) => check(schema, reader, item, below(at, i)));
  if (rules["uniqueItems"] === true && reader.works(UNIQUE * items.length)) {
    const texts = new Set<string>();
    for (const item of items) {
      const text = canonical(item);
      if (!reader.works(Math.floor(size(text) / UNIQUE_BYTES))) return;
      texts.add(text);
    }
    if (texts.size < items.length) mismatch(reader, at, "items that differ", "list");
  }
}

function checkNumber(bounds: Rules["bounds"], reader: Reader, value: number | bigint, at: string): void {
  for (const [keyword, bound] of bounds) {
    const [words, fits] = BOUNDS[keyword];
    if (fits(Number(value), bound as number)) continue;
    mismatch(reader, at, `${words} ${json(bound)}`, kind(value));
  }
}

function count(reader: Reader, found: number, at: string, what: string, least: unknown, most: unknown): void {
  if (found < Number(least)) mismatch(reader, at, `at least ${least} ${what}`, `${found} ${what}`);
  if (found > Number(most)) mismatch(reader, at, `at most ${most} ${what}`, `${found} ${what}`);
}

function compositions(rules: Dict, reader: Reader, value: unknown, at: string): void {
  const of = (keyword: string) => rules[keyword] as readonly Schema[] | undefined;
  for (const schema of of("allOf") ?? []) check(schema, reader, value, at);
  if (of("anyOf")?.some((schema) => fits(schema, reader, value, at)) === false)
    mismatch(reader, at, "one of the schemas of anyOf", kind(value));
  const one = of("oneOf");
  if (one !== undefined && one.filter((schema) => fits(schema, reader, value, at)).length !== 1)
    mismatch(reader, at, "exactly one of the schemas of oneOf", kind(value));
  if (rules["not"] !== undefined && fits(rules["not"] as Schema, reader, value, at))
    mismatch(reader, at, "a value that does not fit the schema of not", kind(value));
}

/** Whether a value fits, without issues. */
function fits(schema: Schema, reader: Reader, value: unknown, at: string): boolean {
  reader.works(ISSUE);
  const { issues, most, isQuiet } = reader;
  // As many as the engine looks for here, so that the steps are the same.
  [reader.issues, reader.most, reader.isQuiet] = [[], MAX_ISSUES, true];
  check(schema, reader, value, at);
  const fit = reader.issues.length === 0;
  [reader.issues, reader.most, reader.isQuiet] = [issues, most, isQuiet];
  return fit;
}

function mismatch(reader: Reader, at: string, expected: string, received: string, suggestion?: string): void {
  reader.issue("schema_mismatch", at, `expected ${expected}`, { expected, received, suggestion });
}
