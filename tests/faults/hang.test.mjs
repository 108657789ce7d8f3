// The origin accepts requests and answers none: a caller with earlier reads waits for one deadline, not for one per
// part of an answer.
import assert from "node:assert/strict";
import { describe } from "node:test";

import { client } from "../api/client.mjs";
import { Clock } from "../clock.mjs";
import { test } from "../patient.mjs";
import { start } from "../workerd.mjs";

const vars = { FRESH_SECONDS: 1, STALE_WHILE_REVALIDATE_SECONDS: 1, KEY_SECONDS: 2 };
/** Milliseconds of one deadline for requests to the origin, doubled for a busy machine. */
const ONE_DEADLINE = 3_000;

/** A store with three prompts. */
async function store() {
  const origin = await start();
  const call = client(origin);
  for (const slug of ["here", "there", "else"]) {
    const document = { messages: [{ role: "system", content: "Hello {{ name }}" }] };
    assert.equal((await call("POST", `/v1/prompts/${slug}/versions`, document)).status, 201);
  }
  return origin;
}

/** The read before the origin hangs, and the read that follows. */
const reads = {
  "a prompt": ["/v1/prompts/here", "/v1/prompts/here"],
  "LangWatch: a prompt": ["/api/prompts/here", "/api/prompts/here"],
  "LangWatch: a prompt that others have read": ["/v1/prompts/here?tag=latest", "/api/prompts/here"],
  "LangWatch: a version": ["/api/prompts/here:1", "/api/prompts/here:1"],
  "LangWatch: a version that others have read": ["/v1/prompts/here?version=1", "/api/prompts/here:1"],
  "LangWatch: the list": ["/api/prompts", "/api/prompts"],
  "LangWatch: versions": ["/api/prompts/here/versions", "/api/prompts/here/versions"],
  "Basalt: a prompt": ["/prompts/here", "/prompts/here"],
  "Basalt: a description": ["/prompts/here/describe", "/prompts/here/describe"],
  "Athina: the default version": ["/api/v1/prompt/here/default", "/api/v1/prompt/here/default"],
  "Athina: the list": ["/api/v1/prompt/slug/all", "/api/v1/prompt/slug/all"],
  "a list": ["/v1/prompts", "/v1/prompts"],
};

describe("an origin that answers nothing", { concurrency: 4 }, () => {
  for (const [name, [first, then]] of Object.entries(reads)) {
    test(`${name}: waits for one deadline`, async () => {
      const origin = await store();
      const edge = await start({ vars: { ...vars, ORIGIN: origin.url }, clock: true });
      const get = async (path) => {
        const began = performance.now();
        const headers = { authorization: `Bearer ${origin.key}`, "athina-api-key": origin.key };
        const answer = await fetch(edge.url + path, { headers });
        await answer.text();
        return { status: answer.status, took: performance.now() - began };
      };
      try {
        const clock = await Clock.of(edge);
        assert.equal((await get(first)).status, 200);
        // Past every limit of the copy but the last, `STALE_IF_ERROR_SECONDS`.
        await clock.pass(4_200);
        process.kill(origin.pid, "SIGSTOP");
        for (const time of ["first", "second"]) {
          const { status, took } = await get(then);
          assert.equal(status, 200);
          assert.ok(took < ONE_DEADLINE, `the ${time} read took ${Math.round(took)} ms`);
        }
      } finally {
        await edge.stop();
        await origin.stop();
      }
    });
  }
});
