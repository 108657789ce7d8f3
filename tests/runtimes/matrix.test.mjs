// Runs the packed tarball in every runtime and through every bundler: all outputs must have the same hash.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, symlinkSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { freePort } from "../ports.mjs";
import { WASM, bin, capnp, chromium, example, inWorkerd, lab, listening, modules, passed, resultOf } from "./lab.mjs";

const require = createRequire(join(modules, "a.js"));
let home;
let browser;
const table = [];

before(async () => {
  home = await lab();
  browser = await chromium();
});
after(async () => {
  await browser?.close();
  await home?.remove();
  const width = Math.max(...table.map(([name]) => name.length));
  console.log(table.map(([name, result]) => `${name.padEnd(width)}  ${result}`).join("\n"));
});

/** Adds one cell: `run` resolves to the result of the suite there. */
function cell(name, run) {
  test(name, async () => {
    table.push([name, "failed"]);
    const row = table.at(-1);
    const started = performance.now();
    const { hash, count } = passed(await run());
    row[1] = `ok  ${count} checks  ${hash.slice(0, 12)}  ${Math.round(performance.now() - started)} ms`;
  });
}

for (const major of [20, 22, 24]) {
  const node = join(modules, `node-${major}/bin/node`);
  cell(`Node ${major}`, () => home.exec(node, ["print.mjs"]));
  cell(`Node ${major}, require`, () => {
    home.write({
      "print.cjs":
        'require("cuecard");\nimport("./suite.mjs").then(({ run }) => run()).then((result) => console.log(JSON.stringify(result)));',
    });
    return home.exec(node, ["print.cjs"]);
  });
}
cell("Node 20, no code from strings", () =>
  home.exec(process.execPath, ["--disallow-code-generation-from-strings", "print.mjs"]),
);
test("Node without WebAssembly: the error says so", async () => {
  const script =
    'import("cuecard").then(({ compile }) => compile({ messages: [{ role: "user", content: "Hello" }] })).catch(({ code, message }) => console.log(code, message))';
  const said = await home.exec(process.execPath, ["--jitless", "--input-type=module", "--eval", script]);
  assert.equal(said, "internal WebAssembly cannot be compiled here: WebAssembly is not defined\n");
});
cell("Deno", () =>
  home.exec(bin("deno"), [
    "run",
    "--no-remote",
    "--node-modules-dir=manual",
    `--allow-net=127.0.0.1:9,${home.origin.slice(7)}`,
    "print.mjs",
  ]),
);
cell("Bun", () => home.exec(bin("bun"), ["print.mjs"]));

cell("workerd", () => inWorkerd(home, "worker.mjs"));

const imports = {
  cuecard: "/node_modules/cuecard/dist/index.js",
  "cuecard/payloads": "/node_modules/cuecard/dist/payloads.js",
};
const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
const page = '<script type="module" src="/page.mjs"></script>';
const report =
  'import { run } from "./suite.mjs";\nrun().then((result) => (globalThis.result = result), (error) => (globalThis.result = { wrong: [String(error)] }));';

const inChromium = (folder, path, headers) => resultOf(browser, folder, path, { headers, timeout: 60_000 });

cell("Chromium, script type=module", () => {
  home.write({ "page.html": map + page, "page.mjs": report });
  return inChromium(home.dir, "/page.html");
});
cell("Chromium, CSP 'self' 'wasm-unsafe-eval'", async () => {
  // An import map is an inline script, which this policy forbids, so the page imports by path.
  home.write({ "csp/page.html": '<script type="module" src="/csp/page.mjs"></script>', "csp/page.mjs": report });
  const text = (name) => readFileSync(join(home.dir, name), "utf8");
  home.write({
    "csp/suite.mjs": text("suite.mjs").replace(/"(cuecard(\/payloads)?)"/g, (_, name) => JSON.stringify(imports[name])),
    "csp/cases.mjs": text("cases.mjs"),
  });
  return inChromium(home.dir, "/csp/page.html", {
    "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src *",
  });
});
cell("Chromium, service worker", () => {
  home.write({
    "sw/page.html": '<script type="module" src="/sw/page.mjs"></script>',
    "sw/page.mjs": `const registration = await navigator.serviceWorker.register("/sw/sw.mjs", { type: "module" });
navigator.serviceWorker.addEventListener("message", ({ data }) => (globalThis.result = data));
const worker = registration.installing ?? registration.waiting ?? registration.active;
worker.postMessage("run");`,
    "sw/sw.mjs":
      'import { run } from "../csp/suite.mjs";\naddEventListener("message", (event) => event.waitUntil(run().then((result) => event.source.postMessage(result))));',
  });
  return inChromium(home.dir, "/sw/page.html");
});

