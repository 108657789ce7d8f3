// Measures every operation on large values through the packed package. `COSTS=all` runs all cases; the default runs one
// of 24.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { MEMORY, TIME } from "../bombs.mjs";
import { costs } from "../costs.mjs";
import { installed } from "../tarball.mjs";

const TRIES = 8;
let app;
let compile;

before(async () => {
  app = installed();
  ({ compile } = await import(pathToFileURL(join(app.dir, "node_modules/cuecard/dist/index.js"))));
});
after(() => app?.remove());

/** Milliseconds of processor time of the quickest of up to `TRIES` tries, which excludes V8's compilers. */
function cost({ document, inputs }) {
  let shortest = Infinity;
  for (let tries = 0; tries < TRIES && shortest > TIME; tries++) {
    const started = process.cpuUsage();
    try {
      compile(document).render(inputs);
    } catch (error) {
      assert.ok(error.code, String(error));
    }
    const { user, system } = process.cpuUsage(started);
    shortest = Math.min(shortest, (user + system) / 1000);
  }
  return shortest;
}

test(`an operation on large values costs at most ${TIME} ms of processor time`, () => {
  const rows = costs().filter((_, index) => process.env.COSTS === "all" || index % 24 === 0);
  assert.ok(rows.length > 500);
  const before = process.memoryUsage();
  const measured = rows.map((row) => ({ id: row.id, time: cost(row) }));
  const slow = measured.filter(({ time }) => time > TIME).toSorted((a, b) => b.time - a.time);
  assert.deepEqual(slow, []);
  const grown = process.memoryUsage().arrayBuffers + process.memoryUsage().external - before.external;
  assert.ok(grown < 2 * MEMORY, `${grown >> 20} MiB`);
});
