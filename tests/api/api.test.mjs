// The HTTP API through the real workerd: behaviour that native tests cannot see.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import http from "node:http";
import { after, before, describe, test } from "node:test";

import { makeKey, start } from "../workerd.mjs";
import { all, client, says } from "./client.mjs";

let worker;
let call;

before(async () => {
  worker = await start();
  call = client(worker);
});

after(() => worker?.stop());

test("commit, resolve, render, move, roll back, delete, restore", async () => {
  const slug = "/v1/prompts/flow%2Fgreet";
  const first = await call(
    "POST",
    `${slug}/versions`,
    says("Hi {{ name }}", { inputs: [{ name: "name", type: "str" }] }),
  );
  assert.equal(first.status, 201, first.text);
  assert.equal(first.headers.get("location"), "/v1/prompts/flow%2Fgreet/versions/1");
  const second = await call("POST", "/v1/prompts/flow/greet/versions", says("Hello {{ name }}", { tags: ["staging"] }));
  assert.equal(second.json.version, 2);

  const read = await call("GET", slug);
  assert.deepEqual([read.json.version, read.json.resolved.tag], [1, "production"]);
  assert.match(read.headers.get("cache-control"), /^private/);
  const same = await call("GET", slug, undefined, { "if-none-match": read.headers.get("etag") });
  assert.equal(same.status, 304);
  const rendered = await call("POST", `${slug}/render?tag=staging`, { inputs: { name: "Ada" } });
  assert.equal(rendered.json.messages[0].content, "Hello Ada", rendered.text);

  assert.equal((await call("PUT", `${slug}/tags/production`, { version: 2 })).status, 200);
  assert.equal((await call("GET", slug)).json.version, 2);
  assert.equal((await call("POST", `${slug}/tags/production/rollback`)).json.version, 1);
  assert.equal((await call("GET", slug)).json.version, 1);
  const diff = await call("GET", `${slug}/diff?from=1&to=2`);
  assert.equal(diff.json.equal, false);

  assert.equal((await call("DELETE", slug)).status, 204);
  assert.equal((await call("GET", slug)).json.code, "prompt_not_found");
  const restored = await call("POST", `${slug}/restore`);
  assert.deepEqual(restored.json.tags, [
    { tag: "production", version: 1 },
    { tag: "staging", version: 2 },
  ]);
  assert.deepEqual(
    (await all(call, `${slug}/versions`, "versions", 1)).map((v) => v.version),
    [2, 1],
  );
});

test("a rendered prompt as the request body of each model API, at the edge and from the store", async () => {
  const folder = new URL("../fixtures/payloads/", import.meta.url);
  for (const file of readdirSync(folder)) {
    const { prompt, inputs, payloads } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    const slug = `/v1/prompts/payloads/${file.replace(".json", "")}`;
    const made = await call("POST", `${slug}/versions`, prompt);
    assert.equal(made.status, 201, made.text);
    for (const [api, { body, losses }] of Object.entries(payloads)) {
      for (const via of [{}, {}, { "cuecard-via": "test" }]) {
        const { status, json, text } = await call("POST", `${slug}/render?payload=${api}`, { inputs }, via);
        assert.equal(status, 200, text);
        assert.deepEqual(json.body, body, `${file} ${api}`);
        assert.deepEqual(
          json.losses.map(({ code, pointer }) => [code, pointer]),
          losses,
        );
        assert.equal(json.resolved.hash, made.json.hash);
      }
    }
  }
  await call("POST", "/v1/prompts/payloads/tool/versions", { messages: [{ role: "tool", content: "x" }] });
  const refused = await call("POST", "/v1/prompts/payloads/tool/render?payload=gemini", { inputs: {} });
  assert.deepEqual([refused.status, refused.json.code], [422, "payload_unsupported"]);
  const unknown = await call("POST", "/v1/prompts/payloads/tool/render?payload=other", { inputs: {} });
  assert.deepEqual(
    [unknown.status, unknown.json.code, unknown.json.issues[0].pointer],
    [400, "query_invalid", "/payload"],
  );
});

test("a restart keeps everything", async () => {
  await call("POST", "/v1/prompts/kept/versions", says("Keep me"));
  const before = await call("GET", "/v1/prompts/kept");
  await worker.restart();
  const after = await call("GET", "/v1/prompts/kept");
  assert.equal(after.text, before.text);
  assert.equal(after.headers.get("etag"), before.headers.get("etag"));
});

test("200 concurrent commits to 4 prompts give versions 1 to 50 of each", async () => {
  const commits = Array.from({ length: 200 }, (_, n) =>
    call("POST", `/v1/prompts/busy/${n % 4}/versions`, says(`text ${n}`, { commitMessage: `${n}` })),
  );
  const answers = await Promise.all(commits);
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [201]);
  for (let prompt = 0; prompt < 4; prompt++) {
    const given = answers.filter((_, n) => n % 4 === prompt).map((answer) => answer.json.version);
    assert.deepEqual(
      given.toSorted((a, b) => a - b),
      Array.from({ length: 50 }, (_, n) => n + 1),
    );
    const stored = await all(call, `/v1/prompts/busy%2F${prompt}/versions`, "versions", 7);
    assert.deepEqual(
      stored.map((version) => version.version),
      Array.from({ length: 50 }, (_, n) => 50 - n),
    );
  }
});

