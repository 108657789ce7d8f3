// The wall between JavaScript and wasm: every value has an exact counterpart or is an issue, and the next call works.
import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import fc from "fast-check";
import { PromptError, compile } from "../../pkg/dist/index.js";
import { SEED } from "../seed.mjs";

const json = compile({
  messages: [{ role: "user", content: "{{ v | tojson }}" }],
  inputs: [{ name: "v", type: "any" }],
});
const shown = (v) => json.render({ v }).messages[0].content;
const revoked = (() => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
})();
const nested = (levels) => Array.from({ length: levels }).reduce((value) => [value], 1);
const cyclic = { a: [] };
cyclic.a.push(cyclic);
class Point {
  x = 1;
}

const listOf = (length) => new Proxy([], { get: (_, name) => (name === "length" ? length : "x") });
const refused = {
  "a cycle": [cyclic, "cycle", "/v/a/0"],
  "64 levels too many": [nested(20_000), "too_deep"],
  "a Promise": [Promise.resolve(1), "unsupported_type"],
  "a Date": [new Date(), "unsupported_type"],
  "an invalid Date": [new Date(NaN), "unsupported_type"],
  "a RegExp": [/a/, "unsupported_type"],
  "an Error": [new Error("a"), "unsupported_type"],
  "a Map": [new Map([["a", 1]]), "unsupported_type"],
  "a Set": [new Set([1]), "unsupported_type"],
  "a typed array": [new Uint8Array(2), "unsupported_type"],
  "a class instance": [new Point(), "unsupported_type"],
  "a boxed string": [Object("a"), "unsupported_type"],
  "a function": [() => 1, "unsupported_type"],
  "a symbol": [Symbol("a"), "unsupported_type"],
  "a symbol as key": [{ [Symbol("a")]: 1 }, "unsupported_type"],
  NaN: [NaN, "not_finite"],
  Infinity: [-Infinity, "not_finite"],
  "an unsafe integer": [2 ** 53, "unsafe_integer"],
  "a BigInt beyond 64 bits": [2n ** 63n, "unsafe_integer"],
  "half a surrogate pair": ["a\ud800b", "invalid_unicode"],
  "half a surrogate pair as key": [{ "\udc00": 1 }, "invalid_unicode"],
  "a hole": [[1, , 2], "missing_input", "/v/1"],
  "undefined in a list": [[undefined], "missing_input", "/v/0"],
  "a getter that throws": [
    {
      get a() {
        throw new TypeError("mine");
      },
    },
    "unreadable",
    "/v/a",
  ],
  "a revoked Proxy": [revoked, "unreadable"],
  "a Proxy of a list of -1 items": [listOf(-1), "unreadable", "/v"],
  "a Proxy of a list of half an item": [listOf(0.5), "unreadable", "/v"],
  "a Proxy of a list of NaN items": [listOf(NaN), "unreadable", "/v"],
  "a Proxy of a list whose length is a text": [listOf("3"), "unreadable", "/v"],
  "a Proxy of a list without an end, in a dict": [{ a: listOf(-(2 ** 53)) }, "unreadable", "/v/a"],
  "a Proxy whose traps throw": [
    new Proxy(
      {},
      {
        ownKeys() {
          throw new TypeError("mine");
        },
      },
    ),
    "unreadable",
  ],
};

for (const [name, [value, code, pointer]] of Object.entries(refused)) {
  test(`${name} is ${code}`, () => {
    const issues = json.check({ v: value });
    assert.deepEqual(
      issues.map((issue) => issue.code),
      [code],
    );
    if (pointer !== undefined) assert.equal(issues[0].pointer, pointer);
    assert.throws(
      () => json.render({ v: value }),
      (error) =>
        error instanceof PromptError &&
        error.code === (code === "too_deep" ? "limit_exceeded" : "input_invalid") &&
        error.issues.length === 1,
    );
    assert.equal(shown(1), "1");
  });
}

