/** How far a folder's store has come. SQLite takes a store whose last pages are lost for an older one, and a lost file for
 * an empty store; what is behind the mark in the folder has lost what was written since. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { UsageError } from "./errors.ts";
import { NoteFile } from "./note.ts";

/** The folder has a file of this name once its store has answered. Earlier releases left it empty. */
export const MARK = "stored";

/** How often the mark follows a store that is written, in milliseconds. */
const FOLLOWS = 5_000;
/** The longest that it waits for the store. */
const PATIENCE = 2_000;

/** A revision as the store writes it: `12`, or with an epoch `1.12`. */
type StoreRevision = readonly [epoch: number, number: number];

/** Follows a store until it is told to stop. */
export class StoreMark {
  readonly #dir: string;
  readonly #url: string;
  readonly #key: string;
  /** A mark that lags behind refuses nothing. */
  readonly #file: NoteFile;
  /** When the store was last written, as of the last answer. */
  #written = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(dir: string, url: string, key: string) {
    this.#dir = dir;
    this.#url = url;
    this.#key = key;
    this.#file = new NoteFile(join(dir, MARK));
  }

  /** @throws UsageError where the store is behind its mark */
  async begin(): Promise<void> {
    const [kept, now] = [read(this.#dir), await this.#ask()];
    if (kept !== undefined && now !== undefined && isBehind(now, kept))
      throw new UsageError(
        `the store in ${this.#dir} has lost what was written to it (it is at revision ${now[1]}, and was at ${kept[1]}): a file of it is missing, damaged or older. Put the whole folder back from a backup, or go on with what is there by --var EPOCH=${kept[0] + 1}`,
      );
    this.#keep(now);
    this.#timer = setInterval(() => void this.#follow(), FOLLOWS).unref();
  }

  async #follow(): Promise<void> {
    const written = lastWrite(join(this.#dir, "store", "Organization"));
    if (written === 0 || written === this.#written) return;
    const revision = await this.#ask();
    if (revision !== undefined) this.#written = written;
    this.#keep(revision);
  }

  async end(): Promise<void> {
    // A store that is behind its mark moves it nowhere.
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    await this.#follow();
  }

  #keep(revision: StoreRevision | undefined): void {
    if (revision !== undefined) this.#file.write(revision.join("."));
  }

  async #ask(): Promise<StoreRevision | undefined> {
    try {
      const headers = { authorization: `Bearer ${this.#key}` };
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await fetch(`${this.#url}/v1/revisions`, { headers, signal });
      const { newest } = (await answer.json()) as { readonly newest?: unknown };
      return typeof newest === "string" ? parsed(newest) : undefined;
    } catch {
      return undefined;
    }
  }
}

/** When a store of the folder was last written, in milliseconds since 1970; 0 where none is in use, which has no `-wal`
 * file. To ask such a one would keep it in use. */
function lastWrite(folder: string): number {
  try {
    const logs = readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.sqlite-wal$/.test(name));
    const written = logs.map((name) => statSync(join(folder, name))).filter(({ size }) => size > 0);
    return Math.max(0, ...written.map(({ mtimeMs }) => mtimeMs));
  } catch {
    // It is gone meanwhile.
    return 0;
  }
}

function read(dir: string): StoreRevision | undefined {
  const file = join(dir, MARK);
  return existsSync(file) ? parsed(readFileSync(file, "utf8").trim()) : undefined;
}

function parsed(text: string): StoreRevision | undefined {
  const [, epoch = "0", number] = /^(?:(\d{1,15})\.)?(\d{1,15})$/.exec(text) ?? [];
  return number === undefined ? undefined : [Number(epoch), Number(number)];
}

/** A higher epoch says that the earlier state is meant. */
function isBehind([epoch, number]: StoreRevision, [keptEpoch, kept]: StoreRevision): boolean {
  return epoch <= keptEpoch && number < kept;
}
