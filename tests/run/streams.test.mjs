// Streams pass through byte for byte without delay, while the Worker reads their usage.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";

import { eventually } from "../eventually.mjs";
import { startUpstream } from "./upstream.mjs";
import { GREET, SECRET, startWorld } from "./world.mjs";

let world;
let upstream;

before(async () => {
  upstream = await startUpstream();
  world = await startWorld({ vars: { RUN_SILENCE_SECONDS: 10 } });
  await world.connect("main", "openai_chat", upstream.url, { default: true });
  await world.commit("greet", { ...GREET, model: "m" });
});
after(() => Promise.all([world.worker.stop(), upstream.close()]));

const CALL = { inputs: { name: "Ada" }, stream: true };

/** The model API's own answer to the same request. */
async function direct(body) {
  const response = await fetch(`${upstream.url}/chat/completions`, { method: "POST", body: JSON.stringify(body) });
  return Buffer.from(await response.arrayBuffer());
}

test("a stream has the model API's bytes and its usage is recorded", async () => {
  const response = await world.run("greet", CALL);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.equal(response.headers.get("cuecard-version"), "1");
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.deepEqual(upstream.last().body.stream_options, { include_usage: true });
  assert.deepEqual(bytes, await direct(upstream.last().body));
  const kept = await world.ended(response.headers.get("cuecard-execution"), "completed");
  assert.equal(kept.usage.input, 12);
  assert.equal(kept.usage.output, 5);
});

test("a run adds at most 5 ms to the first byte", async () => {
  const first = async (ask) => {
    const begun = performance.now();
    const response = await ask();
    const reader = response.body.getReader();
    await reader.read();
    const ms = performance.now() - begun;
    while (!(await reader.read()).done);
    return ms;
  };
  const body = JSON.stringify({ model: "m", stream: true, stream_options: { include_usage: true } });
  const asks = {
    direct: () => fetch(`${upstream.url}/chat/completions`, { method: "POST", body }),
    run: () => world.run("greet", { ...CALL, record: "usage" }),
  };
  // The minimum over a few rounds, so that other load on the machine does not count.
  let added = Infinity;
  for (let round = 0; round < 5 && added > 5; round++) {
    const best = { direct: Infinity, run: Infinity };
    for (let i = 0; i < 60; i++)
      for (const name of ["direct", "run"]) best[name] = Math.min(best[name], await first(asks[name]));
    added = Math.min(added, best.run - best.direct);
    console.log(`first byte: ${best.direct.toFixed(2)} ms, through a run ${best.run.toFixed(2)} ms`);
  }
  assert.ok(added <= 5, `${added.toFixed(2)} ms added`);
});

test("a stream passes on each piece at once", async () => {
  const response = await world.run("greet", { ...CALL, model: "slow" });
  const seen = upstream.last();
  const reader = response.body.getReader();
  let text = "";
  while (!text.includes("3 ")) text += Buffer.from((await reader.read()).value).toString();
  assert.ok(seen.pieces < 40, "the fourth of forty pieces waited for the last");
  await reader.cancel();
});

test("a model API that rejects `stream_options` is asked again without it", async () => {
  const before = upstream.requests.length;
  const response = await world.run("greet", { ...CALL, model: "no-usage" });
  assert.equal(response.status, 200);
  assert.match(await response.text(), /\[DONE\]/);
  assert.equal(upstream.requests.length, before + 2);
  assert.equal(upstream.last().body.stream_options, undefined);
  const kept = await world.ended(response.headers.get("cuecard-execution"), "completed");
  assert.equal(kept.usage, null);
});

/** Starts a run on a connection of its own, and waits until the model API has the request. */
async function begun(call) {
  const before = upstream.requests.length;
  const body = JSON.stringify({ ...CALL, ...call });
  const { port, hostname } = new URL(world.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {}).resume();
  socket.write(
    `POST /v1/prompts/greet/run HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${world.key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await eventually(
    () => upstream.requests.length,
    (requests) => assert.equal(requests, before + 1),
  );
  const seen = upstream.last();
  assert.equal(seen.body.model, call.model);
  return { socket, seen };
}

async function isCancelled(seen, name, options) {
  const aborted = (closed) => assert.ok(closed, `${name}: the model API was not aborted`);
  await eventually(() => seen.closed, aborted, options);
  const [kept] = (await world.get("/v1/executions?limit=1")).executions;
  assert.equal((await world.ended(kept.id)).status, "cancelled", name);
}

test("the caller's abort reaches the model API, before and during an answer", async () => {
  for (const stream of [false, true]) {
    const { socket, seen } = await begun({ stream, model: "slow" });
    // Before the first byte, workerd alone notices only a reset; Cloudflare also notices a closed connection.
    if (stream) socket.destroy();
    else socket.resetAndDestroy();
    await isCancelled(seen, `stream ${stream}`);
  }
});

test("the caller's abort reaches a model API that says nothing in the middle of an answer", async () => {
  const { socket, seen } = await begun({ model: "mid-silence" });
  await eventually(
    () => socket.bytesRead,
    (bytes) => assert.ok(bytes > 0, "no answer begins"),
  );
  socket.resetAndDestroy();
  // The silence ends the run too, after 10 s.
  await isCancelled(seen, "silence", { within: 5_000 });
});

test("a caller that waits is not taken for one that has gone, while garbage is collected", async () => {
  const waiting = world.run("greet", { ...CALL, stream: false, model: "slow" });
  let waits = true;
  const answered = waiting.finally(() => (waits = false));
  while (waits) await Promise.all(Array.from({ length: 20 }, () => world.get("/v1/prompts/greet")));
  assert.equal((await (await answered).json()).output, "Hello Ada");
});

test("50 concurrent streams are complete", async () => {
  const expected = await direct({ model: "m", stream: true, stream_options: { include_usage: true } });
  const ids = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const response = await world.run("greet", CALL);
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), expected);
      return response.headers.get("cuecard-execution");
    }),
  );
  assert.equal(new Set(ids).size, 50);
  for (const id of ids) await world.ended(id, "completed");
});

test("no log contains the secret", () => assert.ok(!world.worker.logs().includes(SECRET)));
