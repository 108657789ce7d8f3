// The edge refuses a path that URL parsers behind it would read differently, and sends it nowhere.
import assert from "node:assert/strict";
import { test } from "node:test";

import { says } from "../api/client.mjs";
import { makeKey } from "../workerd.mjs";
import { bearer, store, world } from "./world.mjs";

/** workerd resolves plain dot segments when it parses the URL, so no Worker sees them; it keeps encoded ones. */
const DOTS = [
  "/v1/prompts/x/%2e%2e/c",
  "/v1/prompts/x/.%2E/c",
  "/v1/prompts/%2e/c",
  "/v1/prompts/x%2F..%2Fc",
  "/v1/prompts/x%5C..%5Cc",
];

test("a path with dot segments deletes nothing", async () => {
  const { call } = await store();
  assert.equal((await call("POST", "/v1/prompts/c/versions", says("one"))).status, 201);
  for (const path of DOTS) {
    const answer = await call("DELETE", path);
    assert.deepEqual([answer.status, JSON.parse(answer.body).code], [400, "slug_invalid"], path);
  }
  assert.equal((await call("GET", "/v1/prompts/c")).status, 200);
  const listed = await call("GET", "/v1/prompts");
  assert.equal(JSON.parse(listed.body).prompts.length, 1);
});

test("a GET with `content-length: 0` is a plain GET", async () => {
  const { call } = await store();
  assert.equal((await call("POST", "/v1/prompts/c/versions", says("one"))).status, 201);
  const ask = (path) => call("GET", path, undefined, { "content-length": "0" });
  for (const path of [
    "/v1/prompts",
    "/v1/prompts/c",
    "/v1/prompts/c/versions",
    "/v1/prompts/c/tags",
    "/v1/events",
    "/v1/snapshot",
  ]) {
    assert.equal((await ask(path)).status, 200, path);
  }
  assert.equal((await ask("/v1/prompts?limit=x")).status, 400);
});

test("an edge sends its origin only requests for the API's routes", async () => {
  const { origin, pool } = await world();
  const headers = bearer(makeKey());
  for (const path of [...DOTS, "/v1/prompts/%2e%2e/%2e%2e/other/service", "/v1/prompts/a/versions/%2e%2e"]) {
    const answer = await pool.request("GET", path, headers);
    assert.deepEqual([answer.status, JSON.parse(answer.body).code], [400, "slug_invalid"], path);
  }
  assert.deepEqual(origin.requests, [], "nothing was sent");
  for (const [path, sent] of [
    ["/v1/prompts/a\\b/versions", "/v1/prompts/a%5Cb/versions"],
    ["/v1/prompts/a%2F..b/versions?limit=1", "/v1/prompts/a%2F..b/versions"],
    ["/v1/prompts/%61/tags", "/v1/prompts/a/tags"],
  ]) {
    await pool.request("GET", path, headers);
    // The edge also asks about the key, which is new to it.
    const [last] = origin.requests.filter((one) => one.path !== "/v1/keys/self").slice(-1);
    assert.equal(last?.path, sent, path);
  }
});
