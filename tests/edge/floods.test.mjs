// Floods by one caller: others' copies stay in memory, memory stays bounded, and refusals cost next to nothing.
import assert from "node:assert/strict";
import { test } from "node:test";

import { measure, memory } from "../bombs.mjs";
import { makeKey } from "../workerd.mjs";
import { bearer, guess, world } from "./world.mjs";

/** A location without a Cache API, before an origin. Time stands still there, so that no limit has a new minute. */
async function bare(vars) {
  const here = await world({ FRESH_SECONDS: "600", ...vars }, { cache: "fail", clock: true, sockets: 16 });
  const get = async (path, key) => {
    const asked = () => here.pool.get(path, bearer(key));
    // The server closes a connection that idled while the machine was busy, so a failed request is sent again.
    return (await asked().catch(asked)).status;
  };
  return { ...here, get };
}

/** Calls `what` with 0 to `count - 1`, 16 calls at a time. */
async function each(count, what) {
  let next = 0;
  const line = async () => {
    while (next < count) await what(next++);
  };
  await Promise.all(Array.from({ length: 16 }, line));
}

const HELD = 300;

for (const [name, flood] of Object.entries({
  "large prompts": async ({ origin, get }, key) => {
    const text = "a".repeat(64 << 10);
    for (let i = 0; i < 400; i++) origin.put(`large/${i}`, text, 1);
    await each(400, async (i) => assert.equal(await get(`/v1/prompts/large%2F${i}`, key), 200));
  },
  "names of nothing": async ({ get }, key) => {
    // A name has at most 200 bytes. In a long flood, the tests' origin may be late once and cause a 503.
    const long = "n".repeat(190);
    await each(Number(process.env.FLOOD ?? 3_000), async (i) =>
      assert.match(String(await get(`/v1/prompts/${long}${i}`, key)), /^(404|503)$/),
    );
  },
})) {
  test(`one project reads ${name}: another project's copies stay`, async () => {
    const here = await bare();
    const [calm, loud] = [makeKey(), makeKey()];
    for (let i = 0; i < HELD; i++) here.origin.put(`p${i}`, "Hello", 1);
    const read = (i) => here.get(`/v1/prompts/p${i}`, calm);
    await each(HELD, async (i) => assert.equal(await read(i), 200));
    const before = memory(here.worker.pid).now;
    await flood(here, loud);
    const grown = memory(here.worker.pid).now - before;
    here.origin.requests.length = 0;
    await each(HELD, async (i) => assert.equal(await read(i), 200));
    assert.equal(here.origin.count("/v1/prompts/"), 0, `some of ${HELD} copies are gone`);
    assert.ok(grown < 192 << 20, `the Worker grew by ${grown >> 20} MiB`);
  });
}

test("a request over a limit costs no more than a few hits", async () => {
  const { origin, worker, pool } = await bare({ WRONG_KEYS_PER_MINUTE: "10", SPENT_RENDERS_PER_MINUTE: "2" });
  const good = makeKey();
  origin.put("p", "Hello", 1);
  origin.put("bomb", "{% for a in range(99999) %}{{ a * a }}{% endfor %}", 1);
  const send = (method, path, key) =>
    pool.request(
      method,
      path,
      { ...bearer(key), "content-type": "application/json" },
      method === "POST" ? '{"inputs":{}}' : undefined,
    );
  /** Milliseconds of processor time of one request, in the quickest of five rounds. */
  const costOf = async (request, status) => {
    const round = () => each(400, async () => assert.equal((await request()).status, status));
    return (await measure(worker.pid, 5, round, 0)).time / 400;
  };
  assert.equal((await send("GET", "/v1/prompts/p", good)).status, 200);
  const hit = await costOf(() => send("GET", "/v1/prompts/p", good), 200);
  for (let i = 0; i < 20; i++) {
    const wrong = guess(good);
    origin.revoked.add(wrong);
    await send("GET", "/v1/prompts/p", wrong);
    await send("POST", "/v1/prompts/bomb/render", good);
  }
  const guessed = await costOf(() => send("GET", "/v1/prompts/p", guess(good)), 429);
  const bombed = await costOf(() => send("POST", "/v1/prompts/bomb/render", good), 429);
  const described = await costOf(() => pool.get("/openapi.json", {}), 200);
  console.log(`# ms of processor time: ${JSON.stringify({ hit, guessed, bombed, described })}`);
  assert.ok(guessed < 4 * hit, `a guess costs ${guessed / hit} hits`);
  assert.ok(bombed < 4 * hit, `a bomb costs ${bombed / hit} hits`);
  // The description costs more, as it is long; it is serialised only once.
  assert.ok(described < 30 * hit, `the description costs ${described / hit} hits`);
});
