// Crosses every fault of an origin with every state of the edge's copy: fresh, stale, stale beyond revalidation,
// expired, none.
import assert from "node:assert/strict";
import { after, describe } from "node:test";

import { Clock } from "../clock.mjs";
import { test } from "../patient.mjs";
import { makeKey, start } from "../workerd.mjs";
import { BOMB, FAULTS, Origin } from "./origin.mjs";

// A copy is fresh until 2 s, revalidated until 4.5 s, served on errors until 8.5 s.
const vars = { FRESH_SECONDS: "2", STALE_WHILE_REVALIDATE_SECONDS: "2.5", STALE_IF_ERROR_SECONDS: "6.5" };
const STATES = { fresh: 0, stale: 3_000, "stale on error": 5_500, expired: 9_000, none: undefined };
/** Milliseconds a read may take. A copy is served without waiting; other reads wait for one deadline of 1.5 s. Both
 * allow for a slow machine. */
const AT_ONCE = 1_000;
const ONE_DEADLINE = 2_500;

const old = { status: 200, content: "old" };
const unavailable = { status: 503, code: "origin_unavailable", retry: true };
const bad = { status: 502, code: "origin_bad_response" };
const denied = { status: 503, code: "origin_auth", retry: true };
const gone = {
  status: 404,
  code: "prompt_not_found",
  cache: /^cuecard; (fwd=(stale|miss); fwd-status=404; stored|hit; ttl=-?\d+(; detail=[a-z-]+)?)$/,
};

const DOWN = [
  "hang",
  "slow first byte",
  "drip",
  "status 500",
  "status 502",
  "status 503",
  "status 504",
  "status 429",
  "429 of ours",
  "500 of ours",
];
/** Faults that have tests of their own. */
const OTHERS = ["another organisation", "a role of another time", "over budget"];
const REFUSED = ["401 of a proxy", "403 of a proxy"];

/** The expected answer to a read in each state: `copy` when the edge has a usable copy, `none` when it has none. */
function required(fault) {
  if ([...DOWN, "reset before answering", "refused"].includes(fault)) return { copy: old, none: unavailable };
  if (REFUSED.includes(fault)) return { copy: old, none: denied };
  return { copy: old, none: bad };
}

const running = [];
after(() => Promise.all(running.map((stop) => stop())));

/** Starts a Worker with an origin of its own. Each prompt belongs to another tenant, so that no read renews another's
 * copy. */
async function world(options = {}) {
  const origin = await Origin.start();
  const worker = await start({ ...options, clock: true, vars: { ...vars, ORIGIN: origin.url, ...options.vars } });
  running.push(
    () => worker.stop(),
    () => origin.close(),
  );
  const clock = await Clock.of(worker);
  const keys = Object.fromEntries(Object.keys(STATES).map((state) => [state, makeKey()]));
  const read = async (state, slug = slugOf(state)) => {
    const began = performance.now();
    const response = await fetch(`${worker.url}/v1/prompts/${slug}`, {
      headers: { authorization: `Bearer ${keys[state]}` },
    });
    const body = await response.json();
    const took = performance.now() - began;
    const { headers, status } = response;
    return {
      status,
      took,
      content: body.messages?.[0].content,
      code: body.code,
      body,
      headers,
      cache: headers.get("cache-status") ?? "",
    };
  };
  const seed = async (state) => {
    origin.put(slugOf(state), "old", 10);
    const { status, content, cache } = await read(state);
    assert.deepEqual({ status, content, cache }, { ...old, cache: "cuecard; fwd=miss; fwd-status=200; stored" });
  };
  /** Stores the verdict on the key, so that state "none" lacks only the prompt. */
  const admit = (state) => read(state, "unknown");
  return { origin, worker, clock, keys, read, seed, admit };
}

const slugOf = (state) => `prompt-${state.replaceAll(" ", "-")}`;

