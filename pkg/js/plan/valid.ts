/** Validates a plan: one from outside is checked before it runs. */
import { INPUT_TYPES } from "./inputs.ts";
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

type Is = (value: unknown, depth: number) => boolean;

const isText: Is = (value) => typeof value === "string";
const isSlot: Is = (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < MAX_SLOTS;
const isList = (is: Is): Is => {
  return (value, depth) => depth < MAX_DEPTH && Array.isArray(value) && value.every((one) => is(one, depth + 1));
};
const isTuple = (...parts: readonly Is[]): Is => {
  return (value, depth) =>
    depth < MAX_DEPTH &&
    Array.isArray(value) &&
    value.length === parts.length &&
    parts.every((is, i) => is(value[i], depth + 1));
};
const isNode = (table: Readonly<Record<string, string>>): Is => {
  return (node, depth) => {
    if (!Array.isArray(node) || depth > MAX_DEPTH || !Object.hasOwn(table, node[0])) return false;
    const parts = table[node[0]] as string;
    return node.length === parts.length + 1 && [...parts].every((part, i) => PARTS[part]?.(node[i + 1], depth + 1));
  };
};
const isValue: Is = isNode(VALUES);
const isStatement: Is = (node, depth) => isText(node, depth) || isNode(STATEMENTS)(node, depth);
const isBody = isList(isStatement);
const isTarget: Is = (value, depth) => isSlot(value, depth) || isList(isTarget)(value, depth);
const isLoad = isTuple(isSlot, (from, depth) => from === null || isText(from, depth) || isSlot(from, depth));
const isLoads = isList(isLoad);

const isScope = isTuple(isLoads, isList(isSlot));

const PARTS: Readonly<Record<string, Is>> = {
  v: isValue,
  n: (value, depth) => value === null || isValue(value, depth),
  l: isList(isValue),
  a: isList((value, depth) => value === null || isValue(value, depth)),
  c: (value) => value === null || isText(value, 0) || typeof value === "boolean" || Number.isFinite(value),
  s: isSlot,
  o: (value, depth) => value === null || isSlot(value, depth),
  t: isText,
  b: isBody,
  d: isLoads,
  i: isList(isTuple(isValue, isBody)),
  x: isTarget,
  p: isScope,
  q: (value, depth) => value === null || isTuple(isTarget, isScope, isValue)(value, depth),
  m: isList(isTuple(isText, isValue)),
};

const isTemplate = isTuple(isLoads, isBody);
const isOptional = (is: Is, value: unknown) => value === undefined || is(value, 0);
const isRole: Is = (value) => /^(system|developer|user|assistant|tool|placeholder)$/.test(String(value));

const isMessage: Is = (value) => {
  if (!isDict(value) || !isRole(value["role"], 0) || !isOptional(isText, value["name"])) return false;
  const { text, parts, placeholder } = value;
  const kind: Is = (name) => name === "text" || name === "image";
  const bodies = [
    isTemplate(text, 0),
    isText(placeholder, 0) && value["role"] === "placeholder",
    isList(isTuple(kind, isTemplate))(parts, 0),
  ];
  return bodies.filter(Boolean).length === 1;
};

const isInput: Is = (value) => {
  if (!isDict(value)) return false;
  const { name, type, required, enum: allowed, schema } = value;
  return (
    isText(name, 0) &&
    INPUT_TYPES.has(String(type)) &&
    isOptional((one) => typeof one === "boolean", required) &&
    isOptional(Array.isArray, allowed) &&
    isOptional(isDict, schema)
  );
};

export function isPlan(plan: unknown, inputs: unknown): plan is PlanJson {
  if (!isDict(plan) || !isList(isInput)(inputs, 0)) return false;
  const { open, globals, lenient, messages, rows, pairs, addition } = plan;
  const isPair = isTuple(isList(isTuple(isText, () => true)), isText);
  const isPairs: Is = (value) =>
    isList(isText)((value as Dict)["columns"], 0) && isList(isPair)((value as Dict)["rows"], 0);
  return (
    typeof open === "boolean" &&
    isOptional(isList(isText), globals) &&
    typeof lenient === "boolean" &&
    isList(isMessage)(messages, 0) &&
    isOptional(Array.isArray, rows) &&
    isOptional(isPairs, pairs) &&
    isOptional(isText, addition)
  );
}
