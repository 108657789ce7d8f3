/** The lock on a folder: one process at a time, as two would write the same store. */
import { mkdirSync, readFileSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { UsageError } from "./errors.ts";
import { unwritable, writing } from "./options.ts";

interface Holder {
  readonly pid: number;
  /** When the process began, as Linux tells it: another one may have its number since, after a restart or in a new
   * container. */
  readonly began?: string;
  /** Where its number means something: the boot and the process namespace, so one container and no other. */
  readonly realm?: string;
  readonly workerd?: number;
  readonly workerdBegan?: string;
  readonly url?: string;
}

/** A folder that this process holds. */
export interface Hold {
  /** Adds details for other processes. */
  tell(more: Pick<Holder, "workerd" | "url">): void;
  release(): void;
}

/** @throws UsageError if a live process holds the folder, or the folder cannot be written */
export async function hold(dir: string): Promise<Hold> {
  const file = join(dir, "serving.json");
  let mine: Holder = { pid: process.pid, ...given("began", beginning(process.pid)), ...given("realm", realm()) };
  writing(dir, () => mkdirSync(dir, { recursive: true }));
  for (let attempt = 1; ; attempt++) {
    try {
      writeFileSync(file, JSON.stringify(mine), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt === 3) throw unwritable(dir, error);
      const other = read(file);
      const alive = other === undefined ? undefined : await holding(file, other);
      if (alive !== undefined) {
        const where = other?.url === undefined ? "" : ` at ${other.url}`;
        throw new UsageError(`${alive} serves ${dir} already${where}: end it, or choose another folder with --dir`);
      }
      writing(dir, () => rmSync(file, { force: true }));
    }
  }
  const beat = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(file, now, now);
    } catch {
      // The folder or the disk is gone; the server itself reports that.
    }
  }, BEAT).unref();
  return {
    tell(more) {
      const began = more.workerd === undefined ? undefined : beginning(more.workerd);
      mine = { ...mine, ...more, ...given("workerdBegan", began) };
      writing(dir, () => writeFileSync(file, JSON.stringify(mine)));
    },
    release() {
      clearInterval(beat);
      try {
        rmSync(file, { force: true });
      } catch {
        // The folder takes no writes any more. What is left blocks no start: its process is gone.
      }
    },
  };
}

/** A holder touches its file so often, in milliseconds; one that has not in so long is none. */
const BEAT = 1_000;
const SILENCE = 6_000;
/** How long a workerd may take to end after its holder was killed. */
const ORPHAN = 2_000;

/** The holder of a folder, in words; `undefined` if nobody holds it. */
async function holding(file: string, holder: Holder): Promise<string | undefined> {
  if (holder.realm === realm()) {
    // A killed one takes its workerd along.
    for (let waited = 0; isOrphan(holder) && waited < ORPHAN; waited += 25) await pause(25);
    const pid = living(holder);
    return pid === undefined ? undefined : `process ${pid}`;
  }
  // Of another container or machine no process can be seen, but that it touches the file.
  const before = touched(file);
  for (let waited = 0; waited < SILENCE; waited += BEAT / 2) {
    await pause(BEAT / 2);
    if (touched(file) !== before) return "another container or machine";
  }
  return undefined;
}

function touched(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

function realm(): string | undefined {
  try {
    return `${boot()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return undefined;
  }
}

function boot(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function read(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/** The holder's process, if it still runs. */
function living(holder: Holder): number | undefined {
  return isServing(holder) ? holder.pid : orphan(holder);
}

function isServing({ pid, began }: Holder): boolean {
  // Where its file outlived it, this process may have its number now.
  return pid !== process.pid && isAlive(pid, began);
}

function isOrphan(holder: Holder): boolean {
  return !isServing(holder) && orphan(holder) !== undefined;
}

function orphan({ workerd, workerdBegan }: Holder): number | undefined {
  return workerd !== undefined && isAlive(workerd, workerdBegan) ? workerd : undefined;
}

function isAlive(pid: number, began: string | undefined): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  // One that has ended keeps its number until its parent asks for it, which the first process of a container may never do.
  if (statOf(pid)?.[0] === "Z") return false;
  const now = beginning(pid);
  return began === undefined || now === undefined || now === began;
}

/** The boot and the tick in which a process began; `undefined` if no file has it. */
function beginning(pid: number): string | undefined {
  const tick = statOf(pid)?.[19];
  try {
    return tick === undefined ? undefined : `${boot()} ${tick}`;
  } catch {
    return undefined;
  }
}

/** What Linux tells of a process, from its state on: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function statOf(pid: number): readonly string[] | undefined {
  try {
    // The name, in brackets, may have spaces.
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return undefined;
  }
}

function given<K extends string>(name: K, value: string | undefined): { [P in K]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [P in K]?: string };
}
