// Many readers, their cost, results and rights: the built Worker before the tests' own origin.
import assert from "node:assert/strict";

import { test } from "../patient.mjs";
import { makeKey } from "../workerd.mjs";
import { burst } from "./pool.mjs";
import { bearer, world } from "./world.mjs";

/**
 * 10,000 reads take workerd 3 s of processor time, and must arrive within the 6 s that a request to the origin may take
 * in a burst.
 */
const COLD_READS = Number(process.env.COLD_READS ?? 500);

test(`${COLD_READS} concurrent cold reads of one prompt cost one origin request`, async () => {
  const { origin, worker, pool } = await world({ FRESH_SECONDS: "60" });
  const key = makeKey();
  origin.put("hot", "Hello");
  await pool.get("/v1/prompts/unknown", bearer(key));
  // The delay is long enough for all readers to wait at once, and within the edge's deadline.
  origin.delay = 1_000;
  origin.requests.length = 0;
  const began = performance.now();
  const answers = await burst(worker.port, "/v1/prompts/hot", bearer(key), COLD_READS);
  const waited = answers.cache["cuecard; fwd=miss; collapsed"];
  console.log(
    `# ${COLD_READS} cold reads: ${origin.requests.length} origin request, ${waited} waited for it, all in ${Math.round(performance.now() - began)} ms`,
  );
  assert.deepEqual(answers.status, { 200: COLD_READS });
  assert.equal(Object.keys(answers.body).length, 1);
  assert.equal(origin.count("/v1/prompts/hot"), 1);
  assert.equal(origin.requests.length, 1);
  assert.ok(waited >= COLD_READS / 2, `${waited} waited at once`);
});

test("1,000 concurrent readers with a key that is new to the edge cost one request about the key", async () => {
  const { origin, pool } = await world();
  const key = makeKey();
  origin.put("hot", "Hello");
  origin.delay = 100;
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => pool.get("/v1/prompts/hot", bearer(key))));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.deepEqual([origin.count("/v1/keys/self"), origin.count("/v1/prompts/hot")], [1, 1]);
});

test("the expiry of a hot prompt costs one request, and no reader waits for it", async () => {
  const { origin, pool, clock } = await world({ FRESH_SECONDS: "3" }, { clock: true });
  const key = makeKey();
  origin.put("hot", "Hello");
  await pool.get("/v1/prompts/hot", bearer(key));
  origin.delay = 400;
  origin.requests.length = 0;
  await clock.pass(3_050);
  const answers = await Promise.all(Array.from({ length: 200 }, () => pool.get("/v1/prompts/hot", bearer(key))));
  assert.ok(
    answers.every(({ status, headers }) => status === 200 && headers["cache-status"].startsWith("cuecard; hit")),
  );
  assert.ok(answers.some(({ headers }) => headers["cache-status"].includes("detail=stale-while-revalidate")));
  await clock.settled();
  assert.equal(origin.requests.length, 1);
});

for (const prompts of [1, 100, 1_000]) {
  test(`${prompts} hot prompts of a project that does not change: origin load stays flat`, async () => {
    const vars = { FRESH_SECONDS: "0.5", STALE_WHILE_REVALIDATE_SECONDS: "10" };
    const { origin, pool, clock } = await world(vars, { clock: true });
    const key = makeKey();
    const paths = Array.from({ length: prompts }, (_, i) => `/v1/prompts/hot/${i}`);
    paths.forEach((_, i) => origin.put(`hot/${i}`, `Hello ${i}`, 1));
    await Promise.all(paths.map((path) => pool.get(path, bearer(key))));
    await clock.pass(600);
    origin.requests.length = 0;
    const began = clock.now;
    let reads = 0;
    for (; clock.now - began < 3_000; await clock.pass(50)) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => pool.get(paths[reads++ % prompts], bearer(key))),
      );
      assert.ok(answers.every(({ status }) => status === 200));
    }
    const windows = (clock.now - began) / 500;
    // The whole project costs one revalidation per window, whatever its number of prompts.
    assert.ok(
      origin.requests.length <= Math.ceil(windows) + 1,
      `${origin.requests.length} requests in ${windows} windows`,
    );
    assert.ok(origin.requests.length >= 3, `${origin.requests.length} requests`);
    console.log(
      `# ${prompts} hot prompts: ${origin.requests.length} origin requests for ${reads} reads in ${windows.toFixed(1)} fresh windows`,
    );
  });
}

