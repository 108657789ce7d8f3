/** The files of executions, one for each project. SQLite begins an empty one in place of one that is lost, and takes one
 * without its `-wal` file for an older one; so they are noted while they are served and at the stop, and the next start
 * tells what is no longer there. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { NoteFile } from "./note.ts";
import { bytesAt, isLost, type Unmerged, unmerged } from "./write-ahead.ts";

/** What a folder's file of this name has. */
interface RecordedFiles {
  /** Whether nothing has served the folder since it was written. */
  readonly stopped: boolean;
  /** Each file's state by its name. */
  readonly files: Readonly<Record<string, FileState>>;
}

/** Of a file that is not served, a digest that each write changes; of a served one, what is not in the database itself. Empty
 * where neither is known. */
type FileState = string | Unmerged;

const NOTE = "recorded";
/** How often the note follows a served folder, in milliseconds. */
const FOLLOWS = 5_000;

/** The files of one folder, from before its start until after its stop. */
export class ExecutionFiles {
  readonly #dir: string;
  readonly #folder: string;
  readonly #file: NoteFile;
  /** What the note says of files that are not as it says, until somebody was told. */
  #lost: Readonly<Record<string, FileState>> = {};
  /** The served files as they were last read, by the time and size of their `-wal` files. */
  readonly #read = new Map<string, { readonly written: string; readonly state: FileState }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(dir: string) {
    this.#dir = dir;
    this.#folder = join(dir, "store", "Executions");
    this.#file = new NoteFile(join(dir, NOTE));
  }

  /** A line for each file that is lost or was changed, while nothing serves the folder. */
  check(): readonly string[] {
    const { stopped, files } = this.#noted();
    const faults = Object.entries(files).map(([name, state]) => {
      return [name, this.#fault(name, stopped || typeof state === "object" ? state : "")] as const;
    });
    const lost = faults.filter(([, fault]) => fault !== undefined);
    this.#lost = Object.fromEntries(lost.map(([name]) => [name, files[name] ?? ""]));
    return lost.map(
      ([name, fault]) =>
        `${join("store", "Executions", name)} ${fault}. Put the folder back from a backup, or go on: prompts are not in it`,
    );
  }

  /** The operator was told, and the folder is served from now on. */
  begin(): void {
    this.#lost = {};
    const follow = () => this.#note(false, (name) => this.#served(name));
    follow();
    this.#timer = setInterval(follow, FOLLOWS).unref();
  }

  /** Nothing serves the folder any more. */
  end(): void {
    clearInterval(this.#timer);
    this.#note(true, (name) => this.#state(name));
  }

  /** What is wrong with a file, in words. */
  #fault(name: string, state: FileState): string | undefined {
    if (size(join(this.#folder, name)) + size(this.#log(name)) === 0)
      return "is missing or empty: the executions in it are lost";
    if (typeof state === "object")
      return isLost(join(this.#folder, name), state)
        ? "has lost its -wal file or a part of it: the last executions are lost"
        : undefined;
    if (state === "" || this.#state(name) === state) return undefined;
    return "or its -wal file is not as the last stop left it: executions may be lost";
  }

  #names(): readonly string[] {
    if (!existsSync(this.#folder)) return [];
    const written = readdirSync(this.#folder).filter((name) => size(join(this.#folder, name)) > 0);
    const names = written.map((name) => name.replace(/-wal$/, ""));
    return [...new Set(names)].filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name)).sort();
  }

  #noted(): RecordedFiles {
    try {
      return JSON.parse(readFileSync(join(this.#dir, NOTE), "utf8")) as RecordedFiles;
    } catch {
      // Earlier releases made none.
      return { stopped: false, files: {} };
    }
  }

  #note(stopped: boolean, state: (name: string) => FileState): void {
    try {
      const files = Object.fromEntries(this.#names().map((name) => [name, state(name)]));
      this.#file.write(JSON.stringify({ stopped, files: { ...files, ...this.#lost } }));
    } catch {
      // A note that lags behind tells less.
    }
  }

  #served(name: string): FileState {
    const log = statSync(this.#log(name), { throwIfNoEntry: false });
    const written = log === undefined ? "" : `${log.mtimeMs} ${log.size}`;
    const known = this.#read.get(name);
    if (known?.written === written) return known.state;
    const state = unmerged(join(this.#folder, name)) ?? "";
    this.#read.set(name, { written, state });
    return state;
  }

  /** A digest that each write changes: it goes into the `-wal` file, or from there into the file. */
  #state(name: string): string {
    const file = join(this.#folder, name);
    const digest = createHash("sha256")
      .update(`${size(file)} `)
      .update(head(file));
    if (size(this.#log(name)) > 0) digest.update(readFileSync(this.#log(name)));
    return digest.digest("hex").slice(0, 32);
  }

  #log(name: string): string {
    return join(this.#folder, `${name}-wal`);
  }
}

function size(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** A database's first page, which has how large it is. */
function head(file: string): Uint8Array {
  const page = new Uint8Array(4_096);
  page.set(bytesAt(file, 0, page.length));
  return page;
}
