// Unusual documents: the page shows every document that the API accepts, and no typed JSON breaks it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { fill, go, rendered, saved, studioOfFile, template } from "./studio.mjs";

const site = studioOfFile();

const messages = [{ role: "user", content: "x" }];

/** JSON texts that are no documents, but may be typed on the way to one. */
const NONE = {
  "no messages": {},
  "messages that are none": { messages: ["hi", null] },
  "content that is null": { messages: [{ role: "assistant", content: null }] },
  "parts of another kind": { messages: [{ role: "user", content: [{ type: "file", file: "x" }] }] },
  "another role": { messages: [{ role: "critic", content: "x" }] },
  "a name that is a number": { messages: [{ role: "user", name: 5, content: "x" }] },
  "inputs as an object": { messages, inputs: { a: "str" } },
  "an input that is null": { messages, inputs: [null] },
  "a type that is a number": { messages, inputs: [{ name: "a", type: 5, description: 5, enum: "x" }] },
  "outputs as a text": { messages, outputs: "str" },
  "an output's type": { messages, outputs: [{ name: "a", type: 3, schema: "x" }] },
  "a model that is none": { messages, model: { a: 1 }, provider: 5, parameters: [1] },
  "parameters of other types": { messages, parameters: { temperature: "hot", stop: { a: 1 }, maxTokens: [1] } },
  "tools that are none": { messages, tools: [{ function: "x", name: 5 }], toolChoice: 5, responseFormat: [1] },
  "rows that are null": { messages, demonstrations: { columns: [{ id: "a", type: "str" }], rows: [null] } },
  "columns without a table": { messages, demonstrations: [] },
  "a cell that is an object": {
    messages,
    demonstrations: { columns: [{ id: "a", type: 5, name: 5 }], rows: [{ a: { b: [1] } }] },
  },
  "another technique": { messages, promptingTechnique: "tree", template: { language: "mustache", undefined: 5 } },
  "a template that is a text": { messages, template: "jinja", metadata: "x", nonsense: { a: [1] } },
};

const PLACES = [
  "",
  "?tab=inputs",
  "?tab=outputs",
  "?tab=examples",
  "?tab=model",
  "?tab=tools",
  "?view=history",
  "?view=compare",
];

test("JSON that is not yet a document: no view breaks, and the editor keeps the typed text through all of them", async () => {
  await site.commit("odd/typed", { messages });
  const page = await site.open("#/odd/typed?tab=json");
  const json = page.getByLabel("The whole document, as JSON");
  const broken = [];
  for (const [name, document] of Object.entries(NONE)) {
    await fill(page, json, JSON.stringify(document));
    for (const place of PLACES) {
      await go(page, `#/odd/typed@draft${place}`);
      await page.waitForTimeout(40);
      if (page.problems.length > 0 || (await page.getByText("This cannot be shown here").count()) > 0)
        broken.push(`${name} at ${place}: ${page.problems.splice(0)}`);
    }
    await go(page, "#/odd/typed@draft?tab=json");
    await json.waitFor();
    assert.deepEqual(JSON.parse((await json.innerText()).replaceAll("\u00a0", " ")), document, name);
  }
  assert.deepEqual(broken, []);
});