test("each version is requested once, whatever the windows", async () => {
  const { origin, pool } = await world({ FRESH_SECONDS: "0", STALE_WHILE_REVALIDATE_SECONDS: "0" });
  const key = makeKey();
  origin.put("pinned", "Hello");
  for (let i = 0; i < 5; i++) assert.equal((await pool.get("/v1/prompts/pinned?version=1", bearer(key))).status, 200);
  assert.equal(origin.count("/v1/prompts/pinned"), 1);
});

test("keys: a revoked one is refused in time, an unknown one is never accepted while the origin is down", async () => {
  const { origin, pool, clock } = await world({ KEY_SECONDS: "2", FRESH_SECONDS: "60" }, { clock: true });
  const [good, revoked, unknown] = [makeKey(), makeKey(), makeKey()];
  origin.put("p", "Hello");
  const read = async (key) => (await pool.get("/v1/prompts/p", bearer(key))).status;
  assert.deepEqual([await read(good), await read(revoked)], [200, 200]);

  origin.revoked.add(revoked);
  const began = clock.now;
  for (; (await read(revoked)) === 200; await clock.pass(50))
    assert.ok(clock.now - began < 2_000, "a revoked key is refused within KEY_SECONDS");
  assert.equal(await read(revoked), 401);
  assert.equal(await read(good), 200);

  await origin.close();
  await clock.pass(2_500);
  for (const _ of [1, 2, 3]) {
    assert.deepEqual([await read(good), await read(revoked), await read(unknown)], [200, 401, 503]);
    await clock.pass(700);
  }
});

test("keys: no key, a malformed one and a mistyped one never reach the origin", async () => {
  const { origin, pool } = await world();
  const key = makeKey();
  const mistyped = key.slice(0, -1) + (key.endsWith("0") ? "1" : "0");
  for (const [headers, code] of [
    [{}, "key_missing"],
    [{ authorization: "Bearer x" }, "key_malformed"],
    [{ authorization: `Basic ${key}` }, "key_malformed"],
    [bearer(mistyped), "key_malformed"],
  ]) {
    const { status, body } = await pool.get("/v1/prompts/p", headers);
    assert.deepEqual([status, JSON.parse(body).code], [401, code]);
  }
  assert.equal(origin.requests.length, 0);
});

test("no header but the key, conditionals and Origin changes an answer", async () => {
  const { origin, pool } = await world();
  const key = makeKey();
  origin.put("p", "Hello");
  await pool.get("/v1/prompts/p", bearer(key));
  const plain = await pool.get("/v1/prompts/p", bearer(key));
  const odd = {};
  for (const name of [
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-for",
    "x-original-url",
    "x-rewrite-url",
    "x-http-method-override",
    "x-host",
    "forwarded",
    "via",
    "cookie",
    "range",
    "if-modified-since",
    "cache-control",
    "pragma",
    "x-cuecard-revision",
    "x-cuecard-checked",
    "cuecard-revision",
    "accept-language",
    "accept-encoding",
    "te",
    "user-agent",
    "referer",
    "x-api-key",
  ]) {
    odd[name] = name === "range" ? "bytes=0-3" : name === "cache-control" ? "no-cache" : "evil.example";
  }
  const answer = await pool.get("/v1/prompts/p", { ...bearer(key), ...odd });
  assert.deepEqual([answer.status, answer.body], [plain.status, plain.body]);
  assert.deepEqual({ ...answer.headers, age: 0 }, { ...plain.headers, age: 0 });
  assert.match(plain.headers["cache-control"], /^private/);
});

