// Files of a store that were lost or damaged while nothing served them: one line names the file, and nothing is made up.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { startUpstream } from "../run/upstream.mjs";
import { until } from "./lab.mjs";
import { app, commit, serve } from "./served.mjs";

const PROMPTS = 100;
const RUNS = 30;
/** Each is longer than a page, so that most pages hold texts. */
const long = (n) => `text ${n} `.repeat(2_000);
let made;
let upstream;
after(() => upstream?.close());

/** A folder with prompts and executions, more of both than fit into a `-wal` file before SQLite writes the file itself. */
async function make() {
  upstream = await startUpstream();
  const dir = join(app.dir, "whole");
  const server = await start(dir);
  assert.ok(server.url, server.stderr);
  const connection = { kind: "openai_chat", baseUrl: upstream.url, secret: "UPSTREAM_TEST", default: true };
  assert.equal((await server.call("PUT", "/v1/connections/main", connection)).status, 201);
  for (let n = 1; n <= PROMPTS; n++) assert.equal((await commit(server, `p${n}`, long(n))).status, 201);
  const large = await commit(server, "large", long(0).repeat(13));
  assert.equal(large.status, 201, large.text);
  for (let n = 0; n < RUNS; n++) await run(server);
  assert.equal((await executions(server)).json.executions.length, RUNS);
  await server.stop();
  return dir;
}

const start = (dir) =>
  serve(dir, { more: ["--var", "UPSTREAM_TEST=sk-x", "--var", "UPSTREAM_PRIVATE=allow", "--var", "FRESH_SECONDS=0"] });
const executions = (server) => server.call("GET", "/v1/executions?limit=100");

async function run(server) {
  const body = { inputs: {}, model: "x", record: "full" };
  const { status, text } = await server.call("POST", "/v1/prompts/large/run", body);
  assert.equal(status, 200, text);
}

/** A copy of the folder, in which something was done to the file of executions or of prompts. */
async function damaged(name, kind, damage) {
  made ??= make();
  const whole = await made;
  const dir = join(app.dir, name);
  rmSync(dir, { recursive: true, force: true });
  cpSync(whole, dir, { recursive: true });
  const objects = join(dir, "store", kind);
  const file = readdirSync(objects).find((name) => /^[0-9a-f]{64}\.sqlite$/.test(name));
  damage(join(objects, file));
  return [dir, join("store", kind, file)];
}

function withoutLog(file) {
  for (const end of ["-wal", "-shm"]) rmSync(file + end, { force: true });
}

/** Has SQLite write what its `-wal` file has into the file itself, and remove that. */
function merged(file) {
  const program = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('pragma wal_checkpoint(truncate)')";
  execFileSync("python3", ["-c", program, file]);
  withoutLog(file);
}

function cut(file) {
  merged(file);
  truncateSync(file, readFileSync(file).length >> 1);
}

/** Overwrites one page of seven. */
function overwritten(file) {
  merged(file);
  const bytes = readFileSync(file);
  for (let at = 5 * 4_096; at < bytes.length; at += 7 * 4_096) bytes.fill(0x5a, at, at + 4_096);
  writeFileSync(file, bytes);
}

async function promptsAreThere(server) {
  for (let n = 1; n <= PROMPTS; n++) {
    const { status, json } = await server.call("GET", `/v1/prompts/p${n}`);
    assert.deepEqual([status, json.messages[0].content], [200, long(n)]);
  }
}

for (const [name, damage] of Object.entries({
  deleted(file) {
    withoutLog(file);
    rmSync(file);
  },
  emptied(file) {
    withoutLog(file);
    writeFileSync(file, "");
  },
}))
  test(`executions whose file was ${name}: one line at the start names it, and the rest goes on`, async () => {
    const [dir, file] = await damaged(name, "Executions", damage);
    const server = await start(dir);
    assert.equal(server.errors(), `${file} is missing or empty: the executions in it are lost. ${ADVICE}\n`);
    assert.deepEqual((await executions(server)).json, { executions: [] });
    await promptsAreThere(server);
    await run(server);
    assert.equal((await executions(server)).json.executions.length, 1);
    await server.stop();
    const again = await start(dir);
    assert.equal(again.errors(), "", "it is told once");
    await again.stop();
  });

const ADVICE = "Put the folder back from a backup, or go on: prompts are not in it";

test("executions without their -wal file: one line at the start, also after a start that failed and a rotation", async () => {
  const [dir, file] = await damaged("behind-executions", "Executions", withoutLog);
  const key = readFileSync(join(dir, "key"), "utf8");
  writeFileSync(join(dir, "key"), "no key");
  assert.equal((await start(dir)).code, 1);
  writeFileSync(join(dir, "key"), key);
  const { stderr, code } = await app.run("node", [
    join(app.dir, "node_modules/cuecard-server/dist/main.js"),
    "rotate",
    "--dir",
    dir,
  ]);
  assert.equal(code, 0, stderr);
  const server = await start(dir);
  const line = `${file} or its -wal file is not as the last stop left it: executions may be lost. ${ADVICE}\n`;
  assert.equal(server.errors(), line);
  assert.ok((await executions(server)).json.executions.length < RUNS);
  await promptsAreThere(server);
  await server.stop();
});

