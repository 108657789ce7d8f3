// Runs the suite through `cuecard/client`, with every way to import it.
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bin, chromium, inWorkerd, lab, modules, passed, resultOf } from "./lab.mjs";

const require = createRequire(join(modules, "a.js"));
let home;

before(async () => (home = await lab()));
after(() => home?.remove());

/** Adds one cell: `run` resolves to the result of the suite there. */
function cell(name, run) {
  test(name, async () => void passed(await run()));
}

for (const major of [20, 22, 24])
  cell(`Node ${major}`, () => home.exec(join(modules, `node-${major}/bin/node`), ["light/print.mjs"]));
cell("Node 22, require", () => {
  home.write({
    "light/print.cjs":
      'require("cuecard/client");\nimport("./suite.mjs").then(({ run }) => run()).then((result) => console.log(JSON.stringify(result)));',
  });
  return home.exec(join(modules, "node-22/bin/node"), ["light/print.cjs"]);
});
cell("Deno", () => {
  const net = `--allow-net=127.0.0.1:9,${home.origin.slice(7)}`;
  return home.exec(bin("deno"), ["run", "--no-remote", "--node-modules-dir=manual", net, "light/print.mjs"]);
});
cell("Bun", () => home.exec(bin("bun"), ["light/print.mjs"]));
cell("workerd", () => inWorkerd(home, "light/worker.mjs"));
cell("Chromium, script type=module", async () => {
  const dist = "/node_modules/cuecard/dist";
  const map = { imports: { "cuecard/client": `${dist}/light.js`, "cuecard/payloads": `${dist}/payloads.js` } };
  home.write({
    "light/page.html": `<script type="importmap">${JSON.stringify(map)}</script><script type="module" src="/light/page.mjs"></script>`,
    "light/page.mjs":
      'import { run } from "./suite.mjs";\nrun().then((result) => (globalThis.result = result), (error) => (globalThis.result = { wrong: [String(error)] }));',
  });
  const browser = await chromium();
  try {
    return await resultOf(browser, home.dir, "/light/page.html", { timeout: 60_000 });
  } finally {
    await browser.close();
  }
});
cell("esbuild", async () => {
  const { build } = await import(require.resolve("esbuild"));
  await build({
    absWorkingDir: home.dir,
    entryPoints: ["light/print.mjs"],
    outfile: "light/out.mjs",
    bundle: true,
    format: "esm",
    platform: "node",
  });
  return home.exec(process.execPath, [join(home.dir, "light/out.mjs")], { cwd: "/" });
});
