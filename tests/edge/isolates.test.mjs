// Two isolates of one location: the first one writes, the store fails, and the second one serves.
import assert from "node:assert/strict";
import { after } from "node:test";

import { Clock } from "../clock.mjs";
import { test } from "../patient.mjs";
import { start } from "../workerd.mjs";
import { Pool } from "./pool.mjs";

const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

const SECOND = { "second-isolate": "1" };

const document = (content) => JSON.stringify({ messages: [{ role: "user", content }] });

/**
 * A store with two versions of `p`, whose tags `production` (the default) and `next` point to version 1, and a location
 * before it. `first`, `second` and `store` send a request and return `{ status, body }`.
 */
async function world(vars) {
  const home = await start();
  const options = { vars: { ORIGIN: home.url, FRESH_SECONDS: "1", ...vars }, isolates: true, clock: true };
  const away = await start({ key: home.key, ...options });
  const pools = [new Pool(home.port), new Pool(away.port)];
  stops.push(
    () => home.stop(),
    () => away.stop(),
    ...pools.map((pool) => () => pool.close()),
  );
  const caller = (pool, more) => async (method, path, body, host) => {
    const headers = { authorization: `Bearer ${home.key}`, "content-type": "application/json", ...more, ...host };
    const { status, body: text } = await pool.request(method, path, headers, body);
    return { status, body: text && JSON.parse(text) };
  };
  const clock = await Clock.of(away, { url: away.url, headers: SECOND });
  const store = caller(pools[0]);
  for (const content of ["one", "two"])
    assert.equal((await store("POST", "/v1/prompts/p/versions", document(content))).status, 201);
  for (const tag of ["production", "next"])
    assert.equal((await store("PUT", `/v1/prompts/p/tags/${tag}`, '{"version": 1}')).status, 200);
  /**
   * The version that an isolate serves once it has revalidated its copies in the background, or status and code of an
   * error.
   */
  const later = async (isolate, path, host) => {
    await isolate("GET", path, undefined, host);
    await clock.settled();
    const { status, body } = await isolate("GET", path, undefined, host);
    return status === 200 ? body.version : [status, body.code];
  };
  return { home, clock, later, first: caller(pools[1]), second: caller(pools[1], SECOND) };
}

test("a prompt that one isolate deleted is gone at the other and in the Cache API", async () => {
  const { home, clock, later, first, second } = await world();
  const paths = ["/v1/prompts/p", "/v1/prompts/p?tag=production", "/v1/prompts/p?version=1"];
  for (const path of paths) assert.equal((await first("GET", path)).status, 200);
  assert.equal((await second("DELETE", "/v1/prompts/p")).status, 204);
  await home.kill9();
  for (const path of paths)
    assert.equal((await second("GET", path)).status, 404, `${path}, without a copy at the second isolate`);
  await clock.pass(1_050);
  for (const path of paths.slice(0, 2)) assert.deepEqual(await later(first, path), [404, "prompt_not_found"], path);
});

test("a tag that one isolate deleted is gone at the other, and nothing else is", async () => {
  const { home, clock, later, first, second } = await world();
  for (const path of ["/v1/prompts/p?tag=next", "/v1/prompts/p?tag=production"])
    assert.equal((await first("GET", path)).status, 200);
  assert.equal((await second("DELETE", "/v1/prompts/p/tags/production")).status, 204);
  await home.kill9();
  assert.equal((await second("GET", "/v1/prompts/p?tag=production")).status, 404);
  await clock.pass(1_050);
  assert.deepEqual(await later(first, "/v1/prompts/p?tag=production"), [404, "tag_not_found"]);
  assert.equal(await later(first, "/v1/prompts/p?tag=next"), 1);
});

test("a tag that one isolate moved is served at its new version by the other, without a request to the store", async () => {
  const { home, clock, later, first, second } = await world();
  assert.equal((await first("GET", "/v1/prompts/p?tag=production")).body.version, 1);
  assert.equal((await second("PUT", "/v1/prompts/p/tags/production", '{"version": 2}')).status, 200);
  assert.equal((await second("GET", "/v1/prompts/p?tag=production")).body.version, 2, "at once where it was written");
  await home.kill9();
  await clock.pass(1_050);
  assert.equal(await later(first, "/v1/prompts/p?tag=production"), 2);
});

test("a prompt that was deleted and restored is readable again", async () => {
  const { clock, later, first, second } = await world();
  assert.equal((await first("GET", "/v1/prompts/p")).status, 200);
  assert.equal((await second("DELETE", "/v1/prompts/p")).status, 204);
  await clock.pass(1_050);
  assert.deepEqual(await later(first, "/v1/prompts/p"), [404, "prompt_not_found"]);
  assert.equal((await second("POST", "/v1/prompts/p/restore")).status, 200);
  assert.equal((await second("GET", "/v1/prompts/p")).body.version, 1);
  await clock.pass(1_050);
  assert.equal(await later(first, "/v1/prompts/p"), 1);
});

test("a version of a prompt that one isolate deleted is gone at the other once it revalidates the key", async () => {
  const { home, clock, later, first, second } = await world({ KEY_SECONDS: "2" });
  assert.equal((await first("GET", "/v1/prompts/p?version=1")).status, 200);
  assert.equal((await second("DELETE", "/v1/prompts/p")).status, 204);
  await home.kill9();
  await clock.pass(2_100);
  assert.deepEqual(await later(first, "/v1/prompts/p?version=1"), [404, "prompt_not_found"]);
});

test("a prompt that was deleted under one host name is gone under another", async () => {
  const { home, clock, later, first, second } = await world({ KEY_SECONDS: "2" });
  const [one, other] = [{ host: "one.example" }, { host: "other.example" }];
  for (const path of ["/v1/prompts/p", "/v1/prompts/p?version=1"])
    assert.equal((await first("GET", path, undefined, one)).status, 200);
  assert.equal((await second("DELETE", "/v1/prompts/p", undefined, other)).status, 204);
  await home.kill9();
  await clock.pass(2_100);
  for (const path of ["/v1/prompts/p", "/v1/prompts/p?version=1"]) {
    assert.deepEqual(await later(first, path, one), [404, "prompt_not_found"], path);
    assert.equal((await second("GET", path, undefined, one)).status, 404, path);
  }
});
