// Tests the client against a real HTTP server: how it shares requests, what it serves while the origin fails, and what
// it refuses to serve.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { eventually } from "../eventually.mjs";
import { test as patient } from "../patient.mjs";
import { entry, entryUrl } from "./entry.mjs";
import { deleted, failures, start, version } from "./origin.mjs";

const { Cuecard, PromptError, compile } = await entry();
const key = "cue_test";
let origin;
let unhandled = 0;
process.on("unhandledRejection", () => unhandled++);

before(async () => (origin = await start()));
after(async () => {
  await origin.close();
  assert.equal(unhandled, 0, "unhandled rejections");
});
beforeEach(() =>
  Object.assign(origin.state, { answer: version("greet", 1, { tag: "production" }), asked: [], delay: 0 }),
);

/** Milliseconds that no answer of the origin takes, on however busy a machine. */
const PATIENCE = 30_000;
const client = (options) => new Cuecard({ url: origin.url, key, timeout: PATIENCE, ...options });
const snapshot = {
  format: 1,
  project: "default",
  revision: 1,
  tag: "production",
  createdAt: "2026-01-01T00:00:00.000Z",
  prompts: [version("greet", 1, { tag: "production", content: "shipped {{ name }}" })],
};
const text = (prompt) => prompt.render({ name: "Ada" }).messages[0].content;
/** Makes a call into the wasm fail halfway, after which the package starts a new instance. */
function loseInstance() {
  const { decode } = TextDecoder.prototype;
  TextDecoder.prototype.decode = () => {
    throw new Error("lost");
  };
  try {
    assert.throws(() => compile({ messages: [{ role: "user", content: "a" }] }), code("internal"));
  } finally {
    TextDecoder.prototype.decode = decode;
  }
}
const code = (expected) => (error) => error instanceof PromptError && error.code === expected;

// Cache states: the way into each, and the client's answer while the origin fails other than with a 404.
const states = {
  "nothing held": { serves: null },
  "nothing held, snapshot": { options: { snapshot }, serves: "snapshot" },
  fresh: { warm: true, serves: "fresh", asks: 0 },
  "stale while revalidating": { warm: true, options: { freshFor: 0 }, serves: "stale" },
  "stale on errors": { warm: true, options: { freshFor: 0, staleWhileRevalidate: 0 }, serves: "stale" },
  expired: { warm: true, options: { freshFor: 0, staleWhileRevalidate: 0, staleIfError: 1 }, wait: 5, serves: null },
  "expired, snapshot": {
    warm: true,
    options: { freshFor: 0, staleWhileRevalidate: 0, staleIfError: 1, snapshot },
    wait: 5,
    serves: "snapshot",
  },
  "pinned version": { warm: true, reference: "greet@1", options: { freshFor: 0 }, serves: "fresh", asks: 0 },
  "deleted before": { deleted: true, options: { freshFor: 0, snapshot }, serves: "missing" },
};

for (const [failure, how] of Object.entries(failures)) {
  for (const [state, { options, warm, wait = 0, reference = "greet", serves, asks, ...rest }] of Object.entries(
    states,
  )) {
    patient(`${failure} × ${state}`, async () => {
      const first = await start();
      Object.assign(first.state, origin.state);
      const cue = new Cuecard({ url: first.url, key, timeout: how.hang ? 400 : 3_000, ...options });
      if (rest.deleted) {
        first.state.answer = deleted;
        await assert.rejects(cue.get(reference), code("prompt_not_found"));
      }
      if (warm) assert.equal(text(await cue.get(reference)), "v1 Ada");
      await sleep(wait + 2);
      first.state.asked = [];
      first.state.answer = how;
      if (how.refuse) await first.close();
      try {
        for (let again = 0; again < 2; again++) {
          if (serves === "missing") {
            await assert.rejects(cue.get(reference), code("prompt_not_found"));
          } else if (serves === null) {
            const expected =
              failure.startsWith("40") && !failure.startsWith("404") ? failure.slice(4) : "prompt_unavailable";
            await assert.rejects(cue.get(reference), code(expected));
          } else {
            const prompt = await cue.get(reference);
            assert.equal(text(prompt), serves === "snapshot" ? "shipped Ada" : "v1 Ada");
            assert.equal(prompt.source.state, serves);
            assert.ok(prompt.source.age >= 0);
            if (serves === "snapshot" || state === "stale on errors")
              assert.match(prompt.source.reason, /^(timeout|origin_|internal|of_a_proxy|key_|role_)/);
          }
        }
        await sleep(10);
        if (asks !== undefined) assert.equal(first.state.asked.length, asks);
      } finally {
        if (!how.refuse) await first.close();
      }
    });
  }
}

