// `cuecard/client` renders the Worker's answers, and a snapshot of them, without the engine.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { start } from "../workerd.mjs";
import { client } from "./client.mjs";

// Counts the documents that the engine compiles: the package creates every instance of it through
// `WebAssembly.Instance`.
let engineCompiles = 0;
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const { exports } = new Instance(...args);
  return { exports: { ...exports, compile: (...inputs) => (engineCompiles++, exports.compile(...inputs)) } };
};
const { Cuecard } = await import("../../pkg/dist/light.js");

let worker;
let call;

before(async () => {
  worker = await start();
  call = client(worker);
});
after(() => worker?.stop());

const document = {
  messages: [
    { role: "system", content: "You are {{ who }}." },
    { role: "placeholder", content: "{{ history }}" },
    { role: "user", content: "{{ question }}" },
  ],
  inputs: [
    { name: "who", type: "str", default: "Bot" },
    { name: "history", type: "messages", required: false },
    { name: "question", type: "str" },
  ],
  promptingTechnique: "chain_of_thought",
  parameters: { temperature: 0.5 },
};
const given = { history: [{ role: "user", content: "Hi" }], question: "Why?" };

test("an answer carries its plan, with the number of its format and the hash of its content", async () => {
  const { status, json, text } = await call("POST", "/v1/prompts/plan%2Fchat/versions", document);
  assert.equal(status, 201, text);
  const read = await call("GET", "/v1/prompts/plan%2Fchat");
  assert.deepEqual([read.json.resolved.plan.format, read.json.resolved.plan.hash], [1, json.hash]);
  assert.equal(read.json.plan, undefined);
  const answer = await call("POST", "/v1/prompts/plan%2Fchat/render", { inputs: given });
  assert.equal(answer.json.resolved.plan, undefined);
});

test("cuecard/client renders a plan as the Worker does, without the engine, from an answer and from a snapshot", async () => {
  const options = { url: worker.url, key: worker.key, timeout: 30_000 };
  const cue = new Cuecard(options);
  const rendered = await cue.render("plan/chat", given);
  assert.equal(engineCompiles, 0);
  const answer = await call("POST", "/v1/prompts/plan%2Fchat/render", { inputs: given });
  assert.deepEqual(rendered.messages, answer.json.messages);
  assert.deepEqual(rendered.parameters, answer.json.parameters);
  assert.equal(rendered.hash, answer.json.resolved.hash);
  const { issues } = await cue.render("plan/chat", { question: 1 }).catch((error) => error);
  const refused = await call("POST", "/v1/prompts/plan%2Fchat/render", { inputs: { question: 1 } });
  assert.deepEqual([issues, engineCompiles], [refused.json.issues, 0]);

  const read = await call("GET", "/v1/prompts/plan%2Fchat");
  const raw = await call("GET", "/v1/snapshot");
  const [only] = raw.json.prompts.filter(({ slug }) => slug === "plan/chat");
  assert.deepEqual(only.resolved.plan, read.json.resolved.plan);
  const fromRaw = new Cuecard({
    ...options,
    snapshot: raw.text,
    fetch: async () => Promise.reject(new Error("offline")),
  });
  assert.deepEqual((await fromRaw.render("plan/chat", given)).messages, rendered.messages);
  assert.equal(engineCompiles, 0);

  const snapshot = await cue.snapshot();
  const offline = new Cuecard({ ...options, snapshot, fetch: async () => Promise.reject(new Error("offline")) });
  const shipped = await offline.render("plan/chat", given);
  assert.deepEqual([shipped.messages, shipped.source.state], [rendered.messages, "snapshot"]);
  assert.equal(engineCompiles, 0);
});