const inNode = (name) => home.exec(process.execPath, [join(home.dir, name)], { cwd: "/" });

cell("esbuild", async () => {
  const { build } = await import(require.resolve("esbuild"));
  await build({
    absWorkingDir: home.dir,
    entryPoints: ["print.mjs"],
    outfile: "out/esbuild.mjs",
    bundle: true,
    format: "esm",
    platform: "node",
  });
  return inNode("out/esbuild.mjs");
});
cell("esbuild, browser, minified", async () => {
  const { build } = await import(require.resolve("esbuild"));
  home.write({ "out/esbuild-page/page.html": page });
  await build({
    absWorkingDir: home.dir,
    entryPoints: ["page.mjs"],
    outfile: "out/esbuild-page/page.mjs",
    bundle: true,
    format: "iife",
    minify: true,
  });
  return inChromium(join(home.dir, "out/esbuild-page"), "/page.html");
});
cell("Rollup", async () => {
  const { rollup } = await import(require.resolve("rollup"));
  const { default: resolve } = await import(require.resolve("@rollup/plugin-node-resolve"));
  const bundle = await rollup({ input: join(home.dir, "print.mjs"), plugins: [resolve()] });
  await bundle.write({ file: join(home.dir, "out/rollup.mjs"), format: "es" });
  return inNode("out/rollup.mjs");
});
cell("webpack", async () => {
  const { default: webpack } = await import(require.resolve("webpack"));
  await new Promise((resolve, reject) => {
    const options = {
      mode: "production",
      target: "node",
      context: home.dir,
      entry: "./print.mjs",
      output: { path: join(home.dir, "out"), filename: "webpack.cjs" },
    };
    webpack(options, (error, stats) =>
      (error ?? stats?.hasErrors()) ? reject(error ?? new Error(stats.toString())) : resolve(),
    );
  });
  return inNode("out/webpack.cjs");
});
cell("webpack, browser", async () => {
  const { default: webpack } = await import(require.resolve("webpack"));
  await new Promise((resolve, reject) => {
    const options = {
      mode: "production",
      target: "web",
      context: home.dir,
      entry: "./page.mjs",
      output: { path: join(home.dir, "out/webpack-page"), filename: "page.mjs" },
      performance: { hints: false },
    };
    webpack(options, (error, stats) =>
      (error ?? stats?.hasErrors()) ? reject(error ?? new Error(stats.toString())) : resolve(),
    );
  });
  home.write({ "out/webpack-page/page.html": page });
  return inChromium(join(home.dir, "out/webpack-page"), "/page.html");
});
cell("Vite", async () => {
  home.write({
    "vite/index.html": '<script type="module" src="/page.mjs"></script>',
    "vite/page.mjs": report.replace("./suite.mjs", "../suite.mjs"),
  });
  const { build } = await import(require.resolve("vite").replace(/index\.cjs$/, "node/index.js"));
  await build({
    root: join(home.dir, "vite"),
    logLevel: "warn",
    build: { outDir: "../out/vite", emptyOutDir: true, chunkSizeWarningLimit: 5_000 },
  });
  return inChromium(join(home.dir, "out/vite"), "/index.html");
});
cell("wrangler deploy --dry-run, in workerd", async () => {
  home.write({
    "wrangler.json": JSON.stringify({ name: "lab", main: "worker.mjs", compatibility_date: "2026-04-01" }),
  });
  await home.exec(bin("wrangler"), ["deploy", "--dry-run", "--outdir", "out/wrangler", "--config", "wrangler.json"], {
    env: { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" },
  });
  const files = readdirSync(join(home.dir, "out/wrangler"));
  const wasm = files.filter((name) => name.endsWith(".wasm"));
  assert.equal(wasm.length, WASM.length, `a module is missing or duplicated: ${files}`);
  const port = await freePort();
  const config = wasm.reduce(
    (text, name) => text.replace(`(name = "${name}"`, `(name = "./${name}"`),
    capnp(port, {}, wasm),
  );
  home.write({ "out/wrangler/config.capnp": config });
  return listening(
    bin("workerd"),
    ["serve", join(home.dir, "out/wrangler/config.capnp")],
    { cwd: home.dir },
    `http://127.0.0.1:${port}/`,
    (response) => response.json(),
  );
});

test("Next.js", async (t) => {
  const route = (runtime) =>
    `import { run } from "../../../suite.mjs";\nexport const runtime = "${runtime}";\nexport const dynamic = "force-dynamic";\nexport const GET = async () => Response.json(await run());`;
  const { dir } = home;
  const text = (name) => readFileSync(join(dir, name), "utf8");
  home.write({
    "next/package.json": JSON.stringify({
      name: "next-lab",
      private: true,
      dependencies: { cuecard: "*", next: "*", react: "*", "react-dom": "*" },
    }),
    "next/suite.mjs": text("suite.mjs"),
    "next/cases.mjs": text("cases.mjs"),
    "next/app/layout.js": "export default ({ children }) => <html><body>{children}</body></html>;",
    "next/app/page.js": "export default () => <p>hello</p>;",
    "next/app/node/route.js": route("nodejs").replace("../../../", "../../"),
    "next/app/edge/route.js": route("edge").replace("../../../", "../../"),
    "next/app/hello/route.js": example("app/hello/route.js"),
    "next/next.config.mjs":
      "export default { turbopack: { root: import.meta.dirname }, outputFileTracingRoot: import.meta.dirname };",
  });
  mkdirSync(join(dir, "next/node_modules"));
  for (const name of [
    "next",
    "react",
    "react-dom",
    "@next",
    "@swc",
    "styled-jsx",
    "client-only",
    "postcss",
    "nanoid",
    "picocolors",
    "source-map-js",
    "caniuse-lite",
    "scheduler",
    "baseline-browser-mapping",
  ]) {
    if (existsSync(join(modules, name))) symlinkSync(join(modules, name), join(dir, "next/node_modules", name));
  }
  symlinkSync(join(dir, "node_modules/cuecard"), join(dir, "next/node_modules/cuecard"));
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", CI: "1" };
  const options = { cwd: join(dir, "next"), env };
  await home.exec(process.execPath, [require.resolve("next/dist/bin/next"), "build", "--webpack"], options);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const results = await listening(
    process.execPath,
    [require.resolve("next/dist/bin/next"), "start", "-H", "127.0.0.1", "-p", String(port)],
    options,
    `${url}/node`,
    async (response) => ({
      node: await response.json(),
      edge: await (await fetch(`${url}/edge`)).json(),
      readme: await (await fetch(`${url}/hello`)).json(),
    }),
  );
  const { readme, ...runtimes } = results;
  assert.deepEqual(readme, { messages: [{ role: "user", content: "Hello Ada" }] });
  for (const [runtime, result] of Object.entries(runtimes)) {
    table.push([`Next.js, ${runtime}`, "failed"]);
    const { hash, count } = passed(result);
    table.at(-1)[1] = `ok  ${count} checks  ${hash.slice(0, 12)}`;
  }
});

test("publint reports no problem", async () => {
  const said = await home.exec(bin("publint"), ["--strict", join(home.dir, "node_modules/cuecard")]);
  assert.match(said, /All good/);
});
test("attw reports no problem", async () => {
  await home.exec(bin("attw"), [
    "--profile",
    "esm-only",
    "--exclude-entrypoints",
    "./cuecard.wasm",
    "./payloads.wasm",
    "--",
    home.tarball,
  ]);
});
