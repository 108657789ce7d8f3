/** A whole Cuecard on one machine: the folder, its key, the Worker, and the first prompts of a new store. */
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { UsageError } from "./errors.ts";
import { hold } from "./hold.ts";
import { generateKey, isKey } from "./key.ts";
import { MARK, StoreMark } from "./mark.ts";
import { portIsFree, type ServeOptions, writing } from "./options.ts";
import { ExecutionFiles } from "./recorded.ts";
import { type Running, run } from "./running.ts";
import email from "./seeds/sales-email.json";
import bot from "./seeds/support-bot.json";
import summary from "./seeds/ticket-summary.json";
import { type ProgramCall, prepare } from "./workerd.ts";

/** A running Cuecard. */
export interface Served {
  readonly url: string;
  /** The admin key of the store; `undefined` with an origin. */
  readonly key: string | undefined;
  readonly running: Running;
  stop(): Promise<void>;
}

/** @throws UsageError for mistakes of the caller */
export async function serve(options: ServeOptions, log?: (text: string) => void): Promise<Served> {
  const { dir, host, port, origin } = options;
  const held = await hold(dir);
  try {
    const socket = inheritedSocket();
    if (socket === undefined) await portIsFree(options);
    const key = origin === undefined ? writing(dir, () => bootstrapKey(dir)) : undefined;
    const command = writing(dir, () =>
      prepare({
        dir,
        host,
        port,
        vars: { ...options.vars, ...(origin !== undefined && { ORIGIN: origin }) },
        ...(key !== undefined && { secrets: { BOOTSTRAP_KEY: key } }),
      }),
    );
    if (key !== undefined) storeIsThere(dir);
    const early = new EarlyLog(log);
    const executions = new ExecutionFiles(dir);
    for (const line of executions.check()) early.take(`${line}\n`);
    const running = await start({ ...command, socket }, dir, held, early.take);
    const name = ["0.0.0.0", "::", "localhost"].includes(host) ? "localhost" : host.includes(":") ? `[${host}]` : host;
    const url = `http://${name}:${running.port}`;
    held.tell({ workerd: running.pid, url });
    const mark = key === undefined ? undefined : new StoreMark(dir, url, key);
    const stop = async () => {
      await mark?.end();
      await running.end();
      executions.end();
      held.release();
    };
    try {
      if (key !== undefined) await storeIsWell(url, key, dir, running);
      await mark?.begin();
      if (key !== undefined && options.samples) await fill(url, key, dir);
    } catch (error) {
      if (!(error instanceof UsageError)) early.pass();
      await stop();
      throw error;
    }
    executions.begin();
    early.pass();
    return { url, key, running, stop };
  } catch (error) {
    held.release();
    throw error;
  }
}

/**
 * The descriptor of the socket that systemd listens on for this process, if it does (`sd_listen_fds`). Connections wait
 * in it while the process is started again.
 */
function inheritedSocket(): number | undefined {
  const { LISTEN_FDS, LISTEN_PID } = process.env;
  return LISTEN_FDS === "1" && LISTEN_PID === String(process.pid) ? 3 : undefined;
}

/** Makes a new admin key for a store that is not served, and revokes the current one. If it is cut off, both are good.
 *
 * @throws UsageError
 */
export async function rotate(dir: string): Promise<string> {
  const file = keyFile(dir);
  if (!existsSync(file)) throw new UsageError(`${file} is missing: there is no store in ${dir}`);
  const held = await hold(dir);
  try {
    const old = bootstrapKey(dir);
    const [, organization = "", id = ""] = old.split("_");
    const key = generateKey(organization);
    const command = writing(dir, () => prepare({ dir, host: "127.0.0.1", port: 0, secrets: { BOOTSTRAP_KEY: key } }));
    storeIsThere(dir);
    const executions = new ExecutionFiles(dir);
    executions.check();
    const running = await start(command, dir, held);
    try {
      const url = `http://127.0.0.1:${running.port}`;
      await storeIsWell(url, key, dir, running);
      const mark = new StoreMark(dir, url, key);
      await mark.begin();
      writing(dir, () => writeFileSync(`${file}.next`, key, { mode: 0o600 }));
      writing(dir, () => renameSync(`${file}.next`, file));
      await send("DELETE", `${url}/v1/keys/${id}`, key, undefined);
      await mark.end();
      return key;
    } finally {
      await running.kill();
      executions.end();
    }
  } finally {
    held.release();
  }
}

/** workerd's output while it starts: kept, as one line of ours may replace it. */
class EarlyLog {
  #kept: string[] | undefined = [];
  readonly #log: ((text: string) => void) | undefined;

