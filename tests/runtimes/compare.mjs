// Compares random documents and inputs through `cuecard/client`, the full entry and the engine alone: messages must be
// equal to the byte, errors to the issue. `node tests/runtimes/compare.mjs 100000`.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import fc from "fast-check";

// Counts the renders and checks of the engine, by wrapping every instance that the package makes.
let engineCalls = 0;
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const { exports } = new Instance(...args);
  const counted = (name) => ({ [name]: (...inputs) => (engineCalls++, exports[name](...inputs)) });
  return { exports: { ...exports, ...counted("render"), ...counted("check") } };
};
const full = await import("../../pkg/dist/index.js");
const light = await import("../../pkg/dist/light.js");

const PIXEL = "data:image/png;base64,iVBORw0KGgo=";

/** Input declarations by name, each with an arbitrary of valid values. */
const pool = {
  s: [{ type: "str" }, fc.string({ maxLength: 6 })],
  n: [{ type: "int" }, fc.integer()],
  f: [{ type: "float" }, fc.constantFrom(0.5, -3.25, 2.5, 1.125, 0.75, 12.5, 2, 1e21, 2 ** 60, 1e-7)],
  b: [{ type: "bool", required: false }, fc.boolean()],
  e: [{ type: "str", enum: ["one", "two"] }, fc.constantFrom("one", "two")],
  l: [{ type: "list" }, fc.array(fc.oneof(fc.string({ maxLength: 4 }), fc.nat(9)), { maxLength: 3 })],
  ls: [{ type: "list[str]", default: ["x", "y"] }, fc.array(fc.string({ maxLength: 4 }), { maxLength: 3 })],
  li: [{ type: "float", enum: [1, 2.5], required: false }, fc.constantFrom(2.5, 2.5, 2.5, 1)],
  lf: [
    { type: "list[float]", required: false },
    fc.array(fc.constantFrom(0.5, 7.75, 1.5, 2.25, -0.5, 2), { maxLength: 3 }),
  ],
  d: [
    { type: "dict" },
    fc.dictionary(fc.constantFrom("a", "b", "items"), fc.oneof(fc.string({ maxLength: 4 }), fc.nat(9))),
  ],
  a: [{ type: "any", required: false }, fc.oneof(fc.string({ maxLength: 4 }), fc.constant(null), fc.boolean())],
  im: [{ type: "image", required: false }, fc.constantFrom("https://a.test/b.png", PIXEL)],
  h: [
    { type: "messages", required: false },
    fc.array(fc.nat(20), { maxLength: 4 }).map((all) => all.map((i) => turns[i % RIGHT])),
  ],
  sd: [
    {
      type: "dict",
      required: false,
      schema: {
        type: "object",
        properties: {
          name: { type: "string", minLength: 2, maxLength: 4 },
          age: { type: "integer", minimum: 0, exclusiveMaximum: 150.5 },
          tags: { type: "array", items: { enum: ["a", "b", 1] }, uniqueItems: true, maxItems: 3 },
        },
        required: ["name"],
        additionalProperties: false,
      },
    },
    fc.record(
      {
        name: fc.constantFrom("Ada", "Bob"),
        age: fc.nat(150),
        tags: fc.uniqueArray(fc.constantFrom("a", "b", 1), { maxLength: 3 }),
      },
      { requiredKeys: ["name"] },
    ),
  ],
  sn: [
    {
      type: "list",
      required: false,
      schema: {
        minItems: 1,
        items: {
          anyOf: [{ type: "number", minimum: 1 }, { const: "none" }, { type: "array", items: { type: "integer" } }],
          not: { const: 13 },
        },
      },
    },
    fc.constantFrom([1], [2.5, "none"], [[1, 2]]),
  ],
};
const names = Object.keys(pool);

/** The number of valid messages at the beginning of `turns`. */
const RIGHT = 15;

