// Faults that one organisation meets at the origin leave other organisations alone, and a key that was never issued
// makes no store.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after } from "node:test";

import { bearer, world } from "../edge/world.mjs";
import { test } from "../patient.mjs";
import { makeKey, start } from "../workerd.mjs";

const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

test("an organisation whose store hangs does not block another's first reads", async () => {
  const { origin, pool } = await world();
  for (const slug of ["a", "b"]) origin.put(slug, "Hello");
  const [bad, good] = [makeKey(), makeKey()];
  const hangs = (request) => (request.headers.authorization === `Bearer ${bad}` ? "hang" : undefined);
  origin.keyFault = hangs;
  origin.fault = (_, request) => hangs(request);
  const slow = [];
  for (let i = 0; i < 8; i++) slow.push(pool.get(`/v1/prompts/a?tag=t${i}`, bearer(bad)));
  for (const { status } of await Promise.all(slow)) assert.equal(status, 503);
  for (let i = 0; i < 5; i++) assert.equal((await pool.get("/v1/prompts/a", bearer(bad))).status, 503);
  const began = performance.now();
  const { status, body } = await pool.get("/v1/prompts/b", bearer(good));
  assert.equal(status, 200, body);
  assert.ok(performance.now() - began < 1_000, `${performance.now() - began} ms`);
});

test("keys of unknown organisations create no stores", async () => {
  const worker = await start();
  stops.push(() => worker.stop());
  const call = (key, path) => fetch(worker.url + path, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await call(worker.key, "/v1/prompts")).status, 200);
  const files = () => readdirSync(worker.dir, { recursive: true }).length;
  const before = files();
  for (let i = 0; i < 60; i++) {
    for (const path of ["/v1/prompts", "/v1/prompts/p"]) {
      const answer = await call(makeKey(), path);
      assert.deepEqual([answer.status, (await answer.json()).code], [401, "key_invalid"]);
    }
  }
  assert.equal(files(), before);
  assert.equal((await call(worker.key, "/v1/prompts")).status, 200);
});

test("listed organisations are accepted besides the one that the Worker was deployed for", async () => {
  const key = makeKey();
  const vars = { ORGANIZATIONS: ` other0other0, ${key.split("_")[1]}` };
  const worker = await start({ vars });
  stops.push(() => worker.stop());
  const before = readdirSync(worker.dir, { recursive: true }).length;
  const answer = await fetch(`${worker.url}/v1/prompts`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal(answer.status, 401, "the organisation's store lacks this key");
  assert.ok(readdirSync(worker.dir, { recursive: true }).length > before);
});
