/** A whole Cuecard on one machine: the folder, its key, the Worker, and what a new store starts with. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { hold } from "./hold.ts";
import { generateKey } from "./key.ts";
import { portIsFree, type ServeOptions } from "./options.ts";
import { type Running, run } from "./running.ts";
import email from "./seeds/sales-email.json";
import bot from "./seeds/support-bot.json";
import summary from "./seeds/ticket-summary.json";
import { prepare } from "./workerd.ts";

/** A Cuecard that answers. */
export interface Served {
  readonly url: string;
  /** The admin key of the store; with an origin there is none. */
  readonly key: string | undefined;
  readonly running: Running;
  stop(): Promise<void>;
}

/** @throws Refusal what the caller can change */
export async function serve(options: ServeOptions, log?: (text: string) => void): Promise<Served> {
  const { dir, host, port, origin } = options;
  mkdirSync(dir, { recursive: true });
  const held = hold(dir);
  try {
    await portIsFree(options);
    const key = origin === undefined ? bootstrapKey(dir) : undefined;
    const command = prepare({
      dir,
      host,
      port,
      ...(origin !== undefined && { vars: { ORIGIN: origin } }),
      ...(key !== undefined && { secrets: { BOOTSTRAP_KEY: key } }),
    });
    const running = await run(command, log, (workerd) => held.tell({ workerd }));
    const url = `http://${["0.0.0.0", "::", "localhost"].includes(host) ? "localhost" : host}:${running.port}`;
    held.tell({ workerd: running.pid, url });
    const stop = async () => {
      await running.kill();
      held.release();
    };
    try {
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

/** The admin key of this folder's store, made on the first start. */
function bootstrapKey(dir: string): string {
  const file = join(dir, "key");
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const key = generateKey();
  writeFileSync(file, key, { mode: 0o600 });
  return key;
}

/** Fills a new store with a few prompts, once. */
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
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  const answer = await response.text();
  if (!response.ok) throw new Error(`the Worker refused ${url} (${response.status}): ${answer}`);
}
