// The page's snippets run as pasted with current libraries, against a server that records the requests to the model.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { studio } from "./studio.mjs";

const require = createRequire(import.meta.url);
const dist = (name) => new URL(`../../pkg/dist/${name}.js`, import.meta.url).href;
const installed = (name) => pathToFileURL(require.resolve(name)).href;
/** The modules that an app installs, by the names that the snippets import. */
const PACKAGES = {
  cuecard: dist("node"),
  "cuecard/ai-sdk": dist("ai-sdk"),
  ai: installed("ai-7"),
  "@ai-sdk/openai": installed("@ai-sdk/openai"),
  openai: installed("openai"),
};

let site;
let model;
/** `{ path, body }` of each request to the model. */
const sent = [];
const folder = mkdtempSync(join(tmpdir(), "cuecard-use-"));

before(async () => {
  site = await studio();
  model = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text);
    sent.push({ path: request.url, body });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(request.url.endsWith("/responses") ? response_(body) : chat(body)));
  });
  await new Promise((listening) => model.listen(0, "127.0.0.1", listening));
});
after(async () => {
  await site?.close();
  model?.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => site.tidy());

const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2, prompt_tokens: 1, completion_tokens: 1 };
const chat = ({ model }) => ({
  id: "c",
  object: "chat.completion",
  created: 1,
  model,
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Fine" } }],
  usage,
});
const response_ = ({ model }) => ({
  id: "r",
  object: "response",
  created_at: 1,
  status: "completed",
  model,
  output: [
    {
      type: "message",
      id: "m",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: "Fine", annotations: [] }],
    },
  ],
  usage,
});

/** Runs a snippet and returns the printed value of one of its names. */
async function run(code, name) {
  const bound = code.replace(/ from "([^"]+)"/g, (_, of) => ` from ${JSON.stringify(PACKAGES[of])}`);
  const file = join(folder, `${sent.length}.mjs`);
  writeFileSync(file, `${bound}\nconsole.log(JSON.stringify(${name}));\n`);
  const base = `http://127.0.0.1:${model.address().port}/v1`;
  const env = { ...process.env, CUECARD_KEY: site.worker.key, OPENAI_API_KEY: "x", OPENAI_BASE_URL: base };
  const { stdout } = await promisify(execFile)(process.execPath, [file], {
    env: { ...env, BASE_URL: base, API_KEY: "y" },
  });
  return JSON.parse(stdout);
}

/** The snippet of a library, as the page shows it. */
async function snippet(page, kind, word) {
  await page.getByLabel("Library").selectOption(kind);
  return page.locator("#pane pre").filter({ hasText: word }).innerText();
}

const ODD = 'O\'Neil \\ "Ada" `${1}` \u2028 é 😀';
const document = {
  messages: [
    { role: "system", content: "You are kind to {{ name }}." },
    { role: "user", content: "{{ question }}" },
  ],
  inputs: [
    { name: "name", type: "str" },
    { name: "question", type: "str" },
  ],
  parameters: { temperature: 0.25, maxTokens: 77 },
  tools: [
    {
      type: "function",
      function: { name: "look", description: "Looks", parameters: { type: "object", properties: {} } },
    },
  ],
};

for (const [vendor, more] of [
  ["openai", { model: "openai/gpt-4o-mini" }],
  ["no", {}],
  ["groq", { model: "groq/llama-3.1-8b" }],
])
  test(`the snippets run and send the whole prompt: ${vendor} vendor`, async () => {
    const slug = `use/${vendor}`;
    await site.commit(slug, { ...document, ...more });
    const page = await site.open(`#/${slug}?pane=use`);
    await page.getByLabel("name str", { exact: true }).fill(ODD);
    await page.getByLabel("question str", { exact: true }).fill("Why?\nHow?");
    const told = `You are kind to ${ODD}.`;

    const own = await run(await snippet(page, "cuecard", "messages"), "messages");
    assert.deepEqual(
      own.map(({ content }) => content),
      [told, "Why?\nHow?"],
    );

    sent.length = 0;
    const name = more.model === undefined ? "gpt-4o-mini" : more.model.split("/")[1];
    const completion = await run(await snippet(page, "openai", "completions"), "completion");
    assert.equal(completion.choices[0].message.content, "Fine");
    const [{ path, body }] = sent;
    assert.equal(path, "/v1/chat/completions");
    assert.equal(body.messages[0].content, told);
    assert.deepEqual([body.model, body.temperature, body.max_completion_tokens], [name, 0.25, 77]);
    assert.equal(body.tools[0].function.name, "look");

    const code = await snippet(page, "aiSdk", "generateText");
    if (vendor === "groq") return assert.match(code, /from "@ai-sdk\/groq";[^]* model: groq\("llama-3\.1-8b"\)/);
    sent.length = 0;
    assert.equal(await run(code, "text"), "Fine");
    const text = JSON.stringify(sent[0].body);
    assert.ok(text.includes(JSON.stringify(told)), text);
    assert.deepEqual([sent[0].body.model, sent[0].body.temperature], [name, 0.25]);
    assert.equal(sent[0].body.tools[0].name, "look");
    assert.deepEqual(page.problems, []);
  });
