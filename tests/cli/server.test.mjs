// `cuecard-server` on a user's machine: it reports each problem with a folder or a disk in one line, and loses nothing.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "./lab.mjs";
import { app, commit, main, serve, uid } from "./served.mjs";

function isOneLine({ code, stdout, stderr }, line) {
  assert.equal(code, 1, stdout + stderr);
  assert.equal(stdout, "");
  assert.match(stderr, line);
  assert.equal(stderr.trim().split("\n").length, 1, stderr);
}

/** An answer of a store whose disk takes nothing: it says when to try again. */
function isUnwritable({ status, headers, json }) {
  assert.deepEqual([status, json.code, headers.get("retry-after")], [507, "store_unwritable", "10"]);
}

test("a folder that is not writable, is a file, or is below a file", async () => {
  const closed = join(app.dir, "closed");
  mkdirSync(closed);
  chmodSync(closed, 0o555);
  isOneLine(
    await serve(closed, { uid }),
    /^error: the folder \S+closed cannot be used: it may not be written by this user \(EACCES\)$/m,
  );
  isOneLine(
    await serve(join(closed, "below"), { uid }),
    /^error: the folder \S+below cannot be used: it may not be written by this user \(EACCES\)$/m,
  );
  app.write("file", "");
  isOneLine(await serve(join(app.dir, "file")), /^error: the folder \S+file cannot be used: it is a file \(EEXIST\)$/m);
  isOneLine(
    await serve(join(app.dir, "file/below")),
    /^error: the folder \S+below cannot be used: a part of its path is a file \(ENOTDIR\)$/m,
  );
  const told = await app.cuecard("dev", "--dir", "file");
  assert.deepEqual([told.code, told.stderr.split("\n").length], [1, 2], told.stderr);
});

test("a folder that becomes read-only while it is served: reads and writes go on, and the next start is one line", async () => {
  const dir = join(app.dir, "closing");
  mkdirSync(dir);
  chmodSync(dir, 0o777);
  const server = await serve(dir, { uid });
  assert.ok(server.url, server.stderr);
  assert.equal((await commit(server, "a", "one")).status, 201);
  chmodSync(dir, 0o555);
  assert.equal((await commit(server, "a", "two")).status, 201);
  assert.equal(await server.stop(), 0, server.errors());
  isOneLine(
    await serve(dir, { uid }),
    /^error: the folder \S+closing cannot be used: it may not be written by this user \(EACCES\)$/m,
  );
  chmodSync(dir, 0o777);
  const again = await serve(dir, { uid });
  assert.equal((await again.call("GET", "/v1/prompts/a?version=2")).status, 200);
  await again.stop();
});

test("executions whose folder takes no files are answered as a disk that refuses, and are there again once it takes them", async () => {
  const dir = join(app.dir, "unrecorded");
  mkdirSync(dir);
  chmodSync(dir, 0o777);
  const server = await serve(dir, { uid });
  assert.ok(server.url, server.stderr);
  const records = join(dir, "store/Executions");
  chmodSync(records, 0o555);
  for (const [method, path] of [
    ["GET", "/v1/executions"],
    ["GET", "/v1/executions/0mwzfl952ux36sdx1ysh6"],
    ["DELETE", "/v1/executions/0mwzfl952ux36sdx1ysh6"],
  ])
    isUnwritable(await server.call(method, path));
  assert.match(server.errors(), /^the store cannot be written: a file of it cannot be opened\./m);
  assert.equal((await commit(server, "a", "one")).status, 201);
  chmodSync(records, 0o755);
  assert.deepEqual((await server.call("GET", "/v1/executions")).json, { executions: [] });
  await server.stop();
});

