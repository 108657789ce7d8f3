// The effect of one caller's failures on others, and the errors that a page may read: the built Worker before the
// tests' own origin.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { test } from "../patient.mjs";
import { makeKey } from "../workerd.mjs";
import { bearer, world } from "./world.mjs";

async function callers(vars) {
  const { origin, pool } = await world(vars);
  const read = async (key, slug, more) => {
    const { status, headers, body } = await pool.get(`/v1/prompts/${slug}`, { ...bearer(key), ...more });
    return { status, headers, code: JSON.parse(body).code };
  };
  return { origin, pool, read };
}

const PAGE = "https://app.example";

test("browsers: a page on the list reads every answer, errors included; no other page does", async () => {
  const { origin, pool } = await callers({ STALE_IF_ERROR_SECONDS: "60" });
  origin.allowedOrigins = [PAGE];
  origin.put("p", "Hello {{ name }}");
  const key = makeKey();
  const post = (path, body, more) => ["POST", path, { "content-type": "application/json", ...more }, body];
  const good = JSON.stringify({ inputs: { name: "Zoë" } });
  const requests = [
    [200, undefined, post("/v1/prompts/p/render", good)],
    [422, "input_invalid", post("/v1/prompts/p/render", JSON.stringify({ inputs: {} }))],
    [400, "json_invalid", post("/v1/prompts/p/render", "{")],
    [422, "body_invalid", post("/v1/prompts/p/render", "[]")],
    [415, "content_type", post("/v1/prompts/p/render", good, { "content-type": "text/plain" })],
    [413, "body_too_large", post("/v1/prompts/p/render", " ".repeat((1 << 20) + 1))],
    [404, "prompt_not_found", post("/v1/prompts/none/render", good)],
    [404, "prompt_not_found", ["GET", "/v1/prompts/none", {}]],
    [400, "query_invalid", post("/v1/prompts/p/render?more=1", good)],
    [400, "slug_invalid", ["GET", "/v1/prompts/A%20B", {}]],
    [400, "selector_conflict", ["GET", "/v1/prompts/p?tag=production&version=1", {}]],
    [406, "not_acceptable", ["GET", "/v1/prompts/p", { accept: "text/html" }]],
  ];
  const check = async ([status, code, [method, path, headers, body]], page) => {
    const answer = await pool.request(
      method,
      path,
      { authorization: `Bearer ${key}`, ...(page && { origin: page }), ...headers },
      body,
    );
    const what = `${method} ${path} from ${page}: ${answer.body}`;
    assert.deepEqual([answer.status, JSON.parse(answer.body).code], [status, code], what);
    assert.equal(answer.headers["access-control-allow-origin"], page === PAGE ? page : undefined, what);
    if (page) assert.equal(answer.headers.vary, "origin", what);
    if (page === PAGE) assert.match(answer.headers["access-control-expose-headers"], /cuecard-request-id/, what);
  };
  for (const request of requests)
    for (const page of [PAGE, "https://evil.example", undefined]) await check(request, page);
  await origin.close();
  await check([503, "origin_unavailable", ["GET", "/v1/prompts/cold", {}]], PAGE);
});

test("a key that was just revoked is refused, and other readers of the prompt are not affected", async () => {
  const { origin, read } = await callers({ FRESH_SECONDS: "1" });
  const [good, revoked] = [makeKey("one0one0one0"), makeKey("one0one0one0")];
  for (const slug of ["warm", "cold", "cold/too", "old"]) origin.put(slug, "Hello", 1);
  for (const key of [good, revoked]) assert.equal((await read(key, "warm")).status, 200);
  assert.equal((await read(good, "old")).status, 200);
  origin.revoked.add(revoked);
  const refused = async (slug) => {
    const { status, code } = await read(revoked, slug);
    assert.deepEqual([status, code], [401, "key_invalid"], slug);
  };
  await refused("cold");
  assert.equal((await read(good, "cold")).status, 200, "the prompt that the revoked key asked for");
  // The edge knows by now that the key is revoked, so it does not ask the origin again.
  origin.requests.length = 0;
  await refused("cold/too");
  await refused("warm");
  assert.deepEqual(
    origin.requests.map(({ path }) => path),
    ["/v1/keys/self"],
  );
});

test("a key that is revoked while others wait for its request is refused, and the others are not", async () => {
  const { origin, read } = await callers();
  const [good, revoked] = [makeKey("one0one0one0"), makeKey("one0one0one0")];
  origin.put("warm", "Hello");
  origin.put("cold", "Hello");
  for (const key of [good, revoked]) await read(key, "warm");
  origin.revoked.add(revoked);
  origin.refusalDelay = 300;
  const first = read(revoked, "cold");
  await sleep(100);
  const others = await Promise.all(Array.from({ length: 20 }, () => read(good, "cold")));
  assert.deepEqual(new Set(others.map(({ status }) => status)), new Set([200]));
  assert.equal((await first).status, 401);
  assert.equal(origin.count("/v1/prompts/cold"), 2);
});

/** Reads six cold prompts, whose failures would open a circuit breaker. */
async function hammer(read, key, expected) {
  for (let i = 0; i < 6; i++) assert.equal((await read(key, `cold/${i}`)).status, expected);
}

for (const [name, fault] of [
  ["too many requests of one tenant", "429 of ours"],
  ["a store that fails for one tenant", "500 of ours"],
]) {
  test(`${name}: other tenants are not affected`, async () => {
    const { origin, read } = await callers();
    const [noisy, quiet] = [makeKey("noisynoisy00"), makeKey("quietquiet00")];
    origin.put("p", "Hello");
    for (const key of [noisy, quiet]) assert.equal((await read(key, "p")).status, 200);
    for (let i = 0; i < 6; i++) origin.put(`cold/${i}`, "Hello");
    origin.fault = (_, { headers }) => (headers.authorization.includes("cue_noisynoisy00_") ? fault : undefined);
    await hammer(read, noisy, 503);
    origin.requests.length = 0;
    assert.equal((await read(noisy, "p?tag=other")).status, 503);
    assert.equal(origin.requests.length, 0, "the tenant's own breaker is open");
    assert.equal((await read(quiet, "cold/0")).status, 200);
  });
}

test("an origin that is down is down for every tenant", async () => {
  const { origin, read } = await callers();
  const [one, other] = [makeKey("one0one0one0"), makeKey("other0other0")];
  origin.put("p", "Hello");
  for (const key of [one, other]) assert.equal((await read(key, "p")).status, 200);
  origin.fault = "status 500";
  await hammer(read, one, 503);
  origin.requests.length = 0;
  assert.equal((await read(other, "cold/0")).status, 503);
  assert.equal(origin.requests.length, 0, "no request passes the open breaker");
});