test("If-None-Match: 304 from a copy, with the headers of a 200", async () => {
  const { origin, pool } = await world();
  const key = makeKey();
  origin.put("p", "Hello");
  const { headers } = await pool.get("/v1/prompts/p", bearer(key));
  origin.requests.length = 0;
  for (const [value, status] of [
    [headers.etag, 304],
    [`W/${headers.etag}`, 304],
    [`"x", ${headers.etag}`, 304],
    ["*", 304],
    ['"x"', 200],
    [headers.etag.replaceAll('"', ""), 200],
  ]) {
    const answer = await pool.get("/v1/prompts/p", { ...bearer(key), "if-none-match": value });
    assert.equal(answer.status, status, value);
    assert.equal(answer.headers.etag, headers.etag);
    assert.match(answer.headers["cache-status"], /^cuecard; hit/);
    if (status === 304) assert.equal(answer.body, "");
  }
  assert.equal(origin.requests.length, 0);
});

test("renders: a copy gives the same answers and refusals as the origin", async () => {
  const { origin, pool } = await world({ FRESH_SECONDS: "60" });
  const key = makeKey();
  origin.put("p", "Hello {{ name }}");
  const json = { ...bearer(key), "content-type": "application/json" };
  const render = (body, headers = json) => pool.request("POST", "/v1/prompts/p/render", headers, body);
  const good = JSON.stringify({ inputs: { name: "Zoë" } });
  const first = await render(good);
  const second = await render(good);
  assert.equal(JSON.parse(first.body).messages[0].content, "Hello Zoë");
  assert.deepEqual([second.status, second.body], [first.status, first.body]);
  assert.deepEqual(Object.keys(second.headers).toSorted(), Object.keys(first.headers).toSorted());
  assert.match(second.headers["cache-status"], /^cuecard; hit/);
  // Hits share their headers, so they have no request id.
  assert.deepEqual(
    [first, second].map(({ headers }) => headers["cuecard-request-id"]),
    [undefined, undefined],
  );
  assert.equal(second.headers["cache-control"], "private, no-store");
  assert.equal((await render(good, { ...json, "transfer-encoding": "chunked" })).body, first.body);
  for (const type of [
    "application/json; charset=utf-8",
    "application/json;charset=utf-8",
    'Application/JSON; Charset="UTF-8"',
  ]) {
    const answer = await render(good, { ...json, "content-type": type });
    assert.deepEqual([answer.status, answer.body], [200, first.body], type);
  }
  for (const [body, status, code, headers] of [
    ["{", 400, "json_invalid"],
    ["[]", 422, "body_invalid"],
    ["{}", 422, "body_invalid"],
    [JSON.stringify({ inputs: {}, more: 1 }), 422, "body_invalid"],
    [JSON.stringify({ inputs: {} }), 422, "input_invalid"],
    [good, 415, "content_type", { ...json, "content-type": "text/plain" }],
    [good, 415, "content_encoding", { ...json, "content-encoding": "gzip" }],
    [" ".repeat((1 << 20) + 1), 413, "body_too_large"],
  ]) {
    const answer = await render(body, headers);
    assert.deepEqual([answer.status, JSON.parse(answer.body).code], [status, code]);
  }
  assert.equal(origin.count("/v1/prompts/p"), 1);
});

test("reads with 5,000 values of Accept cost one request to the origin", async () => {
  const { origin, pool } = await world({ FRESH_SECONDS: "60" });
  const key = makeKey();
  origin.put("p", "Hello");
  const ask = (i) => pool.get("/v1/prompts/p", { ...bearer(key), accept: `application/json;n=${i}` });
  const { body } = await ask(0);
  for (let i = 0; i < 5_000; i += 100) {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, j) => ask(i + j)));
    assert.ok(answers.every((answer) => answer.status === 200 && answer.body === body));
  }
  assert.equal((await ask(0)).body, body);
  assert.equal(origin.count("/v1/prompts/p"), 1);
});

