// The package's code for `cue.run`, without its other parts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { buildSync } from "esbuild";

import { startUpstream } from "./upstream.mjs";
import { GREET, startWorld } from "./world.mjs";

const file = fileURLToPath(new URL("../../pkg/js/run.ts", import.meta.url));
const [{ text }] = buildSync({ entryPoints: [file], bundle: true, format: "esm", write: false }).outputFiles;
const { run } = await import(`data:text/javascript,${encodeURIComponent(text)}`);

let world;
let upstream;
const place = () => ({ url: world.url, key: world.key });

before(async () => {
  upstream = await startUpstream();
  world = await startWorld();
  await world.connect("main", "openai_chat", upstream.url, { default: true });
  await world.commit("mail/greet", { ...GREET, model: "m" });
});
after(() => Promise.all([world.worker.stop(), upstream.close()]));

const target = { slug: "mail/greet", tag: "production" };

test("one answer", async () => {
  const answer = await run(place(), target, { name: "Ada" }, { metadata: { user: "u1" } });
  assert.equal(answer.output, "Hello Ada");
  assert.equal(answer.resolved.slug, "mail/greet");
});

test("events, as an async iterable", async () => {
  const stream = await run(place(), { ...target, tag: undefined, version: 1 }, { name: "Ada" }, { stream: true });
  let text = "";
  for await (const event of stream) text += event.choices[0]?.delta.content ?? "";
  assert.equal(text, "Hello Ada");
  assert.equal(stream.version, 1);
  await world.ended(stream.execution, "completed");
});

test("breaking out of the iteration cancels the run", async () => {
  const stream = await run(place(), target, { name: "Ada" }, { stream: true, model: "slow" });
  for await (const event of stream) if (event) break;
  await world.ended(stream.execution, "cancelled");
});

test("every failure is a PromptError", async () => {
  const fails = (inputs, options, at = place()) =>
    assert.rejects(run(at, target, inputs, options), { name: "PromptError" });
  await fails({}, {});
  await fails({ name: "Ada" }, { model: "500" });
  await fails({ name: "Ada" }, {}, { ...place(), url: "http://prompts.example.com" });
  await fails({ name: "Ada" }, {}, { ...place(), url: "http://127.0.0.1:1" });
  await fails({ name: "Ada" }, { signal: AbortSignal.abort() });
});