test("a 404 of the origin wins over every copy and snapshot", async () => {
  for (const options of [
    {},
    { snapshot },
    { freshFor: 0, staleWhileRevalidate: 0 },
    { freshFor: 0, staleWhileRevalidate: 0, snapshot },
  ]) {
    const cue = client(options);
    if (options.freshFor === 0) await cue.get("greet");
    await sleep(2);
    const answer = origin.state.answer;
    origin.state.answer = deleted;
    await assert.rejects(cue.get("greet"), code("prompt_not_found"));
    await assert.rejects(cue.get("greet"), code("prompt_not_found"));
    origin.state.answer = answer;
  }
});

test("a deleted prompt comes back when the origin serves it again", async () => {
  const cue = client({ freshFor: 0, staleWhileRevalidate: 0 });
  origin.state.answer = deleted;
  await assert.rejects(cue.get("greet"), code("prompt_not_found"));
  origin.state.answer = version("greet", 2, { tag: "production" });
  await sleep(2);
  assert.equal(text(await cue.get("greet")), "v2 Ada");
});

test("1,000 callers of two prompts make one request per prompt", async () => {
  const cue = client();
  origin.state.delay = 20;
  origin.state.answer = (request) =>
    version(decodeURIComponent(new URL(request.url, "http://a").pathname.slice(12)), 1);
  const got = await Promise.all(Array.from({ length: 1000 }, (_, i) => cue.get(i % 2 ? "greet" : "a/b")));
  assert.deepEqual(origin.state.asked.map(({ url }) => url).sort(), [
    "/v1/prompts/a%2Fb?tag=production",
    "/v1/prompts/greet?tag=production",
  ]);
  assert.ok(got.every((prompt) => prompt.source.state === "fresh"));
});

test("a slug that ends like a route is requested with encoded slashes", async () => {
  const slugs = ["email/draft", "docs/versions", "docs/tags", "docs/diff", "docs/export", "a/cases/b"];
  for (const slug of slugs) {
    origin.state.answer = version(slug, 1);
    assert.equal((await client().get(slug)).slug, slug);
  }
  const asked = origin.state.asked.map(({ url }) => url);
  assert.deepEqual(
    asked,
    slugs.map((slug) => `/v1/prompts/${slug.replaceAll("/", "%2F")}?tag=production`),
  );
});

test("unknown members that a later release may add are ignored in answers and in snapshots", async () => {
  const later = {
    ...version("greet", 1, { tag: "production" }),
    later: true,
    messages: [{ role: "user", content: "Hello {{ name }}", later: 1 }],
    template: { later: [] },
  };
  origin.state.answer = later;
  assert.equal((await client().get("greet")).render({ name: "Ada" }).messages[0].content, "Hello Ada");
  const snapshot = { format: 1, tag: "production", createdAt: later.createdAt, prompts: [later], later: {} };
  origin.state.answer = failures[503];
  const shipped = await client({ snapshot }).get("greet");
  assert.equal(shipped.source.state, "snapshot");
  assert.equal(shipped.render({ name: "Ada" }).messages[0].content, "Hello Ada");
  assert.throws(() => compile({ messages: [{ role: "user", content: "Hi", later: 1 }] }), { code: "document_invalid" });
});

test("a fresh copy makes no request; a stale copy is served at once and revalidated once, with its ETag", async () => {
  const cue = client({ freshFor: 1_000 });
  await cue.get("greet");
  await cue.get("greet");
  assert.equal(origin.state.asked.length, 1);
  await sleep(1_010);
  let answered = false;
  const { answer } = origin.state;
  origin.state.delay = 500;
  origin.state.answer = () => ((answered = true), answer);
  const stale = await Promise.all([cue.get("greet"), cue.get("greet")]);
  assert.equal(answered, false, "served before the origin answered");
  assert.deepEqual(
    stale.map((prompt) => prompt.source.state),
    ["stale", "stale"],
  );
  while ((await cue.get("greet")).source.state === "stale") await sleep(20);
  assert.equal(origin.state.asked.length, 2);
  assert.match(origin.state.asked[1].etag, /^"0+-1-1"$/);
  assert.equal((await cue.get("greet")).source.state, "fresh");
});

