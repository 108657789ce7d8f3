/** Who serves a folder: one process at a time, as two would write the same store. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Refusal } from "./options.ts";

interface Holder {
  readonly pid: number;
  readonly workerd?: number;
  readonly url?: string;
}

/** A folder that this process serves. */
export interface Hold {
  /** Adds what others are told. */
  tell(more: Omit<Holder, "pid">): void;
  release(): void;
}

/** @throws Refusal where a process that lives holds the folder */
export function hold(dir: string): Hold {
  const file = join(dir, "serving.json");
  let mine: Holder = { pid: process.pid };
  for (let attempt = 1; ; attempt++) {
    try {
      writeFileSync(file, JSON.stringify(mine), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt === 3) throw error;
      const other = read(file);
      const alive = [other?.pid, other?.workerd].find((pid) => pid !== undefined && isAlive(pid));
      if (alive !== undefined) {
        const where = other?.url === undefined ? "" : ` at ${other.url}`;
        throw new Refusal(
          `process ${alive} serves ${dir} already${where}: end it, or choose another folder with --dir`,
        );
      }
      rmSync(file, { force: true });
    }
  }
  return {
    tell(more) {
      mine = { ...mine, ...more };
      writeFileSync(file, JSON.stringify(mine));
    },
    release: () => rmSync(file, { force: true }),
  };
}

function read(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
