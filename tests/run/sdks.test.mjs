// Official clients call a model API by a third party, `@copilotkit/aimock`, through the Worker.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import Anthropic from "@anthropic-ai/sdk";
import { LLMock } from "@copilotkit/aimock";
import { GoogleGenAI } from "@google/genai";
import { generateText, streamText } from "ai";
import OpenAI from "openai";
import OpenAI6 from "openai-6";

import { GREET, startWorld } from "./world.mjs";

const REPLY = "Good morning, Ada!";
let mock;
let world;

before(async () => {
  mock = new LLMock({ port: 0, latency: 1, chunkSize: 4 });
  // Usage under the names of every API.
  const usage = {
    ...{ prompt_tokens: 11, completion_tokens: 7, total_tokens: 18, input_tokens: 11, output_tokens: 7 },
    ...{ promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 },
  };
  mock.onMessage(/Hello Ada/, { content: REPLY, usage });
  mock.onMessage(/Passed on/, { content: "As it was" });
  mock.onMessage(/And now/, { content: "And more" });
  await mock.start();
  world = await startWorld();
  const { url } = mock;
  await world.connect("responses", "openai_responses", `${url}/v1`, { default: true });
  await world.connect("chat", "openai_chat", `${url}/v1`);
  await world.connect("claude", "anthropic", `${url}/v1`);
  await world.connect("google", "gemini", `${url}/v1beta`);
  await world.commit("greet", { ...GREET, model: "openai/gpt-5" });
  await world.commit("greet", { ...GREET, model: "openai/gpt-5", metadata: { n: 2 }, tags: ["staging"] });
});
after(() => Promise.all([world.worker.stop(), mock.stop()]));

const models = {
  openai_chat: "gpt-4o",
  openai_responses: "gpt-5",
  anthropic: "claude-sonnet-4",
  gemini: "gemini-2.5-pro",
};
const names = { openai_chat: "chat", openai_responses: "responses", anthropic: "claude", gemini: "google" };

for (const [kind, model] of Object.entries(models)) {
  test(`${kind}: as one answer`, async () => {
    const response = await world.run("greet", { inputs: { name: "Ada" }, connection: names[kind], model });
    const answer = await response.json();
    assert.equal(response.status, 200, JSON.stringify(answer));
    assert.equal(answer.output, REPLY);
    assert.deepEqual([answer.usage?.input, answer.usage?.output], [11, 7], JSON.stringify(answer.usage));
  });

  test(`${kind}: streamed, with usage`, async () => {
    const call = { inputs: { name: "Ada" }, connection: names[kind], model, stream: true, record: "full" };
    const response = await world.run("greet", call);
    assert.equal(response.status, 200);
    await response.text();
    const kept = await world.ended(response.headers.get("cuecard-execution"), "completed");
    assert.equal(kept.output, REPLY);
    assert.equal(kept.usage?.output, 7, JSON.stringify(kept.usage));
  });
}

