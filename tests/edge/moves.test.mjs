// Two locations of one store see tag moves, the one that wrote and the other: neither serves an older version after a
// newer one.
import assert from "node:assert/strict";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Clock } from "../clock.mjs";
import { test } from "../patient.mjs";
import { start } from "../workerd.mjs";
import { Pool } from "./pool.mjs";

const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

const document = (content) => ({ messages: [{ role: "user", content }] });

/** A Worker with the store, and an edge-only one before it. With `clock`, time stands still until the test moves it. */
async function world(vars, clock) {
  const home = await start({ vars, clock });
  const away = await start({ key: home.key, vars: { ...vars, ORIGIN: home.url }, clock });
  const [here, there] = [new Pool(home.port), new Pool(away.port)];
  stops.push(
    () => home.stop(),
    () => away.stop(),
    () => here.close(),
    () => there.close(),
  );
  const headers = { authorization: `Bearer ${home.key}`, "content-type": "application/json" };
  const call = async (pool, method, path, body) => {
    const {
      status,
      body: text,
      headers: seen,
    } = await pool.request(method, path, headers, body && JSON.stringify(body));
    return { status, headers: seen, body: text && JSON.parse(text) };
  };
  return { here, there, call, clock: clock && (await Clock.of(home, away)) };
}

test("a tag move is seen at once where it was made, elsewhere after the fresh window and one request", async () => {
  const { here, there, call, clock } = await world({ FRESH_SECONDS: "1" }, true);
  for (const content of ["one", "two"])
    assert.equal((await call(here, "POST", "/v1/prompts/p/versions", document(content))).status, 201);
  const read = async (pool) => (await call(pool, "GET", "/v1/prompts/p")).body.version;
  await call(here, "PUT", "/v1/prompts/p/tags/production", { version: 1 });
  assert.deepEqual([await read(here), await read(there)], [1, 1]);

  // Writes go through the store's own Worker and through the edge in turn.
  for (const [writer, other, version] of [
    [here, there, 2],
    [there, here, 1],
    [here, there, 2],
    [there, here, 1],
  ]) {
    assert.equal((await call(writer, "PUT", "/v1/prompts/p/tags/production", { version })).status, 200);
    assert.equal(await read(writer), version, "at once where it was written");
    await clock.pass(1_050);
    await read(other);
    await clock.settled();
    assert.equal(await read(other), version, "elsewhere after the fresh window and one request");
  }

  await call(here, "POST", "/v1/prompts/p/tags/production/rollback");
  assert.equal(await read(here), 2, "a roll-back too");
});

test("a deletion ends reads at once where it was made, elsewhere after the fresh window and one request", async () => {
  const { here, there, call, clock } = await world({ FRESH_SECONDS: "1" }, true);
  await call(here, "POST", "/v1/prompts/p/versions", document("one"));
  const read = async (pool, query = "") => (await call(pool, "GET", `/v1/prompts/p${query}`)).status;
  assert.deepEqual([await read(here), await read(there), await read(here, "?version=1")], [200, 200, 200]);
  assert.equal((await call(here, "DELETE", "/v1/prompts/p")).status, 204);
  assert.deepEqual([await read(here), await read(here, "?version=1")], [404, 404]);
  await clock.pass(1_050);
  await read(there);
  await clock.settled();
  assert.equal(await read(there), 404);
  assert.equal((await call(here, "POST", "/v1/prompts/p/restore")).status, 200);
  assert.deepEqual([await read(here), await read(here, "?version=1")], [200, 200]);
});

test("under moves and roll-backs no reader sees a lower revision after a higher one", async () => {
  const { here, there, call } = await world({ FRESH_SECONDS: "0.2", STALE_WHILE_REVALIDATE_SECONDS: "1" });
  for (const content of ["one", "two", "three"]) await call(here, "POST", "/v1/prompts/p/versions", document(content));
  const end = performance.now() + 5_000;
  let [reads, moves] = [0, 0];
  const reader = async (pool) => {
    let last = 0;
    while (performance.now() < end) {
      const { status, body } = await call(pool, "GET", "/v1/prompts/p");
      assert.equal(status, 200);
      assert.ok(body.resolved.revision >= last, `${body.resolved.revision} after ${last}`);
      last = body.resolved.revision;
      reads += 1;
    }
  };
  const writer = async (pool) => {
    while (performance.now() < end) {
      assert.equal(
        (await call(pool, "PUT", "/v1/prompts/p/tags/production", { version: 1 + (moves % 3) })).status,
        200,
      );
      if (moves % 3 === 2) await call(pool, "POST", "/v1/prompts/p/tags/production/rollback");
      moves += 1;
      await sleep(20);
    }
  };
  await Promise.all([
    ...Array.from({ length: 8 }, (_, i) => reader(i % 2 ? here : there)),
    writer(here),
    writer(there),
  ]);
  console.log(`# ${reads} reads by 8 readers at two locations during ${moves} moves`);
  assert.ok(moves > 20 && reads > 200);
});
