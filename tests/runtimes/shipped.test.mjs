// Plans that come with an answer: a valid plan renders without the engine, and any other plan leaves the prompt to the
// engine.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { canonical, sealed } from "./seal.mjs";

// Counts the compilations of the engine, by wrapping every instance that the package makes.
let engineCompiles = 0;
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const { exports } = new Instance(...args);
  return { exports: { ...exports, compile: (...inputs) => (engineCompiles++, exports.compile(...inputs)) } };
};
const { __engine } = await import("../../pkg/dist/node.js");
const { Cuecard } = await import("../../pkg/dist/light.node.js");

const document = {
  messages: [
    { role: "system", content: "You are {{ who }}.{% for x in facts %} {{ x }}{% endfor %}" },
    { role: "user", content: "Hello {{ name }}" },
  ],
  inputs: [
    { name: "who", type: "str" },
    { name: "facts", type: "list[str]", default: ["one", "two"] },
    { name: "name", type: "str" },
  ],
};
const given = { who: "Bot", name: "Ada" };
const right = ["You are Bot. one two", "Hello Ada"];
const plan = __engine.ship(document);
const hash = "0".repeat(64);
const copy = (value) => JSON.parse(JSON.stringify(value));

const sha256 = (value) => createHash("sha256").update(canonical(value)).digest("hex");

function changed(change, seals = false) {
  const other = copy(plan);
  change(other);
  return seals ? sealed(other, document) : other;
}

function version(plan, of = document) {
  const resolved = { revision: 1, ...(plan !== undefined && { plan }) };
  return { slug: "a", version: 1, id: "i", hash, createdAt: "2026-01-01T00:00:00Z", ...copy(of), resolved };
}

const client = (answer, options) =>
  new Cuecard({ url: "https://origin.example", key: "k", fetch: async () => Response.json(answer), ...options });

/** The rendered texts, and the number of times the engine compiled for them. */
async function rendered(answer, options) {
  const before = engineCompiles;
  const prompt = await client(answer, options).get("a@1");
  const texts = prompt.render(given).messages.map(({ content }) => content);
  return { texts, engine: engineCompiles - before };
}

test("`snapshot` makes its own plans and ignores the origin's", async () => {
  const forged = changed((plan) => (plan.plan.messages[1].text = [[], ["Bye"]]), true);
  const taken = { format: 1, project: "p", revision: 1, tag: "production", createdAt: "2026-01-01T00:00:00Z" };
  for (const plan of [forged, undefined]) {
    const snapshot = await client({ ...taken, prompts: [version(plan)] }).snapshot();
    assert.deepEqual(snapshot.prompts[0].resolved, { revision: 1, plan: __engine.ship(document) });
  }
});

test("macros, namespaces and a history need one more file, but not the engine", async () => {
  const wider = {
    messages: [
      { role: "system", content: "{% macro m(x) %}<{{ x | indent }}>{% endmacro %}{{ m(who) }}{{ m(x=name) }}" },
      {
        role: "system",
        content: "{% set ns = namespace(n=1) %}{% for i in [2, 3] %}{% set ns.n = i %}{% endfor %}{{ ns.n }}",
      },
      { role: "placeholder", content: "{{ history }}" },
    ],
    inputs: [...document.inputs, { name: "history", type: "messages", default: [{ role: "user", content: "Hi" }] }],
  };
  const answer = version(__engine.ship(wider), wider);
  assert.deepEqual(await rendered(answer), { texts: ["<Bot><Ada>", "3", "Hi"], engine: 0 });
});

test("a history of long texts that are not ASCII needs no engine", async () => {
  const chat = { ...document, messages: [{ role: "placeholder", content: "{{ history }}" }] };
  chat.inputs = [{ name: "history", type: "messages" }];
  const before = engineCompiles;
  const prompt = await client(version(__engine.ship(chat), chat)).get("a@1");
  const history = [{ role: "user", content: "\u4f60\u597d".repeat(5_000) }];
  assert.deepEqual(prompt.render({ history }).messages, history);
  assert.equal(engineCompiles, before);
});

test("a valid plan renders without the engine", async () => {
  assert.deepEqual(await rendered(version(plan)), { texts: right, engine: 0 });
});

