// With windows of 0 the edge asks the origin after each reader has arrived; concurrent readers share a request.
import assert from "node:assert/strict";
import { test } from "node:test";

import { makeKey } from "../workerd.mjs";
import { bearer, world } from "./world.mjs";

/** Milliseconds that the origin takes to answer. */
const DELAY = 50;

for (const vars of [
  { KEY_SECONDS: "0" },
  { FRESH_SECONDS: "0", STALE_WHILE_REVALIDATE_SECONDS: "0" },
  { KEY_SECONDS: "0", FRESH_SECONDS: "0", STALE_WHILE_REVALIDATE_SECONDS: "0" },
]) {
  test(`80 readers at once with ${JSON.stringify(vars)}`, async () => {
    const { origin, pool } = await world(vars);
    origin.delay = DELAY;
    origin.keyDelay = DELAY;
    const headers = bearer(makeKey());
    for (let round = 1; round <= 5; round++) {
      origin.put("p", `round ${round}`);
      const asked = origin.requests.length;
      const begun = performance.now();
      const answers = await Promise.all(Array.from({ length: 80 }, () => pool.get("/v1/prompts/p", headers)));
      const failed = answers.filter(({ status }) => status !== 200);
      assert.deepEqual(failed, []);
      if (vars.FRESH_SECONDS)
        for (const { body } of answers) assert.equal(JSON.parse(body).messages[0].content, `round ${round}`);
      // At most one request about the key and one about the prompt are under way at a time.
      const elapsed = performance.now() - begun;
      const most = 2 * (Math.ceil(elapsed / (DELAY - 1)) + 1);
      const sent = origin.requests.length - asked;
      assert.ok(
        sent <= most,
        `${sent} requests to the origin for 80 readers in ${elapsed} ms, at most ${most} expected`,
      );
    }
  });
}
