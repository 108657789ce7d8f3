/** A whole Cuecard on one machine: the folder, its key, the Worker, and the first prompts of a new store. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { hold } from "./hold.ts";
import { generateKey, isKey } from "./key.ts";
import { portIsFree, UsageError, type ServeOptions, writing } from "./options.ts";
import { type Running, run } from "./running.ts";
import email from "./seeds/sales-email.json";
import bot from "./seeds/support-bot.json";
import summary from "./seeds/ticket-summary.json";
import { prepare } from "./workerd.ts";

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
    await portIsFree(options);
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
    const running = await run(command, log, (workerd) => held.tell({ workerd }));
    const name = ["0.0.0.0", "::", "localhost"].includes(host) ? "localhost" : host.includes(":") ? `[${host}]` : host;
    const url = `http://${name}:${running.port}`;
    held.tell({ workerd: running.pid, url });
    const stop = async () => {
      await running.kill();
      held.release();
    };
    try {
      if (key !== undefined) await storeIsWell(url, key, dir, running);
      if (key !== undefined && options.samples) await fill(url, key, dir);
    } catch (error) {
      await stop();
      throw error;
    }
    return { url, key, running, stop };
  } catch (error) {
    held.release();
    throw error;
  }
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
    const running = await run(command, undefined, (workerd) => held.tell({ workerd }));
    try {
      const url = `http://127.0.0.1:${running.port}`;
      await storeIsWell(url, key, dir, running);
      writing(dir, () => writeFileSync(`${file}.next`, key, { mode: 0o600 }));
      writing(dir, () => renameSync(`${file}.next`, file));
      await send("DELETE", `${url}/v1/keys/${id}`, key, undefined);
      return key;
    } finally {
      await running.kill();
    }
  } finally {
    held.release();
  }
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

/** A store that cannot be read is reported at once, rather than to each reader.
 *
 * @throws UsageError
 */
async function storeIsWell(url: string, key: string, dir: string, running: Running): Promise<void> {
  const { status } = await fetch(`${url}/v1/keys/self`, { headers: { authorization: `Bearer ${key}` } });
  if (status < 500) return;
  const said = running.logs().trim();
  throw new UsageError(
    `the store in ${dir} cannot be read (status ${status}): a file of it is damaged, or the disk is full${said === "" ? "" : `\n${said}`}`,
  );
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
