// A version is asked for once and then served, until a name of its project changes its meaning: each location then
// confirms its copies of all the project's versions, once.
import assert from "node:assert/strict";
import { after, describe } from "node:test";

import { client, says } from "../api/client.mjs";
import { Clock } from "../clock.mjs";
import { Origin } from "../faults/origin.mjs";
import { test } from "../patient.mjs";
import { makeKey, start } from "../workerd.mjs";

const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

/** The edge revalidates a key's grant after 1 s, and before a read after 2 s. */
const vars = { KEY_SECONDS: "2", FRESH_SECONDS: "60" };
const LEARNT = 2_100;

const slugOf = (slug) => encodeURIComponent(slug);

/** A store with two projects, and a location that reads from it. */
async function world() {
  const home = await start({ vars, clock: true });
  const away = await start({ key: home.key, vars: { ...vars, ORIGIN: home.url }, clock: true });
  stops.push(
    () => home.stop(),
    () => away.stop(),
  );
  const clock = await Clock.of(home, away);
  const admin = client(home);
  await admin("POST", "/v1/projects", { slug: "beta" });
  const { key } = (await admin("POST", "/v1/keys", { project: "beta", role: "admin" })).json;
  const projects = { a: home.key, b: key };
  const at = (worker) => {
    const calls = Object.fromEntries(
      Object.entries(projects).map(([name, key]) => [name, client({ url: worker.url, key })]),
    );
    const read = async (project, slug, version = 1) => {
      const { status, json } = await calls[project]("GET", `/v1/prompts/${slugOf(slug)}?version=${version}`);
      return status === 200 ? json.messages[0].content : json.code;
    };
    const commit = async (project, slug, text, headers) =>
      assert.equal(
        (await calls[project]("POST", `/v1/prompts/${slugOf(slug)}/versions`, says(text), headers)).status,
        201,
      );
    const share = async (project, slug, scope) =>
      assert.equal((await calls[project]("PATCH", `/v1/prompts/${slugOf(slug)}`, { scope })).status, 200);
    const remove = async (project, slug, rest = "") =>
      assert.equal((await calls[project]("DELETE", `/v1/prompts/${slugOf(slug)}${rest}`)).status, 204);
    return { ...calls, read, commit, share, remove };
  };
  return { here: at(home), there: at(away), clock };
}

describe("the meaning of a version's name", { concurrency: 2 }, () => {
  test("a project's own prompt replaces a shared one", async () => {
    const { here, there, clock } = await world();
    await here.commit("a", "x", "theirs");
    await here.share("a", "x", "organization");
    for (const location of [here, there]) assert.equal(await location.read("b", "x"), "theirs");
    await there.commit("b", "x", "ours", { "if-none-match": "*" });
    assert.equal(await there.read("b", "x"), "ours", "at once where it was written");
    await clock.pass(LEARNT);
    assert.equal(await here.read("b", "x"), "ours", "elsewhere after KEY_SECONDS");
    for (const location of [here, there])
      assert.equal(await location.read("a", "x"), "theirs", "nothing changes for its owner");
  });

  test("a duplicate replaces a shared prompt, too", async () => {
    const { here, there, clock } = await world();
    for (const slug of ["x", "y"]) {
      await here.commit("a", slug, `theirs: ${slug}`);
      await here.share("a", slug, "organization");
    }
    for (const location of [here, there]) assert.equal(await location.read("b", "y"), "theirs: y");
    assert.equal((await there.b("POST", "/v1/prompts/x/duplicate", { slug: "y" })).status, 201);
    assert.equal(await there.read("b", "y"), "theirs: x");
    await clock.pass(LEARNT);
    assert.equal(await here.read("b", "y"), "theirs: x");
  });

  test("a withdrawn share ends reads by other projects", async () => {
    const { here, there, clock } = await world();
    await here.commit("a", "y", "theirs");
    await here.share("a", "y", "organization");
    for (const location of [here, there]) assert.equal(await location.read("b", "y"), "theirs");
    await there.share("a", "y", "project");
    assert.equal(await there.read("b", "y"), "prompt_not_found", "at once where it was written, for other keys, too");
    await clock.pass(LEARNT);
    assert.equal(await here.read("b", "y"), "prompt_not_found");
    assert.equal(await here.read("a", "y"), "theirs");
  });

  test("a prompt is deleted, purged and committed anew: version 1 has the new content", async () => {
    const { here, there, clock } = await world();
    await here.commit("a", "p/q", "first");
    for (const location of [here, there]) assert.equal(await location.read("a", "p/q"), "first");
    await here.remove("a", "p/q");
    assert.equal((await here.a("POST", "/v1/prompts/p%2Fq/purge")).status, 204);
    await here.commit("a", "p/q", "second");
    assert.equal(await here.read("a", "p/q"), "second");
    await clock.pass(LEARNT);
    assert.equal(await there.read("a", "p/q"), "second");
  });

  test("a deleted prompt is gone everywhere, and a restored one is back", async () => {
    const { here, there, clock } = await world();
    await here.commit("a", "p", "text");
    for (const location of [here, there]) assert.equal(await location.read("a", "p"), "text");
    await here.remove("a", "p");
    assert.equal(await here.read("a", "p"), "prompt_not_found");
    await clock.pass(LEARNT);
    assert.equal(await there.read("a", "p"), "prompt_not_found");
    await there.a("POST", "/v1/prompts/p/restore");
    assert.equal(await there.read("a", "p"), "text");
  });

  test("a duplicate is readable at once where it was made, even after a read that missed it", async () => {
    const { here, there } = await world();
    await here.commit("a", "p", "text");
    for (const location of [here, there]) {
      const slug = location === here ? "dup" : "dup/2";
      const paths = ["", "?version=1", "?tag=latest"].map((query) => `/v1/prompts/${slugOf(slug)}${query}`);
      for (const path of paths) assert.equal((await location.a("GET", path)).status, 404);
      assert.equal((await location.a("POST", "/v1/prompts/p/duplicate", { slug })).status, 201);
      for (const path of paths) assert.equal((await location.a("GET", path)).status, 200, path);
    }
  });
});

