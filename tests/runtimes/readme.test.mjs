// Runs every program of the package's README in the runtimes that it names, with the packed tarball installed.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { freePort } from "../ports.mjs";
import { bin, capnp, example, lab, linkWasm, listening, modules, serve } from "./lab.mjs";
import { start, version } from "./origin.mjs";

const require = createRequire(join(modules, "a.js"));
let home;

before(async () => (home = await lab()));
after(() => home?.remove());

test("Node, Bun and Deno", async () => {
  home.write({ "hello.mjs": example("hello.mjs") });
  const runs = [
    [process.execPath, ["hello.mjs"]],
    [bin("bun"), ["hello.mjs"]],
    [bin("deno"), ["run", "--no-remote", "--node-modules-dir=manual", "hello.mjs"]],
  ];
  for (const [program, args] of runs) assert.equal(await home.exec(program, args), "Hello Ada\n", program);
});

test("a browser", async () => {
  home.write({ "hello.html": `<body>${example("hello.html")}` });
  const { default: playwright } = await import(require.resolve("playwright-core"));
  const browser = await playwright.chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const server = await serve(home.dir);
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}/hello.html`);
    await page.waitForFunction(() => document.body.textContent === "Hello Ada", undefined, { timeout: 60_000 });
  } finally {
    await browser.close();
    await server.close();
  }
});

test("a Worker", async () => {
  const origin = await start();
  origin.state.answer = version("greet", 1, { tag: "production" });
  const { build } = await import(require.resolve("esbuild"));
  home.write({ "readme.mjs": example("worker.mjs") });
  await build({
    absWorkingDir: home.dir,
    entryPoints: ["readme.mjs"],
    outfile: "readme/worker.js",
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["./*.wasm"],
  });
  const port = await freePort();
  home.write({ "readme/config.capnp": capnp(port, { CUECARD_URL: origin.url, CUECARD_KEY: "k" }) });
  linkWasm(home, "readme");
  try {
    const url = `http://127.0.0.1:${port}/`;
    const ask = async (response) => [await response.json(), await (await fetch(url)).json()];
    const answers = await listening(bin("workerd"), ["serve", "readme/config.capnp"], { cwd: home.dir }, url, ask);
    for (const { messages } of answers) assert.deepEqual(messages, [{ role: "user", content: "v1 Ada" }]);
    assert.deepEqual(origin.state.asked, [
      { url: "/v1/prompts/greet?tag=production", etag: undefined, key: "Bearer k" },
    ]);
  } finally {
    await origin.close();
  }
});
