// A store goes back to an earlier state behind an edge: only a higher EPOCH makes its answers newer than the edge's
// copies.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { client, says } from "../api/client.mjs";
import { eventually } from "../eventually.mjs";
import { test } from "../patient.mjs";
import { start } from "../workerd.mjs";

const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

const LIVE = "/v1/prompts/p";
const VERSION_2 = "/v1/prompts/p?version=2";

test("a restored store: the edge accepts its earlier state once EPOCH is raised, and not before", async () => {
  const dir = mkdtempSync(join(tmpdir(), "cuecard-"));
  const options = { dir, vars: { FRESH_SECONDS: "0.5" } };
  const home = await start(options);
  const away = await start({ key: home.key, vars: { ORIGIN: home.url, FRESH_SECONDS: "0.5", KEY_SECONDS: "1" } });
  stops.push(
    () => away.stop(),
    () => home.stop(),
    () => rmSync(dir, { recursive: true, force: true }),
  );
  const [here, there] = [client(home), client({ ...away, key: home.key })];
  const commit = async (content) => {
    const { status } = await here("POST", "/v1/prompts/p/versions", says(content, { tags: ["production"] }));
    assert.equal(status, 201);
  };
  const shown = async (path) => {
    const { status, headers, json } = await there("GET", path);
    assert.equal(status, 200);
    const [content, revision] = [json.messages[0].content, headers.get("cuecard-revision")];
    return { content, revision, cache: headers.get("cache-status") };
  };
  /** Reads until the edge shows the new content, and from then on no other; before it, the old one. */
  const becomes = async (path, old, content) => {
    const only = (contents) => (seen) => assert.ok(contents.includes(seen.content), JSON.stringify(seen));
    const found = await eventually(() => shown(path), only([content]), { always: only([old, content]) });
    for (let n = 0; n < 3; n++) only([content])(await shown(path));
    return found;
  };

  await commit("one");
  await home.kill9();
  const backup = join(dir, "backup");
  cpSync(join(dir, "store"), backup, { recursive: true });
  await home.restart();
  await commit("two");
  await commit("three");
  assert.equal((await shown(LIVE)).content, "three");
  assert.equal((await shown(VERSION_2)).content, "two");

  await home.kill9();
  rmSync(join(dir, "store"), { recursive: true });
  cpSync(backup, join(dir, "store"), { recursive: true });
  await home.restart();
  assert.equal((await here("GET", LIVE)).json.messages[0].content, "one", "the store is back");
  // The store's answer is older than the edge's copy, so that it counts as a failure.
  const refused = ({ cache }) => assert.match(cache, /^cuecard; hit; ttl=-?\d+; detail=stale-if-error$/);
  const lost = ({ content, revision }) => assert.deepEqual([content, revision], ["three", "3"]);
  await eventually(() => shown(LIVE), refused, { always: lost });

  options.vars.EPOCH = 1;
  await home.restart();
  assert.equal((await here("GET", LIVE)).headers.get("cuecard-revision"), "1.1");
  // After failures the edge asks again within 5 s.
  assert.equal((await becomes(LIVE, "three", "one")).revision, "1.1");
  // The restored store assigns the lost version number again.
  await commit("another two");
  await becomes(LIVE, "one", "another two");
  await becomes(VERSION_2, "two", "another two");
});

test("with reads of versions only, the revalidation of the key reveals the restored store", async () => {
  const options = { vars: { FRESH_SECONDS: "0.5" } };
  const home = await start(options);
  const away = await start({ key: home.key, vars: { ORIGIN: home.url, FRESH_SECONDS: "0.5", KEY_SECONDS: "1" } });
  stops.push(
    () => away.stop(),
    () => home.stop(),
  );
  await client(home)("POST", "/v1/prompts/p/versions", says("one"));
  const read = async () => {
    const { status, headers } = await client({ ...away, key: home.key })("GET", "/v1/prompts/p?version=1");
    assert.equal(status, 200);
    return headers.get("cuecard-revision");
  };
  assert.equal(await read(), "1");
  options.dir = home.dir;
  options.vars.EPOCH = 1;
  await home.restart();
  const either = (revision) => assert.ok(["1", "1.1"].includes(revision), revision);
  await eventually(read, (revision) => assert.equal(revision, "1.1"), { always: either });
  assert.equal(await read(), "1.1");
});

test("an EPOCH that is no number stops the store, as any guess could be too low", async () => {
  const worker = await start({ vars: { EPOCH: "two" } });
  stops.push(() => worker.stop());
  const { status, json } = await client(worker)("GET", "/v1/prompts");
  assert.deepEqual([status, json.code], [500, "internal"]);
  assert.match(worker.logs(), /the variable EPOCH is not a whole number/);
});
