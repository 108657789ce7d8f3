// The cost of breadth: a location that reads many projects with many keys all the time sends the store as many requests
// as for one project and one key.
import assert from "node:assert/strict";
import { createServer, request as send } from "node:http";

import { Clock } from "../clock.mjs";
import { test } from "../patient.mjs";
import { makeKey, start } from "../workerd.mjs";
import { FAULTS } from "../faults/origin.mjs";
import { Pool } from "./pool.mjs";
import { atEnd, bearer, world as edge } from "./world.mjs";

/**
 * Numbers of projects and of keys in each, such as `BREADTH=1x1,100x100`; the creation of 10,000 keys takes minutes.
 */
const SIZES = (process.env.BREADTH ?? "1x1,10x1,1x10,10x10").split(",").map((size) => size.split("x").map(Number));
const FRESH = 1;

const json = { "content-type": "application/json" };

/**
 * A store with `projects` projects of a prompt `p` and `keys` keys each, a location before it, and the location's
 * requests in `asked`.
 */
async function world(projects, keys, vars) {
  const home = await start({ vars: { WRITES_PER_MINUTE: "0" } });
  const asked = [];
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const options = { port: home.port, path: request.url, method: request.method, headers: request.headers };
    const on = send(options, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    on.on("error", () => response.destroy());
    request.pipe(on);
  });
  await new Promise((listening) => proxy.listen(0, "127.0.0.1", listening));
  const ORIGIN = `http://127.0.0.1:${proxy.address().port}`;
  const away = await start({ key: home.key, vars: { ORIGIN, FRESH_SECONDS: String(FRESH), ...vars }, clock: true });
  const [store, location] = [new Pool(home.port), new Pool(away.port)];
  atEnd(
    () => store.close(),
    () => location.close(),
    () => away.stop(),
    () => proxy.close(),
    () => home.stop(),
  );
  const call = async (method, path, body, key = home.key) => {
    const answer = await store.request(method, path, { ...bearer(key), ...json }, body && JSON.stringify(body));
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    return answer.body && JSON.parse(answer.body);
  };
  const all = [];
  for (let i = 0; i < projects; i++) {
    const project = `p${i}`;
    await call("POST", "/v1/projects", { slug: project });
    const made = [];
    for (let k = 0; k < keys; k++) made.push(await call("POST", "/v1/keys", { project, role: k ? "read" : "write" }));
    await commit(made[0].key, project);
    all.push({ project, keys: made });
  }
  function commit(key, text) {
    return call("POST", "/v1/prompts/p/versions", { messages: [{ role: "user", content: text }] }, key);
  }
  const read = (key) => location.get("/v1/prompts/p", bearer(key));
  return { home, all, asked, call, commit, read, clock: await Clock.of(away) };
}

/** Reads with every key in turn, at least once each and for at least `seconds` seconds of the location. */
async function readAll({ all, read, clock }, seconds) {
  const keys = all.flatMap((project) => project.keys.map(({ key }) => key));
  const until = clock.now + seconds * 1_000;
  let reads = 0;
  for (; reads < keys.length || clock.now < until; await clock.pass(40)) {
    const batch = Array.from({ length: 20 }, () => read(keys[reads++ % keys.length]));
    for (const { status, body } of await Promise.all(batch)) assert.equal(status, 200, body);
  }
  return reads;
}

for (const [projects, keys] of SIZES)
  test(`${projects} × ${keys}: all projects and keys together cost one request a window`, async () => {
    const here = await world(projects, keys);
    await readAll(here, 0);
    await here.clock.pass(1_000 * FRESH + 100);
    here.asked.length = 0;
    const began = here.clock.now;
    const reads = await readAll(here, 6);
    const windows = (here.clock.now - began) / 1_000 / FRESH;
    console.log(
      `# ${projects} projects × ${keys} keys: ${here.asked.length} requests to the store for ${reads} reads in ${windows.toFixed(1)} windows`,
    );
    assert.ok(here.asked.length <= Math.ceil(windows) + 1, here.asked.join("\n"));
    assert.ok(here.asked.length >= 3, `${here.asked}`);
  });

