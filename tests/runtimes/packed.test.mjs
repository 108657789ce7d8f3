// The two ways of inputs into the engine must give the same result: packed, and walked if a value is rare, such as a
// BigInt.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PromptError, compile } from "../../pkg/dist/index.js";
import { SEED } from "../seed.mjs";

// Plans do not support powers, so the engine renders.
const prompt = compile({
  messages: [{ role: "user", content: "{% if rare %}{{ 1 ** 1 }}{% endif %}{{ v | tojson }}{{ v }}" }],
  inputs: [
    { name: "v", type: "any" },
    { name: "w", type: "list[float]", required: false },
    { name: "rare", type: "int" },
  ],
});
const result = (inputs, of = prompt) => {
  try {
    return of.render(inputs).messages;
  } catch (error) {
    assert.ok(error instanceof PromptError);
    const { code, detail, issues } = error;
    return { code, detail, issues };
  }
};
const same = (inputs, of) => assert.deepEqual(result({ ...inputs, rare: 0 }, of), result({ ...inputs, rare: 0n }, of));

test("both ways give the same result for random inputs", () => {
  const key = fc.oneof(fc.constantFrom("a", "b", "ä", "€uro", "😀", "", "__proto__x"), fc.string({ unit: "binary" }));
  const long = fc.tuple(fc.constantFrom("a", "ä", "€", "😀"), fc.integer({ min: 900, max: 5_000 }));
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    long.map(([unit, times]) => unit.repeat(times)),
  );
  const half = fc.constantFrom("\ud83d", "\ude00", "a\ud83d", "\ude00a");
  const number = fc.oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.constantFrom(2 ** 27 - 1, 2 ** 27, -(2 ** 27)),
  );
  const odd = fc.constantFrom(undefined, -0, NaN, 2 ** 60, 1n, new Date(0), () => 1, Symbol("a"), Object.create(null));
  const leaf = fc.oneof(
    { weight: 8, arbitrary: fc.oneof(text, number, fc.boolean(), fc.constant(null)) },
    { weight: 1, arbitrary: fc.oneof(half, odd) },
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.array(tie("value"), { maxLength: 5 }),
      fc.dictionary(key, tie("value"), { maxKeys: 5 }),
      fc.array(fc.record({ a: tie("value"), b: leaf }, { requiredKeys: ["a"] }), { maxLength: 5 }),
    ),
  }));
  const inputs = fc.record({ v: value, w: fc.option(fc.array(number)), x: leaf }, { requiredKeys: ["v"] });
  fc.assert(fc.property(inputs, same), { numRuns: 1_500, seed: SEED, examples: [[{ v: ["\ud83d", "\ude00"] }]] });
});

test("limits, cycles and getters", () => {
  const cyclic = { a: [] };
  cyclic.a.push(cyclic);
  const nested = (levels) => Array.from({ length: levels }).reduce((value) => [value], 1);
  const throws = {
    get a() {
      throw new Error("no");
    },
  };
  const renders = {
    get a() {
      return result({ v: ["b"], rare: 0 })[0].content;
    },
  };
  const large = [Array(100_001).fill(1), Array(99_997).fill(1), "x".repeat(5 << 20), "€".repeat(2 << 20)];
  const lists = [Array(3), new Proxy([], { get: (_, name) => (name === "length" ? 1.5 : "x") })];
  const dicts = [
    { [Symbol("a")]: 1 },
    new Proxy({}, { ownKeys: () => ["a"] }),
    { a: undefined },
    { __proto__: null, a: 1 },
  ];
  for (const v of [
    cyclic,
    throws,
    renders,
    nested(61),
    nested(62),
    nested(63),
    nested(64),
    ...large,
    ...lists,
    ...dicts,
  ])
    same({ v });
});

test("inputs with a schema fit, or have the same issues", () => {
  const row = {
    type: "object",
    properties: { a: { type: "integer", maximum: 9 }, b: { enum: [1, "x", [1], { c: 2 }] }, c: { maxLength: 2 } },
    required: ["a"],
    additionalProperties: false,
  };
  const of = compile({
    messages: [{ role: "user", content: "{% if rare %}{{ 1 ** 1 }}{% endif %}{{ rows | tojson }}{{ one | tojson }}" }],
    inputs: [
      { name: "rows", type: "list", schema: { items: row, uniqueItems: true, maxItems: 4 } },
      { name: "one", type: "dict", schema: { anyOf: [row, { maxProperties: 1, not: { required: ["a"] } }] } },
      { name: "rare", type: "int" },
    ],
  });
  const value = fc.constantFrom(
    1,
    1.5,
    12,
    2 ** 27,
    "x",
    "äöü",
    "😀",
    "",
    null,
    true,
    [1],
    [],
    { c: 2 },
    {},
    -0,
    1n,
    NaN,
  );
  const dict = fc.dictionary(fc.constantFrom("a", "b", "c", "d/~"), value, { maxKeys: 3, noNullPrototype: true });
  const right = fc.record({ a: fc.integer({ max: 9 }), b: fc.constantFrom(1, "x", [1], { c: 2 }) });
  const any = fc.oneof({ weight: 4, arbitrary: right }, dict, value);
  const inputs = fc.record({ rows: fc.oneof(fc.array(any, { maxLength: 5 }), value), one: any });
  let fitting = 0;
  const property = fc.property(inputs, (given) => {
    same(given, of);
    if (Array.isArray(result({ ...given, rare: 0 }, of))) fitting++;
  });
  fc.assert(property, { numRuns: 500, seed: SEED });
  assert.ok(fitting > 50 && fitting < 450, `${fitting}`);
});

test("dicts that repeat the keys of the previous one", () => {
  const rows = [
    { a: 1, b: "x" },
    { a: 2, b: "y" },
    { b: "z", a: 3 },
    { a: { a: 4, b: 5 }, b: [{ a: 6 }] },
    { a: 7, b: undefined },
  ];
  same({ v: rows });
  same({ v: [...rows, ...rows] });
  same({ v: { a: rows, b: rows } });
});
