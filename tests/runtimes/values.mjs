// Random values of inputs for the comparison of both clients: messages in the formats of SDKs, and what callers pass
// beside plain data.
import { runInNewContext } from "node:vm";
import fc from "fast-check";

export const PIXEL = "data:image/png;base64,iVBORw0KGgo=";

/** The number of valid messages at the beginning of `turns`. */
export const RIGHT = 15;

/** Messages in the formats of SDKs: valid ones first, then invalid ones. */
export const turns = [
  { role: "user", content: "Hello" },
  { role: "assistant", content: "Hi", extra: { a: 1 } },
  {
    role: "user",
    content: [
      { type: "text", text: "see" },
      { type: "image_url", image_url: { url: PIXEL, detail: "low" } },
    ],
  },
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: '{"a": 1, "b": [true]}' } }],
  },
  { role: "tool", tool_call_id: "c1", content: "12°" },
  {
    role: "assistant",
    content: [
      { type: "tool_use", id: "t1", name: "g", input: { q: "x" } },
      { type: "thinking", thinking: "hm", signature: "s" },
    ],
  },
  {
    role: "user",
    content: [{ type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "ok" }], is_error: true }],
  },
  {
    role: "tool",
    content: [
      { type: "tool-result", toolCallId: "c2", toolName: "f", output: { type: "json", value: { z: [1, "é"] } } },
    ],
  },
  {
    role: "tool",
    content: [
      { type: "tool-result", toolCallId: "c2", toolName: "f", output: { type: "execution-denied", reason: "no" } },
    ],
  },
  { type: "function_call", call_id: "c3", name: "h", arguments: "" },
  { type: "function_call_output", call_id: "c3", output: "done" },
  { type: "reasoning", id: "r", summary: [] },
  {
    role: "user",
    name: "ada",
    content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } }],
  },
  {
    role: "user",
    content: [
      { type: "file", mediaType: "image/png", data: "iVBORw0KGgo=" },
      { type: "custom", x: 1 },
    ],
  },
  { role: "assistant", content: "x", refusal: "I cannot" },
  { role: "system", content: "no" },
  { role: "user" },
  { role: "tool", content: "without a call" },
  { role: "assistant", content: 7, toolCalls: [{ id: "a", name: "b", arguments: "[]" }] },
  { role: "user", content: [{ type: "image", image: "http://not.https" }, "text"] },
  { role: "assistant", content: "", tool_calls: [], toolCalls: [{ id: "q", name: "w", arguments: {} }] },
];

