// `cuecard/client` against the full entry: a small part of `cargo xtask compare`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "./compare.mjs";

test("500 random documents, each with 4 inputs: equal to the byte and the issue", async () => {
  const { plans, documents, renders, byPlan, refusedByPlan } = await compare(500, 20_261_126);
  assert.ok(
    plans > documents * 0.8 && byPlan + refusedByPlan > renders / 2,
    JSON.stringify({ plans, documents, byPlan, refusedByPlan }),
  );
});
