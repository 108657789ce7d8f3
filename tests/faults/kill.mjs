// Kills workerd at random moments under 8 concurrent writers, restarts it and retries with the same idempotency keys.
// Then compares the acknowledged commits with the stored versions.
//
//   node tests/faults/kill.mjs --help
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { all, client, says } from "../api/client.mjs";
import { start } from "../workerd.mjs";

const WRITERS = 8;
const PROMPTS = 4;
/** Milliseconds after which an unacknowledged commit counts as a bug. */
const PATIENCE_MS = 30_000;

/**
 * @param {object} options
 * @param {number} options.kills how often the process is killed
 * @param {number} [options.port] the Worker's port; a free one by default
 */
export async function kill({ kills, port }) {
  const dir = mkdtempSync(join(tmpdir(), "cuecard-kill-"));
  const worker = await start({ dir, port });
  const call = client(worker);
  const acknowledged = [];
  const unexpected = [];
  let retries = 0;
  let running = true;

  /** Commits again and again, and retries each commit until it is acknowledged. */
  async function write(writer) {
    for (let n = 0; running; n++) {
      const name = `${writer}-${n}`;
      const slug = `killed/${n % PROMPTS}`;
      const body = says(`text ${name}`, { commitMessage: name, tags: ["newest"] });
      const since = performance.now();
      for (;;) {
        const path = `/v1/prompts/${encodeURIComponent(slug)}/versions`;
        const answer = await call("POST", path, body, { "idempotency-key": name }).catch(() => undefined);
        if (answer?.status === 201) {
          acknowledged.push({ name, slug, version: answer.json.version });
          break;
        }
        if (answer) unexpected.push(`${answer.status} ${answer.text}`);
        if (performance.now() - since > PATIENCE_MS)
          throw new Error(`${name} is never acknowledged: ${unexpected.at(-1)}`);
        retries += 1;
        await sleep(25);
      }
    }
  }

  const began = performance.now();
  const writers = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  for (let n = 0; n < kills; n++) {
    // Waits for a commit since the last kill: on a slow machine, every kill would otherwise hit a process that starts.
    for (const before = acknowledged.length; acknowledged.length === before; ) await Promise.race([sleep(5), writers]);
    await Promise.race([sleep(Math.random() * 500), writers]);
    await worker.kill9();
    await worker.restart();
  }
  running = false;
  await writers;
  const seconds = (performance.now() - began) / 1000;

  const found = await compare(call, acknowledged);
  await worker.stop();
  rmSync(dir, { recursive: true, force: true });
  return { kills, acknowledged: acknowledged.length, retries, unexpected, seconds, ...found };
}

/** The commits that are lost, stored twice or stored in part. */
async function compare(call, acknowledged) {
  const stored = new Map();
  const twice = [];
  const half = [];
  for (let prompt = 0; prompt < PROMPTS; prompt++) {
    const slug = `killed/${prompt}`;
    const path = `/v1/prompts/${encodeURIComponent(slug)}`;
    const versions = (await all(call, `${path}/versions`, "versions")).reverse();
    const moves = await all(call, `${path}/tags/newest/history`, "moves");
    const moved = new Set(moves.map((move) => move.to));
    versions.forEach((version, index) => {
      const { commitMessage: name } = version;
      if (stored.has(name)) twice.push(name);
      stored.set(name, { slug, version: version.version });
      // A whole commit has a version, the tag that it moved, and the next number.
      if (version.version !== index + 1 || !moved.has(version.version)) half.push(name);
    });
    if (moves.length !== versions.length) half.push(`${slug}: ${moves.length} moves, ${versions.length} versions`);
    const newest = await call("GET", `${path}?tag=newest`);
    if (newest.json.version !== versions.length) half.push(`${slug}: newest is ${newest.json.version}`);
  }
  const events = await log(call);
  if (events !== stored.size) half.push(`${events} events, ${stored.size} versions`);
  const lost = acknowledged.filter(({ name, slug, version }) => {
    const there = stored.get(name);
    return there?.slug !== slug || there.version !== version;
  });
  return { stored: stored.size, lost, twice, half };
}

async function log(call) {
  let count = 0;
  for (let after = 0; ; ) {
    const { json } = await call("GET", `/v1/events?limit=100&after=${after}`);
    count += json.events.filter((event) => event.action === "prompt.commit").length;
    if (!json.nextCursor) return count;
    after = json.nextCursor;
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Formats the result as one line. */
export function line({ kills, acknowledged, retries, lost, twice, half, unexpected, seconds }) {
  return (
    `${kills} kills in ${seconds.toFixed(1)} s: ${acknowledged} commits acknowledged, ${retries} retries, ` +
    `${lost.length} lost, ${twice.length} duplicated, ${half.length} half, ${unexpected.length} unexpected answers`
  );
}

const USAGE = `usage: node tests/faults/kill.mjs [kills]

Kills the built Worker so many times (20) under 8 concurrent writers, and compares what was acknowledged with what is
stored. Exit 0: nothing is lost, twice or half there. Build the Worker first: cargo xtask build worker --quick`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kills = asked();
  const result = await kill({ kills });
  console.log(line(result));
  const { lost, twice, half, unexpected } = result;
  const wrong = [lost, twice, half, unexpected].some((list) => list.length > 0);
  if (wrong) console.log(JSON.stringify({ lost, twice, half, unexpected }));
  process.exit(wrong ? 1 : 0);
}

/** The number of kills in the arguments; ends the process where they ask for help or for nothing sensible. */
function asked() {
  try {
    const { values, positionals } = parseArgs({
      options: { help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
    const [kills = "20", ...more] = positionals;
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    if (/^[1-9][0-9]{0,5}$/.test(kills) && more.length === 0) return Number(kills);
  } catch {
    // An unknown option.
  }
  console.error(USAGE);
  process.exit(2);
}
