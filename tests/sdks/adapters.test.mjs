// What `to` and `cuecard/ai-sdk` write: by recorded bodies, and by what the AI SDK 5, 6 and 7 hand to a model.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import * as ai5 from "ai-5";
import { MockLanguageModelV2 } from "ai-5/test";
import * as ai6 from "ai-6";
import { MockLanguageModelV3 } from "ai-6/test";
import * as ai7 from "ai-7";
import { MockLanguageModelV4 } from "ai-7/test";
import { PromptError, compile } from "../../pkg/dist/node.js";
import { aiSdk, aiSdkObject } from "../../pkg/dist/ai-sdk.js";

const folder = new URL("../fixtures/payloads/", import.meta.url);
for (const file of readdirSync(folder)) {
  const { prompt, inputs, payloads } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  test(`${file}: the bodies and losses that the edge answers`, () => {
    const rendered = compile(prompt).render(inputs);
    for (const [provider, expected] of Object.entries(payloads)) {
      const { body, losses } = rendered.to(provider === "gemini" ? "gemini_rest" : provider);
      assert.deepEqual({ body, losses: losses.map(({ code, pointer }) => [code, pointer]) }, expected, provider);
    }
    const { body, model } = rendered.to("gemini");
    const { contents, generationConfig = {}, ...rest } = payloads.gemini.body;
    const ofModel = model === undefined ? {} : { model };
    assert.deepEqual(body, { ...ofModel, contents, config: { ...generationConfig, ...rest } });
  });
}

const weather = {
  type: "function",
  function: {
    name: "weather",
    description: "Of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const document = {
  messages: [
    { role: "system", content: "Be brief." },
    { role: "developer", content: "Use tools." },
    { role: "placeholder", content: "history" },
    {
      role: "user",
      content: [
        { type: "text", text: "And here?" },
        { type: "image", image: "https://example.com/a.png" },
        { type: "image", image: "data:image/png;base64,iVBORw0KGgo=" },
      ],
    },
  ],
  inputs: [{ name: "history", type: "messages", default: [] }],
  tools: [weather],
  toolChoice: { type: "function", function: { name: "weather" } },
  model: "openai/gpt-5",
  parameters: { maxTokens: 9, temperature: 0.5, topP: 0.9, stop: "END", seed: 7, reasoningEffort: "low" },
};
const history = [
  { role: "user", content: "Paris?" },
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } }],
  },
  { role: "tool", tool_call_id: "c1", content: "rain" },
];
const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
const usage3 = {
  inputTokens: { total: 1, noCache: 1 },
  outputTokens: { total: 1, text: 1 },
};
const content = [{ type: "text", text: '{"answer":"yes"}' }];
const versions = [
  [
    "5",
    ai5,
    () =>
      new MockLanguageModelV2({
        supportedUrls: { "image/*": [/.*/] },
        doGenerate: { content, finishReason: "stop", usage, warnings: [] },
      }),
  ],
  [
    "6",
    ai6,
    () =>
      new MockLanguageModelV3({
        supportedUrls: { "image/*": [/.*/] },
        doGenerate: { content, finishReason: { unified: "stop" }, usage: usage3, warnings: [] },
      }),
  ],
  [
    "7",
    ai7,
    () =>
      new MockLanguageModelV4({
        supportedUrls: { "image/*": [/.*/] },
        doGenerate: { content, finishReason: { unified: "stop" }, usage: usage3, warnings: [] },
      }),
  ],
];

for (const [name, ai, make] of versions) {
  test(`AI SDK ${name}: generateText hands all of it to the model`, async () => {
    const model = make();
    const called = { type: "tool-call", toolCallId: "c2", toolName: "weather", input: '{"city":"Rome"}' };
    const { doGenerate } = model;
    model.doGenerate = async (options) => ({
      ...(await doGenerate.call(model, options)),
      content: [...content, called],
    });
    const call = aiSdk(compile(document).render({ history }));
    assert.deepEqual(call.losses, []);
    const warn = console.warn;
    const warned = [];
    console.warn = (...text) => warned.push(text);
    try {
      assert.equal((await ai.generateText({ model, ...call })).text, content[0].text);
    } finally {
      console.warn = warn;
    }
    assert.deepEqual(warned, [], "no warning, as of system messages among the others");
    const [{ prompt, tools, toolChoice, maxOutputTokens, temperature, topP, stopSequences, seed, providerOptions }] =
      model.doGenerateCalls;
    assert.deepEqual(prompt[0].content, "Be brief.\n\nUse tools.");
    assert.deepEqual(
      prompt.map(({ role }) => role),
      ["system", "user", "assistant", "tool", "user"],
    );
    assert.equal(prompt[2].content[0].toolName, "weather");
    assert.deepEqual(prompt[2].content[0].input, { city: "Paris" });
    assert.deepEqual(prompt[3].content[0].output, { type: "text", value: "rain" });
    const [text, url, data] = prompt[4].content;
    assert.equal(text.text, "And here?");
    assert.match(JSON.stringify(url), /https:\/\/example\.com\/a\.png/);
    assert.equal(data.mediaType, "image/png");
    assert.match(JSON.stringify(data.data), /iVBORw0KGgo=|137,80|"0":137/);
    assert.deepEqual(tools[0].inputSchema, weather.function.parameters);
    assert.deepEqual(toolChoice, { type: "tool", toolName: "weather" });
    assert.deepEqual([maxOutputTokens, temperature, topP, stopSequences, seed], [9, 0.5, 0.9, ["END"], 7]);
    assert.deepEqual(providerOptions, { openai: { reasoningEffort: "low" } });
  });

  test(`AI SDK ${name}: streamText and generateObject`, async () => {
    const schema = {
      type: "object",
      properties: { answer: { type: "string" } },
      required: ["answer"],
      additionalProperties: false,
    };
    const asked = compile({
      messages: [
        { role: "system", content: "s" },
        { role: "user", content: "u" },
      ],
      outputs: [{ name: "reply", type: "json_schema", schema }],
    }).render({});
    const model = make();
    const { object } = await ai.generateObject({ model, ...aiSdkObject(asked, { strict: true }) });
    assert.deepEqual(object, { answer: "yes" });
    assert.deepEqual(model.doGenerateCalls[0].responseFormat.schema, schema);
    const chunks = [
      { type: "stream-start", warnings: [] },
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", delta: "hi" },
      { type: "text-end", id: "1" },
      {
        type: "finish",
        finishReason: name === "5" ? "stop" : { unified: "stop" },
        usage: name === "5" ? usage : usage3,
      },
    ];
    model.doStream = async (options) => {
      model.doStreamCalls.push(options);
      return { stream: ReadableStream.from(chunks) };
    };
    let streamed = "";
    for await (const text of ai.streamText({ model, ...aiSdk(compile(document).render({})) }).textStream)
      streamed += text;
    assert.equal(streamed, "hi");
    assert.equal(model.doStreamCalls[0].prompt[0].role, "system");
  });
}

