// Tests the output of `to` and `cuecard/ai-sdk` against recorded bodies, and against the requests that the AI SDK 5, 6
// and 7 send to a model.
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
  test(`AI SDK ${name}: generateText passes every part of the call to the model`, async () => {
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
    assert.deepEqual(warned, [], "a warning, such as one about system messages among the others");
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

test("every dropped part is a loss, or an error under `strict`", () => {
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
  assert.ok(!Object.keys(call).includes("losses"), "`losses` must not be enumerable");
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

test("an SDK's messages can follow the rendered ones", () => {
  const rendered = compile({ messages: [{ role: "system", content: "s" }] }).render({});
  rendered.messages.push(...history);
  const { body } = rendered.to("anthropic");
  assert.deepEqual(
    body.messages.map(({ role }) => role),
    ["user", "assistant", "user"],
  );
});

test("a model's reasoning returns to the API that it came from, and is a loss elsewhere", () => {
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

// Conversations in the formats of the SDKs: messages return unchanged to the API that they came from, and their special
// parts are losses elsewhere.
const talk = compile({
  messages: [
    { role: "placeholder", content: "h" },
    { role: "user", content: "Go on." },
  ],
  inputs: [{ name: "h", type: "messages" }],
});
const PROVIDERS = ["openai_chat", "openai_responses", "anthropic", "gemini"];
const pointers = (losses) => losses.filter(({ code }) => code !== "missing_field").map(({ pointer }) => pointer);
const said = (body) => (body.messages ?? body.input ?? body.contents).slice(0, -1);
const asked = { role: "user", content: "u" };

test("blocks of Anthropic's server tools return to Anthropic, in a model's messages and in tool results", () => {
  const pairs = ["web_search", "web_fetch", "code_execution", "bash_code_execution", "text_editor_code_execution"];
  const blocks = pairs.flatMap((name) => [
    { type: "server_tool_use", id: name, name, input: {}, caller: { type: "direct" } },
    { type: `${name}_tool_result`, tool_use_id: name, content: [] },
  ]);
  blocks.push({ type: "mcp_tool_use", id: "m", name: "n", server_name: "s", input: {} });
  blocks.push({ type: "mcp_tool_result", tool_use_id: "m", is_error: false, content: [] });
  const document = { type: "document", source: { type: "text", media_type: "text/plain", data: "d" } };
  const called = { type: "tool_use", id: "t", name: "n", input: {}, caller: { type: "direct" } };
  const answered = { type: "tool_result", tool_use_id: "t", content: [document], is_error: true };
  const stored = { type: "image", source: { type: "file", file_id: "f" } };
  const h = [
    { role: "user", content: [stored, document] },
    { id: "msg", type: "message", role: "assistant", content: [...blocks, called], stop_reason: "tool_use", usage: {} },
    { role: "user", content: [answered] },
  ];
  const rendered = talk.render({ h });
  const { body, losses } = rendered.to("anthropic");
  const { is_error: _, ...plain } = answered;
  const { caller: __, ...bare } = called;
  assert.deepEqual(said(body), [
    { role: "user", content: [stored, document] },
    { role: "assistant", content: [...blocks, bare] },
    { role: "user", content: [plain] },
  ]);
  assert.deepEqual(pointers(losses), ["/messages/2/content/0/is_error"]);
  for (const provider of ["openai_chat", "openai_responses", "gemini"]) {
    const found = pointers(rendered.to(provider).losses);
    for (const index of blocks.keys()) assert.ok(found.includes(`/messages/1/content/${index}`), provider);
    assert.ok(found.includes("/messages/0/content/1") && found.includes("/messages/2/content/0"), provider);
    assert.throws(() => rendered.to(provider, { strict: true }), { code: "payload_unsupported" });
  }
  const sdk = aiSdk(rendered);
  assert.deepEqual(
    sdk.messages.map(({ role }) => role),
    ["assistant", "tool", "user"],
  );
  assert.ok(sdk.losses.some(({ pointer }) => pointer === "/messages/0"));
});

test("items of OpenAI's responses return unchanged, with images and files in tool results", () => {
  const items = [
    { type: "reasoning", id: "rs", summary: [], content: [{ type: "reasoning_text", text: "Hm." }] },
    { type: "image_generation_call", id: "ig", status: "completed", result: "AA" },
    { type: "mcp_call", id: "mc", name: "n", arguments: "{}", server_label: "s", output: "o" },
    { type: "custom_tool_call", call_id: "c", id: "i", name: "n", input: "x" },
    { type: "custom_tool_call_output", call_id: "c", output: "y" },
    { type: "local_shell_call", call_id: "l", id: "i2", action: {}, status: "completed" },
    { type: "item_reference", id: "msg" },
  ];
  const output = [
    { type: "input_image", image_url: "https://example.com/a.png", detail: "auto" },
    { type: "input_file", file_id: "f" },
  ];
  const call = { type: "function_call", call_id: "f", name: "n", arguments: "{}" };
  const answer = { type: "function_call_output", call_id: "f", output };
  const h = [asked, ...items, { ...call, id: "fc", status: "completed", caller: { type: "direct" } }, answer];
  const rendered = talk.render({ h: [...h, { id: "msg_9" }] });
  const { body, losses } = rendered.to("openai_responses");
  assert.deepEqual(said(body), [asked, ...items, call, answer, { type: "item_reference", id: "msg_9" }]);
  assert.deepEqual(pointers(losses), []);
  const chat = rendered.to("openai_chat");
  assert.deepEqual(
    said(chat.body).map(({ role }) => role),
    ["user", "assistant", "tool"],
    "no message without content",
  );
  assert.deepEqual(said(chat.body)[2].content, "");
  assert.ok(pointers(chat.losses).includes("/messages/9/content/0"));
});

test("OpenAI's chat: a cut-off answer, audio, a custom tool call, and members that streaming and parsing add", () => {
  const custom = { id: "c", type: "custom", custom: { name: "f", input: "free" } };
  const named = { id: "d", type: "function", function: { name: "g", arguments: '{"a":1}' } };
  const left = { ...named, index: 0, function: { ...named.function, parsed_arguments: { a: 1 } } };
  const h = [
    asked,
    { role: "assistant", content: null, refusal: null, annotations: [] },
    { role: "assistant", content: null, audio: { id: "a", transcript: "Hi" } },
    { role: "assistant", content: "", parsed: null, tool_calls: [custom, { ...left, extra_content: { google: {} } }] },
    { role: "tool", tool_call_id: "c", content: "x" },
    { role: "tool", tool_call_id: "d", content: "y" },
  ];
  const rendered = talk.render({ h });
  const { body, losses } = rendered.to("openai_chat");
  assert.deepEqual(said(body).slice(3), [{ role: "assistant", tool_calls: [named, custom] }, ...h.slice(4)]);
  assert.deepEqual(pointers(losses), ["/messages/2/audio", "/messages/3/toolCalls/0/extra_content"]);
  for (const provider of PROVIDERS.slice(1)) {
    const found = pointers(rendered.to(provider).losses);
    assert.ok(found.includes("/messages/3/content/0"), provider);
    assert.ok(found.includes("/messages/4"), `${provider}: the result of a lost call is no loss`);
    assert.ok(!JSON.stringify(rendered.to(provider).body).includes('"c"'), provider);
  }
  const sdk = aiSdk(rendered);
  assert.ok(pointers(sdk.losses).includes("/messages/4"));
});

test("parts of equal type from different SDKs are kept apart", () => {
  const pdf = { type: "file", mediaType: "application/pdf", data: "AA==", filename: "a.pdf" };
  const thought = { type: "reasoning", text: "Hm.", providerOptions: { openai: { itemId: "rs" } } };
  const rendered = talk.render({
    h: [
      { role: "user", content: [pdf] },
      { role: "assistant", content: [thought, { type: "text", text: "t" }] },
    ],
  });
  for (const provider of PROVIDERS) {
    const { body, losses } = rendered.to(provider);
    assert.ok(!JSON.stringify(body).includes("mediaType") && !JSON.stringify(body).includes("Hm."), provider);
    const found = pointers(losses);
    assert.ok(found.includes("/messages/0/content/0") && found.includes("/messages/1/content/0"), provider);
  }
  const [user, assistant] = aiSdk(rendered, { strict: true }).messages;
  assert.deepEqual([user.content, assistant.content[0]], [[pdf], thought]);
  const theirs = { type: "file", file: { file_id: "f" } };
  const openai = talk.render({ h: [{ role: "user", content: [{ type: "text", text: "t" }, theirs] }] });
  assert.deepEqual(said(openai.to("openai_chat", { strict: false }).body)[0].content[1], theirs);
  assert.deepEqual(pointers(aiSdk(openai).losses), ["/messages/0/content/1"]);
});

for (const [name, ai, make] of versions) {
  test(`AI SDK ${name}: its own messages return to it, with provider-executed tools and generated files`, async () => {
    const ran = { type: "tool-call", toolCallId: "p", toolName: "web", input: {}, providerExecuted: true };
    const result = { type: "tool-result", toolCallId: "p", toolName: "web", output: { type: "json", value: [1] } };
    const h = [
      asked,
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "Hm.", providerOptions: { anthropic: { signature: "s" } } },
          ran,
          result,
          { type: "file", data: "iVBORw0KGgo=", mediaType: "image/png" },
          { type: "tool-call", toolCallId: "c", toolName: "n", input: {}, providerExecuted: undefined },
        ],
      },
      {
        role: "tool",
        content: [
          { type: "tool-result", toolCallId: "c", toolName: "n", output: { type: "error-text", value: "boom" } },
        ],
      },
    ];
    const model = make();
    const call = aiSdk(talk.render({ h }));
    assert.deepEqual(pointers(call.losses), ["/messages/2/content/0/output/type"]);
    await ai.generateText({ model, ...call });
    const [{ prompt }] = model.doGenerateCalls;
    const types = prompt[1].content.map(({ type }) => type);
    assert.deepEqual(types, ["reasoning", "tool-call", "tool-result", "file", "tool-call"]);
    assert.deepEqual(prompt[1].content[0].providerOptions, { anthropic: { signature: "s" } });
    assert.equal(prompt[1].content[1].providerExecuted, true);
  });

  test(`AI SDK ${name}: \`Output\` and streamObject read the prompt's format`, async () => {
    const schema = { type: "object", properties: { answer: { type: "string" } }, required: ["answer"] };
    const prompt = compile({
      messages: [asked],
      tools: [weather],
      outputs: [{ name: "reply", type: "json_schema", schema }],
    });
    const rendered = prompt.render({});
    assert.deepEqual(pointers(aiSdk(rendered).losses), ["/responseFormat"]);
    const model = make();
    const call = aiSdk(rendered, { output: ai.Output, strict: false });
    assert.deepEqual(pointers(call.losses), []);
    const answer = await ai.generateText({ model, ...call });
    assert.deepEqual(name === "5" ? answer.experimental_output : answer.output, { answer: "yes" });
    const [{ responseFormat, tools }] = model.doGenerateCalls;
    assert.deepEqual([responseFormat.type, responseFormat.schema, tools.length], ["json", schema, 1]);

    const chunks = [
      { type: "stream-start", warnings: [] },
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", delta: '{"answer":' },
      { type: "text-delta", id: "1", delta: '"yes"}' },
      { type: "text-end", id: "1" },
      {
        type: "finish",
        finishReason: name === "5" ? "stop" : { unified: "stop" },
        usage: name === "5" ? usage : usage3,
      },
    ];
    model.doStream = async () => ({ stream: ReadableStream.from(chunks) });
    const bare = compile({ messages: [asked], outputs: prompt.document.outputs }).render({});
    const streamed = ai.streamObject({ model, ...aiSdkObject(bare, { strict: true }) });
    let object;
    for await (const part of streamed.partialObjectStream) object = part;
    assert.deepEqual(object, { answer: "yes" });
    const parts = [];
    const text = ai.streamText({ model, ...aiSdk(bare, { output: ai.Output, strict: true }) });
    for await (const part of text.partialOutputStream ?? text.experimental_partialOutputStream) parts.push(part);
    assert.deepEqual(parts.at(-1), { answer: "yes" });
    const loose = compile({ messages: [asked], responseFormat: { type: "json_object" } }).render({});
    assert.throws(() => aiSdk(loose, { output: ai.Output }), /no JSON Schema/);
  });
}
