// Many concurrent readers of a copy that is too old to be served at once. Readers hang up, or the process is killed,
// while the edge asks the origin.
import assert from "node:assert/strict";
import { request } from "node:http";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Clock } from "../clock.mjs";
import { burst } from "../edge/pool.mjs";
import { test } from "../patient.mjs";
import { makeKey, start } from "../workerd.mjs";
import { Origin } from "./origin.mjs";

const READERS = 300;
/** A copy is fresh until 1 s and revalidated until 1.5 s. */
const vars = { FRESH_SECONDS: "1", STALE_WHILE_REVALIDATE_SECONDS: "0.5" };
/** Milliseconds: the age of the copy. `STATES` has its state by `STALE_IF_ERROR_SECONDS`. */
const AGE = 2_200;
const STATES = { "stale on error": "60", expired: "1" };

const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

/** `pass` lets time pass. It does so by itself where a copy expires, as it does for the Cache API, too. */
async function world(more, expires = false) {
  const origin = await Origin.start();
  const worker = await start({ vars: { ...vars, ...more, ORIGIN: origin.url }, clock: !expires });
  stops.push(
    () => worker.stop(),
    () => origin.close(),
  );
  const clock = expires ? undefined : await Clock.of(worker);
  const pass = (milliseconds) => (clock ? clock.pass(milliseconds) : sleep(milliseconds));
  const headers = { authorization: `Bearer ${makeKey()}` };
  const read = async () => {
    const response = await fetch(`${worker.url}/v1/prompts/hot`, { headers });
    return { status: response.status, content: (await response.json()).messages?.[0].content };
  };
  origin.put("hot", "old", 1);
  assert.deepEqual(await read(), { status: 200, content: "old" });
  origin.put("hot", "new", 2);
  origin.requests.length = 0;
  /** Sends a read that hangs up as soon as the edge has asked the origin. */
  const leave = async () => {
    const reader = request({ host: "127.0.0.1", port: worker.port, path: "/v1/prompts/hot", headers });
    reader.on("error", () => {});
    reader.end();
    while (origin.requests.length === 0) await sleep(5);
    reader.destroy();
  };
  return { origin, worker, clock, pass, headers, read, leave };
}

for (const [state, seconds] of Object.entries(STATES)) {
  for (const [what, fault, status, content] of [
    ["the origin answers", undefined, 200, "new"],
    ["the origin hangs", "hang", state === "expired" ? 503 : 200, "old"],
    ["the origin fails at once", "status 500", state === "expired" ? 503 : 200, "old"],
  ]) {
    test(`${READERS} readers of a copy that is ${state}, ${what}: one request`, async () => {
      const { origin, worker, pass, headers } = await world({ STALE_IF_ERROR_SECONDS: seconds }, state === "expired");
      origin.delay = 400;
      origin.fault = fault;
      await pass(AGE);
      const { status: seen, body } = await burst(worker.port, "/v1/prompts/hot", headers, READERS);
      assert.deepEqual(seen, { [status]: READERS });
      const [text, ...others] = Object.keys(body);
      if (status === 200) assert.equal(JSON.parse(text).messages[0].content, content);
      else assert.match(text, /the origin/);
      assert.ok(status !== 200 || others.length === 0, `${others.length + 1} different answers`);
      // The edge retries half a second after a failure, if the burst lasts that long.
      assert.ok(origin.count("/v1/prompts/hot") <= (fault ? 2 : 1), `${origin.count("/v1/prompts/hot")} requests`);
    });
  }
}

test("the reader that started a request hangs up: the request goes on for other readers", async () => {
  const { origin, pass, read, leave } = await world({ STALE_IF_ERROR_SECONDS: STATES.expired }, true);
  await pass(AGE);
  origin.delay = 600;
  await leave();
  const others = await Promise.all(Array.from({ length: 20 }, read));
  assert.deepEqual(
    others,
    Array.from({ length: 20 }, () => ({ status: 200, content: "new" })),
  );
  assert.equal(origin.requests.length, 1);
});

test("a reader of a stale copy hangs up: the refresh that it started goes on", async () => {
  const { origin, clock, read, leave } = await world({ STALE_WHILE_REVALIDATE_SECONDS: "60" });
  await clock.pass(1_100);
  origin.delay = 400;
  await leave();
  await clock.settled();
  assert.deepEqual(await read(), { status: 200, content: "new" });
  assert.equal(origin.requests.length, 1);
});

test("the process is killed during a refresh: its successor asks the origin again", async () => {
  const { origin, worker, clock, read } = await world({ STALE_WHILE_REVALIDATE_SECONDS: "60" });
  await clock.pass(1_100);
  origin.fault = "hang";
  assert.deepEqual(await read(), { status: 200, content: "old" });
  while (origin.requests.length === 0) await sleep(5);
  await worker.kill9();
  origin.fault = undefined;
  await worker.restart();
  assert.deepEqual(await read(), { status: 200, content: "new" });
});
