// Renders every bomb through the packed package: it ends in its error, in bounded time and memory, and the next render
// works.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { MEMORY, TIME, bombs, measure, report } from "../bombs.mjs";
import { freePort } from "../ports.mjs";
import { bin, capnp, lab, linkWasm, listening, modules, serve } from "./lab.mjs";

const require = createRequire(join(modules, "a.js"));
const corpus = bombs();
const limit = `${TIME} ms, ${MEMORY >> 20} MiB`;
let home;

before(async () => {
  home = await lab();
  home.write({
    "corpus.mjs": `export const corpus = ${JSON.stringify(corpus)};`,
    "explode.mjs": `import { PromptError, compile } from "cuecard";
const next = compile({ messages: [{ role: "user", content: "Hello {{ name }}" }] });
/** The code that a bomb ends in, and whether the next render works. */
export function explode({ document, inputs }) {
  let code = "none";
  try {
    compile(document).render(inputs);
  } catch (error) {
    code = error instanceof PromptError ? error.code : String(error);
  }
  return { code, well: next.render({ name: "Ada" }).messages[0].content === "Hello Ada" };
}`,
  });
});
after(() => home?.remove());

/** Checks `[{ id, code, well, time, grown }]`, in the order of the corpus. */
function check(where, rows) {
  report(where, rows);
  const wrong = rows.filter(
    ({ code, well, time, grown }, i) => code !== corpus[i].code || !well || time > TIME || grown > MEMORY,
  );
  assert.deepEqual(wrong, []);
  assert.equal(rows.length, corpus.length);
}

test(`Node: every bomb ends in its error within ${limit}, and the next render works`, async () => {
  home.write({
    // Processor time of the quickest of up to four tries, which excludes other processes and V8's compilers.
    "node.mjs": `import { readFileSync, writeFileSync } from "node:fs";
import { corpus } from "./corpus.mjs";
const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const instance = new Instance(...args);
  memories.push(instance.exports.memory);
  return instance;
};
const { explode } = await import("./explode.mjs");
const kilobytes = (name) => Number(new RegExp(name + ":\\\\s+(\\\\d+)").exec(readFileSync("/proc/self/status", "utf8"))[1]);
const rows = corpus.map((bomb) => {
  writeFileSync("/proc/self/clear_refs", "5");
  const before = kilobytes("VmRSS");
  let time = Infinity;
  let result;
  for (let tries = 0; tries < 4 && time > ${TIME}; tries++) {
    const started = process.cpuUsage();
    result = explode(bomb);
    const { user, system } = process.cpuUsage(started);
    time = Math.min(time, (user + system) / 1000);
  }
  return { id: bomb.id, ...result, time, grown: (kilobytes("VmHWM") - before) * 1024 };
});
const wasm = memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
console.log(JSON.stringify({ rows, wasm }));`,
  });
  const { rows, wasm } = JSON.parse(await home.exec(process.execPath, ["node.mjs"]));
  check("packed package in Node, processor time", rows);
  // An engine's memory never shrinks, so its size after all bombs is the most that any of them took.
  console.log(`#   the engine's memory after all of them: ${(wasm / (1 << 20)).toFixed(1)} MiB`);
  assert.ok(wasm > 0 && wasm <= MEMORY, `${wasm} bytes`);
});

test(`workerd: every bomb ends in its error within ${limit}, and the next render works`, async () => {
  const { build } = await import(require.resolve("esbuild"));
  home.write({
    "bombs-worker.mjs": `import { corpus } from "./corpus.mjs";
import { explode } from "./explode.mjs";
export default { fetch: (request) => Response.json(explode(corpus[new URL(request.url).searchParams.get("n")])) };`,
  });
  await build({
    absWorkingDir: home.dir,
    entryPoints: ["bombs-worker.mjs"],
    outfile: "bombs/worker.js",
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["./*.wasm"],
  });
  linkWasm(home, "bombs");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  home.write({ "bombs/config.capnp": capnp(port) });
  const measured = await listening(
    bin("workerd"),
    ["serve", join(home.dir, "bombs/config.capnp")],
    { cwd: home.dir },
    `${url}?n=0`,
    async (_, { pid }) => {
      const rows = [];
      for (const [n, { id }] of corpus.entries()) {
        const { result, ...cost } = await measure(pid, 4, async () => (await fetch(`${url}?n=${n}`)).json());
        rows.push({ id, ...result, ...cost });
      }
      return rows;
    },
  );
  check("packed package in workerd, processor time", measured);
});

test("Chromium: every bomb ends in its error, and the next render works", async () => {
  home.write({
    "bombs.html":
      '<script type="importmap">{"imports":{"cuecard":"/node_modules/cuecard/dist/index.js"}}</script><script type="module" src="/bombs.mjs"></script>',
    "bombs.mjs": `import { corpus } from "./corpus.mjs";
import { explode } from "./explode.mjs";
const results = [];
for (const bomb of corpus) {
  let time = Infinity;
  let result;
  for (let tries = 0; tries < 40 && time > ${TIME}; tries++) {
    if (tries > 0) await new Promise((resolve) => setTimeout(resolve, 25));
    const started = performance.now();
    result = explode(bomb);
    time = Math.min(time, performance.now() - started);
  }
  results.push({ id: bomb.id, ...result, time });
}
globalThis.result = results;`,
  });
  const { default: playwright } = await import(require.resolve("playwright-core"));
  const browser = await playwright.chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const server = await serve(home.dir);
  try {
    const tab = await browser.newPage();
    await tab.goto(`${server.url}/bombs.html`);
    const handle = await tab.waitForFunction(() => globalThis.result, undefined, { timeout: 300_000 });
    // A browser does not report processor time, so a bomb's time is the shortest of forty tries, 25 ms apart.
    check("packed package in Chromium, time on the wall", await handle.jsonValue());
  } finally {
    await browser.close();
    await server.close();
  }
});