test("browsers: pages on the project's list may read with a read key; no other page, no other key", async () => {
  const { origin, pool } = await world();
  origin.put("p", "Hello");
  origin.allowedOrigins = ["https://app.example"];
  const read = makeKey();
  const from = async (page, key) => (await pool.get("/v1/prompts/p", { ...bearer(key), origin: page })).headers;
  const yes = await from("https://app.example", read);
  assert.equal(yes["access-control-allow-origin"], "https://app.example");
  assert.equal(yes.vary, "origin");
  for (const page of [
    "https://evil.example",
    "https://app.example.evil.example",
    "http://app.example",
    "null",
    "https://app.example:8443",
  ]) {
    const no = await from(page, read);
    assert.equal(no["access-control-allow-origin"], undefined, page);
    assert.equal(no.vary, "origin");
  }
  origin.allowedOrigins = ["*"];
  const open = makeKey();
  for (const page of ["https://app.example", "https://evil.example", "null"]) {
    const answer = await from(page, open);
    assert.equal(answer["access-control-allow-origin"], "*", page);
    assert.equal(answer["access-control-allow-credentials"], undefined, "no credentials");
    assert.match(answer["access-control-expose-headers"], /etag/);
  }
  const missing = await pool.get("/v1/prompts/missing", { ...bearer(open), origin: "https://app.example" });
  assert.deepEqual(
    [missing.status, missing.headers["access-control-allow-origin"]],
    [404, "*"],
    "a page may read a refusal, too",
  );
  origin.role = "write";
  for (const allowed of [["https://app.example"], ["*"]]) {
    origin.allowedOrigins = allowed;
    assert.equal(
      (await from("https://app.example", makeKey()))["access-control-allow-origin"],
      undefined,
      "a browser may not use a write key",
    );
  }

  const preflight = (path, method) =>
    pool.request("OPTIONS", path, {
      origin: "https://app.example",
      "access-control-request-method": method,
      "access-control-request-headers": "authorization",
    });
  const ok = await preflight("/v1/prompts/a/b", "GET");
  assert.deepEqual(
    [ok.status, ok.headers["access-control-allow-origin"], ok.headers["access-control-allow-methods"]],
    [204, "https://app.example", "GET"],
  );
  // The edge allows the headers that `pkg/js` sends; a browser refuses a request with any other.
  assert.equal(ok.headers["access-control-allow-headers"], "authorization, content-type, if-none-match");
  assert.equal((await preflight("/v1/prompts/a/render", "POST")).status, 204);
  for (const [path, method] of [
    ["/v1/prompts/a/versions", "POST"],
    ["/v1/prompts/a/tags/production", "PUT"],
    ["/v1/keys", "GET"],
    ["/v1/prompts/a", "DELETE"],
  ]) {
    const no = await preflight(path, method);
    assert.equal(no.headers["access-control-allow-origin"], undefined, `${method} ${path}`);
  }
});

test("50 tenants with the same slugs: no random read gets another tenant's answer", async () => {
  const { origin, pool } = await world({ FRESH_SECONDS: "0.2" });
  const count = Number(process.env.TENANT_READS ?? 20_000);
  const keys = Array.from({ length: 50 }, () => makeKey());
  const slugs = ["a", "b", "a/b", "support/reply", "1"];
  // This origin answers every tenant with the name of the tenant's organisation.
  origin.tenants = true;
  for (const slug of slugs) origin.put(slug, "", 1);
  let next = 7;
  const random = (below) => (next = (next * 48_271) % 2_147_483_647) % below;
  let crossed = 0;
  for (let done = 0; done < count; done += 100) {
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const [key, slug] = [keys[random(50)], slugs[random(slugs.length)]];
        const query = ["", "?tag=production", "?version=1", "?tag=latest"][random(4)];
        const { status, body } = await pool.get(`/v1/prompts/${slug}${query}`, bearer(key));
        assert.equal(status, 200, body);
        const answer = JSON.parse(body);
        if (answer.messages[0].content !== key.split("_")[1] || answer.slug !== slug) crossed += 1;
      }),
    );
  }
  assert.equal(crossed, 0);
});
