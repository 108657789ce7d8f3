// Runs the code for LangChain.js and Mastra in docs/sdks.md with the frameworks' own test models.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RunnableLambda } from "@langchain/core/runnables";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { Agent } from "@mastra/core/agent";
import { MockLanguageModelV2 } from "ai-5/test";
import { compile } from "../../pkg/dist/node.js";

const prompt = compile({
  messages: [
    { role: "system", content: "You help {{ name }}." },
    { role: "user", content: "Hello" },
  ],
  inputs: [{ name: "name", type: "str" }],
});

test("LangChain.js takes rendered messages, alone and in a chain", async () => {
  const model = new FakeListChatModel({ responses: ["hi", "ho"] });
  assert.equal((await model.invoke(prompt.render({ name: "Ada" }).messages)).content, "hi");
  const seen = [];
  const chain = RunnableLambda.from((inputs) => prompt.render(inputs).messages)
    .pipe((messages) => (seen.push(...messages), messages))
    .pipe(model);
  assert.equal((await chain.invoke({ name: "Ada" })).content, "ho");
  assert.deepEqual(
    seen.map(({ role, content }) => [role, content]),
    [
      ["system", "You help Ada."],
      ["user", "Hello"],
    ],
  );
});

test("Mastra takes rendered messages, and a rendered text as instructions", async () => {
  const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
  const chunks = [
    { type: "stream-start", warnings: [] },
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: "hi" },
    { type: "text-end", id: "1" },
    { type: "finish", finishReason: "stop", usage },
  ];
  const model = new MockLanguageModelV2({
    doGenerate: { content: [{ type: "text", text: "hi" }], finishReason: "stop", usage, warnings: [] },
    doStream: async () => ({ stream: ReadableStream.from(chunks) }),
  });
  const [{ content: instructions }] = prompt.render({ name: "Ada" }).messages;
  const agent = new Agent({ id: "a", name: "a", instructions: async () => instructions, model });
  assert.equal((await agent.generate("Hello")).text, "hi");
  const asked = [...model.doGenerateCalls, ...model.doStreamCalls].at(-1);
  assert.deepEqual(asked.prompt[0], { role: "system", content: "You help Ada." });
  const plain = new Agent({ id: "b", name: "b", instructions: "", model });
  assert.equal((await plain.generate(prompt.render({ name: "Ada" }).messages)).text, "hi");
  const given = [...model.doGenerateCalls, ...model.doStreamCalls].at(-1);
  assert.ok(JSON.stringify(given.prompt).includes("You help Ada."), JSON.stringify(given.prompt));
});
