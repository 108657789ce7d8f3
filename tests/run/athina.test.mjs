// Athina's published client runs prompts.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { startUpstream } from "./upstream.mjs";
import { GREET, startWorld } from "./world.mjs";

const script = fileURLToPath(new URL("athina.py", import.meta.url));
let world;
let upstream;

before(async () => {
  upstream = await startUpstream();
  world = await startWorld();
  await world.connect("main", "openai_chat", upstream.url, { default: true });
  await world.commit("greet", { ...GREET, model: "m" });
});
after(() => Promise.all([world.worker.stop(), upstream.close()]));

test("athina-client 0.2.11", async (t) => {
  const python = process.env.PYTHON ?? "python3";
  const { stdout } = await promisify(execFile)(python, [script, world.url, world.key]);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(lines.length, 3);
  for (const { operation, ok, error } of lines) await t.test(operation, () => assert.ok(ok, error));
});