describe("the cost of confirmation", { concurrency: 2 }, () => {
  async function before(origin, more = {}) {
    const worker = await start({ vars: { ...vars, ORIGIN: origin.url, ...more }, clock: true });
    stops.push(
      () => worker.stop(),
      () => origin.close(),
    );
    const call = client({ url: worker.url, key: makeKey() });
    return { read: (slug) => call("GET", `/v1/prompts/${slug}?version=1`), clock: await Clock.of(worker) };
  }

  for (const [way, tells] of [
    ["from the grant of a key", false],
    ["from any answer", true],
  ]) {
    test(`one request for each version, with the revision ${way}`, async () => {
      const origin = await Origin.start();
      origin.tells = tells;
      const { read, clock } = await before(origin, { FRESH_SECONDS: "0", STALE_WHILE_REVALIDATE_SECONDS: "0" });
      for (const slug of ["p", "q"]) origin.put(slug, slug);
      const asked = () => [origin.count("/v1/prompts/p"), origin.count("/v1/prompts/q")];
      for (let n = 0; n < 3; n++) for (const slug of ["p", "q"]) assert.equal((await read(slug)).status, 200);
      assert.deepEqual(asked(), [1, 1]);

      // The project's revision grows, and no name changes its meaning.
      origin.revision = 7;
      await clock.pass(LEARNT);
      for (let n = 0; n < 3; n++) for (const slug of ["p", "q"]) assert.equal((await read(slug)).status, 200);
      assert.deepEqual(asked(), [1, 1], "no version is requested twice");

      origin.revision = 9;
      origin.bindings = 8;
      if (tells) await read("missing");
      else await clock.pass(LEARNT);
      for (let n = 0; n < 3; n++) {
        for (const slug of ["p", "q"]) assert.equal((await read(slug)).json.messages[0].content, slug);
      }
      assert.deepEqual(asked(), [2, 2], "each version is confirmed once");
      assert.ok(origin.requests.at(-1).headers["if-none-match"], "the confirmation carries a validator");
      await clock.pass(LEARNT);
      for (const slug of ["p", "q"]) assert.equal((await read(slug)).status, 200);
      assert.deepEqual(asked(), [2, 2], "and never again");
    });
  }

  test("an origin that fails: versions that were read before are served at any age", async () => {
    const origin = await Origin.start();
    const { read, clock } = await before(origin, {
      FRESH_SECONDS: "0.2",
      STALE_WHILE_REVALIDATE_SECONDS: "0.2",
      STALE_IF_ERROR_SECONDS: "60",
    });
    origin.put("p", "old", 1);
    assert.equal((await read("p")).status, 200);
    origin.revision = 9;
    origin.bindings = 9;
    for (const fault of ["status 500", "hang", "html", "truncated chunks"]) {
      origin.fault = fault;
      await clock.pass(LEARNT);
      for (let n = 0; n < 3; n++) {
        const { status, json, headers } = await read("p");
        assert.deepEqual([status, json.messages?.[0].content], [200, "old"], `${fault}: ${JSON.stringify(json)}`);
        assert.match(headers.get("cache-status"), /^cuecard; hit; /, fault);
      }
    }
    assert.ok(origin.count("/v1/prompts/p") > 1, "the origin was asked");
    await origin.close();
    await clock.pass(LEARNT);
    assert.equal((await read("p")).status, 200);
    origin.fault = undefined;
    origin.put("p", null, 9);
    await origin.listen();
    await clock.pass(5_200);
    await read("p");
    await clock.settled();
    assert.equal((await read("p")).json.code, "prompt_not_found", "the answer of a recovered origin counts");
  });

  test("a bindings revision from the future does not count", async () => {
    const origin = await Origin.start();
    const { read } = await before(origin);
    origin.put("p", "text", 3);
    origin.bindings = 1_000;
    for (let n = 0; n < 3; n++) assert.equal((await read("p")).status, 200);
    assert.equal(origin.count("/v1/prompts/p"), 1);
  });
});