test("the client sees a moved tag after revalidation", async () => {
  const cue = client({ freshFor: 0 });
  await cue.get("greet");
  await sleep(2);
  origin.state.answer = version("greet", 2, { tag: "production" });
  assert.equal(text(await cue.get("greet")), "v1 Ada");
  const read = async () => text(await cue.get("greet"));
  const either = (seen) => assert.match(seen, /^v[12] Ada$/);
  await eventually(read, (seen) => assert.equal(seen, "v2 Ada"), { always: either });
  assert.equal(await read(), "v2 Ada");
});

test("an older answer never replaces a newer one", async () => {
  const cue = client({ freshFor: 0, staleWhileRevalidate: 0 });
  origin.state.answer = version("greet", 5, { tag: "production" });
  await cue.get("greet");
  await sleep(2);
  origin.state.answer = version("greet", 4, { tag: "production" });
  assert.equal(text(await cue.get("greet")), "v5 Ada");
});

test("a pinned version is requested only once", async () => {
  const cue = client({ freshFor: 0 });
  for (let i = 0; i < 3; i++) {
    assert.equal((await cue.get("greet@1")).source.state, "fresh");
    assert.equal((await cue.get("greet", { version: 1 })).version, 1);
  }
  assert.deepEqual(
    origin.state.asked.map(({ url }) => url),
    ["/v1/prompts/greet?version=1"],
  );
});

test("a version and a tag that looks like one are distinct, even after the instance is lost", async () => {
  origin.state.answer = ({ url }) => {
    const { searchParams } = new URL(url, "http://a");
    const number = searchParams.get("version");
    return number === null ? version("greet", 3, { tag: searchParams.get("tag") }) : version("greet", Number(number));
  };
  for (const references of [
    ["greet@v1", "greet@1"],
    ["greet@1", "greet@v1"],
  ]) {
    const cue = client({ freshFor: 0, staleWhileRevalidate: 0 });
    for (const reference of references)
      assert.equal((await cue.get(reference)).version, reference === "greet@1" ? 1 : 3, reference);
    origin.state.asked = [];
    loseInstance();
    await sleep(2);
    for (const reference of references) await cue.get(reference);
    // The pinned version is not fetched again; a tag is, even if its name looks like a version.
    assert.deepEqual(
      origin.state.asked.map(({ url }) => url),
      ["/v1/prompts/greet?tag=v1"],
    );
  }
});

test("two clients share nothing", async () => {
  await client().get("greet");
  await client({ key: "cue_other" }).get("greet");
  assert.deepEqual(
    origin.state.asked.map((asked) => asked.key),
    ["Bearer cue_test", "Bearer cue_other"],
  );
});

test("over `maxBytes` the client evicts the least recently used copy", async () => {
  const cue = client({ maxBytes: 20_000 });
  origin.state.answer = (request) =>
    version(new URL(request.url, "http://a").pathname.slice(12), 1, { content: "x".repeat(1_000) });
  for (const slug of ["a", "b", "a", "c", "a", "d", "a"]) await cue.get(slug);
  assert.equal(origin.state.asked.length, 4);
  await cue.get("b");
  assert.equal(origin.state.asked.length, 5);
});

test("without a copy the client retries within the deadline, but not after a permanent failure", async () => {
  let n = 0;
  origin.state.answer = () => (++n < 3 ? failures["503"] : version("greet", 1));
  assert.equal(text(await client().get("greet")), "v1 Ada");
  assert.equal(n, 3);
  origin.state.asked = [];
  origin.state.answer = failures["401 key_invalid"];
  await assert.rejects(client().get("greet"), code("key_invalid"));
  assert.equal(origin.state.asked.length, 1);
});

