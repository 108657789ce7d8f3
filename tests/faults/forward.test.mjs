// Crosses every fault of an origin with requests that the edge forwards: lists and writes.
import assert from "node:assert/strict";
import { after, describe } from "node:test";

import { test } from "../patient.mjs";
import { makeKey, start } from "../workerd.mjs";
import { FAULTS, Origin } from "./origin.mjs";

/** Milliseconds, from and to, until the edge gives up waiting for an answer to begin. The upper end allows for a slow
 * machine. */
const DEADLINE = [9_900, 13_000];

const unavailable = [503, "origin_unavailable"];
const bad = [502, "origin_bad_response"];
const denied = [503, "origin_auth"];

const required = {
  "status 500": unavailable,
  "status 502": unavailable,
  "status 503": unavailable,
  "status 504": unavailable,
  "status 429": unavailable,
  "reset before answering": unavailable,
  html: bad,
  "wrong content type": bad,
  "status 418": bad,
  "404 of a proxy": bad,
  redirect: bad,
  "401 of a proxy": denied,
  "403 of a proxy": denied,
};
const REQUESTS = [
  ["GET", "/v1/prompts"],
  ["POST", "/v1/prompts/p/versions", '{"messages":[{"role":"user","content":"Hello"}]}'],
  ["PUT", "/v1/prompts/p/tags/production", '{"version":1}'],
  ["DELETE", "/v1/prompts/p"],
];

const stops = [];
/** Another host, which must never receive a key. */
const other = await Origin.start();
FAULTS.redirect = (request, response) => response.writeHead(302, { location: other.url + request.url }).end();
stops.push(() => other.close());
after(() => Promise.all(stops.map((stop) => stop())));

async function world() {
  const origin = await Origin.start();
  const worker = await start({ vars: { ORIGIN: origin.url } });
  stops.push(
    () => worker.stop(),
    () => origin.close(),
  );
  const ask = ([method, path, body]) => {
    const headers = { authorization: `Bearer ${makeKey()}`, ...(body && { "content-type": "application/json" }) };
    return fetch(worker.url + path, { method, headers, body, redirect: "manual" });
  };
  return { origin, ask };
}

async function check(response, [status, code], what) {
  const text = await response.text();
  assert.equal(response.status, status, `${what}: ${text}`);
  assert.equal(JSON.parse(text).code, code, what);
  assert.match(response.headers.get("content-type"), /^application\/problem\+json/, what);
  assert.equal(response.headers.get("cache-control"), "private, no-store", what);
  if (status === 503) assert.match(response.headers.get("retry-after"), /^\d+$/, what);
}

describe("forwarded", { concurrency: 4 }, async () => {
  const here = world();

  for (const request of REQUESTS) {
    const [, path] = request;
    const name = `${request[0]} ${request[1]}`;
    test(`${name}: the edge forwards only answers of the origin's API and sends each request once`, async () => {
      const { origin, ask } = await world();
      assert.equal((await ask(request)).status, 200);
      for (const [fault, expected] of Object.entries(required)) {
        origin.fault = fault;
        origin.requests.length = 0;
        await check(await ask(request), expected, fault);
        // Counts the requested path only: a failed list may have a copy, so the edge also asks about the key, which is
        // new to it.
        const sent = origin.requests.filter((one) => one.path === path);
        assert.equal(sent.length, 1, fault);
      }
      assert.equal(other.requests.length, 0, "the key reached another host");
      await origin.close();
      await check(await ask(request), unavailable, "refused");
    });

    test(`${name}: a truncated answer does not parse`, async () => {
      const { origin, ask } = await world();
      for (const fault of ["truncated with length", "truncated chunks", "reset mid-body"]) {
        origin.fault = fault;
        // workerd accepts a chunked body that ends with its connection, so half a body arrives as it is and does not
        // parse.
        const whole = await ask(request)
          .then((response) => response.json())
          .then(
            () => true,
            () => false,
          );
        assert.equal(whole, false, fault);
      }
    });

    test(`${name}: the edge gives up on an origin that does not answer`, async () => {
      const { origin, ask } = await here;
      origin.fault = "hang";
      const began = performance.now();
      await check(await ask(request), unavailable, "hang");
      const took = performance.now() - began;
      assert.ok(took > DEADLINE[0] && took < DEADLINE[1], `took ${took} ms`);
    });
  }
});