test("long texts: half of a surrogate pair is found wherever it is, by plan and by engine", () => {
  const plain = compile({ messages: [{ role: "user", content: "{{ v }}" }], inputs: [{ name: "v", type: "str" }] });
  const length = 10_000;
  for (const filler of ["a", "ä", "Ω", "😀"]) {
    const text = filler.repeat(length / filler.length);
    const places = [0, 1, 2, 7, 8, 9, 4_097, length - 9, length - 2, length - 1, length];
    for (const place of places) {
      for (const piece of [
        "\ud800",
        "\udbff",
        "\udc00",
        "\udfff",
        "\ud83d\ude00",
        "\ude00\ud83d",
        "\ud83d\ud83d\ude00",
      ]) {
        const v = text.slice(0, place) + piece + text.slice(place);
        for (const prompt of [plain, json]) {
          const issues = prompt.check({ v });
          assert.deepEqual(
            issues.map(({ code }) => code),
            v.isWellFormed() ? [] : ["invalid_unicode"],
            `${filler} ${place} ${JSON.stringify(piece)}`,
          );
        }
        const render = () => plain.render({ v }).messages[0].content;
        if (v.isWellFormed()) assert.equal(render(), v);
        else assert.throws(render, { code: "input_invalid" });
      }
    }
  }
});

test("a plan refuses lists with an invalid length", () => {
  for (const type of ["list", "list[str]", "any"]) {
    const inputs = type === "any" ? undefined : [{ name: "v", type }];
    for (const content of ["{% for x in v %}{{ x }}{% endfor %}", "{{ v|join(',') }}", "{{ v|length }}"]) {
      const prompt = compile({ messages: [{ role: "user", content }], ...(inputs && { inputs }) });
      for (const length of [-1, 0.5, Infinity, 2 ** 53 - 1, "3"])
        assert.throws(() => prompt.render({ v: listOf(length) }), PromptError, `${type} ${content} ${length}`);
    }
  }
});

test("over the limits", () => {
  assert.equal(json.check({ v: Array.from({ length: 100_001 }, () => 1) })[0].code, "too_large");
  assert.equal(json.check({ v: "a".repeat(9_000_000) })[0].code, "too_large");
  assert.equal(shown(1), "1");
});

test("exact values", () => {
  const cases = [
    [null, "null"],
    [true, "true"],
    [-0, "0"],
    [1, "1"],
    [1.5, "1.5"],
    [-(2 ** 53 - 1), "-9007199254740991"],
    [2n ** 63n - 1n, "9223372036854775807"],
    ["ä😀", '"\\u00e4\\ud83d\\ude00"'],
    [[], "[]"],
    [{ b: 1, a: 2 }, '{"a": 2, "b": 1}'],
    [Object.create(null), "{}"],
    [{ a: undefined }, "{}"],
    [vm.runInNewContext("({ a: [1] })"), '{"a": [1]}'],
    [nested(60), `${"[".repeat(60)}1${"]".repeat(60)}`],
    [JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}'), '{"__proto__": {"x": 1}, "constructor": 2}'],
    [
      {
        get a() {
          return 1;
        },
      },
      '{"a": 1}',
    ],
    [new Proxy([1], {}), "[1]"],
  ];
  for (const [value, expected] of cases) assert.equal(shown(value), expected);
  assert.equal({}.x, undefined);
});

test("a declared float keeps the sign of -0, as Python prints it; other numbers lose it", () => {
  const prompt = compile({
    messages: [{ role: "user", content: "{{ f }} {{ l }} {{ i }} {{ a }} {{ d }}" }],
    inputs: [
      { name: "f", type: "float" },
      { name: "l", type: "list[float]" },
      { name: "i", type: "int" },
      { name: "a", type: "any" },
      { name: "d", type: "dict" },
    ],
  });
  const rendered = prompt.render({ f: -0, l: [-0, 0], i: -0, a: -0, d: { f: -0 } });
  assert.equal(rendered.messages[0].content, "-0.0 [-0.0, 0.0] 0 0 {'f': 0}");
});

