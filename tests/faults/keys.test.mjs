// Crosses every fault of an origin that is asked about a key with every state of the verdict: fresh, stale, stale on
// error, expired, none. The edge has the prompt, so only the key is in question.
import assert from "node:assert/strict";
import { after, describe } from "node:test";

import { Clock } from "../clock.mjs";
import { bearer, world } from "../edge/world.mjs";
import { test } from "../patient.mjs";
import { makeKey, start } from "../workerd.mjs";
import { FAULTS, Origin } from "./origin.mjs";

// A verdict is fresh until 2 s, revalidated until 4 s, good on errors until 8.5 s.
const vars = { FRESH_SECONDS: "60", KEY_SECONDS: "4", STALE_IF_ERROR_SECONDS: "6.5" };
/** Milliseconds since the verdict, from the youngest to the oldest. */
const STATES = { none: undefined, fresh: 0, stale: 3_000, "stale on error": 5_500, expired: 9_000 };
const ONE_DEADLINE = 2_500;

const unavailable = [503, "origin_unavailable"];
const bad = [502, "origin_bad_response"];
const denied = [503, "origin_auth"];

/** The answer to a key without a verdict, per fault. */
const required = {
  hang: unavailable,
  drip: unavailable,
  "status 500": unavailable,
  "status 503": unavailable,
  "status 429": unavailable,
  "429 of ours": unavailable,
  "reset before answering": unavailable,
  "reset mid-body": bad,
  "truncated with length": bad,
  "truncated chunks": bad,
  html: bad,
  "wrong content type": bad,
  "garbage JSON": bad,
  "another organisation": bad,
  "a role of another time": bad,
  "404 of a proxy": bad,
  "304 always": bad,
  huge: bad,
  redirect: bad,
  "401 of a proxy": denied,
  "403 of a proxy": denied,
};

const running = [];
/** Another host, which must never receive a key. */
const other = await Origin.start();
FAULTS.redirect = (request, response) => response.writeHead(302, { location: other.url + request.url }).end();
running.push(() => other.close());
after(() => Promise.all(running.map((stop) => stop())));

describe("faults of an origin that is asked about a key", { concurrency: 6 }, () => {
  for (const [fault, none] of Object.entries(required)) {
    test(fault, async () => {
      const origin = await Origin.start();
      const worker = await start({ vars: { ...vars, ORIGIN: origin.url }, clock: true });
      running.push(
        () => worker.stop(),
        () => origin.close(),
      );
      const clock = await Clock.of(worker);
      origin.put("p", "Hello", 1);
      const read = async (key) => {
        const began = performance.now();
        const response = await fetch(`${worker.url}/v1/prompts/p`, { headers: { authorization: `Bearer ${key}` } });
        const { code, messages } = await response.json();
        return {
          status: response.status,
          code,
          content: messages?.[0].content,
          retry: response.headers.get("retry-after"),
          took: performance.now() - began,
        };
      };
      // Each key is of an organisation of its own, where another key has already read the prompt.
      const keys = Object.keys(STATES).map((state) => [state, makeKey()]);
      for (const [state, key] of keys) {
        assert.equal((await read(makeKey(key.split("_")[1]))).status, 200);
        if (state !== "none") assert.equal((await read(key)).status, 200);
      }
      const seeded = clock.now;
      origin.keyFault = fault;
      for (const [state, key] of keys) {
        await clock.pass(seeded + (STATES[state] ?? 0) - clock.now);
        const { status, code, content, retry, took } = await read(key);
        if (state === "expired" || state === "none") {
          assert.deepEqual([status, code], none, state);
          if (status === 503) assert.match(retry, /^\d+$/);
        } else {
          assert.deepEqual([status, content], [200, "Hello"], `${state}: ${code}`);
        }
        assert.ok(took < ONE_DEADLINE, `${state} took ${took} ms`);
      }
      assert.equal(other.requests.length, 0, "the key reached another host");
    });
  }
});

test("a key that was revoked in the meantime is refused where the origin was down, came back, and nobody had asked it", async () => {
  const { origin, pool, clock } = await world({}, { clock: true });
  origin.put("p", "Hello");
  const key = makeKey();
  const read = (slug) => pool.get(`/v1/prompts/${slug}`, bearer(key));
  assert.equal((await read("p")).status, 200);
  origin.fault = origin.keyFault = "reset before answering";
  for (let n = 0; n < 6; n++) assert.equal((await read(`other-${n}`)).status, 503);
  assert.equal((await read("p")).status, 200);
  origin.fault = origin.keyFault = undefined;
  origin.revoked.add(key);
  await clock.pass(120_000);
  assert.equal((await read("p")).status, 401);
});
