// How long the machine kept a test's processes from running: on the run queue, by its hypervisor, by its disk, or in a
// way that none of these tell, which a timer sees.
import { readFileSync, readdirSync } from "node:fs";

/** Milliseconds between two looks. A process that ends takes along what it waited since the last one. */
const EVERY = 200;
/** Milliseconds of one tick of /proc/stat. */
const TICK = 10;

/** Milliseconds on a run queue, by process: this one and its descendants, of which some have ended. */
const queued = new Map();
let late = 0;
let looked = performance.now();
let worked = process.cpuUsage();

look();
setInterval(look, EVERY).unref();

/** Milliseconds of all kinds since this process began; `Infinity` where Linux does not report them. */
export function stalled() {
  try {
    look();
    const queues = [...queued.values()].reduce((sum, wait) => sum + wait, 0);
    return queues + stolen() + disk() + late;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Looks while a process is there. A look that is late is a stall, but for what this process did or was queued for. */
function look() {
  const waited = queued.get("self") ?? 0;
  for (const pid of family("self")) {
    const wait = onQueue(pid);
    if (wait !== undefined) queued.set(pid, wait);
  }
  const [now, { user, system }] = [performance.now(), process.cpuUsage(worked)];
  const own = (user + system) / 1_000 + (queued.get("self") ?? 0) - waited;
  late += Math.max(0, now - looked - EVERY - own);
  [looked, worked] = [now, process.cpuUsage()];
}

/** A process with its descendants. */
function family(pid) {
  const of = (task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean);
  try {
    return [pid, ...readdirSync(`/proc/${pid}/task`).flatMap(of).flatMap(family)];
  } catch {
    return [pid]; // A thread has ended, or the process.
  }
}

/** What a process has waited on a run queue, which is the second figure of `schedstat`, in nanoseconds. */
function onQueue(pid) {
  const of = (task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[1]) / 1e6;
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + of(task), 0);
  } catch {
    return undefined; // The process has ended.
  }
}

/** What the hypervisor has given to other machines, over all processors. */
function stolen() {
  const [, , , , , , , , steal] = readFileSync("/proc/stat", "utf8").split(/\s+/);
  return Number(steal) * TICK;
}

/** How long some process of this machine has waited for its disk; 0 of a kernel that does not tell. */
function disk() {
  try {
    return Number(/^some .* total=(\d+)/.exec(readFileSync("/proc/pressure/io", "utf8"))[1]) / 1_000;
  } catch {
    return 0;
  }
}