  constructor(log: ((text: string) => void) | undefined) {
    this.#log = log;
  }

  readonly take = (text: string): void => {
    if (this.#kept) this.#kept.push(text);
    else this.#log?.(text);
  };

  /** Passes on the kept output, and later output at once. */
  pass(): void {
    for (const text of this.#kept ?? []) this.#log?.(text);
    this.#kept = undefined;
  }
}

/** Starts workerd on a folder that is held.
 *
 * @throws UsageError where a file of the store is damaged
 */
async function start(
  command: ProgramCall,
  dir: string,
  held: Awaited<ReturnType<typeof hold>>,
  log?: (text: string) => void,
): Promise<Running> {
  try {
    return await run(command, log, (workerd) => held.tell({ workerd }));
  } catch (error) {
    const reason = sqliteReason((error as Error).message);
    throw reason === undefined ? error : unreadable(dir, reason);
  }
}

function unreadable(dir: string, reason: string): UsageError {
  return new UsageError(`the store in ${dir} cannot be read: a file of it is damaged, or the disk is full (${reason})`);
}

/** SQLite's message in workerd's output. */
function sqliteReason(printed: string): string | undefined {
  return /SQLite failed; [^\n=]*= ([^\n;]*SQLITE_\w+)/.exec(printed)?.[1];
}

function keyFile(dir: string): string {
  return join(dir, "key");
}

/** The admin key of this folder's store, made on the first start. */
function bootstrapKey(dir: string): string {
  const file = keyFile(dir);
  if (existsSync(file)) {
    const kept = readFileSync(file, "utf8").trim();
    // A new key would be of another organisation with a store of its own, and the prompts would seem lost.
    if (!isKey(kept))
      throw new UsageError(
        `${file} holds no key: put the one back that was there, from a backup; nothing else is lost`,
      );
    return kept;
  }
  if (existsSync(join(dir, "store", "Organization")))
    throw new UsageError(
      `${file} is missing, and there is a store: put the key back from a backup; nothing else is lost`,
    );
  const key = generateKey();
  writeFileSync(file, key, { mode: 0o600 });
  return key;
}

/** In place of a store whose file is lost, workerd would begin an empty one.
 *
 * @throws UsageError
 */
function storeIsThere(dir: string): void {
  if (!existsSync(join(dir, MARK))) return;
  const objects = join(dir, "store", "Organization");
  const names = existsSync(objects) ? readdirSync(objects) : [];
  const written = names.filter((name) => statSync(join(objects, name)).size > 0);
  if (written.some((name) => /^[0-9a-f]{64}\.sqlite(?:-wal)?$/.test(name))) return;
  throw new UsageError(
    `the store's file in ${objects} is missing or empty: put it back from a backup; to begin an empty store remove ${join(dir, MARK)}`,
  );
}

/** A store that cannot be read is reported at once, rather than to each reader.
 *
 * @throws UsageError
 */
async function storeIsWell(url: string, key: string, dir: string, running: Running): Promise<void> {
  const { status } = await fetch(`${url}/v1/keys/self`, { headers: { authorization: `Bearer ${key}` } });
  if (status < 500) return;
  // What it printed may come after its answer.
  for (let waited = 0; waited < LAST_WORDS && whatIsWrong(running.logs()) === undefined; waited += 25) await pause(25);
  throw unreadable(dir, whatIsWrong(running.logs()) ?? `status ${status}`);
}

const LAST_WORDS = 500;

/** The damaged file and SQLite's message in workerd's output. */
function whatIsWrong(printed: string): string | undefined {
  const file = /^(store\/\S+) is damaged/m.exec(printed)?.[1];
  const reason = sqliteReason(printed);
  if (file === undefined) return reason;
  return reason === undefined ? `${file} is damaged` : `${file}: ${reason}`;
}

/** Puts a few prompts into a new store, once. */
async function fill(url: string, key: string, dir: string): Promise<void> {
  const done = join(dir, "seeded");
  if (existsSync(done)) return;
  for (const { slug, description, versions } of [email, summary, bot]) {
    const prompt = `${url}/v1/prompts/${slug}`;
    for (const version of versions) await send("POST", `${prompt}/versions`, key, version);
    await send("PATCH", prompt, key, { description });
  }
  writeFileSync(done, "");
}

async function send(method: string, url: string, key: string, body: unknown): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const answer = await response.text();
  if (!response.ok) throw new Error(`the Worker refused ${url} (${response.status}): ${answer}`);
}
