import assert from "node:assert/strict";
import { test } from "node:test";

import { kill, line } from "./kill.mjs";

test("20 kills under 8 writers: nothing lost, nothing twice, nothing half", async (t) => {
  const result = await kill({ kills: 20 });
  t.diagnostic(line(result));
  assert.deepEqual({ lost: result.lost, twice: result.twice, half: result.half }, { lost: [], twice: [], half: [] });
  assert.ok(result.acknowledged >= 20, `${result.acknowledged} acknowledged`);
});