for (const [name, damage] of Object.entries({
  lost: withoutLog,
  cut: (file) => truncateSync(`${file}-wal`, readFileSync(`${file}-wal`).length >> 1),
  overwritten: (file) => writeFileSync(`${file}-wal`, Buffer.alloc(readFileSync(`${file}-wal`).length, 7)),
}))
  test(`a -wal file of executions that is ${name} after a kill: one line at the start; without that, none`, async () => {
    const [dir, file] = await damaged("killed", "Executions", () => {});
    const server = await start(dir);
    for (let n = 0; n < 5; n++) await run(server);
    const noted = () => JSON.parse(readFileSync(join(dir, "recorded"), "utf8")).files[basename(file)]?.digest;
    await until("the note of what was written", noted);
    await server.stop("SIGKILL");
    const whole = await start(dir);
    assert.equal(whole.errors(), "");
    await run(whole);
    const before = (await executions(whole)).json.executions.length;
    assert.ok(before > RUNS);
    const last = noted();
    await until("the next note", () => noted() !== last);
    await whole.stop("SIGKILL");
    damage(join(dir, file));
    const behind = await start(dir);
    assert.equal(
      behind.errors(),
      `${file} has lost its -wal file or a part of it: the last executions are lost. ${ADVICE}\n`,
    );
    assert.ok((await executions(behind)).json.executions.length < before);
    await promptsAreThere(behind);
    await behind.stop();
    const again = await start(dir);
    assert.equal(again.errors(), "", "it is told once");
    await again.stop();
  });

test("prompts whose -wal file is lost some seconds after a write and a kill: one line at the start", async () => {
  const [dir, file] = await damaged("killed-prompts", "Organization", () => {});
  const mark = () => readFileSync(join(dir, "stored"), "utf8");
  const server = await start(dir);
  const before = mark();
  assert.equal((await commit(server, "more", "one")).status, 201);
  await until("the mark", () => mark() !== before);
  await server.stop("SIGKILL");
  withoutLog(join(dir, file));
  const { code, stderr } = await start(dir);
  assert.equal(code, 1);
  assert.match(stderr, /^error: the store in \S+ has lost what was written to it .*\n$/);
});

for (const [name, damage] of Object.entries({
  "cut in the middle": cut,
  "overwritten at its head"(file) {
    merged(file);
    writeFileSync(file, readFileSync(file).fill(7, 0, 100));
  },
  "overwritten in some pages": overwritten,
}))
  test(`executions whose file was ${name}: a code for who reads them, one line, and the rest goes on`, async () => {
    const [dir, file] = await damaged("unreadable", "Executions", damage);
    const before = readFileSync(join(dir, file));
    const server = await start(dir);
    for (const [method, path] of [
      ["GET", "/v1/executions"],
      ["GET", "/v1/executions/0mwzfl952ux36sdx1ysh6"],
      ["DELETE", "/v1/executions/0mwzfl952ux36sdx1ysh6"],
    ]) {
      const { status, json } = await server.call(method, path);
      assert.deepEqual([status, json.code], [500, "store_damaged"], `${method} ${path}`);
    }
    const told = server.errors().match(/^store\/\S+ is damaged \(.+\)\. It is left as it is/gm) ?? [];
    assert.deepEqual([told.length, told[0]?.split(" ")[0]], [1, file], server.errors());
    await promptsAreThere(server);
    await run(server);
    assert.equal((await commit(server, "after", "one")).status, 201);
    // A key with limits spends nothing that cannot be counted.
    const { json: limited } = await server.call("POST", "/v1/keys", { role: "run", limits: { runsPerMinute: 5 } });
    const refused = await server.call("POST", "/v1/prompts/large/run", { inputs: {}, model: "x" }, limited.key);
    assert.equal(refused.status >= 500, true, refused.text);
    await server.stop();
    assert.ok(readFileSync(join(dir, file)).equals(before), "the file stays for a repair");
  });

test("prompts whose file has pages of something else, or is cut: one line at the start names it", async () => {
  for (const [damage, why] of [
    [overwritten, "FILE is damaged"],
    [cut, "FILE: database disk image is malformed: SQLITE_CORRUPT"],
  ]) {
    const [dir, file] = await damaged("pages", "Organization", damage);
    const { code, stdout, stderr } = await start(dir);
    assert.deepEqual([code, stdout], [1, ""], stderr);
    const reason = "a file of it is damaged, or the disk is full";
    assert.equal(stderr, `error: the store in ${dir} cannot be read: ${reason} (${why.replace("FILE", file)})\n`);
  }
});
