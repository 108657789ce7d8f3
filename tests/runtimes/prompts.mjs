// Random documents and inputs for the comparison of both clients (`compare.mjs`).
import fc from "fast-check";
import { anything, PIXEL, RIGHT, turns } from "./values.mjs";

/** Plain data of few names and values, so that it fits a random schema now and then. */
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(null, true, false, 0, 1, 2.5, -3, 13, 2 ** 40, "", "a", "b", "ab", "ä😀", "2"),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "ä", "constructor", "2"), tie("json"), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
}));
const count = fc.nat(3);
const bound = fc.constantFrom(-3, 0, 1, 2.5, 13);
/** Schemas of all keywords. */
export const { schema } = fc.letrec((tie) => {
  const several = fc.array(tie("schema"), { minLength: 1, maxLength: 3 });
  const type = fc.constantFrom("null", "boolean", "integer", "number", "string", "array", "object");
  return {
    schema: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      { weight: 1, arbitrary: fc.constantFrom({}, true, false) },
      {
        weight: 4,
        arbitrary: fc
          .record(
            {
              type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 5 })),
              enum: fc.array(json, { minLength: 1, maxLength: 4 }),
              const: json,
              minLength: count,
              maxLength: count,
              minimum: bound,
              maximum: bound,
              exclusiveMinimum: bound,
              exclusiveMaximum: bound,
              minItems: count,
              maxItems: count,
              uniqueItems: fc.boolean(),
              minProperties: count,
              maxProperties: count,
            },
            { requiredKeys: [] },
          )
          .map((all) => Object.fromEntries(Object.entries(all).filter((_, i) => i % 4 === 0))),
      },
      {
        weight: 3,
        arbitrary: fc.record(
          {
            properties: fc.dictionary(fc.constantFrom("a", "b", "ä", "constructor"), tie("schema"), { maxKeys: 3 }),
            required: fc.subarray(["a", "b", "ä", "2"]),
            additionalProperties: tie("schema"),
            items: tie("schema"),
          },
          { requiredKeys: [] },
        ),
      },
      {
        weight: 2,
        arbitrary: fc.oneof(
          several.map((anyOf) => ({ anyOf })),
          several.map((oneOf) => ({ oneOf })),
          several.map((allOf) => ({ allOf })),
          tie("schema").map((not) => ({ not })),
        ),
      },
    ),
  };
});

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
const more = {
  ln: [{ type: "list[int]", required: false }, fc.array(fc.integer(), { maxLength: 3 })],
  lb: [{ type: "list[bool]", default: [true] }, fc.array(fc.boolean(), { maxLength: 3 })],
  h2: [
    { type: "messages", default: [turns[1]] },
    fc.array(fc.nat(20), { maxLength: 2 }).map((all) => all.map((i) => turns[i % RIGHT])),
  ],
  rd: [
    { type: "dict", required: false },
    fc.dictionary(fc.constantFrom("a", "b", "ä", "constructor", "2"), json, { maxKeys: 3, noNullPrototype: true }),
  ],
  rl: [{ type: "list", required: false }, fc.array(json, { maxLength: 3 })],
  ad: [
    { type: "object", default: { a: [1, 2.5], name: "Ada" } },
    json.filter((value) => value?.constructor === Object),
  ],
};
Object.assign(pool, more);
const names = Object.keys(pool);

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
  "{{ ln | sum }}{% for x in lb %}{{ loop.revindex }}{{ x }}{% endfor %}{{ rl | length }}",
  "{% for k, v in ad | dictsort %}{{ k }}{{ v is string }};{% endfor %}{{ ad.a[::-1] | join if ad.a is sequence }}",
  "{{ rd | tojson }}{{ rd.a.b if rd and rd.a is mapping }}{{ rl | first if rl }}{% for m in h2 %}{{ m.content }}{% endfor %}",
  "{% for m in h or h2 if m.role == 'user' %}{{ m.content if m.content is string else m.content | length }}{% endfor %}",
  "{{ range(3) | list | last }}{{ namespace is defined }}{{ s | safe }}{{ e | e }}",
  "{% filter upper %}{{ s }}\n  {% if b %}{{ n }}{% endif %}\n{% endfilter %}{{ d | length }}\n",
  "  {% if s %}\n    {{ s[::-1] }}\n  {% endif %}\n",
  "{{ n ** 2 }}",
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
  { weight: 1, arbitrary: fc.constant({ role: "placeholder", content: "h2" }) },
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
      schema: fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        schema.filter((one) => typeof one === "object"),
      ),
      template: fc.record(
        {
          undefined: fc.constantFrom("strict", "lenient"),
          language: fc.constantFrom("jinja2", "jinja2", "jinja2", "text"),
          dialect: fc.constantFrom("jinja2", "huggingface"),
          trimBlocks: fc.boolean(),
          lstripBlocks: fc.boolean(),
          keepTrailingNewline: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      shown: fc.oneof(
        fc.constant({ promptingTechnique: "chain_of_thought" }),
        fc.record({ promptingTechnique: fc.constantFrom("few_shot", "in_context"), demonstrations }),
        fc.record({ demonstrations }),
      ),
      outputs: fc.constantFrom(
        [{ name: "o", type: "str" }],
        [{ name: "o", type: "json_schema", schema: { type: "object", properties: { x: { type: "integer" } } } }],
        [
          { name: "o", type: "float" },
          { name: "p", type: "bool" },
        ],
      ),
      model: fc.constant("openai/gpt-4o-mini"),
      parameters: fc.constant({ temperature: 0.5, maxTokens: 100, other: { deep: [1, 2.5] } }),
      provider: fc.constant("azure"),
      tools: fc.constant([{ type: "function", function: { name: "f" } }]),
      toolChoice: fc.constantFrom("auto", { type: "function", function: { name: "f" } }),
      responseFormat: fc.constant({ type: "json_object" }),
      metadata: fc.constant({ team: "a", deep: [1, { b: null }] }),
    },
    { requiredKeys: ["messages", "inputs"] },
  )
  .map(({ shown, inputs, schema, responseFormat, toolChoice, ...document }) => {
    const declared = inputs?.map((input) => (schema && /^r[dl]$/.test(input.name) ? { ...input, schema } : input));
    return {
      ...document,
      ...(declared && { inputs: declared }),
      ...(document.outputs === undefined && responseFormat && { responseFormat }),
      ...(document.tools && toolChoice && { toolChoice }),
      ...shown,
    };
  });

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