/** Runs one fault through all states, from the youngest copy to the oldest. `check` judges the answer to each read. */
async function everyState({ origin, clock, read, seed, admit }, begin, check) {
  await admit("none");
  const states = Object.keys(STATES).filter((state) => state !== "none");
  await Promise.all(states.map(seed));
  const seeded = clock.now;
  for (const state of [...states, "none"]) origin.put(slugOf(state), "new", 20);
  await begin();
  origin.requests.length = 0;
  for (const state of ["none", ...states]) {
    await clock.pass(seeded + (STATES[state] ?? 0) - clock.now);
    check(state, await read(state));
  }
  await clock.settled();
}

function checkCopy(state, seen, expected) {
  const { status, content, cache, headers } = seen;
  assert.deepEqual(
    { status, content },
    { status: expected.status, content: expected.content },
    `${state}: ${JSON.stringify(seen.body)}`,
  );
  const detail = {
    fresh: /^cuecard; hit; ttl=\d+$/,
    stale: /^cuecard; hit; ttl=-?\d+; detail=stale-while-revalidate$/,
    "stale on error": /^cuecard; hit; ttl=-\d+; detail=stale-if-error$/,
  };
  assert.match(cache, detail[state], state);
  assert.match(headers.get("age"), /^[0-8]$/, state);
  assert.equal(headers.get("cache-control"), "private, no-cache");
  assert.ok(seen.took < (state === "stale on error" ? ONE_DEADLINE : AT_ONCE), `${state} took ${seen.took} ms`);
}

function checkError(state, seen, { status, code, retry, cache = /^cuecard; fwd=miss$/ }) {
  assert.deepEqual(
    { status: seen.status, code: seen.code },
    { status, code },
    `${state}: ${JSON.stringify(seen.body)}`,
  );
  assert.match(seen.headers.get("content-type"), /^application\/problem\+json/);
  assert.equal(seen.headers.get("cache-control"), "private, no-store");
  assert.match(seen.cache, cache, state);
  if (retry) assert.match(seen.headers.get("retry-after"), /^\d+$/, state);
  assert.ok(seen.took < ONE_DEADLINE, `${state} took ${seen.took} ms`);
}

const inCopy = (state) => state !== "expired" && state !== "none";

