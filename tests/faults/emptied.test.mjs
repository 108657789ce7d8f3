// The store of the origin comes back empty, or another store replaces it. Readers at other locations keep their keys
// and prompts until the operator confirms the change with `EPOCH`.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { client, says } from "../api/client.mjs";
import { Clock } from "../clock.mjs";
import { test } from "../patient.mjs";
import { start } from "../workerd.mjs";
import { Origin } from "./origin.mjs";

const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

const vars = { FRESH_SECONDS: "0.5", STALE_WHILE_REVALIDATE_SECONDS: "0", KEY_SECONDS: "1" };

test("a store that lost its folder ends no key and no copy at other locations", async () => {
  const home = await start();
  const away = await start({ key: home.key, vars: { ...vars, ORIGIN: home.url }, clock: true });
  stops.push(() => away.stop());
  const clock = await Clock.of(away);
  assert.equal((await client(home)("POST", "/v1/prompts/p/versions", says("one"))).status, 201);
  const { key } = (await client(home)("POST", "/v1/keys", { role: "read" })).json;
  const readers = [client({ url: away.url, key }), client(away)];
  const paths = ["/v1/prompts/p", "/v1/prompts/p?version=1"];
  const everything = async () => {
    const seen = [];
    for (const read of readers) {
      for (const path of paths) {
        const { status, json } = await read("GET", path);
        seen.push(status === 200 ? json.messages[0].content : json.code);
      }
    }
    return seen;
  };
  const all = Array(4).fill("one");
  assert.deepEqual(await everything(), all);
  await home.stop();

  const dir = mkdtempSync(join(tmpdir(), "cuecard-"));
  stops.push(() => rmSync(dir, { recursive: true, force: true }));
  const again = { port: home.port, key: home.key, dir };
  const empty = await start(again);
  for (let round = 0; round < 3; round++) {
    await clock.pass(1_100);
    assert.deepEqual(await everything(), all, "an emptied store accepts the bootstrap key only");
  }
  await empty.stop();

  const meant = await start({ ...again, vars: { EPOCH: "1" } });
  stops.push(() => meant.stop());
  await clock.pass(7_000);
  await everything();
  await clock.pass(1_100);
  assert.deepEqual((await everything()).slice(0, 2), ["key_invalid", "key_invalid"]);
  assert.equal((await readers[1]("GET", "/v1/prompts/p")).json.code, "prompt_not_found");
});

test("answers that cannot be used, of something that names another store: the store's own are taken after them", async () => {
  const origin = await Origin.start();
  const away = await start({ vars: { ...vars, ORIGIN: origin.url }, clock: true });
  stops.push(
    () => away.stop(),
    () => origin.close(),
  );
  const clock = await Clock.of(away);
  const read = client(away);
  for (const [n, fault] of ["html", "garbage JSON", "304 always", "another prompt"].entries()) {
    const slug = `p${n}`;
    origin.put(slug, "old");
    origin.headers = { "cuecard-store": "another", "cuecard-revision": "7.1" };
    origin.fault = fault;
    assert.equal((await read("GET", `/v1/prompts/${slug}`)).status, 502, fault);
    origin.headers = { "cuecard-store": "own" };
    origin.fault = undefined;
    await clock.pass(7_000);
    const { status, text } = await read("GET", `/v1/prompts/${slug}`);
    assert.equal(status, 200, `${fault}: ${text}`);
  }
});