for (const [name, Client] of [
  ["openai 7", OpenAI],
  ["openai 6", OpenAI6],
]) {
  const client = () => new Client({ baseURL: `${world.url}/openai/v1`, apiKey: world.key, maxRetries: 0 });
  const prompt = { id: "greet", version: "1", variables: { name: "Ada" } };

  test(`${name}: responses.create with a prompt`, async () => {
    const { data, response } = await client().responses.create({ prompt }).withResponse();
    assert.equal(data.output_text, REPLY);
    assert.equal(response.headers.get("cuecard-version"), "1");
    const kept = await world.ended(response.headers.get("cuecard-execution"), "completed");
    assert.equal(kept.prompt, "greet");
    assert.ok(kept.usage.input > 0);
  });

  test(`${name}: responses.create, streamed, by tag, with input and model on top`, async () => {
    const asked = {
      prompt: { ...prompt, id: "greet@staging", version: undefined },
      model: "gpt-5-mini",
      input: "And now?",
    };
    const { data, response } = await client()
      .responses.create({ ...asked, stream: true })
      .withResponse();
    let text = "";
    for await (const event of data) if (event.type === "response.output_text.delta") text += event.delta;
    assert.equal(text, "And more");
    assert.equal(response.headers.get("cuecard-version"), "2");
    const sent = mock.getRequests().at(-1).body;
    assert.equal(sent.model, "gpt-5-mini");
    assert.deepEqual((await world.ended(response.headers.get("cuecard-execution"))).status, "completed");
  });

  test(`${name}: responses.create without a prompt is passed on`, async () => {
    const answer = await client().responses.create({ model: "gpt-5", input: "Passed on" });
    assert.equal(answer.output_text, "As it was");
  });

  test(`${name}: chat.completions.create with and without a prompt`, async () => {
    const chat = client().chat.completions;
    const answer = await chat.create({ prompt, messages: [] });
    assert.equal(answer.choices[0].message.content, REPLY);
    const stream = await chat.create({ prompt, messages: [], stream: true });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    assert.equal(text, REPLY);
    const counted = await chat.create({ prompt, messages: [], stream: true }).withResponse();
    for await (const chunk of counted.data)
      assert.ok(chunk.choices.length > 0, "a chunk of usage that the caller did not ask for");
    const kept = await world.ended(counted.response.headers.get("cuecard-execution"), "completed");
    assert.equal(kept.usage?.input, 11, JSON.stringify(kept));
    const passed = await chat.create({ model: "gpt-4o", messages: [{ role: "user", content: "Passed on" }] });
    assert.equal(passed.choices[0].message.content, "As it was");
  });

  test(`${name}: a failure is an error of the client's own type`, async () => {
    const fails = (asked) => client().responses.create(asked);
    await assert.rejects(fails({ prompt: { id: "nobody" } }), (e) => e.status === 404 && e.code === "prompt_not_found");
    await assert.rejects(fails({ prompt: { id: "greet" } }), (e) => e.status === 422 && /name/.test(e.message));
    const stranger = new Client({ baseURL: `${world.url}/openai/v1`, apiKey: "sk-wrong", maxRetries: 0 });
    await assert.rejects(stranger.responses.create({ prompt }), (e) => e.status === 401);
    await assert.rejects(fails({ model: "gpt-5", input: "nobody has an answer to this" }), (e) => e.status >= 400);
  });
}

test("Anthropic's client reads the stream of a run", async () => {
  const call = { inputs: { name: "Ada" }, connection: "claude", model: models.anthropic, stream: true };
  const client = new Anthropic({ apiKey: "none", maxRetries: 0, fetch: () => world.run("greet", call) });
  const asked = { model: models.anthropic, max_tokens: 99, messages: [{ role: "user", content: "x" }] };
  const message = await client.messages.stream(asked).finalMessage();
  assert.equal(message.content[0].text, REPLY);
});

test("Google's client reads the stream of a run", async (t) => {
  const call = { inputs: { name: "Ada" }, connection: "google", model: models.gemini, stream: true };
  const client = new GoogleGenAI({ apiKey: "none" });
  const own = globalThis.fetch;
  t.after(() => (globalThis.fetch = own));
  globalThis.fetch = (url, init) => (String(url).startsWith(world.url) ? own(url, init) : world.run("greet", call));
  let text = "";
  for await (const chunk of await client.models.generateContentStream({ model: models.gemini, contents: "x" }))
    text += chunk.text ?? "";
  assert.equal(text, REPLY);
});

test("the AI SDK's OpenAI-compatible provider passes through", async () => {
  const provider = createOpenAICompatible({ name: "cuecard", baseURL: `${world.url}/openai/v1`, apiKey: world.key });
  const { text } = await generateText({ model: provider("gpt-4o"), prompt: "Passed on", maxRetries: 0 });
  assert.equal(text, "As it was");
  const streamed = streamText({ model: provider("gpt-4o"), prompt: "Passed on", maxRetries: 0 });
  assert.equal(await streamed.text, "As it was");
});

test("an imported OpenAI prompt object keeps its id", async () => {
  const object = {
    id: "pmpt_68a1b2c3",
    version: "3",
    model: "gpt-5",
    input: [{ role: "user", content: [{ type: "input_text", text: "Hello {{name}}" }] }],
    temperature: 0.5,
  };
  const made = await world.json("POST", "/v1/prompts/imported/import?from=openai", object);
  assert.equal(made.version, 1);
  const client = new OpenAI({ baseURL: `${world.url}/openai/v1`, apiKey: world.key, maxRetries: 0 });
  const answer = await client.responses.create({ prompt: { id: "pmpt_68a1b2c3", variables: { name: "Ada" } } });
  assert.equal(answer.output_text, REPLY);
});