describe("faults", { concurrency: 6 }, () => {
  for (const fault of ["refused", ...Object.keys(FAULTS)].filter((fault) => !OTHERS.includes(fault))) {
    test(fault, async () => {
      const here = await world();
      const { copy, none } = required(fault);
      const begin = () => (fault === "refused" ? here.origin.close() : void (here.origin.fault = fault));
      await everyState(here, begin, (state, seen) =>
        inCopy(state) ? checkCopy(state, seen, copy) : checkError(state, seen, none),
      );
      if (fault === "refused") await here.origin.listen();
      if (!["refused", "hang", "status 503", "status 204", "status 205", "status 300", "html"].includes(fault)) return;
      // Once the origin recovers, every read recovers within one pause of the breaker.
      here.origin.fault = undefined;
      await here.clock.pass(5_200);
      await Promise.all(Object.keys(STATES).map((state) => here.read(state)));
      await here.clock.settled();
      for (const state of Object.keys(STATES)) assert.equal((await here.read(state)).content, "new", state);
    });
  }

  test("a version that no inputs can render does not replace a copy that renders", async () => {
    const here = await world();
    await everyState(
      here,
      () => void (here.origin.fault = "over budget"),
      (state, seen) => {
        if (inCopy(state)) checkCopy(state, seen, old);
        // With no other version to serve, the read returns the broken one, and a render reports its error.
        else assert.deepEqual({ status: seen.status, content: seen.content }, { status: 200, content: BOMB }, state);
      },
    );
    const headers = { authorization: `Bearer ${here.keys.none}`, "content-type": "application/json" };
    const render = await fetch(`${here.worker.url}/v1/prompts/${slugOf("none")}/render`, {
      method: "POST",
      headers,
      body: '{"inputs":{}}',
    });
    assert.deepEqual([render.status, (await render.json()).code], [422, "limit_exceeded"]);
    // The next version renders again.
    here.origin.fault = undefined;
    await here.clock.pass(5_200);
    await here.read("fresh");
    await here.clock.settled();
    assert.equal((await here.read("fresh")).content, "new");
  });

  test("redirect to another host: not followed, the key is not sent there", async () => {
    const here = await world();
    const other = await Origin.start();
    running.push(() => other.close());
    FAULTS["redirect"] = (request, response) => {
      response.writeHead(302, { location: other.url + request.url });
      response.end();
    };
    const begin = () => void (here.origin.fault = "redirect");
    await everyState(here, begin, (state, seen) =>
      inCopy(state) ? checkCopy(state, seen, old) : checkError(state, seen, bad),
    );
    assert.equal(other.requests.length, 0);
  });

  test("deleted: the origin's own 404 ends every copy, and an outage brings none back", async () => {
    const here = await world();
    const states = Object.keys(STATES);
    const begin = () => states.forEach((state) => here.origin.put(slugOf(state), null, 30));
    await everyState(here, begin, (state, seen) => {
      if (state === "fresh" || state === "stale") checkCopy(state, seen, old);
      else checkError(state, seen, gone);
    });
    for (const state of states) checkError(state, await here.read(state), gone);
    await here.origin.close();
    for (const _ of [1, 2]) {
      await here.clock.pass(2_500);
      for (const state of states) checkError(state, await here.read(state), gone);
    }
  });

  test("the edge rejects a revision older than its copy's until the copy expires", async () => {
    const here = await world();
    const begin = () => {
      for (const state of Object.keys(STATES)) here.origin.put(slugOf(state), "older", 5);
    };
    await everyState(here, begin, (state, seen) => {
      if (inCopy(state)) checkCopy(state, seen, old);
      else assert.equal(seen.content, "older", state);
    });
  });

  test("a store restored to an earlier state: its new epoch makes lower revisions newer", async () => {
    const here = await world();
    const begin = () => {
      for (const state of Object.keys(STATES)) here.origin.put(slugOf(state), "restored", "1.5");
    };
    await everyState(here, begin, (state, seen) => {
      if (state === "fresh" || state === "stale") checkCopy(state, seen, old);
      else assert.equal(seen.content, "restored", state);
    });
    assert.equal((await here.read("stale")).content, "restored");
  });

  for (const [name, headers] of Object.entries({
    "Date an hour ahead": () => ({ date: new Date(Date.now() + 3_600_000).toUTCString() }),
    "Date an hour behind": () => ({ date: new Date(Date.now() - 3_600_000).toUTCString() }),
    "Age of a day": () => ({ age: "86400" }),
    "Age below zero": () => ({ age: "-5" }),
    "Cache-Control: no-store": () => ({ "cache-control": "no-store" }),
    "Cache-Control: max-age of a year": () => ({ "cache-control": "public, max-age=31536000, immutable" }),
  })) {
    test(`${name}: ignored, because only the edge's own clock and policy count`, async () => {
      const here = await world();
      here.origin.headers = headers();
      await everyState(
        here,
        () => {},
        (state, seen) => {
          if (state === "fresh" || state === "stale") checkCopy(state, seen, old);
          else assert.deepEqual({ status: seen.status, content: seen.content }, { status: 200, content: "new" }, state);
        },
      );
    });
  }

  for (const [name, cache] of [
    ["that fails every call", "fail"],
    ["that holds entries of another version's format", "foreign"],
  ]) {
    test(`a Cache API ${name} is a miss, never an error`, async () => {
      const here = await world({ cache });
      await everyState(
        here,
        () => void (here.origin.fault = "status 500"),
        (state, seen) => {
          if (inCopy(state)) checkCopy(state, seen, old);
          else checkError(state, seen, unavailable);
        },
      );
    });
  }

  test("an origin that fails every other time costs no reader an error", async () => {
    const here = await world();
    await here.seed("fresh");
    let turn = 0;
    here.origin.fault = () => (turn++ % 2 ? undefined : "status 500");
    here.origin.requests.length = 0;
    let reads = 0;
    for (const end = here.clock.now + 6_000; here.clock.now < end; await here.clock.pass(20)) {
      const { status, content } = await here.read("fresh");
      assert.deepEqual({ status, content }, old);
      reads += 1;
    }
    // Two seconds after the last answer the edge sends one request, and another 0.5 s after a failure.
    assert.ok(here.origin.requests.length <= 8, `${here.origin.requests.length} requests for ${reads} reads`);
  });
});