test("integers too large for a double keep their digits, in documents and in cases", async () => {
  const big = "9007199254740993";
  await site.commit("odd/digits", {
    messages: [{ role: "user", content: "{{ n }}" }],
    inputs: [{ name: "n", type: "int" }],
  });
  const page = await site.open("#/odd/digits?tab=json");
  const json = page.getByLabel("The whole document, as JSON");
  await fill(page, json, `{"messages": [], "metadata": {"n": ${big}, "more": 123456789012345678901234567890}}`);
  // No document may have these integers; the editor keeps the typed digits.
  await page.getByText("beyond 2^53").or(page.getByText("outside ±(2^53 - 1)")).first().waitFor();
  await page.getByRole("tab", { name: "Model" }).click();
  await page.getByRole("tab", { name: "JSON" }).click();
  await page.reload();
  await json.waitFor();
  const text = await json.innerText();
  for (const digits of [big, "123456789012345678901234567890"]) assert.ok(text.includes(digits), text);

  await go(page, "#/odd/digits@1");
  await page.getByLabel("n int", { exact: true }).fill(big);
  await page.locator("#pane").getByText(big, { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Origins" }).click();
  await page.locator(`#pane mark[data-input="n"]`, { hasText: big }).waitFor();
  await page.getByRole("button", { name: "Save case…" }).click();
  await page.getByLabel("Name", { exact: true }).fill("big");
  await page.keyboard.press("Enter");
  await page.getByText("The case big is saved.").waitFor();
  const kept = await fetch(`${site.worker.url}/v1/prompts/odd/digits/cases/big`, {
    headers: { authorization: `Bearer ${site.worker.key}` },
  });
  assert.match(await kept.text(), new RegExp(`"n": ?${big}\\b`));
  await page.reload();
  await page.locator("#pane").getByText(big, { exact: true }).first().waitFor();
  assert.deepEqual(page.problems, []);
});

test("documents that the API accepts: names of built-in object members, other line ends, many messages, templates with errors", async () => {
  const shapes = {
    members: { messages: [{ role: "user", content: "{{ constructor }} {{ toString }} {{ hasOwnProperty }}" }] },
    characters: { messages: [{ role: "user", content: "a\u0000b\u2028c \ud83d\ude00 \u202e" }] },
    many: { messages: Array.from({ length: 200 }, (_, at) => ({ role: "user", content: `message ${at}` })) },
    syntax: { messages: [{ role: "user", content: "{% if %}" }] },
    prompt: { prompt: "Hello {{ a }}" },
    members2: { messages, metadata: JSON.parse('{"__proto__": {"x": 1}, "constructor": 5}') },
    dict: {
      messages: [{ role: "user", content: "{{ a.b }}" }],
      inputs: [{ name: "a", type: "dict", default: { b: 1 }, schema: { type: "object" }, description: "d" }],
    },
    calls: { messages: [{ role: "tool", name: "look", content: "ok" }] },
  };
  const page = await site.open();
  const broken = [];
  for (const [name, document] of Object.entries(shapes)) {
    await site.call("PUT", `/v1/prompts/odd/${name}/draft`, document);
    for (const place of [...PLACES, "?view=run", "?pane=payload", "?pane=use"]) {
      await go(page, `#/odd/${name}@draft${place}`);
      await page.waitForTimeout(60);
      if (page.problems.length > 0 || (await page.getByText("This cannot be shown here").count()) > 0)
        broken.push(`${name} at ${place}: ${page.problems.splice(0)}`);
    }
  }
  assert.deepEqual(broken, []);
  await go(page, "#/odd/members@draft");
  for (const name of ["constructor", "toString", "hasOwnProperty"])
    await page.getByLabel(`${name} any`, { exact: true }).fill(name.toUpperCase());
  await rendered(page, ["CONSTRUCTOR TOSTRING HASOWNPROPERTY"]);
  await page.getByRole("button", { name: "Origins" }).click();
  await page.locator("#pane mark[data-input=toString]").waitFor();
});

test("a prompt of 1 MiB is shown, edited and saved; a larger one shows an error and is kept", async () => {
  const line = `${"x".repeat(80)}\n`;
  const content = `{{ word }}\n${line.repeat(Math.floor(255_000 / line.length))}`;
  const whole = { messages: Array.from({ length: 4 }, () => ({ role: "user", content })) };
  await site.commit("odd/big", whole);
  const page = await site.open("#/odd/big");
  await template(page, 4).waitFor();
  await template(page, 1).click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("At the top. ");
  await saved(page);
  const draft = await site.call("GET", "/v1/prompts/odd/big/draft");
  assert.equal(draft.messages[0].content, `At the top. ${content}`);
  await go(page, "#/odd/big@draft?tab=json");
  await page.getByLabel("The whole document, as JSON").waitFor();
  await go(page, "#/odd/big@draft");
  await template(page, 2).click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.insertText("more ".repeat(20_000));
  await page.getByText("The draft is not saved on the server").waitFor();
  await page
    .getByText("limit_exceeded")
    .or(page.getByText("document_invalid"))
    .or(page.getByText("body_too_large"))
    .first()
    .waitFor();
  await page.reload();
  await page.locator(".cm-line", { hasText: "more more more" }).first().waitFor();
  assert.deepEqual(page.problems, []);
});

test("snippets write integers beyond 2^53 with all their digits, and every name unchanged", async () => {
  await site.commit("shape/snippet", {
    messages: [{ role: "user", content: "{{ id }} {{ more.ids[0] }}" }],
    inputs: [
      { name: "id", type: "int" },
      { name: "more", type: "dict" },
    ],
  });
  const page = await site.open("#/shape/snippet?pane=use");
  await page.getByLabel("id int", { exact: true }).fill("9007199254740993");
  await page.getByLabel("more dict", { exact: true }).fill('{"ids": [-9223372036854775808, 7], "__proto__": 1}');
  const code = page.locator("#pane pre");
  for (const kind of ["cuecard", "aiSdk", "openai"]) {
    await page.getByLabel("Library").selectOption(kind);
    const text = await code.filter({ hasText: kind === "aiSdk" ? "generateText" : kind }).innerText();
    const [, values] = /cue\.render\("shape\/snippet", (\{[\s\S]*?\n\})\);/.exec(text);
    const given = new Function(`return ${values}`)();
    assert.equal(given.id, 9007199254740993n);
    assert.deepEqual(given.more.ids, [-9223372036854775808n, 7]);
    assert.equal(Object.getOwnPropertyDescriptor(given.more, "__proto__").value, 1);
  }
  await page.getByLabel("Library").selectOption("curl");
  const curl = await code.filter({ hasText: "curl" }).innerText();
  assert.match(curl, /"id":9007199254740993,/);
  assert.match(curl, /\[-9223372036854775808,7\]/);
  assert.deepEqual(page.problems, []);
});
