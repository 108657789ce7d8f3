// A host's options of a render through the packed package: `now`, and the work limit.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { installed } from "../tarball.mjs";

let app;
let compile;

before(async () => {
  app = installed();
  ({ compile } = await import(pathToFileURL(join(app.dir, "node_modules/cuecard/dist/index.js"))));
});
after(() => app?.remove());

const prompt = (content) => compile({ messages: [{ role: "user", content }], template: { dialect: "huggingface" } });
const text = (rendered) => rendered.messages[0].content;

test("`now` sets the time of strftime_now, in the host's time zone", () => {
  const told = prompt("{{ strftime_now('%Y-%m-%d %H:%M:%S') }}");
  const now = new Date(2024, 1, 29, 8, 5, 9);
  assert.equal(text(told.render({}, { now })), "2024-02-29 08:05:09");
  assert.equal(text(told.render({}, { now: new Date(1999, 11, 31, 23, 59, 59) })), "1999-12-31 23:59:59");
  const year = prompt("{{ strftime_now('%Y') }}");
  assert.match(text(year.render({})), /^20\d\d$/);
});

test("`work` raises or lowers the limit of a render", () => {
  const busy = prompt("{% for i in range(90000) %}{% for j in range(2) %}{% endfor %}{% endfor %}done");
  const limit = { code: "limit_exceeded" };
  assert.throws(() => busy.render({}), limit);
  assert.equal(text(busy.render({}, { work: 3_000_000 })), "done");
  assert.throws(() => busy.render({}), limit);
  assert.throws(() => busy.render({}, { work: 100 }), limit);
});

test("`work` is at most 10,000,000 units", () => {
  const endless = prompt("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}");
  assert.throws(() => endless.render({}, { work: 10_000_000 }), { code: "limit_exceeded" });
});

test("`work` below 1 or NaN allows no render", () => {
  const plain = prompt("{% for i in range(10) %}{{ i }}{% endfor %}");
  for (const work of [0, -1, 0.5, Number.NaN, -Infinity])
    assert.throws(() => plain.render({}, { work }), { code: "limit_exceeded" }, `${work}`);
  for (const work of [1000, 1000.5, 10_000_000, Infinity, undefined])
    assert.equal(text(plain.render({}, { work })), "0123456789", `${work}`);
});

/** A chat of `length` messages, with a tool call in every third turn, and eight tools. */
function chat(length) {
  const messages = [{ role: "system", content: "You answer questions about orders, in one sentence." }];
  for (let turn = 0; messages.length < length; turn++) {
    messages.push({ role: "user", content: `What is the state of order ${turn}? `.repeat(4) });
    if (turn % 3 === 0) {
      const call = { name: "get_order", arguments: { id: turn, fields: ["state", "day"] } };
      messages.push({
        role: "assistant",
        content: "",
        tool_calls: [{ id: `call${turn}`, type: "function", function: call }],
      });
      messages.push({ role: "tool", tool_call_id: `call${turn}`, name: "get_order", content: '{"state": "sent"}' });
    }
    messages.push({ role: "assistant", content: `Order ${turn} was sent. `.repeat(5) });
  }
  const parameters = { type: "object", properties: { id: { type: "integer" }, fields: { type: "array" } } };
  const tools = Array.from({ length: 8 }, (_, n) => ({
    type: "function",
    function: { name: `get_${n}`, description: "Looks up what there is in the shop", parameters },
  }));
  return {
    messages: messages.slice(0, length),
    tools,
    add_generation_prompt: true,
    bos_token: "<s>",
    eos_token: "</s>",
  };
}

const templates = new URL("../fixtures/jinja2/chat/", import.meta.url);
for (const name of readdirSync(templates).filter((file) => file.endsWith(".jinja"))) {
  test(`a chat of 1,000 messages with tools through ${name} stays within the default work`, () => {
    const template = readFileSync(new URL(name, templates), "utf8");
    const { messages, ...rest } = chat(1000);
    // This template accepts only alternating turns of user and assistant.
    const plain = messages.filter(({ role, content }) => ["user", "assistant"].includes(role) && content !== "");
    const inputs = name === "inst.jinja" ? { ...rest, messages: plain } : { ...rest, messages };
    assert.match(text(prompt(template).render(inputs)), /Order 6 was sent\./);
  });
}

test("templates that look back from every message, or append to one text, need more work for a chat of 1,000", () => {
  const back = prompt(`{% for message in messages %}{% set ns = namespace(user=-1) %}
{%- for i in range(loop.index0 - 1, -1, -1) %}{% if messages[i].role == 'user' and ns.user < 0 %}{% set ns.user = i %}{% endif %}{% endfor %}
{{- message.role }}:{{ ns.user }}
{% endfor %}`);
  const added =
    prompt(`{% set ns = namespace(out='') %}{% for message in messages %}{% set ns.out = ns.out ~ message.role ~ ':' %}
{%- set ns.out = ns.out + message.content %}{% set ns.out = ns.out ~ '\\n' %}{% endfor %}{{ ns.out }}`);
  const inputs = chat(1000);
  const limit = { code: "limit_exceeded" };
  for (const template of [back, added]) {
    assert.throws(() => template.render(inputs), limit);
    assert.ok(text(template.render(inputs, { work: 10_000_000 })).length > 10_000);
  }
  const want = inputs.messages.map(({ role, content }) => `${role}:${content}\n`).join("");
  assert.equal(text(added.render(inputs, { work: 10_000_000 })), want);
});