test("exactly one of 16 concurrent moves with the same If-Match succeeds, 10 times", async () => {
  const slug = "/v1/prompts/raced";
  for (let n = 1; n <= 16; n++) await call("POST", `${slug}/versions`, says(`text ${n}`));
  for (let round = 0; round < 10; round++) {
    const etag = (await call("GET", `${slug}/tags/production`)).headers.get("etag");
    const moves = Array.from({ length: 16 }, (_, n) =>
      call("PUT", `${slug}/tags/production`, { version: n + 1 }, { "if-match": etag }),
    );
    const answers = await Promise.all(moves);
    const won = answers.filter((answer) => answer.status === 200);
    assert.equal(won.length, 1);
    assert.equal(answers.filter((answer) => answer.json.code === "precondition_failed").length, 15);
    assert.equal((await call("GET", slug)).json.version, won[0].json.version);
  }
});

test("a change that fails midway changes nothing", async () => {
  // Revoking a key writes to the store before it detects that the key is the last admin key.
  const { json: own } = await call("GET", "/v1/keys/self");
  const refused = await call("DELETE", `/v1/keys/${own.key}`, undefined, { "idempotency-key": "lock-out" });
  assert.deepEqual([refused.status, refused.json.code], [409, "lock_out"]);
  const key = await call("GET", `/v1/keys/${own.key}`);
  assert.equal(key.status, 200, key.text);
  assert.equal(key.json.revokedAt, undefined);
  assert.equal((await call("GET", "/v1/keys/self")).json.revision, own.revision);
  const again = await call("DELETE", `/v1/keys/${own.key}`, undefined, { "idempotency-key": "lock-out" });
  assert.deepEqual([again.json.code, again.headers.get("idempotency-replayed")], ["lock_out", null]);
});

test("retries with the same Idempotency-Key, also concurrent ones, are one change", async () => {
  const commit = () => call("POST", "/v1/prompts/once/versions", says("Once"), { "idempotency-key": "once" });
  const answers = await Promise.all(Array.from({ length: 8 }, commit));
  assert.deepEqual(new Set(answers.map((answer) => answer.text)).size, 1);
  assert.equal(answers.filter((answer) => answer.headers.get("idempotency-replayed") === null).length, 1);
});

describe("bodies on the wire", () => {
  /** Sends headers and a body in the given chunks. */
  const raw = (headers, chunks) =>
    new Promise((resolve, reject) => {
      // The request has its own connection, as the server closes one whose body it refused.
      const options = { method: "POST", agent: false, headers: { authorization: `Bearer ${worker.key}`, ...headers } };
      const request = http.request(`${worker.url}/v1/prompts/wire/versions`, options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => (text += part));
        response.on("end", () => resolve({ status: response.statusCode, ...JSON.parse(text) }));
      });
      request.on("error", reject);
      for (const chunk of chunks) request.write(chunk);
      request.end();
    });
  const json = { "content-type": "application/json" };

  test("a body over 1 MiB is refused, with and without a length", async () => {
    const body = Buffer.from(JSON.stringify(says("x".repeat(1 << 20))));
    const chunks = Array.from({ length: 18 }, (_, n) => body.subarray(n * 65536, (n + 1) * 65536));
    assert.equal((await raw({ ...json, "content-length": body.length }, [body])).code, "body_too_large");
    assert.equal((await raw({ ...json, "transfer-encoding": "chunked" }, chunks)).code, "body_too_large");
  });

  test("a body is refused that is compressed, not UTF-8, not JSON, or of another type", async () => {
    assert.equal(
      (await raw({ ...json, "content-encoding": "gzip" }, [Buffer.from([31, 139, 8, 0])])).code,
      "content_encoding",
    );
    assert.equal((await raw(json, [Buffer.from([123, 34, 255, 34, 58, 49, 125])])).code, "json_invalid");
    assert.equal((await raw(json, ['{"messages":[],"messages":[]}'])).code, "json_invalid");
    assert.equal((await raw({ "content-type": "text/plain" }, ["{}"])).code, "content_type");
    assert.equal((await raw(json, [])).code, "json_invalid");
  });
});

test("a slug may be encoded once and not twice", async () => {
  await call("POST", "/v1/prompts/a%2Fversions/versions", says("a prompt named a/versions"));
  assert.equal((await call("GET", "/v1/prompts/a%2Fversions")).json.slug, "a/versions");
  assert.equal((await call("GET", "/v1/prompts/a/versions")).json.code, "prompt_not_found");
  assert.equal((await call("GET", "/v1/prompts/a%252Fversions")).json.code, "slug_invalid");
});

test("unknown keys read nothing, of another organisation or of this one", async () => {
  const strange = client({ url: worker.url, key: makeKey() });
  const answer = await strange("GET", "/v1/prompts/kept");
  assert.deepEqual([answer.status, answer.json.code], [401, "key_invalid"]);
  const forged = client({ url: worker.url, key: makeKey(worker.key.split("_")[1]) });
  assert.equal((await forged("GET", "/v1/prompts/kept")).json.code, "key_invalid");
});

test("no key, input or text of a prompt is in the log", async () => {
  const canary = "canary-5f0e";
  await call("POST", `/v1/prompts/${canary}/versions`, says(`${canary} {{ name }}`));
  await call("POST", `/v1/prompts/${canary}/render`, { inputs: { name: canary } });
  await call("POST", `/v1/prompts/${canary}/render`, { inputs: { nmae: canary } });
  await call("POST", `/v1/prompts/${canary}/versions`, { canary });
  await call("GET", `/v1/prompts/${canary}?tag=${canary}`);
  const made = await call("POST", "/v1/keys", { role: "read", name: canary });
  const log = worker.logs();
  assert.ok(!log.includes(canary) && !log.includes(worker.key) && !log.includes(made.json.key), log);
});

test("liveness and the OpenAPI description need no key", async () => {
  const anybody = client({ url: worker.url });
  assert.equal((await anybody("GET", "/healthz")).json.status, "ok");
  assert.equal((await anybody("GET", "/openapi.json")).json.openapi, "3.1.0");
  assert.equal((await anybody("GET", "/v1/prompts")).json.code, "key_missing");
});
