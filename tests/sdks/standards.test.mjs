// Standard Schema in both directions, with third-party schemas; telemetry with OpenTelemetry's own exporter.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { InMemorySpanExporter, BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { Cuecard, PromptError, attributes, compile } from "../../pkg/dist/node.js";

const messages = [{ role: "user", content: "{{ name }} {{ age | default('') }} {{ tone }} {{ tags | join(',') }}" }];
const expected = [
  ["name", "str", true],
  ["age", "int", false],
  ["tone", "str", true],
  ["tags", "list[str]", true],
];
const valibot = v.object({
  name: v.string(),
  age: v.optional(v.pipe(v.number(), v.integer())),
  tone: v.picklist(["kind", "brief"]),
  tags: v.array(v.string()),
});
const schemas = {
  "zod 4": z.object({
    name: z.string(),
    age: z.int().optional(),
    tone: z.enum(["kind", "brief"]),
    tags: z.array(z.string()),
  }),
  ArkType: type({ name: "string", "age?": "number.integer", tone: "'kind' | 'brief'", tags: "string[]" }),
  Valibot: valibot,
  "Valibot, to-json-schema": toStandardJsonSchema(valibot),
};

for (const [name, inputs] of Object.entries(schemas)) {
  test(`${name}: a schema becomes declared inputs, which check values`, () => {
    const prompt = compile({ messages }, { inputs });
    const read = prompt.inputs.map((input) => [input.name, input.type, input.required ?? true]);
    const byName = (a, b) => a[0].localeCompare(b[0]);
    assert.deepEqual(read.sort(byName), [...expected].sort(byName));
    const rendered = prompt.render({ name: "Ada", tone: "kind", tags: ["a", "b"] });
    assert.equal(rendered.messages[0].content, "Ada  kind a,b");
    const issues = prompt.check({ name: 1, tone: "loud", tags: ["a", 1] });
    assert.deepEqual(issues.map(({ pointer }) => pointer).sort(), ["/name", "/tags/1", "/tone"]);
  });
}

test("defaults, nested schemas and descriptions are kept; constraints without a counterpart are refused", () => {
  const inputs = z.object({
    tone: z.string().default("kind").describe("How it sounds"),
    customer: z.object({ id: z.string(), age: z.number() }),
    ok: z.boolean(),
  });
  const prompt = compile(
    { messages: [{ role: "user", content: "{{ tone }} {{ customer.id }} {{ ok }}" }] },
    { inputs },
  );
  assert.equal(prompt.render({ customer: { id: "x", age: 1.5 }, ok: true }).messages[0].content, "kind x True");
  assert.equal(prompt.inputs.find(({ name }) => name === "tone").description, "How it sounds");
  assert.deepEqual(prompt.check({ customer: { age: 2 }, ok: true })[0].code, "schema_mismatch");
  const refuses = (schema, words) =>
    assert.throws(
      () => compile({ messages }, { inputs: schema }),
      (error) => error instanceof PromptError && words.test(error.message),
    );
  refuses(z.object({ name: z.string().min(3) }), /`name` is narrowed by `minLength`/);
  refuses(z.string(), /not the schema of an object/);
  refuses(v.object({ name: v.pipe(v.string(), v.minLength(3)) }), /toStandardJsonSchema/);
  refuses({ "~standard": { version: 1, vendor: "other", validate() {} } }, /does not give its JSON Schema/);
});

test("defaults, choices and records of each library are kept; constraints by functions are refused", () => {
  const text = { messages: [{ role: "user", content: "{{ a is defined and a }}" }] };
  const inputs = (schema) => compile(text, { inputs: schema }).inputs;
  const json = (schema) => toStandardJsonSchema(schema);
  const same = (expected, ...schemas) => {
    for (const schema of schemas) assert.deepEqual(inputs(schema), [{ name: "a", ...expected }]);
  };
  const given = v.object({ a: v.optional(v.string(), () => "x") });
  const withDefault = [z.object({ a: z.string().default("x") }), given, json(given), type({ a: "string = 'x'" })];
  same({ type: "str", default: "x" }, ...withDefault);
  const oneOf = v.object({ a: v.union([v.literal("x"), v.literal("y")]) });
  const choice = z.object({ a: z.union([z.literal("x"), z.literal("y")]) });
  same({ type: "str", enum: ["x", "y"] }, choice, json(oneOf), type({ a: "'x' | 'y'" }));
  const picked = v.object({ a: v.picklist([1, 2]) });
  same({ type: "int", enum: [1, 2] }, z.object({ a: z.literal([1, 2]) }), picked, json(picked), type({ a: "1 | 2" }));
  const counts = v.object({ a: v.record(v.string(), v.number()) });
  const record = [
    z.object({ a: z.record(z.string(), z.number()) }),
    json(counts),
    type({ a: { "[string]": "number" } }),
  ];
  same({ type: "dict", schema: { additionalProperties: { type: "number" } } }, ...record);
  const odd = z.object({ a: z.object({ propertyNames: z.string(), anyOf: z.string() }) });
  const properties = { propertyNames: { type: "string" }, anyOf: { type: "string" } };
  same({ type: "dict", schema: { properties, required: ["propertyNames", "anyOf"] } }, odd);

  const refuses = (words, ...schemas) => {
    for (const schema of schemas)
      assert.throws(
        () => compile(text, { inputs: schema }),
        (error) => error instanceof PromptError && words.test(error.message),
      );
  };
  const string = () => z.string();
  refuses(
    /it transforms its value/,
    z.object({ a: string().transform((x) => x) }),
    z.object({ a: z.preprocess((x) => x, string()) }),
    z.object({ a: z.coerce.number() }),
    z.object({ a: string().trim() }),
    z.object({ a: string() }).transform((x) => x),
    v.object({ a: v.pipe(v.string(), v.transform(String)) }),
    type({ a: type("string").pipe((x) => x.length) }),
    type({ a: "string.numeric.parse" }),
  );
  const refined = /it is refined by a function/;
  refuses(
    refined,
    z.object({ a: string().refine(async () => true) }),
    z.object({ a: z.array(string().refine(() => true)) }),
    z.object({ a: string() }).refine(() => true),
  );
  refuses(
    refined,
    v.object({
      a: v.pipe(
        v.string(),
        v.check(() => true),
      ),
    }),
    type({ a: type("string").narrow(() => true) }),
  );
  refuses(/it is asynchronous/, v.objectAsync({ a: v.string() }));
  refuses(
    /it replaces wrong values/,
    z.object({ a: string().catch("x") }),
    v.object({ a: v.fallback(v.string(), "x") }),
  );
  refuses(/is not plain data/, type({ a: "Date" }), type({ a: "bigint" }), type({ a: "Date[]" }));
  refuses(/has no JSON Schema/, z.object({ a: z.date() }), z.object({ a: z.bigint() }));
  refuses(
    /several types|`anyOf`/,
    z.object({ a: string().nullable() }),
    z.object({ a: z.union([string(), z.number()]) }),
  );
  refuses(/`anyOf`/, type({ a: "string | null" }), json(v.object({ a: v.nullish(v.string()) })));
});

