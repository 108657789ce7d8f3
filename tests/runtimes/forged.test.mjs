// Plans that were truncated, changed or forged: with an invalid seal the engine renders, and correctly; with a forged
// valid seal, a render still ends in texts or a `PromptError`, within the cost limit of a render.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SEED } from "../seed.mjs";
import { sealed } from "./seal.mjs";

const { __engine, compile } = await import("../../pkg/dist/node.js");
const { Cuecard } = await import("../../pkg/dist/light.node.js");

const RUNS = Number(process.env.FORGED_RUNS ?? 250);

const documents = [
  {
    messages: [
      {
        role: "system",
        content: "You are {{ who | upper }}.{% for x in facts if x %} {{ loop.index }}: {{ x }}{% endfor %}",
      },
      { role: "placeholder", content: "history" },
      {
        role: "user",
        content: "{% if n > 2 %}{{ d.name | default('?') }}{% else %}{{ facts | join(', ') }}{% endif %}",
      },
    ],
    inputs: [
      { name: "who", type: "str" },
      { name: "facts", type: "list[str]", default: ["one", "two"] },
      { name: "n", type: "int" },
      { name: "d", type: "dict" },
      { name: "history", type: "messages" },
    ],
  },
  {
    messages: [
      {
        role: "user",
        content:
          "{% macro row(a, b=2) %}{{ a }}/{{ b * 3 }}{% endmacro %}{% set ns = namespace(q=0) %}{% for k, v in d.items() %}{% set ns.q = ns.q + 1 %}{{ row(k, b=n) }}{% endfor %}{{ ns.q }}{{ [who, n][0] }}{{ {'a': n} | tojson }}{{ range(3) | list | length }}{{ who[1:] ~ who.strip() }}{% set t %}{{ who }}{% endset %}{{ t | trim }}",
      },
    ],
    inputs: [
      { name: "who", type: "str" },
      { name: "n", type: "int" },
      { name: "d", type: "dict" },
    ],
  },
  {
    messages: [
      {
        role: "system",
        content: "{% for k, v in d | dictsort %}{{ k }}{% endfor %}{{ ['a', who][::-1] | join }}{{ who.x is defined }}",
      },
      {
        role: "user",
        content: [
          { type: "text", text: "{{ who or n }}{% for i in range(n) if i is odd %}{{ i }}{% endfor %}" },
          { type: "image", image: "{{ picture }}" },
        ],
      },
    ],
    inputs: [
      { name: "who", type: "str", required: false },
      { name: "n", type: "int" },
      { name: "d", type: "dict", schema: { type: "object", properties: { name: { enum: ["Ada"] } } } },
      { name: "picture", type: "image", default: "https://a.test/b.png" },
    ],
    outputs: [{ name: "o", type: "str" }],
    demonstrations: {
      columns: [
        { id: "n", type: "int" },
        { id: "o", type: "any" },
      ],
      rows: [
        { n: 2, o: "two" },
        { n: 3, o: { x: [1] } },
      ],
    },
    promptingTechnique: "few_shot",
  },
];
const given = { who: " Bot", n: 3, d: { name: "Ada", b: [1] } };
const history = [{ role: "user", content: "Hi" }];
const inputs = documents.map((_, i) => (i === 0 ? { ...given, history } : given));
const texts = ({ messages }) => messages.map(({ content }) => content);
const right = documents.map((document, i) => texts(compile(document).render(inputs[i])));
const plans = documents.map((document) => __engine.ship(document));

/** The paths of all nodes of a JSON value, as lists of keys. */
function places(value, path = []) {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.keys(value).flatMap((key) => places(value[key], [...path, key]))];
}
const copy = (value) => JSON.parse(JSON.stringify(value));
const at = (value, path) => path.reduce((inner, key) => inner[key], value);

const nested = (depth) => JSON.parse("[".repeat(depth) + "]".repeat(depth));
/** Large values by name: a counterexample prints the name. */
const large = { "150 levels": nested(150), "1,000 levels": nested(1_000), "a long text": "long".repeat(5_000) };
const odd = [
  null,
  true,
  -1,
  0,
  1,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  1e308,
  0.5,
  "",
  "x",
  "constructor",
  "__proto__",
  "stop",
];
const other = fc.oneof(
  fc.constantFrom(...odd, [], {}, nested(2), ...Object.keys(large)),
  fc.constantFrom("print", "for", "json", "name", "concat", "filter", "call", "macro", "range", "method", "each"),
  fc.constant(["range", ["const", 0], ["const", 2 ** 53], ["const", 1]]),
);
const step = fc.record({
  how: fc.constantFrom("replace", "replace", "remove", "repeat", "move", "cut", "add"),
  place: fc.nat(),
  source: fc.nat(),
  value: other,
});

/** A copy of a plan with some of its nodes changed. */
function forge(plan, steps) {
  const forged = copy(plan);
  for (const { how, place, source, value } of steps) {
    const all = places(forged).filter((path) => path.length > 0);
    if (all.length === 0) break;
    const path = all[place % all.length];
    const [parent, key] = [at(forged, path.slice(0, -1)), path.at(-1)];
    if (how === "replace") parent[key] = copy(Object.hasOwn(large, value) ? large[value] : value);
    else if (how === "add" && Array.isArray(parent)) parent.splice(Number(key), 0, copy(value));
    else if (how === "move") parent[key] = copy(at(forged, all[source % all.length]));
    else if (!Array.isArray(parent)) delete parent[key];
    else if (how === "remove") parent.splice(Number(key), 1);
    else if (how === "repeat") parent.push(...Array.from({ length: 1 + (source % 200) }, () => parent[key]));
    else parent.length = Number(key);
  }
  return copy(forged);
}

async function rendered(document, plan, inputs) {
  const version = { slug: "a", version: 1, id: "i", hash: "0".repeat(64), createdAt: "2026-01-01T00:00:00Z" };
  const answer = { ...version, ...document, resolved: { revision: 1, plan } };
  const cue = new Cuecard({ url: "https://origin.example", key: "k", fetch: async () => Response.json(answer) });
  try {
    return texts((await cue.get("a@1")).render(inputs));
  } catch (error) {
    assert.equal(error.name, "PromptError", error.stack);
    return error.code;
  }
}

for (const [i, document] of documents.entries()) {
  test(`document ${i}: the engine renders correctly for every plan without a forged seal`, async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 3 }), async (steps) => {
      const plan = forge(plans[i], steps);
      const isSame = JSON.stringify(plan) === JSON.stringify(plans[i]);
      assert.ok(isSame || plan.seal !== sealed(plan, document).seal || plan.seal === plans[i].seal);
      assert.deepEqual(await rendered(document, plan, inputs[i]), right[i]);
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
    assert.deepEqual(await rendered(document, plans[1 - i], inputs[i]), right[i], "another document's plan");
    assert.deepEqual(await rendered(document, { ...plans[i], format: 2 }, inputs[i]), right[i], "a later format");
  });

  test(`document ${i}: a render by a plan with a forged seal ends within the cost limit`, async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      const plan = sealed(forge(plans[i], steps), document);
      const before = process.cpuUsage();
      const result = await rendered(document, plan, inputs[i]);
      const { user, system } = process.cpuUsage(before);
      assert.ok(Array.isArray(result) || typeof result === "string");
      if (Array.isArray(result)) assert.ok(result.every((text) => typeof text === "string" || Array.isArray(text)));
      assert.ok(user + system < 2e6, `${(user + system) / 1e6} s`);
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  });
}