const text = (plan) => plan.plan.messages[1].text[1];
const wrong = {
  none: undefined,
  null: null,
  "a text": "plan",
  "an empty object": {},
  "one whose text was changed": changed((plan) => (text(plan)[0] = "Goodbye ")),
  "one without its seal": changed((plan) => delete plan.seal),
  "one whose seal is of something else": changed((plan) => (plan.seal = "0".repeat(64))),
  "one that was cut off": changed((plan) => plan.plan.messages.pop()),
  "one with an input less": changed((plan) => plan.inputs.pop()),
  "one of a later format": changed((plan) => (plan.format = 2), true),
  "one of no format": changed((plan) => delete plan.format, true),
  "one of another document": __engine.ship({ messages: [{ role: "user", content: "Goodbye {{ name }}" }] }),
  // With a valid seal, as another implementation of the server would write it.
  "one with a node that nobody knows": changed((plan) => text(plan).push(["shout", ["name", 0]]), true),
  "one with a filter that nobody knows": changed(
    (plan) => text(plan).push(["print", ["filter", "shout", ["name", 0], []]]),
    true,
  ),
  "one with a slot that is none": changed((plan) => text(plan).push(["print", ["name", "__proto__"]]), true),
  "one with a slot far out": changed((plan) => text(plan).push(["print", ["name", 2 ** 40]]), true),
  "one with too few parts": changed((plan) => text(plan).push(["print"]), true),
  "one with an object for a constant": changed((plan) => text(plan).push(["print", ["const", { a: 1 }]]), true),
  "one with a field of a loop that nobody knows": changed(
    (plan) => text(plan).push(["print", ["loop", 0, "depth"]]),
    true,
  ),
  "one with a type that nobody knows": changed((plan) => (plan.inputs[0].type = "colour"), true),
  "one with a role that nobody knows": changed((plan) => (plan.plan.messages[0].role = "narrator"), true),
  "one with a message of two kinds": changed((plan) => (plan.plan.messages[0].parts = []), true),
  "one whose pairs fill an input that is none": changed(
    (plan) => (plan.plan.pairs = { columns: ["q"], rows: [[[], "a"]] }),
    true,
  ),
  "one that is nested without end": changed((plan) => {
    let node = ["name", 0];
    for (let i = 0; i < 1_000; i++) node = ["not", node];
    text(plan).push(["print", node]);
  }, true),
  // It runs for so long that the engine takes over.
  "one that loops for ever": changed((plan) => {
    const list = ["const", "x"];
    let body = ["x"];
    const items = ["list", Array.from({ length: 100 }, () => list)];
    for (let i = 0; i < 6; i++) body = [["for", 9, "", items, null, [[], []], body, [[], []], [], null]];
    text(plan).push(...body);
  }, true),
  "one that writes without end": changed((plan) => {
    const long = "x".repeat(1_000);
    const items = ["list", Array.from({ length: 500 }, () => ["const", "x"])];
    text(plan).push(["for", 9, "", items, null, [[], []], [long], [[], []], [], null]);
  }, true),
};

for (const [name, plan] of Object.entries(wrong)) {
  test(`${name}: the engine renders`, async () => {
    const started = process.cpuUsage();
    assert.deepEqual(await rendered(version(plan)), { texts: right, engine: 1 });
    assert.ok(process.cpuUsage(started).user < 10_000_000);
  });
}

test("a plan beside a document that was changed afterwards: the engine renders the document", async () => {
  const edited = copy(document);
  edited.messages[1].content = "Goodbye {{ name }}";
  assert.deepEqual(await rendered(version(plan, edited)), { texts: [right[0], "Goodbye Ada"], engine: 1 });
});

test("a snapshot's plans render, unless the snapshot was edited by hand", async () => {
  const snapshot = (version) => ({
    format: 1,
    project: "p",
    revision: 1,
    tag: "production",
    createdAt: "2026-01-01T00:00:00Z",
    prompts: [version],
  });
  const options = (version) => ({
    snapshot: snapshot(version),
    fetch: async () => Promise.reject(new Error("offline")),
  });
  assert.deepEqual(await rendered(undefined, options(version(plan))), { texts: right, engine: 0 });
  const edited = copy(document);
  edited.messages[1].content = "Bye {{ name }}";
  assert.deepEqual(await rendered(undefined, options(version(plan, edited))), {
    texts: [right[0], "Bye Ada"],
    engine: 1,
  });
});

