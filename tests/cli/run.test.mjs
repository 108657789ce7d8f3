// `cuecard run`: a prompt of the server against a model API.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startUpstream } from "../run/upstream.mjs";
import { GREET, startWorld } from "../run/world.mjs";
import { folder } from "./lab.mjs";

let app, upstream, world;

before(async () => {
  upstream = await startUpstream();
  world = await startWorld();
  await world.connect("main", "openai_chat", upstream.url, { default: true });
  await world.commit("mail/greet", { ...GREET, model: "m" });
  app = folder({ env: { CUECARD_URL: world.url, CUECARD_KEY: world.key } });
  await app.install();
});
after(() => Promise.all([world?.worker.stop(), upstream?.close()]));

const run = (...args) => app.cuecard("run", "mail/greet", "-i", "name=Ada", ...args);

test("prints what the model answers, and the whole answer with --json", async () => {
  const plain = await run();
  assert.deepEqual([plain.code, plain.stdout], [0, "Hello Ada\n"], plain.stderr);
  const answer = JSON.parse((await run("--json")).stdout);
  assert.equal(answer.output, "Hello Ada");
  assert.equal(answer.resolved.version, 1);
  const execution = await world.ended(answer.execution, "completed");
  assert.equal(execution.prompt, "mail/greet");
});

test("--model goes to the model API in place of the prompt's own", async () => {
  await run("--model", "other");
  assert.equal(upstream.last().body.model, "other");
});

test("says what the model API says, exits with 1", async () => {
  const refused = await run("--model", "500");
  assert.equal(refused.code, 1, refused.stdout);
  assert.match(refused.stderr, /^error: .*500/m);
});

test("says what is wrong with the inputs before anything is sent", async () => {
  const before = upstream.requests.length;
  const wrong = await app.cuecard("run", "mail/greet");
  assert.equal(wrong.code, 1, wrong.stdout);
  assert.match(wrong.stderr, /name/);
  assert.equal(upstream.requests.length, before);
});

test("a key without the role run is refused", async () => {
  const key = await world.newKey({ project: "default", role: "read", name: "reader" });
  const refused = await run({ extra: { CUECARD_KEY: key } });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /role/);
});