/** Messages in the formats of SDKs: valid ones first, then invalid ones. */
const turns = [
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

const templates = [
  "Hello {{ s }}",
  "{{ n }} {{ f }}{% if b %} yes{% endif %}",
  "{% for x in l %}{{ loop.index }}. {{ x }}\n{% else %}none{% endfor %}",
  "{{ ls | join(', ') }} {{ e | upper }}",
  "{% for k, v in d.items() %}{{ k }}={{ v }} {% endfor %}",
  "{{ d.a | default('-', true) }}{{ a }}",
  "{{ d | tojson }} {{ l | tojson(indent=2) }}",
  "{% set y = s ~ '!' %}{{ y }} {{ n // 7 }} {{ n % 7 }} {{ (n / 7) > 1 }}",
  "{% for x in l if x is string %}{{ x }}{{ loop.last }}{% endfor %}",
  "{{ s[1:3] }}|{{ l[:2] | join('-') }}",
  "{{ sd.name if sd else 'nobody' }} {{ sn }}",
  "{% for m in h or [] %}{{ m.role }};{% endfor %}",
  "{{ d.get('b', 'x') if b else d.b is defined }}",
  "{{ {'k': s}['k'] }} {{ li }} {{ lf | length }}",
  "{{ l | first }} {{ l[0] }}",
  "{% macro m(x, y='-') %}[{{ x }}{{ y }}]{% endmacro %}{{ m(s) }}{{ m(n, y=e) }}",
  "{% set t %}{{ s }}\n{{ n }}{% endset %}{{ t | indent(2) | capitalize }}",
  "{% set ns = namespace(c=0) %}{% for x in l %}{% set ns.c = ns.c + 1 %}{% endfor %}{{ ns.c }}",
  "{% for i in range(l | length) %}{{ i }}{{ l[i] }}{% endfor %}{{ ls | sort | join }}",
  "{{ s.split() | join('-') }}{{ s | e }}{{ l | select('string') | list | length }}{{ f is float }}",
];
const message = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      role: fc.constantFrom("system", "developer", "user", "assistant"),
      content: fc.constantFrom(...templates),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ role: "placeholder", content: "{{ h }}" }) },
  {
    weight: 2,
    arbitrary: fc.record({
      role: fc.constantFrom("user", "system"),
      content: fc.array(
        fc.oneof(
          fc.constantFrom(...templates).map((text) => ({ type: "text", text })),
          fc.constantFrom("{{ im }}", "{{ im or '' }}", PIXEL, "{{ s }}").map((image) => ({ type: "image", image })),
        ),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom(...templates).map((content) => ({ role: "user", content, name: "ada" })) },
  {
    weight: 1,
    arbitrary: fc.constant({
      role: "system",
      content: "{% for r in demonstrations %}{{ r.s }}: {{ r.o }}\n{% endfor %}",
    }),
  },
);
const demonstrations = fc
  .record({
    columns: fc.constantFrom(
      [
        { id: "s", type: "str" },
        { id: "o", name: "Answer", type: "any" },
      ],
      [
        { id: "s", type: "str" },
        { id: "n", type: "int" },
        { id: "o", type: "any" },
      ],
      [
        { id: "o", type: "any" },
        { id: "f", type: "float" },
      ],
    ),
    rows: fc.array(
      fc.record({
        s: fc.constantFrom("q", "w"),
        n: fc.nat(9),
        f: fc.constantFrom(1, 1.5),
        o: fc.constantFrom("a", 2, 2.5, { x: 1 }),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ columns, rows }) => ({
    columns,
    rows: rows.map((row) => Object.fromEntries(columns.map(({ id }) => [id, row[id]]))),
  }));

export const documents = fc
  .record(
    {
      messages: fc.array(message, { minLength: 1, maxLength: 4 }),
      inputs: fc
        .oneof(
          { weight: 12, arbitrary: fc.constant(names) },
          { weight: 1, arbitrary: fc.subarray(names, { minLength: 9 }) },
          // Without declared inputs, templates determine them.
          { weight: 3, arbitrary: fc.constant(undefined) },
        )
        .map((chosen) => chosen?.map((name) => ({ name, ...pool[name][0] }))),
      template: fc.record({ undefined: fc.constantFrom("strict", "lenient") }),
      shown: fc.oneof(
        fc.constant({ promptingTechnique: "chain_of_thought" }),
        fc.record({ promptingTechnique: fc.constantFrom("few_shot", "in_context"), demonstrations }),
        fc.record({ demonstrations }),
      ),
      outputs: fc.constantFrom(
        [{ name: "o", type: "str" }],
        [{ name: "o", type: "json_schema", schema: { type: "object", properties: { x: { type: "integer" } } } }],
      ),
      model: fc.constant("openai/gpt-4o-mini"),
      parameters: fc.constant({ temperature: 0.5, maxTokens: 100, other: { deep: [1, 2.5] } }),
      tools: fc.constant([{ type: "function", function: { name: "f" } }]),
    },
    { requiredKeys: ["messages", "inputs"] },
  )
  .map(({ shown, inputs, ...document }) => ({ ...document, ...(inputs && { inputs }), ...shown }));

const anything = fc.oneof(
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
export const given = fc
  .record({
    fit: fc.record(Object.fromEntries(names.map((name) => [name, pool[name][1]])), { requiredKeys: [] }),
    whole: fc.nat(3).map((n) => n > 0),
    wrong: fc.dictionary(
      fc.constantFrom(...names, "nn", "S", "history", "default_word", "range", "namespace"),
      anything,
      { maxKeys: 3 },
    ),
    isWrong: fc.nat(2),
    isHidden: fc.nat(9).map((n) => n === 0),
  })
  .chain(({ fit, whole, wrong, isWrong, isHidden }) =>
    (whole ? fc.record(Object.fromEntries(names.map((name) => [name, pool[name][1]]))) : fc.constant(fit)).map(
      (base) => {
        const inputs = { ...base, ...(isWrong === 0 && wrong) };
        // A property that is not enumerable.
        return isHidden ? Object.defineProperty(inputs, "s", { value: "hidden", enumerable: false }) : inputs;
      },
    ),
  );

const of = (module, version) =>
  new module.Cuecard({
    url: "https://origin.example",
    key: "k",
    snapshot: {
      format: 1,
      project: "p",
      revision: 1,
      tag: "production",
      createdAt: "2026-01-01T00:00:00Z",
      prompts: [version],
    },
  }).get("a@1");

/** The result as JSON: the rendered messages or the error. */
function outcome(run) {
  try {
    const rendered = run();
    return JSON.stringify(rendered);
  } catch (error) {
    const { code, status, message, issues, at } = error;
    return JSON.stringify({ error: { code, status, message, issues, at } });
  }
}

/** A work limit below the default: only the engine counts work. */
const LESS = 299_999;

/** Codes of issues about values that no template reads: a plan ignores these values. */
const UNREAD = /^(unsupported_type|not_finite|invalid_unicode|unsafe_integer|missing_input|unreadable|cycle)$/;

/** Compares `count` documents, each with 4 inputs. */
export async function compare(count, seed) {
  const seen = { documents: 0, plans: 0, renders: 0, byPlan: 0, refused: 0, refusedByPlan: 0 };
  const property = fc.asyncProperty(
    documents,
    fc.array(given, { minLength: 4, maxLength: 4 }),
    async (document, all) => {
      let compiled;
      try {
        compiled = full.compile(document);
      } catch (error) {
        assert.ok(error instanceof full.PromptError && error.code !== "internal", String(error));
        return;
      }
      seen.documents++;
      const stored = compiled.document;
      const plan = full.__engine.ship(stored);
      if (plan !== undefined) seen.plans++;
      const version = {
        slug: "a",
        version: 1,
        id: "i",
        hash: compiled.hash,
        createdAt: "2026-01-01T00:00:00Z",
        ...stored,
        resolved: { revision: 1, plan },
      };
      // A copy for each client, as if parsed from an answer.
      const [ours, theirs] = await Promise.all(
        [light, full].map((module) => of(module, JSON.parse(JSON.stringify(version)))),
      );
      assert.deepEqual(ours.inputs, theirs.inputs);
      assert.deepEqual(ours.warnings, theirs.warnings);
      assert.deepEqual(ours.document, theirs.document);
      assert.equal(ours.hash, theirs.hash);
      const read = new Set(compiled.inputs.map(({ name }) => name));
      for (const [index, given] of all.entries()) {
        // Where templates determine the inputs, most renders get only inputs that they read.
        const isFitted = document.inputs === undefined && index > 0;
        const inputs = isFitted ? Object.fromEntries(Object.entries(given).filter(([name]) => read.has(name))) : given;
        const before = engineCalls;
        const [mine, issues] = [outcome(() => ours.render(inputs)), outcome(() => ours.check(inputs))];
        const isOwn = engineCalls === before;
        seen.renders++;
        const isError = mine.startsWith('{"error"');
        if (isError) seen.refused++;
        if (isOwn) seen[isError ? "refusedByPlan" : "byPlan"]++;
        assert.equal(
          mine,
          outcome(() => theirs.render(inputs)),
        );
        assert.equal(
          issues,
          outcome(() => theirs.check(inputs)),
        );
        const alone = outcome(() => theirs.render(inputs, { work: LESS }));
        const unread = !isError && (JSON.parse(alone).error?.issues ?? [{}]).every(({ code }) => UNREAD.test(code));
        if (!unread) assert.equal(mine, alone);
      }
    },
  );
  await fc.assert(property, { numRuns: count, seed });
  return seen;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const count = Number(process.argv[2] ?? 100_000);
  console.log(JSON.stringify(await compare(count, Number(process.argv[3] ?? Date.now() % 2 ** 31))));
}
