// Runs the soak for some seconds: all operations at once, every answer checked. `cargo xtask soak server` is the long
// run.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

test("reads, renders, commits, moves, deletes and wrong keys at once", async (context) => {
  const script = fileURLToPath(new URL("soak.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, "0.1"]);
  context.diagnostic(stdout.trim().split("\n").at(-2));
  assert.match(stdout, /1 passed, 0 failed/);
});