test("a caller's abort leaves other callers waiting", async () => {
  const cue = client();
  origin.state.delay = 60;
  const controller = new AbortController();
  const other = cue.get("greet");
  const gone = cue.get("greet", { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 10);
  await assert.rejects(gone, (error) => code("aborted")(error) && error.cause.message === "enough");
  assert.equal(text(await other), "v1 Ada");
  await assert.rejects(cue.get("greet", { signal: AbortSignal.abort() }), code("aborted"));
});

test("the deadline holds", async () => {
  origin.state.answer = failures["no answer in time"];
  const started = performance.now();
  await assert.rejects(
    client({ timeout: 100 }).get("greet"),
    (error) => code("prompt_unavailable")(error) && error.cause.code === "timeout",
  );
  // A leftover timer would delay this for a minute.
  assert.ok(performance.now() - started < 30_000);
});

test("`fetch` and `waitUntil` of the caller", async () => {
  const work = [];
  const asked = [];
  const fetch = (url, init) => (
    asked.push([url, init]),
    Promise.resolve(Response.json(version("greet", 1), { headers: { "cuecard-revision": "1" } }))
  );
  const cue = client({ freshFor: 0, fetch, waitUntil: (promise) => work.push(promise) });
  await cue.get("greet");
  await sleep(2);
  await cue.get("greet");
  assert.equal(work.length, 1);
  await work[0];
  assert.equal(asked.length, 2);
  assert.equal(asked[0][1].headers.authorization, "Bearer cue_test");
  assert.equal(origin.state.asked.length, 0);
  const broken = client({
    fetch: () => {
      throw new Error("no network");
    },
  });
  await assert.rejects(
    broken.get("greet"),
    (error) => code("prompt_unavailable")(error) && error.cause.cause.message === "no network",
  );
});

test("a snapshot can be fetched, and an invalid one is refused", async () => {
  origin.state.answer = { status: 200, body: JSON.stringify(snapshot) };
  assert.deepEqual(await client().snapshot(), snapshot);
  assert.equal(origin.state.asked[0].url, "/v1/snapshot?tag=production");
  origin.state.answer = failures["401 key_invalid"];
  await assert.rejects(client().snapshot(), code("key_invalid"));
  assert.throws(() => client({ snapshot: "{}" }), code("body_invalid"));
  assert.equal((await client({ snapshot: JSON.stringify(snapshot) }).get("greet@1")).source.state, "snapshot");
});

test("`live` is an alias of `production` in a reference, an option and an old snapshot", async () => {
  const old = { ...snapshot, tag: "live", prompts: [version("greet", 1, { tag: "live" })] };
  origin.state.answer = failures["500"];
  for (const [reference, options] of [
    ["greet", { snapshot: old }],
    ["greet@live", { snapshot: old }],
    ["greet", { snapshot, tag: "live" }],
    ["greet@production", { snapshot: old, tag: "live" }],
  ]) {
    const prompt = await client(options).get(reference);
    assert.equal(prompt.source.state, "snapshot", reference);
  }
  assert.deepEqual([...new Set(origin.state.asked.map(({ url }) => url))], ["/v1/prompts/greet?tag=production"]);
});

test("numbers in a version keep the values of the store", async () => {
  const inputs = [
    { name: "n", type: "any", default: 1e300 },
    { name: "i", type: "any", default: 2 ** 53 - 1 },
  ];
  const stored = {
    ...version("greet", 1, {
      tag: "production",
      content: "{{ n }} {{ i }} {{ 'x' | upper }}{% macro m() %}{{ n }}{% endmacro %}{{ m() }}",
    }),
    inputs,
  };
  origin.state.answer = stored;
  assert.equal((await client().get("greet")).render({}).messages[0].content, "1e+300 9007199254740991 X1e+300");
  const shipped = client({ snapshot: { ...snapshot, prompts: [stored] } });
  origin.state.answer = failures["500"];
  assert.equal((await shipped.get("greet")).render({}).messages[0].content, "1e+300 9007199254740991 X1e+300");
});

test("invalid references and options", async () => {
  const cue = client();
  const cases = [
    ["", "slug_invalid"],
    ["../a", "slug_invalid"],
    ["a@", "tag_invalid"],
    ["a@0", "version_invalid"],
    ["a@B", "tag_invalid"],
    [7, "slug_invalid"],
  ];
  for (const [reference, expected] of cases) await assert.rejects(cue.get(reference), code(expected));
  await assert.rejects(cue.get("a@b", { tag: "c" }), code("selector_conflict"));
  await assert.rejects(cue.get("a", { tag: "c", version: 1 }), code("selector_conflict"));
  for (const number of [0, -1, 1.5, "3", 2 ** 53, NaN])
    await assert.rejects(cue.get("a", { version: number }), code("version_invalid"));
  for (const tag of ["", "7", 7, "A"]) await assert.rejects(cue.get("a", { tag }), code("tag_invalid"));
  assert.equal(origin.state.asked.length, 0);
  for (const options of [{ url: "nowhere" }, { url: "ftp://a" }, { timeout: -1 }, { freshFor: NaN }])
    assert.throws(() => client(options), code("query_invalid"));
});

test("a lock rejects a version with another hash and serves the locked one instead", async () => {
  const documentOf = (content) => ({ messages: [{ role: "user", content }], inputs: [{ name: "name", type: "str" }] });
  const hash = (content) => compile(documentOf(content)).hash;
  const given = (number, content, more) => ({ ...version("greet", number, { content, ...more }), hash: hash(content) });
  const first = given(1, "one {{ name }}", { tag: "production" });
  const lock = {
    format: 1,
    prompts: { greet: { production: { version: 1, hash: first.hash }, staging: { version: 2, hash: hash("two") } } },
    snapshot: { ...snapshot, prompts: [first] },
  };
  const answer = (version) => Object.assign(origin.state, { answer: version });
  const locked = () => client({ lock });

  answer(given(1, "one {{ name }}", { tag: "production", revision: 9 }));
  const taken = await locked().get("greet");
  assert.deepEqual([taken.source.state, text(taken)], ["fresh", "one Ada"]);

  const others = {
    "the tag has moved": given(2, "two", { tag: "production" }),
    "another content under the number": given(1, "changed", { tag: "production" }),
    "another content that says it is the same": { ...given(1, "changed", { tag: "production" }), hash: first.hash },
  };
  for (const [what, other] of Object.entries(others)) {
    answer(other);
    const held = await locked().get("greet");
    assert.deepEqual(
      [held.version, held.source.state, held.source.reason, text(held)],
      [1, "snapshot", "origin_bad_response", "one Ada"],
      what,
    );
  }

  // The snapshot has no version of this tag, so there is none to serve.
  answer(given(3, "three", { tag: "staging" }));
  await assert.rejects(locked().get("greet@staging"), (error) => {
    assert.equal(error.code, "prompt_unavailable");
    assert.match(
      error.cause.message,
      /greet@staging is locked to version 2, and the origin's version 3 has another hash/,
    );
    return true;
  });
  answer(given(2, "not two"));
  await assert.rejects(locked().get("greet@2"), code("prompt_unavailable"));
  answer(given(2, "two"));
  assert.equal(text(await locked().get("greet@2")), "two");

  // A reference that the lock does not list works as it does without a lock.
  answer({ ...given(1, "other", { tag: "production" }), slug: "other" });
  assert.equal((await locked().get("other")).source.state, "fresh");
  answer(given(4, "four", { tag: "canary" }));
  assert.equal((await locked().get("greet@canary")).version, 4);
  assert.equal(
    text(await client({ lock: JSON.stringify(lock), fetch: () => Promise.reject(new Error("away")) }).get("greet")),
    "one Ada",
  );
  for (const wrong of ["{", "[]", {}, { format: 2, prompts: {}, snapshot }, { format: 1, prompts: {} }])
    assert.throws(() => client({ lock: wrong }), code("body_invalid"));
});

test("nothing keeps Node alive", async () => {
  const script = `
    import { Cuecard } from "${entryUrl()}";
    const cue = new Cuecard({ url: "${origin.url}", key: "k", freshFor: 0, timeout: 60_000 });
    await cue.get("greet");
    await new Promise((done) => setTimeout(done, 2));
    await cue.get("greet");
  `;
  const started = performance.now();
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  // The request under way has a minute.
  assert.ok(performance.now() - started < 30_000);
});
