// Measures how one Durable Object scales, through the real Worker: 100, 1,000 and 10,000 prompts of 20 versions each.
// Reads and writes go one after the other; reads carry `Cuecard-Via`, so that no copy answers them.
//
//   node tests/bench/store.mjs [prompts…] [--json]
//
// The native store fills the object's database, in the file in which workerd keeps it. A store that exists in
// target/scale/object-<prompts> is used again.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { says } from "../api/client.mjs";
import { Pool } from "../edge/pool.mjs";
import { makeKey, start } from "../workerd.mjs";

const VERSIONS = 20;
const READS = 2_000;
const WRITES = 300;
const PAGES = 100;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});
const sizes = positionals.length > 0 ? positionals.map(Number) : [100, 1_000, 10_000];
const root = fileURLToPath(new URL("../..", import.meta.url));

const rows = [];
for (const prompts of sizes) {
  const row = await measure(prompts);
  rows.push(row);
  if (!values.json) print(row, rows.length === 1);
}
if (values.json) console.log(JSON.stringify(rows));

async function measure(prompts) {
  const { dir, key } = await filled(prompts);
  const worker = await start({ dir, key, vars: { WRITES_PER_MINUTE: "0" } });
  const pool = new Pool(worker.port, 1);
  try {
    const call = caller(pool, key);
    const slug = () => encodeURIComponent(slugOf(below(prompts)));
    const resolve = (query) => call("GET", `/v1/prompts/${slug()}?${query}`);
    const idle = await times(READS / 4, () => call("GET", "/healthz"));
    await times(READS / 4, () => resolve("tag=production"));
    const tag = await times(READS, () => resolve("tag=production"));
    const version = await times(READS / 4, () => resolve(`version=${1 + below(VERSIONS)}`));
    const mark = Date.now();
    const commit = await times(WRITES, (n) =>
      call("POST", `/v1/prompts/${slug()}/versions`, says(`${mark} ${n}: {{ customer }} writes`)),
    );
    const move = await times(WRITES, () =>
      call("PUT", `/v1/prompts/${slug()}/tags/production`, { version: 1 + below(VERSIONS) }),
    );
    const long = "/v1/prompts/long%2Fpast/versions";
    return {
      prompts,
      versions: prompts * VERSIONS,
      megabytes: Math.round(statSync(database(dir)).size / 1e6),
      noStore: at(idle, 50),
      resolve: [at(tag, 50), at(tag, 99)],
      version: [at(version, 50), at(version, 99)],
      commits: perSecond(commit),
      moves: perSecond(move),
      list: await pages(call, "/v1/prompts?limit=50&"),
      tagged: await pages(call, "/v1/prompts?tag=production&limit=50&"),
      history: await pages(call, `${long}?limit=50&`),
    };
  } finally {
    pool.close();
    await worker.stop();
  }
}

/** Returns a folder with a store of `prompts` prompts, and the store's key. */
async function filled(prompts) {
  const dir = join(root, "target/scale", `object-${prompts}`);
  // The key is written last, so its file marks a complete store.
  const keyFile = join(dir, "key");
  if (existsSync(keyFile)) return { dir, key: readFileSync(keyFile, "utf8") };
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const key = makeKey();
  // The object creates its tables.
  const worker = await start({ dir, key, vars: { WRITES_PER_MINUTE: "0" } });
  const pool = new Pool(worker.port, 1);
  await caller(pool, key)("GET", "/v1/keys/self");
  pool.close();
  await worker.stop();
  const fill = [
    "run",
    "--quiet",
    "--release",
    "--package",
    "cuecard-store",
    "--example",
    "scale",
    "fill",
    database(dir),
    key,
    String(prompts),
  ];
  execFileSync("cargo", fill, { cwd: root, stdio: "inherit" });
  writeFileSync(keyFile, key);
  return { dir, key };
}

/** The database file of the only object in a folder. */
function database(dir) {
  const files = readdirSync(dir, { recursive: true }).filter(
    (file) => file.endsWith(".sqlite") && !file.includes("metadata"),
  );
  if (files.length !== 1) throw new Error(`${dir} has ${files.length} databases`);
  return join(dir, files[0]);
}

function caller(pool, key) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", "cuecard-via": "bench" };
  return async (method, path, body) => {
    const answer = await pool.request(method, path, headers, body && JSON.stringify(body));
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return answer;
  };
}

/** Median milliseconds of the first page, and of the last one. */
async function pages(call, path) {
  let last = "";
  for (;;) {
    const { nextCursor } = JSON.parse((await call("GET", path + last)).body);
    if (!nextCursor) break;
    last = `cursor=${encodeURIComponent(nextCursor)}`;
  }
  return [
    at(await times(PAGES, () => call("GET", path)), 50),
    at(await times(PAGES, () => call("GET", path + last)), 50),
  ];
}

/** The slug of a prompt, as the native store names it. */
function slugOf(number) {
  return `team-${String(number % 20).padStart(2, "0")}/prompt-${String(number).padStart(5, "0")}`;
}

function below(n) {
  return Math.floor(Math.random() * n);
}

/** Milliseconds of each call, sorted. */
async function times(calls, call) {
  const all = [];
  for (let n = 0; n < calls; n++) {
    const began = performance.now();
    await call(n);
    all.push(performance.now() - began);
  }
  return all.sort((a, b) => a - b);
}

function at(times, percentile) {
  return times[Math.min(times.length - 1, Math.floor((times.length * percentile) / 100))];
}

function perSecond(times) {
  return (times.length / times.reduce((sum, time) => sum + time, 0)) * 1_000;
}

function print(row, first) {
  const two = ([a, b]) => `${a.toFixed(2)} / ${b.toFixed(2)}`;
  const columns = {
    prompts: row.prompts,
    versions: row.versions,
    "file MB": row.megabytes,
    "no store p50 ms": row.noStore.toFixed(2),
    "resolve tag p50/p99": two(row.resolve),
    "resolve version p50/p99": two(row.version),
    "commits/s": row.commits.toFixed(0),
    "tag moves/s": row.moves.toFixed(0),
    "list first/last ms": two(row.list),
    "by tag first/last": two(row.tagged),
    "history first/last": two(row.history),
  };
  const line = (texts) => texts.map((text, n) => String(text).padStart(Object.keys(columns)[n].length)).join("  ");
  if (first) console.log(line(Object.keys(columns)));
  console.log(line(Object.values(columns)));
}