/** What callers pass beside plain data. fast-check sees the names only, as it would look into the values. */
const strange = {
  "a date": () => new Date(0),
  "a date without a time": () => new Date(Number.NaN),
  "a map": () => new Map([["a", 1]]),
  "a set": () => new Set(["a"]),
  "a typed array": () => new Uint8Array([1, 2]),
  "floats in a typed array": () => new Float64Array([0.5]),
  "a buffer": () => new ArrayBuffer(2),
  "a boxed text": () => new String("x"),
  "a boxed number": () => new Number(1),
  "a boxed boolean": () => new Boolean(false),
  "a symbol": () => Symbol("s"),
  "a function": () => () => 1,
  "a promise": () => Promise.resolve(1),
  "an expression": () => /a/,
  "an error": () => new Error("e"),
  "a weak map": () => new WeakMap(),
  "the arguments": () =>
    (function () {
      // biome-ignore lint/complexity/noArguments: an object like an array
      return arguments;
    })(1, 2),
  toJSON: () => ({ a: 1, toJSON: () => ({ b: 2 }) }),
  "a class instance": () =>
    new (class Point {
      a = 1;
    })(),
  "a class instance with toJSON": () =>
    new (class Money {
      toJSON() {
        return "1 €";
      }
    })(),
  "a subclass of arrays": () => class List extends Array {}.from(["a"]),
  "an array with more": () => Object.assign(["a"], { more: 1 }),
  "a sparse array": () => [, 1],
  "an array of nothing": () => new Array(3),
  "undefined inside": () => ({ a: undefined, b: [1] }),
  "undefined in a list": () => ["a", undefined],
  "no prototype": () => Object.assign(Object.create(null), { a: 1, name: "Ada" }),
  "another prototype": () => Object.assign(Object.create({ a: 1 }), { name: "Ada" }),
  "another realm": () => runInNewContext("({ a: 1, name: 'Ada', l: [1] })"),
  "an array of another realm": () => runInNewContext("['a', 1]"),
  "a getter": () => ({
    get a() {
      return "got";
    },
    get name() {
      return "Ada";
    },
  }),
  "a getter that throws": () => ({
    get a() {
      throw new Error("no");
    },
    name: "Ada",
  }),
  "a proxy": () => new Proxy({ a: 1, name: "Ada" }, {}),
  "a proxy of a list": () => new Proxy(["a", 2], {}),
  "a proxy that throws": () =>
    new Proxy(
      { a: 1 },
      {
        ownKeys() {
          throw new Error("no");
        },
      },
    ),
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "a symbol as a key": () => ({ a: 1, [Symbol("k")]: 2 }),
  "a hidden symbol": () => Object.defineProperty({ a: 1 }, Symbol("k"), { value: 1, enumerable: false }),
  "__proto__ as a key": () => JSON.parse('{"__proto__": {"a": 1}, "a": 2, "name": "Ada"}'),
  "names of every object": () => ({ constructor: "c", toString: "t", hasOwnProperty: 1, name: "Ada" }),
  "numbers as keys": () => ({ b: 1, 2: "two", 1: "one" }),
  "half a pair": () => "a\ud800",
  "half a pair inside": () => ({ a: ["\udc00"], name: "\ud83d" }),
  "half a pair in a key": () => ({ "\udc00": 1, name: "Ada" }),
  "a cycle": () => {
    const all = { a: 1 };
    return Object.assign(all, { self: all });
  },
  "a list in itself": () => {
    const all = ["a"];
    all.push(all);
    return all;
  },
  "one value twice": () => {
    const one = { a: [1] };
    return { a: one, b: one };
  },
  "62 levels": () => nest(62),
  "66 levels": () => nest(66),
  "a frozen list": () => Object.freeze(["a", Object.freeze({ a: 1 })]),
  "70 names": () => Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`name_${i}`, i])),
  "-0": () => -0,
  "-0 inside": () => ({ a: -0, age: -0, tags: [-0] }),
  "no number": () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  "no number inside": () => [Number.NaN, { a: Number.NEGATIVE_INFINITY }],
  "a large integer": () => 3n,
  "large integers inside": () => ({ a: 2n ** 53n + 1n, age: 7n, tags: [1n] }),
  "an integer of 64 bits": () => -(2n ** 63n),
  "an integer beyond": () => 2n ** 64n,
  "numbers at the bounds": () => [2 ** 53 - 1, -(2 ** 53) + 1, 5e-324, 1e-5, 1e15, 123456789012345.6],
  "integral floats": () => [1e21, 2 ** 53],
  "a long text": () => "long ".repeat(300),
  "too long a text": () => "ä".repeat(301_000),
};

function nest(levels) {
  let value = "deep";
  for (let i = 0; i < levels; i++) value = i % 2 ? [value] : { a: value };
  return value;
}

/** The name of a strange value. */
class Strange {
  constructor(name) {
    this.name = name;
  }
}

/** The inputs with the strange values in place of their names. */
export function made(value) {
  if (value instanceof Strange) return strange[value.name]();
  if (Array.isArray(value)) return value.map(made);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const all = {};
  for (const [key, { value: one, ...how }] of Object.entries(Object.getOwnPropertyDescriptors(value)))
    Object.defineProperty(all, key, { ...how, value: made(one) });
  return all;
}

const one = fc.constantFrom(...Object.keys(strange)).map((name) => new Strange(name));
/** Any of them, alone or where a valid value would be. */
const odd = fc.oneof(
  { weight: 3, arbitrary: one },
  one.map((value) => [value]),
  one.map((a) => ({ a, b: 1 })),
  one.map((name) => ({ name, age: 3, tags: ["a"] })),
  one.map((content) => [{ role: "user", content }]),
  one.map((args) => [{ role: "assistant", content: "", toolCalls: [{ id: "a", name: "b", arguments: args }] }]),
);

/** Values that fit some inputs, or none. */
export const anything = fc.oneof(
  { weight: 3, arbitrary: odd },
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    3.5,
    2 ** 53,
    NaN,
    3n,
    2n ** 62n,
    "",
    "x",
    "\ud800",
    "https://a.test/b",
    [],
    [1],
    ["a", 2],
    {},
    { a: 1 },
  ),
  fc.constantFrom(
    new Date(0),
    Symbol("s"),
    [undefined],
    { a: { b: { c: [1.5] } } },
    { name: "A", agge: 3, tags: ["a", "a", "c"] },
  ),
  fc.array(fc.constantFrom(...turns, "text", null), { maxLength: 3 }),
);