test("two servers on one folder: the second names the first; a leftover file blocks no start", async () => {
  const dir = join(app.dir, "one");
  const first = await serve(dir);
  assert.equal((await commit(first, "a", "one")).status, 201);
  isOneLine(
    await serve(dir),
    new RegExp(`^error: process ${first.child.pid} serves \\S+one already at ${first.url}: end it`),
  );
  assert.equal((await commit(first, "a", "two")).status, 201);
  // A killed server leaves its file, but its workerd ends with it.
  const held = JSON.parse(readFileSync(join(dir, "serving.json"), "utf8"));
  await first.stop("SIGKILL");
  const next = await serve(dir);
  assert.ok(next.url, next.stderr);
  await assert.rejects(fetch(first.url));
  await next.stop();
  // Where nobody asks for its end, a process that has ended keeps its number.
  const parent = spawn("python3", [
    "-c",
    "import os, time; print(os.fork() or os._exit(0), flush=True); time.sleep(60)",
  ]);
  const ended = await new Promise((told) => parent.stdout.once("data", (text) => told(Number(text))));
  const { began: _, workerdBegan: __, ...rest } = held;
  writeFileSync(join(dir, "serving.json"), JSON.stringify({ ...rest, pid: ended, workerd: ended }));
  const after = await serve(dir);
  parent.kill();
  assert.ok(after.url, after.stderr);
  await after.stop();
  // A new container assigns the same process ids again.
  writeFileSync(join(dir, "serving.json"), JSON.stringify({ ...held, pid: process.pid, workerd: process.pid }));
  const second = await serve(dir);
  assert.ok(second.url, second.stderr);
  assert.equal((await second.call("GET", "/v1/prompts/a?tag=latest")).json.messages[0].content, "two");
  await second.stop();
  // Processes are invisible from another container, so the folder counts as served until nothing touches it any more.
  const third = await serve(dir);
  const other = { wrap: ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"] };
  if (!can([...other.wrap, "true"]))
    other.wrap = ["sudo", "-n", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
  isOneLine(await serve(dir, other), /^error: another container or machine serves \S+one already at http/);
  assert.equal((await commit(third, "a", "three")).status, 201);
  await third.stop("SIGKILL");
  const fourth = await serve(dir, other);
  assert.ok(fourth.url, fourth.stderr);
  assert.equal((await fourth.call("GET", "/v1/prompts/a?tag=latest")).json.version, 3);
  // `unshare` passes on no other signal; its death ends all processes of the container.
  await fourth.stop("SIGKILL");
});

function can([program, ...args]) {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test("a damaged or missing key, a damaged store: one line, and neither is made anew", async () => {
  const dir = join(app.dir, "damaged");
  const good = await serve(dir);
  for (let n = 1; n <= 20; n++) await commit(good, `p${n}`, `text ${n} `.repeat(500));
  await good.stop();
  const key = readFileSync(join(dir, "key"), "utf8");
  cpSync(dir, `${dir}.backup`, { recursive: true });
  for (const wrong of ["", "nonsense", key.slice(0, -1), key.replace(/.$/, (last) => (last === "a" ? "b" : "a"))]) {
    writeFileSync(join(dir, "key"), wrong);
    isOneLine(await serve(dir), /^error: \S+key holds no key: put the one back that was there/);
    assert.equal(readFileSync(join(dir, "key"), "utf8"), wrong);
  }
  rmSync(join(dir, "key"));
  isOneLine(await serve(dir), /^error: \S+key is missing, and there is a store: put the key back/);
  writeFileSync(join(dir, "key"), key);

  const objects = join(dir, "store/Organization");
  const file = join(
    objects,
    readdirSync(objects).find((name) => /^[0-9a-f]{64}\.sqlite$/.test(name)),
  );
  const whole = readFileSync(file);
  for (const name of readdirSync(objects)) if (/-(wal|shm)$/.test(name)) rmSync(join(objects, name));
  for (const damaged of [
    Buffer.alloc(whole.length, 7),
    Buffer.from("no database, but a text of some length ".repeat(200)),
  ]) {
    writeFileSync(file, damaged);
    isOneLine(
      await serve(dir),
      /^error: the store in \S+damaged cannot be read: a file of it is damaged, or the disk is full \(.* SQLITE_NOTADB\)$/m,
    );
    assert.ok(damaged.equals(readFileSync(file)), "the damaged file stays for a repair");
  }
  writeFileSync(file, whole);
  const metadata = join(dir, "store/Executions/metadata.sqlite");
  const intact = readFileSync(metadata);
  for (const end of ["-wal", "-shm"]) rmSync(`${metadata}${end}`, { force: true });
  writeFileSync(metadata, "no database ".repeat(500));
  isOneLine(await serve(dir), /^error: the store in \S+damaged cannot be read: .* SQLITE_NOTADB\)$/m);
  writeFileSync(metadata, intact);
  const lost = /^error: the store's file in \S+Organization is missing or empty: put it back from a backup; to begin/;
  writeFileSync(file, "");
  isOneLine(await serve(dir), lost);
  rmSync(file);
  isOneLine(await serve(dir), lost);
  rmSync(objects, { recursive: true });
  isOneLine(await serve(dir), lost);
  // A copy of the folder from a time without a server is a backup.
  rmSync(dir, { recursive: true });
  cpSync(`${dir}.backup`, dir, { recursive: true });
  const back = await serve(dir);
  assert.equal(back.key, key);
  for (let n = 1; n <= 20; n++) assert.equal((await back.call("GET", `/v1/prompts/p${n}`)).status, 200);
  await back.stop();
});

test("a store that has lost what was written to it: one line, nothing is begun in its place, and EPOCH accepts it", async () => {
  const dir = join(app.dir, "behind");
  const good = await serve(dir);
  for (let n = 1; n <= 20; n++) await commit(good, `p${n}`, `text ${n} `.repeat(500));
  await good.stop();
  const objects = join(dir, "store/Organization");
  const pages = join(
    objects,
    readdirSync(objects).find((name) => /^[0-9a-f]{64}\.sqlite-wal$/.test(name)),
  );
  const whole = readFileSync(pages);
  cpSync(objects, `${dir}.whole`, { recursive: true });
  const lost =
    /^error: the store in \S+behind has lost what was written to it \(it is at revision \d+, and was at \d+\): .* EPOCH=1$/m;
  for (const damaged of [undefined, whole.subarray(0, whole.length >> 1), Buffer.alloc(whole.length, 7)]) {
    if (damaged) writeFileSync(pages, damaged);
    else rmSync(pages);
    isOneLine(await serve(dir), lost);
    for (const end of ["", "-wal", "-shm"]) rmSync(pages.replace(/-wal$/, end), { force: true });
    cpSync(`${dir}.whole`, objects, { recursive: true, force: true });
  }
  const back = await serve(dir);
  for (let n = 1; n <= 20; n++) assert.equal((await back.call("GET", `/v1/prompts/p${n}`)).status, 200);
  await back.stop();
  writeFileSync(pages, whole.subarray(0, whole.length >> 1));
  const accepted = await serve(dir, { more: ["--var", "EPOCH=1"] });
  assert.equal((await commit(accepted, "a", "one")).status, 201);
  await accepted.stop();
  const later = await serve(dir, { more: ["--var", "EPOCH=1"] });
  assert.equal((await later.call("GET", "/v1/prompts/a")).status, 200);
  await later.stop();
});

/** The command prefix that mounts a small disk at `dir` for one command. */
function smallDisk(dir, size) {
  const mount = `mount -t tmpfs -o size=${size},mode=0777 tmpfs '${dir}' && exec "$@"`;
  const ways = [
    ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"],
    ["sudo", "-n", "unshare", "--mount", "sh", "-c", mount, "sh"],
  ];
  const way = ways.find((way) => can([...way, "true"]));
  assert.ok(way, "a separate file system requires user namespaces or sudo");
  return way;
}

test("a full disk: a start says so; a later write is refused, all earlier ones are kept, and writes continue once there is room", async () => {
  const dir = join(app.dir, "full");
  mkdirSync(dir);
  isOneLine(
    await serve(dir, { wrap: smallDisk(dir, "200k") }),
    /^error: the folder \S+full cannot be used: the disk is full \(ENOSPC\)$/m,
  );

  const bytes = ["index.js", "index.wasm"].reduce(
    (sum, name) => sum + statSync(join(main, "../../build", name)).size,
    0,
  );
  const server = await serve(dir, { wrap: smallDisk(dir, `${Math.ceil(bytes / 1024) + 6_000}k`) });
  assert.ok(server.url, server.stderr);
  const inside = (path) => join(`/proc/${server.child.pid}/root`, dir, path);
  writeFileSync(inside("filler"), Buffer.alloc(2_000_000));
  const written = [];
  let refused;
  for (let n = 0; n < 40 && refused === undefined; n++) {
    // Random texts have no repetition, so no disk can compress them.
    const text = Array.from({ length: 6_000 }, () => Math.random().toString(36)).join(" ");
    const answer = await commit(server, `p${n}`, text);
    if (answer.status === 201) written.push([`p${n}`, text]);
    else refused = answer;
  }
  assert.ok(written.length > 3, `${written.length} writes before the disk was full`);
  assert.ok(refused !== undefined, `the disk is not full after ${written.length} writes`);
  const large = "x".repeat(200_000);
  for (const answer of [refused, await commit(server, "a", large), await commit(server, "b", large)])
    isUnwritable(answer);
  const all = async () => {
    for (const [slug, text] of written) {
      const { status, json } = await server.call("GET", `/v1/prompts/${slug}`);
      assert.equal(status, 200, slug);
      assert.equal(json.messages[0].content, text);
    }
  };
  await all();
  rmSync(inside("filler"));
  await until("a write with room again", async () => (await commit(server, "after", "there is room")).status === 201);
  await until("the log", async () => server.errors().includes("the store is written again"));
  const told = server.errors().match(/^the store cannot be written: the disk is full\..*$/gm);
  assert.equal(told?.length, 1, server.errors());
  await all();
  await server.stop();
});