test("a prompt is a Standard Schema", () => {
  const prompt = compile({
    messages: [{ role: "user", content: "{{ name }}" }],
    inputs: [{ name: "name", type: "str" }],
  });
  const { version, vendor, validate } = prompt["~standard"];
  assert.deepEqual([version, vendor], [1, "cuecard"]);
  assert.deepEqual(validate({ name: "Ada" }), { value: { name: "Ada" } });
  const { issues } = validate({ nmae: "Ada" });
  assert.deepEqual(issues.map(({ path }) => path).sort(), [["name"], ["nmae"]]);
});

let origin;
let status = 200;
before(async () => {
  origin = createServer((_, response) => {
    const body = {
      slug: "support/bot",
      version: 3,
      id: "version_3",
      hash: "0".repeat(64),
      createdAt: "2026-01-01T00:00:00.000Z",
      messages: [{ role: "user", content: "{{ ticket }}" }],
      resolved: { tag: "production", revision: 5 },
    };
    response.writeHead(status, { "content-type": "application/json", etag: '"e"', "cuecard-revision": "5" });
    response.end(status === 200 ? JSON.stringify(body) : "{}");
  });
  await new Promise((resolve) => origin.listen(0, "127.0.0.1", resolve));
});
after(() => origin.close());

test("a rendered prompt reports its version, also to OpenTelemetry", async () => {
  const events = [];
  const url = `http://127.0.0.1:${origin.address().port}`;
  const cue = new Cuecard({ url, key: "k", freshFor: 0, onEvent: (event) => events.push(event) });
  const rendered = await cue.render("support/bot", { ticket: "It broke", secret: undefined });
  assert.deepEqual(
    [rendered.slug, rendered.version, rendered.tag, rendered.hash],
    ["support/bot", 3, "production", "0".repeat(64)],
  );
  assert.equal(rendered.source.state, "fresh");
  assert.deepEqual(Object.keys(rendered), ["messages"], "only the messages are enumerable");

  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tracer = provider.getTracer("test");
  tracer.startSpan("chat", { attributes: attributes(rendered) }).end();
  tracer.startSpan("chat", { attributes: attributes(rendered, { variables: true }) }).end();
  tracer.startSpan("chat", { attributes: attributes(rendered, { variables: ["other"] }) }).end();
  const [without, with_, other] = exporter.getFinishedSpans().map((span) => span.attributes);
  const named = { "gen_ai.prompt.name": "support/bot", "gen_ai.prompt.version": "3" };
  assert.deepEqual(without, named);
  assert.deepEqual(with_, { ...named, "gen_ai.prompt.variable.ticket": "It broke" });
  assert.deepEqual(other, named);

  status = 500;
  const stale = await cue.get("support/bot");
  assert.equal(stale.source.state, "stale");
  await assert.rejects(cue.get("other"));
  for (let tries = 0; events.length < 4 && tries < 400; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  const seen = events.map(({ type, slug, outcome, reason }) =>
    [type, slug, outcome ?? reason].filter(Boolean).join(" "),
  );
  assert.ok(seen.includes("fetch support/bot modified"), seen.join());
  assert.ok(seen.includes("fetch support/bot failed"), seen.join());
  assert.ok(
    seen.some((one) => one.startsWith("stale support/bot")),
    seen.join(),
  );
  assert.ok(
    seen.some((one) => one.startsWith("unavailable other")),
    seen.join(),
  );
  assert.ok(events.every(({ duration = 0 }) => duration >= 0));
});

test("an observer that throws changes nothing; `document` is the given document", async () => {
  status = 200;
  const url = `http://127.0.0.1:${origin.address().port}`;
  const onEvent = () => {
    throw new Error("observer");
  };
  const prompt = await new Cuecard({ url, key: "k", onEvent }).get("support/bot");
  assert.deepEqual(prompt.document, { messages: [{ role: "user", content: "{{ ticket }}" }] });
  const document = {
    messages: [{ role: "user", content: "ä {{ a }}" }],
    metadata: { n: [1, -2.5, null, true, { "": "x" }] },
  };
  assert.deepEqual(compile(document).document, document);
});
