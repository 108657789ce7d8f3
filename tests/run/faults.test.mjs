// Faults of a model API before and during its answer: the caller gets the API's status and message, the execution
// records the error, no request hangs, and no secret leaks.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startUpstream } from "./upstream.mjs";
import { GREET, SECRET, startWorld } from "./world.mjs";

let world;
let upstream;
const printed = [];

before(async () => {
  upstream = await startUpstream();
  world = await startWorld();
  await world.connect("main", "openai_chat", upstream.url, { default: true });
  await world.connect("closed", "openai_chat", "http://127.0.0.1:1/v1");
  await world.commit("greet", GREET);
});
after(() => Promise.all([world.worker.stop(), upstream.close()]));

/** Runs the prompt and returns the answer, its execution, and the problem or the text up to the cut. */
async function run(model, stream, more = {}) {
  const begun = Date.now();
  const response = await world.run("greet", { inputs: { name: "Ada" }, model, stream, record: "full", ...more });
  const id = response.headers.get("cuecard-execution");
  const text = await response.text().catch((error) => `cut: ${error.message}`);
  const ms = Date.now() - begun;
  const kept = await world.ended(id);
  printed.push(text, JSON.stringify(kept), JSON.stringify([...response.headers]));
  return { response, text, kept, ms, problem: text.startsWith("{") ? JSON.parse(text) : {} };
}

const BEFORE = {
  400: [400, "upstream_refused", /no, says the model/],
  401: [401, "upstream_refused", /wrong key: Bearer \[secret\]/],
  404: [404, "upstream_refused", /no, says the model/],
  429: [429, "upstream_refused", /no, says the model/],
  500: [500, "upstream_refused", /no, says the model/],
  503: [503, "upstream_refused", /no, says the model/],
  redirect: [502, "upstream_bad_response", /redirect/],
  reset: [502, "upstream_unavailable", /reached/],
  silence: [504, "upstream_timeout", /deadline/],
};

for (const [model, [status, code, words]] of Object.entries(BEFORE))
  for (const stream of [false, true])
    test(`${model}, before an answer${stream ? ", asked to stream" : ""}`, async () => {
      const { response, problem, kept, ms } = await run(model, stream);
      assert.equal(response.status, status);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      assert.equal(problem.code, code);
      assert.equal(problem.status, status);
      assert.match(problem.detail, words);
      assert.equal(kept.status, "failed");
      assert.equal(kept.error.code, code);
      assert.match(kept.error.detail, words);
      if (status < 502 && status !== 502) assert.equal(kept.error.upstreamStatus ?? status, status);
      if (model === "429") assert.equal(response.headers.get("retry-after"), "7");
      // The model API itself would take a minute.
      assert.ok(ms < 30_000, `${ms} ms`);
    });

const WHOLE = {
  "not-json": /not JSON/,
  "cut-json": /was cut off/,
  huge: /over 16 MiB/,
};

for (const [model, words] of Object.entries(WHOLE))
  test(`${model}, as one answer`, async () => {
    const { response, problem, kept } = await run(model, false);
    assert.equal(response.status, 502);
    assert.equal(problem.code, "upstream_bad_response");
    assert.match(problem.detail, words);
    assert.equal(kept.error.code, "upstream_bad_response");
  });

test("an error in an answer of status 200 fails the run", async () => {
  const { response, problem, kept } = await run("error-in-200", false);
  assert.equal(response.status, 502);
  assert.match(problem.detail, /overloaded/);
  assert.equal(kept.status, "failed");
});

const MIDDLE = {
  // workerd alone ends the answer without the last event; Cloudflare cuts it off.
  "mid-reset": [/^cut|"Hel"[^D]*$/, "upstream_bad_response", /was cut off/],
  "mid-silence": [/^cut|"Hel"[^D]*$/, "upstream_timeout", /deadline/],
  "mid-half-event": [/"del$/, "upstream_bad_response", /ends too early/],
  "mid-not-json": [/<h1>/, "upstream_bad_response", /ends too early/],
  "mid-error": [/overloaded/, "upstream_refused", /overloaded, says the model/],
};

for (const [model, [text, code, words]] of Object.entries(MIDDLE))
  test(`${model}, in the middle of a stream`, async () => {
    const got = await run(model, true);
    assert.equal(got.response.status, 200);
    assert.match(got.text, text);
    assert.equal(got.kept.status, "failed");
    assert.equal(got.kept.error.code, code);
    assert.match(got.kept.error.detail, words);
    assert.equal(got.kept.output, "Hel", "the record keeps the text up to the fault");
    assert.ok(got.ms < 30_000, `${got.ms} ms`);
  });

test("an event of 100 MB passes through and is not buffered", async () => {
  const response = await world.run("greet", { inputs: { name: "Ada" }, model: "huge", stream: true });
  let bytes = 0;
  for await (const chunk of response.body) bytes += chunk.length;
  assert.equal(bytes, 100 * (1 << 20) + 8);
  const kept = await world.ended(response.headers.get("cuecard-execution"));
  assert.equal(kept.status, "failed");
  assert.equal(
    (await world.run("greet", { inputs: { name: "Ada" }, model: "m" })).status,
    200,
    "the next run succeeds",
  );
});

test("the model API refuses connections", async () => {
  const { response, problem } = await run("m", false, { connection: "closed" });
  assert.equal(response.status, 502);
  assert.equal(problem.code, "upstream_unavailable");
});

test("a killed Worker leaves its open execution interrupted and loses no answered one", async () => {
  const done = await (await world.run("greet", { inputs: { name: "Ada" }, model: "m" })).json();
  const open = await world.run("greet", { inputs: { name: "Ada" }, model: "slow", stream: true });
  const id = open.headers.get("cuecard-execution");
  open.text().catch(() => {});
  assert.equal((await world.get(`/v1/executions/${id}`)).status, "running");
  await world.worker.kill9();
  printed.push(world.worker.logs());
  await world.worker.restart();
  assert.equal((await world.get(`/v1/executions/${id}`)).status, "interrupted");
  const listed = await world.get("/v1/executions?status=interrupted");
  assert.deepEqual(listed.executions.map((one) => one.id).includes(id), true);
  const kept = await world.get(`/v1/executions/${done.execution}`);
  assert.ok(["completed", "interrupted"].includes(kept.status), kept.status);
});

test("no answer, record or log contains the secret", () => {
  printed.push(world.worker.logs());
  for (const text of printed) assert.ok(!text.includes(SECRET), text.slice(0, 300));
});