test("a locked prompt is rendered by the lock's plan, not by the origin's", async () => {
  const forged = changed((plan) => (text(plan)[0] = "Goodbye "), true);
  const locked = (plan) => ({
    format: 1,
    prompts: { a: { production: { version: 1, hash: sha256(document) } } },
    snapshot: {
      format: 1,
      project: "p",
      revision: 1,
      tag: "staging",
      createdAt: "2026-01-01T00:00:00Z",
      prompts: [{ ...version(plan), hash: sha256(document), version: 2 }],
    },
  });
  const answer = { ...version(forged), hash: sha256(document) };
  assert.deepEqual(
    await rendered(answer),
    { texts: [right[0], "Goodbye Ada"], engine: 0 },
    "without a lock the client trusts a forged plan with a valid seal",
  );
  // The client refuses a plan that claims another hash than the locked one.
  const claimed = sealed({ ...plan, hash: "1".repeat(64) });
  assert.deepEqual(await rendered(answer, { lock: locked(claimed) }), { texts: right, engine: 1 });
  assert.deepEqual(await rendered(answer, { lock: locked(undefined) }), { texts: right, engine: 1 });
  assert.deepEqual(await rendered(answer, { lock: locked(plan) }), { texts: right, engine: 0 });
  const other = { ...version(plan), messages: [{ role: "user", content: "{{ name }}" }] };
  await assert.rejects(client(other, { lock: locked(plan), timeout: 300 }).get("a"), { code: "prompt_unavailable" });
});

/** Runs a script in a process of its own, with `load`, `client`, `answer` and `given` in scope. */
function alone(script) {
  const head = `
    let modules = 0;
    const { Module } = WebAssembly;
    WebAssembly.Module = function (...args) { modules++; return new Module(...args); };
    const answer = ${JSON.stringify(version(plan))};
    const given = ${JSON.stringify(given)};
    const load = () => import(${JSON.stringify(new URL("../../pkg/dist/light.node.js", import.meta.url).href)});
    const client = ({ Cuecard }) => new Cuecard({ url: "https://a.test", key: "k", fetch: async () => Response.json(answer) });
  `;
  const args = ["--no-warnings", "--input-type=module", "--eval", head + script];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

test("import, get, render, checks and refusals load no wasm; `compile` and `to` load it synchronously", () => {
  const seen = alone(`
    const light = await load();
    const prompt = await client(light).get("a");
    const { messages } = prompt.render(given);
    const issues = prompt.check({ who: 1, naem: "x" });
    let code;
    try { prompt.render({ who: 1 }); } catch (error) { code = error.code; }
    const before = modules;
    const { hash } = light.compile({ messages: [{ role: "user", content: "a" }] });
    const { body } = prompt.render(given).to("openai_chat");
    console.log(JSON.stringify({ messages, issues, code, before, modules, hash, body }));
  `);
  assert.deepEqual(
    seen.messages.map(({ content }) => content),
    right,
  );
  assert.deepEqual(
    seen.issues.map(({ code, pointer, suggestion }) => [code, pointer, suggestion]),
    [
      ["wrong_type", "/who", undefined],
      ["missing_input", "/name", undefined],
      ["unknown_input", "/naem", "name"],
    ],
  );
  assert.deepEqual(
    [seen.code, seen.before, seen.modules, seen.body.messages[1].content],
    ["input_invalid", 0, 2, right[1]],
  );
});

test("without synchronous loading, `compile` is refused until `ready` has loaded the engine", () => {
  const seen = alone(`
    process.getBuiltinModule = undefined;
    const light = await load();
    const cue = client(light);
    const prompt = await cue.get("a");
    const texts = prompt.render(given).messages.map(({ content }) => content);
    let code;
    try { light.compile({ messages: [{ role: "user", content: "a" }] }); } catch (error) { code = error.code; }
    await light.ready();
    const { hash } = light.compile({ messages: [{ role: "user", content: "a" }] });
    console.log(JSON.stringify({ texts, code, hash, modules }));
  `);
  assert.deepEqual([seen.texts, seen.code, seen.modules], [right, "engine_pending", 1]);
});

test("inputs that only the engine can check are rendered unchanged", async () => {
  const checked = {
    messages: [{ role: "user", content: "{{ v | length }} of {{ v }}" }],
    inputs: [
      { name: "v", type: "list", schema: { type: "array", items: { anyOf: [{ enum: [1e-7] }, { type: "number" }] } } },
    ],
  };
  const cue = client(version(__engine.ship(checked), checked));
  const prompt = await cue.get("a@1");
  assert.equal(prompt.render({ v: [5] }).messages[0].content, "1 of [5]");
  assert.deepEqual(prompt.check({ v: [5] }), []);
});