test("check reports all issues at once, and no message contains a value", () => {
  const inputs = { v: { a: NaN, "b/c": [new Date(), "secret\ud800"], d: Promise.resolve("secret") }, other: "secret" };
  const issues = json.check(inputs);
  assert.deepEqual(
    issues.map(({ pointer }) => pointer),
    ["/v/a", "/v/b~1c/0", "/v/b~1c/1", "/v/d", "/other"],
  );
  assert.match(issues[3].message, /await/);
  assert.doesNotMatch(JSON.stringify(issues), /secret/);
});

test("an error thrown by a getter is the cause; a render inside a getter works", () => {
  const mine = new Error("mine");
  assert.throws(
    () =>
      json.render({
        v: {
          get a() {
            throw mine;
          },
        },
      }),
    (error) => error.cause === mine,
  );
  const inner = {
    get a() {
      return shown([1, 2]);
    },
  };
  assert.equal(shown(inner), '{"a": "[1, 2]"}');
});

test("inputs that are not an object", () => {
  for (const inputs of [null, undefined, 1, "a", [], new Date(), new Map(), () => 1]) {
    assert.throws(
      () => json.render(inputs),
      (error) => error.code === "input_invalid" && error.issues[0].pointer === "",
    );
  }
});

test("documents pass the same wall", () => {
  assert.throws(
    () => compile({ messages: [{ role: "user", content: new Date() }] }),
    (error) => error.code === "document_invalid" && error.issues[0].pointer === "/messages/0/content",
  );
  assert.throws(
    () => compile(null),
    (error) => error.code === "document_invalid",
  );
  assert.throws(
    () => compile({ messages: [{ role: "user", content: "a\n  {% if %}" }] }),
    (error) => error.code === "template_syntax" && error.at.line === 2,
  );
});

/** The value that JSON keeps: without undefined members, -0 as 0, and BigInts as numbers. */
function plain(value) {
  if (typeof value === "bigint") return Number(value);
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, plain(member)]),
  );
}

const runs = Number(process.env.SOAK ?? 20_000);
test(`${runs.toLocaleString("en")} random inputs: the exact value, or a coded error`, () => {
  const value = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    withSparseArray: true,
    withBoxedValues: true,
  });
  const property = fc.property(fc.oneof(value, fc.jsonValue()), (v) => {
    const issues = json.check({ v });
    try {
      const text = shown(v);
      assert.deepEqual(issues, []);
      assert.deepEqual(JSON.parse(text), plain(v));
    } catch (error) {
      assert.ok(error instanceof PromptError && error.code !== "internal", String(error));
      if (error.code === "input_invalid")
        assert.deepEqual(
          error.issues.map((issue) => issue.pointer),
          issues.map((issue) => issue.pointer),
        );
    }
  });
  fc.assert(property, { numRuns: runs, seed: SEED });
});

test("a plan gives what the engine gives", () => {
  const content = fc.array(
    fc.oneof(fc.constantFrom("{{ a }}", "{{a}}", "{{ d.k }}", "\n", "}}", "{", "%}", "\r\n", " ", "😀"), fc.string()),
    { maxLength: 8 },
  );
  const property = fc.property(content, fc.string({ unit: "binary" }), fc.string(), (pieces, a, k) => {
    const text = pieces.join("");
    const inputs = [
      { name: "a", type: "str" },
      { name: "d", type: "dict" },
    ];
    let planned;
    try {
      planned = compile({ messages: [{ role: "user", content: text }], inputs });
    } catch (error) {
      return assert.ok(error.code.startsWith("template_"), error.code);
    }
    // No plan can have a power, so the engine renders the second document.
    const engine = compile({
      messages: [
        { role: "user", content: text },
        { role: "user", content: "{{ 1 ** 1 }}" },
      ],
      inputs,
    });
    const render = (prompt) => {
      try {
        return prompt.render({ a, d: { k } }).messages[0].content;
      } catch (error) {
        return error.code;
      }
    };
    assert.equal(render(planned), render(engine));
  });
  fc.assert(property, { numRuns: 1_000, seed: SEED });
});
