// Limits per key and address: requests over a limit get 429 with `Retry-After`, and reads of copies go on. Time stands
// still, so that no limit has a new minute, however slow the machine is.
import assert from "node:assert/strict";
import { test } from "node:test";

import { says } from "../api/client.mjs";
import { makeKey } from "../workerd.mjs";
import { bearer, guess, store, world } from "./world.mjs";

/** A Worker with a store that has a prompt `p`. */
async function withPrompt(vars) {
  const here = await store(vars, { clock: true });
  assert.equal((await here.call("POST", "/v1/prompts/p/versions", says("Hello {{ name }}"))).status, 201);
  assert.equal((await here.call("GET", "/v1/prompts/p")).status, 200);
  return here;
}

/** The distinct statuses of the answers. */
const kinds = (answers) => [...new Set(answers.map(({ status }) => status))].sort();

/** Asserts that an answer is the refusal, with the seconds after which to retry. */
function isRefusal({ status, headers, body }) {
  assert.equal(status, 429);
  assert.equal(headers["content-type"], "application/problem+json");
  assert.match(headers["retry-after"], /^[1-9]\d*$/);
  const { code, type } = JSON.parse(body);
  assert.deepEqual([code, type], ["rate_limited", "urn:cuecard:error:rate_limited"]);
}

test("guessed keys: over the limit the origin is not asked, and good keys go on", async () => {
  const { origin, pool } = await world({ WRONG_KEYS_PER_MINUTE: "30" }, { clock: true });
  origin.put("p", "Hello");
  const [good, later] = [makeKey(), makeKey()];
  assert.equal((await pool.get("/v1/prompts/p", bearer(good))).status, 200);
  const answers = [];
  for (let i = 0; i < 100; i++) {
    const wrong = guess(good);
    origin.revoked.add(wrong);
    answers.push(await pool.get("/v1/prompts/p", bearer(wrong)));
  }
  assert.deepEqual(kinds(answers), [401, 429]);
  isRefusal(answers.at(-1));
  assert.ok(origin.requests.length < 60, `${origin.requests.length} requests`);
  assert.equal((await pool.get("/v1/prompts/p", bearer(good))).status, 200, "a copy");
  assert.equal((await pool.get("/v1/prompts/p?tag=cold", bearer(good))).status, 200, "an answer of the origin");
  assert.equal((await pool.get("/v1/prompts/p", bearer(later))).status, 200, "another organisation");
});

test("behind a proxy that names addresses, guesses count for the address of the caller", async () => {
  const { call, key } = await withPrompt({ WRONG_KEYS_PER_MINUTE: "10", ADDRESS_HEADER: "x-real-ip" });
  const from = (address, auth) => call("GET", "/v1/prompts/p", undefined, { ...bearer(auth), "x-real-ip": address });
  const answers = [];
  for (let i = 0; i < 20; i++) answers.push(await from(`2001:db8:1:2:${i}::1`, guess(key)));
  assert.deepEqual(kinds(answers), [401, 429]);
  assert.equal((await from("192.0.2.1", guess(key))).status, 401);
  const many = [];
  for (let i = 0; i < 20; i++) many.push(await from(`192.0.2.7`, makeKey()));
  assert.deepEqual(kinds(many), [401, 429], "whichever organisation the keys name");
  assert.equal((await from("192.0.2.7", key)).status, 200, "with a good key");
});

test("a route that needs no key does not make a wrong key count as good", async () => {
  const { call, key } = await withPrompt({ WRONG_KEYS_PER_MINUTE: "10" });
  const answers = [];
  for (let i = 0; i < 30; i++) {
    const wrong = bearer(guess(key));
    for (const path of ["/healthz", "/openapi.json"]) await call("GET", path, undefined, wrong);
    answers.push(await call("GET", "/v1/prompts", undefined, wrong));
  }
  assert.deepEqual(kinds(answers), [401, 429]);
});

test("writes: a limit per key and minute, and reads go on", async () => {
  const { call } = await withPrompt({ WRITES_PER_MINUTE: "20" });
  const answers = [];
  for (let i = 0; i < 40; i++) answers.push(await call("PATCH", "/v1/prompts/p", { description: `${i}` }));
  assert.deepEqual(kinds(answers), [200, 429]);
  isRefusal(answers.at(-1));
  assert.equal(answers.filter(({ status }) => status === 200).length < 25, true);
  for (const path of ["/v1/prompts/p", "/v1/prompts"]) assert.equal((await call("GET", path)).status, 200);
  assert.equal((await call("POST", "/v1/prompts/p/render", { inputs: { name: "Ada" } })).status, 200);
  isRefusal(await call("DELETE", "/v1/prompts/p?x=/render"));
});

test("renders: a limit per minute, and a page may read the refusal", async () => {
  const { call } = await withPrompt({ RENDERS_PER_MINUTE: "20" });
  const answers = [];
  for (let i = 0; i < 40; i++)
    answers.push(
      await call("POST", "/v1/prompts/p/render", { inputs: { name: "Ada" } }, { origin: "https://shop.example" }),
    );
  assert.deepEqual(kinds(answers), [200, 429]);
  isRefusal(answers.at(-1));
  assert.equal(answers.at(-1).headers["access-control-allow-origin"], "https://shop.example");
  assert.equal((await call("PATCH", "/v1/prompts/p", { description: "new" })).status, 200);
});

