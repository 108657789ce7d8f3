// `cuecard run` sends a prompt of the server to a model API.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startModelApi } from "../browser/model-api.mjs";
import { startUpstream } from "../run/upstream.mjs";
import { GREET, startWorld } from "../run/world.mjs";
import { folder, until } from "./lab.mjs";

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

test("prints the model's text, and the whole answer with --json", async () => {
  const plain = await run();
  assert.deepEqual([plain.code, plain.stdout], [0, "Hello Ada\n"], plain.stderr);
  const answer = JSON.parse((await run("--json")).stdout);
  assert.equal(answer.output, "Hello Ada");
  assert.equal(answer.resolved.version, 1);
  const execution = await world.ended(answer.execution, "completed");
  assert.equal(execution.prompt, "mail/greet");
});

test("the answer is printed as it arrives", async (t) => {
  const cli = join(app.dir, "node_modules/cuecard/dist/cli.js");
  const args = [cli, "run", "mail/greet", "-i", "name=Ada", "--model", "slow"];
  const child = spawn("node", args, { cwd: app.dir, env: app.env, stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece) => (text += piece));
  await until("two pieces of an answer that has not ended", () => /^0 1/.test(text));
  assert.equal(upstream.last().closed, false);
  assert.equal(upstream.last().body.stream, true);
  // An abort also ends the request to the model API.
  child.kill("SIGINT");
  await until("the end of the request", () => upstream.last().closed);
});

test("tool calls and text of every API", async () => {
  const api = await startModelApi();
  try {
    for (const kind of ["openai_chat", "openai_responses", "anthropic", "gemini"])
      await world.connect(kind.replace("_", "-"), kind, api.url, { models: [{ name: `at-${kind}` }] });
    for (const kind of ["openai_chat", "openai_responses", "anthropic", "gemini"]) {
      const { code, stdout, stderr } = await run("--model", `at-${kind}`);
      assert.deepEqual([code, stdout], [0, 'Let me look.\nlook({"q":"Ada"})\n'], `${kind}: ${stderr}`);
    }
  } finally {
    await api.close();
  }
});

test("a model API that answers in one piece works as well", async () => {
  assert.equal((await run("--model", "json-good")).stdout, '{"n": 3}\n');
  assert.equal((await run("--model", "tools")).stdout, 'look({"q":"Ada"})\n');
});

test("an answer that breaks off: the received text and the reason are printed, exit code 1", async () => {
  for (const model of ["mid-reset", "mid-half-event", "mid-error"]) {
    const { code, stdout, stderr } = await run("--model", model);
    assert.deepEqual([code, stdout], [1, "Hel\n"], `${model}: ${stderr}`);
    assert.match(stderr, /^error: .+\n$/, model);
  }
});

test("an answer that does not fit the outputs is printed with its mismatches", async () => {
  const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
  const outputs = [{ name: "answer", type: "json_schema", schema }];
  await world.commit("mail/shape", { messages: [{ role: "user", content: "Hello" }], outputs, model: "m" });
  const { code, stdout, stderr } = await app.cuecard("run", "mail/shape");
  assert.deepEqual([code, stdout], [0, "Hello Ada\n"]);
  assert.match(stderr, /^warning: the answer does not fit the outputs: /);
});

test("--model replaces the prompt's own model", async () => {
  await run("--model", "other");
  assert.equal(upstream.last().body.model, "other");
});

test("an error of the model API is printed, exit code 1", async () => {
  const refused = await run("--model", "500");
  assert.equal(refused.code, 1, refused.stdout);
  assert.match(refused.stderr, /^error: .*500/m);
  // The model API refused the connection's key, not the caller's.
  const unknown = await run("--model", "401");
  assert.equal(unknown.code, 1, unknown.stdout);
  assert.match(unknown.stderr, /wrong key/);
  assert.doesNotMatch(unknown.stderr, /does not accept the key/);
});

test("errors of the inputs are printed before any request is sent", async () => {
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
