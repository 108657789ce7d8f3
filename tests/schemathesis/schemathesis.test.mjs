import assert from "node:assert/strict";
import { test } from "node:test";

import { run } from "./run.mjs";

test("schemathesis finds no failure", async (t) => {
  const result = await run(3);
  t.diagnostic(`${result.generated} requests generated`);
  assert.ok(result.passed, result.output);
  assert.ok(result.generated > 500, result.output);
});
