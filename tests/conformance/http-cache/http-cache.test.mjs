// Runs the public conformance suite for HTTP caches (https://cache-tests.fyi) against the freshness policy as a shared
// cache in workerd. Every required test passes, or explained.json gives the reason. CACHE_TESTS=folder runs another
// version of the suite, such as a clone of github.com/http-tests/cache-tests, and prints the failures.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { startModules } from "../../workerd.mjs";

const require = createRequire(import.meta.url);
const packaged = dirname(require.resolve("http-cache-tests/package.json"));
const folder = process.env.CACHE_TESTS ?? packaged;
const engine = existsSync(join(folder, "test-engine")) ? join(folder, "test-engine") : folder;

const load = async (...path) => (await import(join(...path))).default;
const suites = await load(folder, "tests/index.mjs");
if (engine === folder) suites.push(await load(folder, "tests/surrogate-control.mjs"));

const results = await run();
const { determineTestResult } = await import(join(engine, engine === folder ? "lib/display.mjs" : "lib/results.mjs"));
const tests = suites.flatMap(({ tests }) => tests).filter((test) => !test.browser_only);
/** The verdict of the suite's own classifier on a test. */
const verdict = ({ id }) => {
  const [, , symbol] = determineTestResult(suites, id, results);
  return (
    { "✅": "passed", Y: "passed", N: "no", "⛔️": "failed", "⚠️": "failed", "⚪️": "depends on one that failed" }[
      symbol
    ] ?? "did not get to its point"
  );
};
const kind = (test) => test.kind ?? "required";

for (const name of ["required", "optimal", "check"]) {
  const counts = {};
  for (const test of tests.filter((test) => kind(test) === name))
    counts[verdict(test)] = (counts[verdict(test)] ?? 0) + 1;
  console.log(
    `# ${name}: ${Object.entries(counts)
      .map(([what, count]) => `${count} ${what}`)
      .join(", ")}`,
  );
}

const explained =
  folder === packaged ? JSON.parse(readFileSync(new URL("explained.json", import.meta.url), "utf8")) : [];

for (const { id, name, ...rest } of tests) {
  const detail = `${id}: ${verdict({ id })}: ${results[id]?.[1] ?? ""}`;
  if (kind(rest) !== "required") {
    if (verdict({ id }) !== "passed") console.log(`# ${kind(rest)} ${detail}`);
    continue;
  }
  const entry = explained.find((entry) => entry.id === id);
  if (entry)
    test(`${id} is not passed: ${entry.reason}`, () =>
      assert.notEqual(verdict({ id }), "passed", "it passes: explained.json is out of date"));
  else test(`${id}: ${name}`, () => assert.equal(verdict({ id }), "passed", detail));
}

test("explained.json lists required tests of the suite, each once", () => {
  const ids = explained.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const required = new Set(tests.filter((test) => kind(test) === "required").map(({ id }) => id));
  assert.deepEqual(
    ids.filter((id) => !required.has(id)),
    [],
  );
});

/** Runs the whole suite, with its own server behind the cache. Returns the result of each test by id. */
async function run() {
  const handlers = {};
  for (const name of ["config", "state", "test"]) handlers[name] = await load(engine, `server/handle-${name}.mjs`);
  const server = createServer((request, response) => {
    // One answer of the suite is longer than its Content-Length: its connection closes, so that the excess bytes reach
    // no other test's request.
    const end = response.end.bind(response);
    response.end = (body) => {
      if (!response.headersSent && !response.hasHeader("connection")) response.setHeader("connection", "close");
      return end(body);
    };
    const [, name, ...rest] = new URL(request.url, "http://origin").pathname.split("/");
    handlers[name](rest, request, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const ORIGIN = `http://127.0.0.1:${server.address().port}`;
  const cache = await startModules(process.env.HTTP_CACHE, ["worker.js", "cache.js", "cache.wasm"], { ORIGIN });

  const { runTests, getResults } = await import(join(engine, "client/runner.mjs"));
  const base = `http://127.0.0.1:${cache.port}`;
  const log = console.log;
  // The suite's server logs requests that it does not expect.
  console.log = () => {};
  try {
    if (engine === folder) await runTests(suites, createRequire(join(folder, "cli.mjs"))("node-fetch"), false, base);
    else await runTests(suites, false, base);
  } finally {
    console.log = log;
    server.closeAllConnections();
    server.close();
    await cache.stop();
  }
  if (cache.logs()) log(cache.logs());
  return getResults();
}
