// Deadlines of bodies (`worker/js/deadlines.js`), without a Worker: what they keep.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { Deadlines } from "../../worker/js/deadlines.js";

const ctx = { waitUntil() {} };

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** The bytes of the heap that are in use. */
function used() {
  collect();
  return process.memoryUsage().heapUsed;
}

test("while one body is waited for, nothing is kept of those that arrive", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const bodies = new Deadlines(10_000);
  const late = bodies.inTime(new Promise(() => {}), ctx);
  const arrive = async (count) => {
    for (let i = 0; i < count; i++) await bodies.inTime(Promise.resolve(i), ctx);
  };
  await arrive(10_000);
  const before = used();
  const count = 100_000;
  await arrive(count);
  const kept = (used() - before) / count;
  assert.ok(kept < 20, `${kept.toFixed(1)} bytes of each`);
  t.mock.timers.tick(10_000);
  assert.equal(await late, undefined);
});

test("each body has its own deadline", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const bodies = new Deadlines(10_000);
  const settled = [];
  const wait = (name) => bodies.inTime(new Promise(() => {}), ctx).then((value) => settled.push([name, value]));
  const passed = async (milliseconds) => {
    t.mock.timers.tick(milliseconds);
    for (let i = 0; i < 10; i++) await undefined;
    return settled.splice(0);
  };
  wait("first");
  wait("second");
  await passed(4_000);
  wait("third");
  assert.deepEqual(await passed(5_990), []);
  // The timer of the next one begins when the one before it has expired.
  assert.deepEqual(
    [...(await passed(10)), ...(await passed(10))],
    [
      ["first", undefined],
      ["second", undefined],
    ],
  );
  assert.deepEqual(await passed(3_970), []);
  assert.deepEqual(await passed(30), [["third", undefined]]);
});
