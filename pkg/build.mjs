// dist/ from js/ and what wasm-bindgen made. Usage: node build.mjs <folder with cuecard.js, cuecard.d.ts, cuecard_bg.wasm>
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

import { buildCommandLine } from "./cli/build.mjs";

const from = process.argv[2];
if (from === undefined) throw new Error("usage: node build.mjs <folder of the wasm-bindgen output>");
const here = dirname(fileURLToPath(import.meta.url));
const glue = join(here, "glue");
const dist = join(here, "dist");
const wasm = resolve(from, "cuecard_bg.wasm");

mkdirSync(glue, { recursive: true });
const types = readFileSync(join(from, "cuecard.d.ts"), "utf8");
writeFileSync(join(glue, "cuecard.d.ts"), `${types}\nexport function start(module: WebAssembly.Module): InitOutput;\n`);
writeFileSync(join(glue, "cuecard.js"), adapt(readFileSync(join(from, "cuecard.js"), "utf8")));
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
copyFileSync(wasm, join(dist, "cuecard.wasm"));
const MODULE = "declare const module: WebAssembly.Module;\nexport default module;\n";

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
execFileSync(process.execPath, [tsc, "--project", join(here, "tsconfig.json")], { stdio: "inherit" });
for (const inside of [
  "entry",
  "cache.d.ts",
  "clock.d.ts",
  "contract.d.ts",
  "contract.infer.d.ts",
  "engine.d.ts",
  "lock.d.ts",
  "origin.d.ts",
  "plan",
  "snapshot.d.ts",
  "text.d.ts",
  "unwalk.d.ts",
  "wire.d.ts",
])
  rmSync(join(dist, inside), { recursive: true });
for (const name of readdirSync(dist, { recursive: true }).filter((name) => name.endsWith(".d.ts"))) {
  const text = readFileSync(join(dist, name), "utf8");
  writeFileSync(join(dist, name), text.replaceAll(/(from "\.\.?\/[\w./-]+)\.ts"/g, '$1.js"'));
}

// The wasm is in index.js as one character for each byte. As UTF-8 that is larger than base64, but it compresses like the
// wasm itself: after brotli it costs 2 % more than a file of its own, base64 33 %. Put in after bundling, as esbuild would
// write control characters as escapes.
const PLACE = "the wasm is put here";
// In single quotes, as a double one is an instruction that is everywhere.
const escapes = { "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r" };
const wasmText = {
  name: "wasm-text",
  setup(build) {
    build.onResolve({ filter: /^#wasm-text$/ }, () => ({ path: PLACE, namespace: "wasm-text" }));
    build.onLoad({ filter: /.*/, namespace: "wasm-text" }, () => ({
      contents: `export default ${JSON.stringify(PLACE)}`,
    }));
  },
};

// One error class for all entries: each takes it from `error.js`.
const sharedError = {
  name: "shared-error",
  setup(build) {
    build.onResolve({ filter: /\/error\.ts$/ }, ({ importer }) => {
      if (importer === "") return;
      const isBelow = importer.startsWith(join(here, "js", "admin"));
      return { path: isBelow ? "../error.js" : "./error.js", external: true };
    });
  },
};

await build({
  absWorkingDir: here,
  entryPoints: {
    index: "js/entry/default.ts",
    workerd: "js/entry/workerd.ts",
    "edge-light": "js/entry/edge-light.ts",
    error: "js/error.ts",
    "ai-sdk": "js/ai-sdk.ts",
    "admin/index": "js/admin/index.ts",
  },
  outdir: dist,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  // Short lines, as an uncaught error prints the one that it came from. The maps lead to js/, which is in the package.
  lineLimit: 160,
  sourcemap: true,
  sourcesContent: false,
  external: ["./cuecard.wasm", "./cuecard.wasm?module"],
  plugins: [wasmText, sharedError],
  logLevel: "warning",
});

const index = join(dist, "index.js");
const [before, after, ...more] = readFileSync(index, "utf8").split(`"${PLACE}"`);
if (after === undefined || more.length > 0) throw new Error("there must be one place for the wasm");
const text = readFileSync(wasm, "latin1").replace(/[\\'\n\r]/g, (character) => escapes[character]);
writeFileSync(index, `${before}'${text}'${after}`);
writeFileSync(join(dist, "cuecard.wasm.d.ts"), MODULE);
await buildCommandLine(dist);
for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(join(here, "..", name), join(here, name));

/** wasm-bindgen's glue with one change: it starts from a compiled module whatever realm that is from, and in no other way. */
function adapt(text) {
  const needs = (part) => {
    if (!text.includes(part)) throw new Error(`wasm-bindgen's glue has changed, it has no more: ${part}`);
    return part;
  };
  needs("function __wbg_finalize_init(instance, module)");
  needs("function __wbg_get_imports()");
  needs("function __wbg_reset_state ()");
  const start = `
export function start(module) {
  if (wasm === undefined) __wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()), module);
  else __wbg_reset_state();
  return wasm;
}
`;
  const ways = needs("export { initSync, __wbg_init as default };");
  return text.replace(ways, "") + start;
}
