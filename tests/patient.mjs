// `test` for tests that depend on real time, such as the freshness windows of a copy. A failed attempt proves nothing
// if the machine stalled meanwhile, as its processes may have missed a window: the test then runs again, in a new
// world, and never beside another repeated test. An attempt that failed without a stall fails the test at once.
import { test as once } from "node:test";

import { stalled } from "./stalls.mjs";

const ATTEMPTS = 4;
/** A failed attempt is repeated if its stalls together took at least this many milliseconds. */
const STALLS = 100;

/**
 * @param {string} name
 * @param {(context: import("node:test").TestContext) => Promise<void>} body creates everything that it uses
 */
export function test(name, body) {
  return once(name, async (context) => {
    const attempt = async () => {
      const before = stalled();
      try {
        await body(context);
      } catch (error) {
        const stalls = stalled() - before;
        if (stalls < STALLS) throw error;
        return { error, stalls };
      }
    };
    let missed = await attempt();
    for (let again = 1; missed; again++) {
      const { error, stalls } = missed;
      if (again === ATTEMPTS) throw error;
      const [what] = `${error.message}`.split("\n");
      context.diagnostic(`attempt ${again} stalled for ${Math.round(stalls)} ms and runs again: ${what}`);
      missed = await alone(attempt);
    }
  });
}

let last = Promise.resolve();
/** Runs `what` after all earlier calls of `alone` have ended. */
function alone(what) {
  const next = last.then(what);
  last = next.catch(() => {});
  return next;
}
