// A proxy that sends two answers to one request: each later answer on that connection is that to the request before.
import assert from "node:assert/strict";
import { createServer } from "node:net";

import { Clock } from "../clock.mjs";
import { Pool } from "../edge/pool.mjs";
import { atEnd, bearer, guess, store } from "../edge/world.mjs";
import { test } from "../patient.mjs";
import { makeKey, start } from "../workerd.mjs";
import { Origin } from "./origin.mjs";

const SHORT = { FRESH_SECONDS: "1", STALE_WHILE_REVALIDATE_SECONDS: "1", KEY_SECONDS: "2" };
const PASSED = ["content-type", "cuecard-bindings", "cuecard-exchange", "cuecard-revision", "etag"];

/** Starts an origin, the proxy before it and an edge before that. `proxy.doubles` says how answers are sent twice. */
async function world() {
  const origin = await Origin.start();
  const proxy = { doubles: undefined, open: new Set() };
  const server = createServer((socket) => {
    const answers = [];
    proxy.open.add(socket);
    socket.on("close", () => proxy.open.delete(socket)).on("error", () => {});
    socket.on("data", async (chunk) => {
      const asked = chunk.toString();
      if (!/^[A-Z]+ \/.* HTTP\/1\.1\r\n/.test(asked)) return; // A body.
      const answer = await answerTo(asked, origin);
      answers.push(answer);
      // The second answer is sent at once, or as the answer to the next request.
      if (proxy.doubles === "at once") answers.push(answer);
      if (proxy.doubles === "later" && answers.length === 1) answers.push(answer);
      const sent = proxy.doubles === "at once" ? answers.splice(0) : answers.splice(0, 1);
      socket.write(sent.join(""));
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const vars = { ...SHORT, ORIGIN: `http://127.0.0.1:${server.address().port}` };
  const worker = await start({ vars, clock: true });
  const pool = new Pool(worker.port);
  atEnd(
    () => worker.stop(),
    () => pool.close(),
    () => origin.close(),
    () => server.close(),
    () => proxy.open.forEach((socket) => void socket.destroy()),
  );
  return { origin, proxy, pool, clock: await Clock.of(worker) };
}

/** Sends a request on to the origin and returns the answer as text. */
async function answerTo(asked, origin) {
  const [line, ...fields] = asked.split("\r\n");
  const [method, path] = line.split(" ");
  const header = (name) => fields.find((field) => field.toLowerCase().startsWith(`${name}: `))?.slice(name.length + 2);
  const names = ["authorization", "cuecard-exchange", "if-none-match"];
  const headers = names.flatMap((name) => (header(name) ? [[name, header(name)]] : []));
  const answer = await fetch(origin.url + path, { method, headers });
  const body = await answer.text();
  const passed = PASSED.flatMap((name) => (answer.headers.has(name) ? [`${name}: ${answer.headers.get(name)}`] : []));
  const length = answer.status === 304 ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  return `${[`HTTP/1.1 ${answer.status} OK`, ...passed, ...length].join("\r\n")}\r\n\r\n${body}`;
}

for (const doubles of ["at once", "later"])
  test(`two answers to one request, the second ${doubles}: no answer is taken for that of another request`, async () => {
    const { origin, proxy, pool, clock } = await world();
    const headers = bearer(makeKey());
    const read = async (slug) => {
      const { status, body } = await pool.get(`/v1/prompts/${slug}`, headers);
      return status === 200 ? JSON.parse(body).messages[0].content : status;
    };
    for (const slug of ["a", "b"]) {
      origin.put(slug, `old ${slug}`);
      assert.equal(await read(slug), `old ${slug}`);
    }
    proxy.doubles = doubles;
    for (let round = 0; round < 6; round++) {
      await clock.pass(500);
      for (const slug of ["a", "b"]) assert.equal(await read(slug), `old ${slug}`);
    }
    proxy.doubles = undefined;
    for (const slug of ["a", "b"]) origin.put(slug, `new ${slug}`);
    let seen = [];
    for (let round = 0; round < 20; round++) {
      await clock.pass(500);
      seen = [await read("a"), await read("b")];
      if (seen.every((text) => `${text}`.startsWith("new"))) break;
      assert.match(`${seen[0]} ${seen[1]}`, /^(old|new) a (old|new) b$/);
    }
    assert.deepEqual(seen, ["new a", "new b"]);
  });

test("a store's answers repeat the names of their requests", async () => {
  const { worker, call } = await store({ WRONG_KEYS_PER_MINUTE: "1" });
  const named = async (expected, method, path, body, more = {}) => {
    const headers = { "cuecard-via": "edge", "cuecard-exchange": "0123456789abcdef", ...more };
    const answer = await call(method, path, body, headers);
    assert.equal(answer.status, expected, answer.body);
    assert.equal(answer.headers["cuecard-exchange"], "0123456789abcdef", path);
    return answer;
  };
  await named(201, "POST", "/v1/prompts/p/versions", { messages: [{ role: "user", content: "Hello" }] });
  const { headers } = await named(200, "GET", "/v1/prompts/p");
  await named(304, "GET", "/v1/prompts/p", undefined, { "if-none-match": headers.etag });
  await named(200, "POST", "/v1/prompts/p/render", { inputs: {} });
  for (const path of ["/v1/keys/self", "/v1/revisions", "/v1/prompts", "/v1/snapshot"]) await named(200, "GET", path);
  await named(404, "GET", "/v1/prompts/q");
  const wrong = bearer(guess(worker.key));
  for (const status of [401, 429]) await named(status, "GET", "/v1/prompts/p", undefined, wrong);
  const { headers: others } = await call("GET", "/v1/prompts", undefined, { "cuecard-exchange": "<script>" });
  assert.equal(others["cuecard-exchange"], undefined);
});

test("two answers to one request: what the edge forwards gets its own answer or an error, never another organisation's", async () => {
  const { origin, proxy, pool } = await world();
  origin.tenants = true;
  origin.put("p", "of the key's organisation");
  const keys = Array.from({ length: 6 }, () => makeKey());
  const paths = ["/v1/prompts", "/v1/prompts/p", "/v1/keys/self"];
  const ask = (key, path) => pool.get(path, bearer(key));
  proxy.doubles = "later";
  const seen = { own: 0, none: 0 };
  for (let round = 0; round < 10; round++)
    await Promise.all(
      keys.map(async (key) => {
        const { status, body } = await ask(key, paths[round % paths.length]);
        const others = keys.filter((other) => other !== key && body.includes(other.split("_")[1]));
        assert.deepEqual(others, [], body);
        assert.ok([200, 502, 503].includes(status), `${status} ${body}`);
        seen[status === 200 ? "own" : "none"] += 1;
      }),
    );
  const written = await pool.request("POST", "/v1/prompts/p/versions", bearer(keys[0]), "{}");
  assert.ok([200, 502, 503].includes(written.status), `${written.status}`);
  proxy.doubles = undefined;
  for (let round = 0; round < 3; round++) for (const key of keys) await ask(key, "/v1/prompts");
  for (const key of keys) {
    const { status, body } = await ask(key, "/v1/prompts");
    assert.equal(status, 200, body);
    assert.deepEqual(JSON.parse(body).prompts, [{ slug: key.split("_")[1] }]);
  }
  assert.ok(seen.own > 0, JSON.stringify(seen));
});
