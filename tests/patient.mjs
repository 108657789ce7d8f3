// `test` for what depends on real time, such as the windows of a copy's freshness. Where the machine lets the processes
// of a test wait for a processor, a window is missed and nothing is shown, so a failure of such an attempt is not
// counted: the test is made again, with a world of its own and not beside others that are made again. A failure of an
// attempt that had its processor is one at once.
import { readFileSync, readdirSync } from "node:fs";
import { test as once } from "node:test";

const ATTEMPTS = 4;
/** Milliseconds that the processes of an attempt may wait for a processor, all together, before its failure says
 * nothing. */
const WAIT = 100;

/**
 * @param {string} name
 * @param {(context: import("node:test").TestContext) => Promise<void>} body makes all that it uses itself
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
      context.diagnostic(`attempt ${again} waited ${Math.round(wait)} ms for a processor and is made again: ${what}`);
      missed = await alone(attempt);
    }
  });
}

let last = Promise.resolve();
/** Runs `what` after all that were given before it. */
function alone(what) {
  const next = last.then(what);
  last = next.catch(() => {});
  return next;
}

/** Milliseconds that this process and its children have waited for a processor; without end where Linux does not
 * tell. */
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

/** The second figure of `schedstat`: nanoseconds on a run queue. */
function waitOf(pid) {
  const of = (task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[1]) / 1e6;
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + of(task), 0);
  } catch {
    return 0; // It has ended.
  }
}
