// Nothing counts as fresh: every reader gets an answer that was asked for after it came, and readers at once share one.
import assert from "node:assert/strict";
import { test } from "node:test";

import { makeKey } from "../workerd.mjs";
import { bearer, world } from "./world.mjs";

for (const vars of [
  { KEY_SECONDS: "0" },
  { FRESH_SECONDS: "0", STALE_WHILE_REVALIDATE_SECONDS: "0" },
  { KEY_SECONDS: "0", FRESH_SECONDS: "0", STALE_WHILE_REVALIDATE_SECONDS: "0" },
]) {
  test(`80 readers at once with ${JSON.stringify(vars)}`, async () => {
    const { origin, pool } = await world(vars);
    origin.delay = 50;
    const headers = bearer(makeKey());
    for (let round = 1; round <= 5; round++) {
      origin.put("p", `round ${round}`);
      const asked = origin.requests.length;
      const answers = await Promise.all(Array.from({ length: 80 }, () => pool.get("/v1/prompts/p", headers)));
      const failed = answers.filter(({ status }) => status !== 200);
      assert.deepEqual(failed, []);
      if (vars.FRESH_SECONDS)
        for (const { body } of answers) assert.equal(JSON.parse(body).messages[0].content, `round ${round}`);
      const sent = origin.requests.length - asked;
      assert.ok(sent <= 16, `${sent} requests to the origin for 80 readers`);
    }
  });
}