test("renders that use up their work: over a key's limit they are not tried, and other prompts are", async () => {
  const { call } = await withPrompt({ SPENT_RENDERS_PER_MINUTE: "5" });
  const bomb = { messages: [{ role: "user", content: "{% for a in range(n) %}{{ a * a }}{% endfor %}" }] };
  const slugs = ["bomb", "fuse", "team%2Fbomb"];
  const more = Array.from({ length: 30 }, (_, i) => `other${i}`);
  for (const slug of [...slugs, ...more])
    assert.equal((await call("POST", `/v1/prompts/${slug}/versions`, bomb)).status, 201);
  assert.equal((await call("POST", "/v1/prompts/p/render", { inputs: { name: "Ada" } })).status, 200);
  const render = (slug, n) => call("POST", `/v1/prompts/${slug}/render`, { inputs: { n } });
  assert.equal((await render("bomb", 3)).status, 200);
  const answers = [];
  for (let i = 0; i < 15; i++) answers.push(await render(slugs[i % 3], 99_999));
  assert.deepEqual(kinds(answers), [422, 429]);
  assert.equal(
    answers.filter(({ status }) => status === 422).length <= 6,
    true,
    "the limit covers all prompts together",
  );
  isRefusal(answers.at(-1));
  for (const spelled of ["%62omb", "bom%62", "bomb?tag=production", "bomb?version=1", "team/bomb", "team%2fbomb"]) {
    const [slug, query = ""] = spelled.split("?");
    for (const verb of ["render", "r%65nder"]) {
      const path = `/v1/prompts/${slug}/${verb}?${query}`;
      assert.notEqual((await call("POST", path, { inputs: { n: 99_999 } })).status, 422, path);
    }
  }
  assert.equal((await call("POST", "/v1/prompts/p/render", { inputs: { name: "Ada" } })).status, 200);
  assert.equal((await call("GET", "/v1/prompts/bomb")).status, 200);
  assert.equal((await render("other0", 3)).status, 200, "a prompt that was never rendered is tried");
  const others = [];
  for (const slug of more) others.push(await render(slug, 99_999));
  assert.ok(others.filter(({ status }) => status === 422).length <= 7, "the limit of a minute, and a few that refill");
  assert.deepEqual(kinds(others), [422, 429]);
  assert.equal((await call("POST", "/v1/prompts/p/render", { inputs: { name: "Ada" } })).status, 200);
});

test("a refusal of a large body arrives", async () => {
  const { call } = await withPrompt({ RENDERS_PER_MINUTE: "1" });
  const inputs = { name: "a".repeat(900_000) };
  const ask = (headers) => call("POST", "/v1/prompts/p/render", { inputs }, headers);
  const answers = [await ask()];
  for (let i = 0; i < 20; i++) answers.push(...(await Promise.all([ask(), ask(bearer("cue_wrong"))])));
  assert.deepEqual(kinds(answers), [200, 401, 429]);
});

test("wrong inputs count as renders that use up their work if they are large, and not if they are small", async () => {
  const { call } = await withPrompt({ SPENT_RENDERS_PER_MINUTE: "5" });
  const typed = { messages: [{ role: "user", content: "{{ l|length }}" }], inputs: [{ name: "l", type: "list[int]" }] };
  assert.equal((await call("POST", "/v1/prompts/typed/versions", typed)).status, 201);
  const wrong = async (length, times) => {
    const answers = [];
    for (let i = 0; i < times; i++)
      answers.push(await call("POST", "/v1/prompts/typed/render", { inputs: { l: Array(length).fill("a") } }));
    return kinds(answers);
  };
  assert.deepEqual(await wrong(1, 15), [422]);
  assert.deepEqual(await wrong(9_000, 15), [422, 429]);
});

test("0 is no limit", async () => {
  const { call } = await withPrompt({ WRITES_PER_MINUTE: "0", WRONG_KEYS_PER_MINUTE: "0" });
  const answers = [];
  for (let i = 0; i < 200; i++) answers.push(await call("GET", "/v1/prompts", undefined, bearer("cue_wrong")));
  assert.deepEqual(kinds(answers), [401]);
});

test("lists: a limit of MiB per key and minute, and reads of prompts go on", async () => {
  const { call } = await withPrompt({ LIST_MEBIBYTES_PER_MINUTE: "4" });
  const text = "a".repeat(200_000);
  for (let i = 0; i < 5; i++)
    assert.equal((await call("POST", `/v1/prompts/large${i}/versions`, says(`${text}${i}`))).status, 201);
  for (const path of [
    "/v1/snapshot",
    "/api/prompts",
    "/v1/prompts/large1/versions",
    "/v1/prompts/large1/diff?from=1&to=1",
  ]) {
    const answers = [];
    // Over the limit the edge refuses only paths that were read before, so each first read succeeds.
    for (let i = 0; i < 30; i++) answers.push(await call("GET", path));
    assert.deepEqual(kinds(answers), [200, 429], path);
    isRefusal(answers.at(-1));
    for (const { headers } of answers) assert.equal(headers["cuecard-length"], undefined);
  }
  assert.equal((await call("GET", "/v1/prompts/large1")).status, 200);
  assert.equal((await call("POST", "/v1/prompts/p/render", { inputs: { name: "Ada" } })).status, 200);
});

test("lists of a small store are read a hundred times a second", async () => {
  const { call } = await withPrompt({});
  const answers = [];
  for (let i = 0; i < 1_500; i++) answers.push(await call("GET", "/v1/prompts"));
  assert.deepEqual(kinds(answers), [200]);
});
