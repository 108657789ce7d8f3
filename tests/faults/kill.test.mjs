import assert from "node:assert/strict";
import { test } from "node:test";

import { kill, line } from "./kill.mjs";

test("20 kills under 8 writers: no commit is lost, stored twice or in part, and no answer is unexpected", async (t) => {
  const result = await kill({ kills: 20 });
  t.diagnostic(line(result));
  const { lost, twice, half, unexpected } = result;
  assert.deepEqual({ lost, twice, half, unexpected }, { lost: [], twice: [], half: [], unexpected: [] });
  assert.ok(result.acknowledged >= 20, `${result.acknowledged} acknowledged`);
});