test("nothing is dropped in silence: losses, and errors with strict", () => {
  const lossy = compile({
    messages: [
      { role: "user", content: "u", name: "Ada" },
      { role: "system", content: "late" },
    ],
    parameters: { verbosity: "low", logitBias: {}, maxTokens: 1 },
    responseFormat: { type: "json_object" },
  }).render({});
  const call = aiSdk(lossy);
  const pointers = [
    "/messages/0/name",
    "/messages/1",
    "/parameters/logitBias",
    "/parameters/verbosity",
    "/responseFormat",
  ];
  assert.deepEqual(call.losses.map(({ pointer }) => pointer).sort(), pointers);
  assert.ok(!Object.keys(call).includes("losses"), "it does not get into the call");
  const refuses = (run, expected) =>
    assert.throws(run, (error) => {
      assert.ok(error instanceof PromptError, String(error));
      assert.equal(error.code, "payload_unsupported");
      assert.deepEqual(error.issues.map(({ pointer }) => pointer).sort(), expected);
      return true;
    });
  refuses(() => aiSdk(lossy, { strict: true }), pointers);
  const { losses } = lossy.to("anthropic");
  assert.ok(losses.length >= 4);
  refuses(() => lossy.to("anthropic", { strict: true }), losses.map(({ pointer }) => pointer).sort());
  const only = compile({ messages: [{ role: "system", content: "s" }] }).render({});
  assert.throws(() => aiSdk(only), /add one with the role `user`/);
  const bad = compile({ messages: [{ role: "user", content: "u" }] }).render({});
  bad.messages.push({ role: "user", content: 7 });
  assert.throws(
    () => bad.to("openai_chat"),
    (error) => error.code === "input_invalid" && error.issues[0].pointer === "/messages/1/content",
  );
  assert.throws(
    () => bad.to("nobody"),
    (error) => error.code === "query_invalid",
  );
});

test("messages of an SDK can be put behind the rendered ones", () => {
  const rendered = compile({ messages: [{ role: "system", content: "s" }] }).render({});
  rendered.messages.push(...history);
  const { body } = rendered.to("anthropic");
  assert.deepEqual(
    body.messages.map(({ role }) => role),
    ["user", "assistant", "user"],
  );
});

test("what a model thought goes back to the API that it came from, and is a loss elsewhere", () => {
  const chat = compile({
    messages: [{ role: "placeholder", content: "h" }],
    inputs: [{ name: "h", type: "messages" }],
  });
  const thinking = { type: "thinking", thinking: "Hm.", signature: "s" };
  const said = { role: "assistant", content: [thinking, { type: "text", text: "Hi.", citations: null }] };
  const rendered = chat.render({ h: [{ role: "user", content: "u" }, said] });
  assert.deepEqual(rendered.to("anthropic").body.messages[1].content, [thinking, { type: "text", text: "Hi." }]);
  for (const provider of ["openai_chat", "openai_responses", "gemini"]) {
    const pointers = rendered.to(provider).losses.map(({ pointer }) => pointer);
    assert.ok(pointers.includes("/messages/1/content/0"), provider);
  }
  assert.deepEqual(
    aiSdk(rendered).losses.map(({ pointer }) => pointer),
    ["/messages/1/content/0"],
  );
  const cited = { role: "assistant", content: "Hi.", annotations: [{ type: "url_citation" }] };
  const { losses } = chat.render({ h: [cited] }).to("openai_chat");
  assert.ok(losses.some(({ pointer }) => pointer === "/messages/0/annotations"));
});