test("a commit is seen after a window, and only its project is asked about", async () => {
  const here = await world(10, 2);
  await readAll(here, 1);
  const [{ keys }, ...others] = here.all;
  here.asked.length = 0;
  await here.commit(keys[0].key, "new");
  await here.call("PUT", "/v1/prompts/p/tags/production", { version: 2 }, keys[0].key);
  await readAll(here, 2.5 * FRESH);
  for (const { key } of keys) assert.equal(JSON.parse((await here.read(key)).body).messages[0].content, "new");
  for (const { project, keys: of } of others)
    for (const { key } of of) assert.equal(JSON.parse((await here.read(key)).body).messages[0].content, project);
  const own = here.asked.filter((path) => !path.endsWith("/v1/revisions"));
  assert.ok(own.length <= 2, own.join("\n"));
});

test("a revoked key is refused after a window, and the other keys are not", async () => {
  const here = await world(3, 3, { KEY_SECONDS: "60" });
  await readAll(here, 1);
  const [first] = here.all;
  const gone = first.keys.pop();
  await here.call("DELETE", `/v1/keys/${gone.id}`);
  await readAll(here, 2.5 * FRESH);
  assert.equal((await here.read(gone.key)).status, 401, "long before KEY_SECONDS");
  await readAll(here, 0);
});

test("a deleted project's keys are refused after a window, and accepted again once it is restored", async () => {
  const here = await world(3, 2, { KEY_SECONDS: "60" });
  await readAll(here, 1);
  const gone = here.all.pop();
  await here.call("DELETE", `/v1/projects/${gone.project}`);
  await readAll(here, 2.5 * FRESH);
  for (const { key } of gone.keys) assert.equal((await here.read(key)).status, 401);
  await here.call("POST", `/v1/projects/${gone.project}/restore`);
  here.all.push(gone);
  const again = here.clock.now + 15_000;
  while (here.clock.now < again && (await here.read(gone.keys[0].key)).status !== 200) await here.clock.pass(200);
  await readAll(here, 0);
});

test("whatever the origin answers about revisions, reads go on and a change is seen", async () => {
  const { origin, pool, clock } = await edge({ FRESH_SECONDS: "0.5" }, { clock: true });
  const key = makeKey();
  const read = () => pool.get("/v1/prompts/p", bearer(key));
  origin.standings = true;
  origin.put("p", "first");
  assert.equal((await read()).status, 200);
  const faults = [undefined, ...Object.keys(FAULTS)];
  const unseen = [];
  for (const fault of faults) {
    origin.standingsFault = fault;
    origin.put("p", `under ${fault}`);
    const until = clock.now + 8_000;
    let body;
    do {
      await clock.pass(100);
      const answer = await read();
      assert.equal(answer.status, 200, `${fault}: ${answer.body}`);
      body = JSON.parse(answer.body).messages[0].content;
    } while (body !== `under ${fault}` && clock.now < until);
    if (body !== `under ${fault}`) unseen.push(fault);
  }
  assert.deepEqual(unseen, []);
  assert.ok(origin.count("/v1/revisions") >= 5, "the origin was asked, less often after failures");
});

test("an origin without /v1/revisions is asked about each project", async () => {
  const { origin, pool, clock } = await edge({ FRESH_SECONDS: "0.5" }, { clock: true });
  const key = makeKey();
  origin.standings = true;
  origin.put("p", "first");
  await pool.get("/v1/prompts/p", bearer(key));
  origin.standings = false;
  origin.put("p", "second");
  const until = clock.now + 5_000;
  let body;
  while (body !== "second" && clock.now < until) {
    await clock.pass(100);
    body = JSON.parse((await pool.get("/v1/prompts/p", bearer(key))).body).messages[0].content;
  }
  assert.equal(body, "second");
});
