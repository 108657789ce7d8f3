// `test` for tests that depend on real time, such as the freshness windows of a copy. A failed attempt proves nothing
// if its processes had to wait for a processor, as they may have missed a window: the test then runs again, in a new
// world, and never beside another repeated test. An attempt that failed without such a wait fails the test at once.
import { readFileSync, readdirSync } from "node:fs";
import { test as once } from "node:test";

const ATTEMPTS = 4;
/** A failed attempt is repeated if its processes together waited at least this many milliseconds for a processor. */
const WAIT = 100;

/**
 * @param {string} name
 * @param {(context: import("node:test").TestContext) => Promise<void>} body creates everything that it uses
 */
export function test(name, body) {
  return once(name, async (context) => {
    const attempt = async () => {
      const before = waited();
      try {
        await body(context);
      } catch (error) {
        const wait = waited() - before;
        if (wait < WAIT) throw error;
        return { error, wait };
      }
    };
    let missed = await attempt();
    for (let again = 1; missed; again++) {
      const { error, wait } = missed;
      if (again === ATTEMPTS) throw error;
      const [what] = `${error.message}`.split("\n");
      context.diagnostic(`attempt ${again} waited ${Math.round(wait)} ms for a processor and runs again: ${what}`);
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

/**
 * Milliseconds that this process and its children have waited for a processor; `Infinity` where Linux does not report
 * it.
 */
function waited() {
  try {
    return ["self", ...children()].reduce((sum, pid) => sum + waitOf(pid), 0);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function children() {
  const of = (task) => readFileSync(`/proc/self/task/${task}/children`, "utf8").split(" ").filter(Boolean);
  return readdirSync("/proc/self/task").flatMap(of);
}

/** Milliseconds that a process has spent on a run queue, which is the second figure of `schedstat`, in nanoseconds. */
function waitOf(pid) {
  const of = (task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[1]) / 1e6;
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + of(task), 0);
  } catch {
    return 0; // The process has ended.
  }
}
