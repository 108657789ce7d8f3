/** Validates a plan: one from outside is checked before it runs. */
import type { Input } from "../types.ts";
import { inputTest } from "./inputs.ts";
import type { PlanJson } from "./plan.ts";
import { type Dict, isDict } from "./python.ts";

/** More levels than Rust makes, and fewer than a stack holds. */
const MAX_DEPTH = 200;
/** More slots than a template has names. */
const MAX_SLOTS = 100_000;

/** What the parts of each node are: `v` a value, `n` one or `null`, `l` values, `a` arguments, `c` a constant, `s` a
 * slot or a small number, `o` one or `null`, `d` loads, `t` a text, `b` a body, `i` branches, `x` a target, `p` a
 * scope, `q` a condition or `null`, `m` pairs of a text and a value. `nodes.ts` has the same as types. */
const STATEMENTS: Readonly<Record<string, string>> = {
  print: "v",
  json: "vo",
  set: "sv",
  if: "ib",
  for: "xtvopbpbq",
  capture: "spb",
  macro: "sdapssb",
  put: "stv",
};
const VALUES: Readonly<Record<string, string>> = {
  const: "c",
  name: "s",
  attr: "vt",
  field: "vt",
  item: "vv",
  loop: "st",
  not: "v",
  and: "vv",
  or: "vv",
  cond: "vvn",
  concat: "l",
  list: "l",
  dict: "m",
  slice: "vnn",
  map: "vt",
  compare: "vm",
  math: "tvv",
  filter: "tva",
  test: "tv",
  method: "tvl",
  range: "nvn",
  view: "tv",
  now: "v",
  where: "vsv",
  each: "vsv",
  call: "vlm",
  space: "m",
  of: "st",
  stop: "",
};
const ROLES: readonly unknown[] = ["system", "developer", "user", "assistant", "tool", "placeholder"];

/** The items of each kind of list. */
const LISTS: Readonly<Record<string, string>> = {
  a: "n",
  b: "statement",
  d: "load",
  i: "branch",
  l: "v",
  m: "pair",
  parts: "part",
  rows: "row",
  slots: "s",
  targets: "x",
  texts: "t",
  values: "member",
};
/** The parts of each kind of tuple. */
const TUPLES: Readonly<Record<string, readonly string[]>> = {
  p: ["d", "slots"],
  branch: ["v", "b"],
  condition: ["x", "p", "v"],
  load: ["s", "from"],
  member: ["t", "any"],
  pair: ["t", "v"],
  part: ["use", "template"],
  row: ["values", "t"],
  template: ["d", "b"],
};

/** Whether a value is of a kind. One function, as each takes time when it is first called. */
function is(kind: string, value: unknown, depth = 0): boolean {
  const item = LISTS[kind];
  if (item !== undefined)
    return Array.isArray(value) && depth < MAX_DEPTH && value.every((one) => is(item, one, depth + 1));
  const parts = TUPLES[kind];
  if (parts !== undefined) return Array.isArray(value) && are(parts, value, depth);
  switch (kind) {
    case "v":
      return isNode(VALUES, value, depth);
    case "statement":
      return typeof value === "string" || isNode(STATEMENTS, value, depth);
    case "t":
      return typeof value === "string";
    case "s":
      return Number.isInteger(value) && (value as number) >= 0 && (value as number) < MAX_SLOTS;
    case "x":
      return is("s", value) || is("targets", value, depth);
    case "from":
      return value === null || typeof value === "string" || is("s", value);
    case "c":
      return value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
    case "n":
      return value === null || is("v", value, depth);
    case "o":
      return value === null || is("s", value);
    case "q":
      return value === null || is("condition", value, depth);
    case "use":
      return value === "text" || value === "image";
    default:
      return kind === "any";
  }
}

function are(kinds: ArrayLike<string>, values: readonly unknown[], depth: number): boolean {
  if (depth >= MAX_DEPTH || values.length !== kinds.length) return false;
  return values.every((value, i) => is(kinds[i] as string, value, depth + 1));
}

function isNode(table: Readonly<Record<string, string>>, node: unknown, depth: number): boolean {
  if (!Array.isArray(node)) return false;
  const [name, ...parts] = node;
  return Object.hasOwn(table, name) && are(table[name] as string, parts, depth);
}

function isMessage(value: unknown): boolean {
  if (!isDict(value)) return false;
  const { role, name, text, parts, placeholder } = value;
  const bodies = [is("template", text), is("t", placeholder) && role === "placeholder", is("parts", parts)];
  return ROLES.includes(role) && (name === undefined || is("t", name)) && bodies.filter(Boolean).length === 1;
}

function isInput(value: unknown): boolean {
  if (!isDict(value)) return false;
  const { name, type, required, enum: allowed, schema } = value;
  return (
    is("t", name) &&
    inputTest(type as Input["type"]) !== undefined &&
    (required === undefined || typeof required === "boolean") &&
    (allowed === undefined || Array.isArray(allowed)) &&
    (schema === undefined || isDict(schema))
  );
}

export function isPlan(plan: unknown, inputs: unknown): plan is PlanJson {
  if (!isDict(plan) || !Array.isArray(inputs) || !inputs.every(isInput)) return false;
  const { open, globals, lenient, messages, rows, pairs, addition } = plan;
  return (
    typeof open === "boolean" &&
    (globals === undefined || is("texts", globals)) &&
    typeof lenient === "boolean" &&
    Array.isArray(messages) &&
    messages.every(isMessage) &&
    (rows === undefined || Array.isArray(rows)) &&
    (pairs === undefined || isPairs(pairs as Dict)) &&
    (addition === undefined || is("t", addition))
  );
}

function isPairs({ columns, rows }: Dict): boolean {
  return is("texts", columns) && is("rows", rows);
}
