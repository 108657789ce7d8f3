// dist/ from js/ and what wasm-bindgen made. Usage: node build.mjs <folder with cuecard.js, cuecard.d.ts,
// cuecard_bg.wasm, payloads_bg.wasm, readers_bg.wasm>
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { decode, encode } from "@jridgewell/sourcemap-codec";
import { build } from "esbuild";
import { minify } from "terser";

import { buildCommandLine } from "./cli/build.mjs";

const from = process.argv[2];
if (from === undefined) throw new Error("usage: node build.mjs <folder of the wasm-bindgen output>");
const here = dirname(fileURLToPath(import.meta.url));
const glue = join(here, "glue");
const dist = join(here, "dist");
/** The library's two modules, by name; that of the command line is `readers`. */
const modules = { cuecard: resolve(from, "cuecard_bg.wasm"), payloads: resolve(from, "payloads_bg.wasm") };

mkdirSync(glue, { recursive: true });
const types = readFileSync(join(from, "cuecard.d.ts"), "utf8");
writeFileSync(join(glue, "cuecard.d.ts"), `${types}\nexport function start(module: WebAssembly.Module): InitOutput;\n`);
writeFileSync(join(glue, "cuecard.js"), adapt(readFileSync(join(from, "cuecard.js"), "utf8")));
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
for (const [name, file] of Object.entries(modules)) copyFileSync(file, join(dist, `${name}.wasm`));
copyFileSync(resolve(from, "readers_bg.wasm"), join(dist, "readers.wasm"));
checkImports("payloads", modules.payloads);
checkImports("readers", join(dist, "readers.wasm"));
const MODULE = "declare const module: WebAssembly.Module;\nexport default module;\n";

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const emitted = resolve(from, "types");
execFileSync(process.execPath, [tsc, "--project", join(here, "tsconfig.json"), "--outDir", emitted], {
  stdio: "inherit",
});
renameSync(join(emitted, "entry/payloads.d.ts"), join(emitted, "payloads.d.ts"));
for (const { types } of Object.values(JSON.parse(readFileSync(join(here, "package.json"), "utf8")).exports))
  if (types !== undefined) keepTypes(relative("dist", types));

/** The types of an entry are part of the package, and those that they lead to. */
function keepTypes(name) {
  const [from, to] = [join(emitted, name), join(dist, name)];
  if (existsSync(to) || !existsSync(from)) return;
  const text = readFileSync(from, "utf8").replaceAll(/(from "\.\.?\/[\w./-]+)\.ts"/g, '$1.js"');
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, text);
  for (const [, path] of text.matchAll(/from "(\.[\w./-]+)\.js"/g)) keepTypes(join(dirname(name), `${path}.d.ts`));
}

// What the entries share is a file of its own: the class of errors, where the module that writes payloads comes from,
// what runs prompts, and the texts.
const shared = { "error.ts": "error.js", "payload/source.ts": "payloads-source.js", "run.ts": "run.js" };
const sharedFiles = (folder = ".") => ({
  name: "shared-files",
  setup(build) {
    build.onResolve({ filter: /^#\w+-text$/ }, ({ path }) => ({
      path: `./${path.slice(1, -5)}.text.js`,
      external: true,
    }));
    build.onResolve({ filter: /\/(error|source|run)\.ts$/ }, ({ path, resolveDir, importer }) => {
      const file = shared[relative(join(here, "js"), join(resolveDir, path)).replaceAll("\\", "/")];
      if (importer === "" || file === undefined) return;
      return { path: `${folder}/${file}`, external: true };
    });
  },
});

// `cuecard/client` has another engine, which imports the full entry that stands beside it. What not every prompt needs
// is a file of its own; in Node, which loads files without waiting, what looks at values that no plan takes is, too.
const engine = { "engine.ts": "light/engine.ts", "whole.ts": "light/engine.ts" };
const light = { ...engine, "plan/extra.ts": "light/extra.ts" };
const checksOfNode = { ...engine, "plan/extra.ts": "light/given.ts" };
const lightOfNode = { ...light, "checks.ts": "light/checks.ts", "run.ts": "light/run.ts" };
const lightEngine = (parts) => ({
  name: "light-engine",
  setup(build) {
    build.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, resolveDir }) => {
      const part = parts[relative(join(here, "js"), join(resolveDir, path)).replaceAll("\\", "/")];
      return part === undefined ? undefined : { path: join(here, "js", part) };
    });
  },
});

const options = {
  absWorkingDir: here,
  outdir: dist,
  bundle: true,
  format: "esm",
  target: "es2022",
  // Identifiers are left to `shorten`, which does it better.
  minifySyntax: true,
  // The maps lead to js/, which is in the package.
  sourcemap: true,
  sourcesContent: false,
  external: ["node:*", "./*.wasm", "./*.wasm?module"],
  logLevel: "warning",
};
await build({
  ...options,
  entryPoints: {
    index: "js/entry/default.ts",
    node: "js/entry/node.ts",
    workerd: "js/entry/workerd.ts",
    "edge-light": "js/entry/edge-light.ts",
    payloads: "js/entry/payloads.ts",
    "payloads-source": "js/payload/source.ts",
    error: "js/error.ts",
    "ai-sdk": "js/ai-sdk.ts",
    run: "js/run.ts",
  },
  plugins: [sharedFiles()],
});
// Parts of `cuecard/client`, so that they have no engine.
await build({
  ...options,
  entryPoints: { "plan-more": "js/plan/more.ts" },
  plugins: [sharedFiles(), lightEngine(engine)],
});
await build({
  ...options,
  entryPoints: { "light.node-checks": "js/light/node-checks.ts" },
  plugins: [lightEngine(checksOfNode)],
});
await build({ ...options, entryPoints: { "admin/index": "js/admin/index.ts" }, plugins: [sharedFiles("..")] });
for (const name of readdirSync(dist, { recursive: true }).filter((name) => name.endsWith(".js")))
  await shorten(join(dist, name));
for (const full of ["index", "node", "bundled", "workerd", "edge-light"]) {
  const name = full === "index" ? "light" : `light.${full}`;
  const files = { FULL: `./${full}.js`, MORE: "./plan-more.js", CHECKS: "./light.node-checks.js", RUN: "./run.js" };
  await build({
    ...options,
    // Two passes make it 1 % smaller.
    minify: true,
    entryPoints: { [name]: "js/light/index.ts" },
    define: Object.fromEntries(Object.entries(files).map(([word, file]) => [word, JSON.stringify(file)])),
    external: [...options.external, ...Object.values(files)],
    plugins: [lightEngine(full === "node" ? lightOfNode : light)],
  });
  await shorten(join(dist, `${name}.js`), 2_000);
}

/** Minifies; 10 % smaller under brotli than by esbuild. Lines are short, as an uncaught error prints its source line,
 * where not every byte counts. */
async function shorten(file, lineLength = 160) {
  const map = `${file}.map`;
  const { code, map: newMap } = await minify(readFileSync(file, "utf8"), {
    module: true,
    ecma: 2020,
    compress: { ecma: 2020, passes: 3 },
    format: { ecma: 2020, max_line_len: lineLength, ascii_only: true },
    sourceMap: { content: readFileSync(map, "utf8"), url: basename(map), includeSources: false },
  });
  writeFileSync(file, code);
  writeFileSync(map, placeNames(JSON.parse(newMap), dirname(map)));
}

/** A map with every name at its place. In a pattern, esbuild tells only where it begins, and terser gives a name the
 * place of what comes before it. Names that are not in the source are left out. The last line is empty, as
 * Node gives the last place of a map the name before it. */
function placeNames(map, folder) {
  const lines = map.sources.map((source) => readFileSync(join(folder, source), "utf8").split("\n"));
  const mappings = decode(map.mappings);
  for (const segment of mappings.flat()) {
    const [, source, line, column, index] = segment;
    if (index === undefined) continue;
    const name = map.names[index].replaceAll("$", "\\$");
    const text = lines[source][line].slice(column);
    const gap = text.match(`^(["'\`#]?|[^,{};]*[,{] *)(?:${name})(?![\\w$])`)?.[1];
    if (gap === undefined) segment.pop();
    else if (gap.length > 1) segment[3] = column + gap.length;
  }
  return JSON.stringify({ ...map, mappings: encode([...mappings, []]) });
}

// For browsers and bundles a module is JavaScript, too, with one character for each byte. As UTF-8 that is larger than
// base64, but it compresses like the wasm itself: after brotli it costs 2 % more than a file of its own, base64 33 %.
// In single quotes, as a double one is an instruction that is everywhere.
const escapes = { "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r" };
for (const [name, file] of Object.entries(modules)) {
  const text = readFileSync(file, "latin1").replace(/[\\'\n\r]/g, (character) => escapes[character]);
  writeFileSync(join(dist, `${name}.text.js`), `export default '${text}';\n`);
  writeFileSync(join(dist, `${name}.wasm.d.ts`), MODULE);
}
for (const name of ["node.js", "light.node.js"]) {
  const text = readFileSync(join(dist, name), "utf8");
  writeFileSync(join(dist, name), text.replaceAll("bundledRequire", "require       "));
}
// A bundle for Node has no files beside it, so both modules are in its text.
writeFileSync(join(dist, "bundled.js"), 'import "./payloads.js";\nexport * from "./index.js";\n');
// `cuecard/payloads`, which is empty where `cuecard` needs no help.
writeFileSync(join(dist, "nothing.js"), "export {};\n");
await buildCommandLine(dist);
for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(join(here, "..", name), join(here, name));

/** `js/payload/writer.ts` makes the instance without wasm-bindgen's glue, which it can as long as there is nothing to
 * glue. */
function checkImports(module, file) {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(file)));
  const names = imports.map(({ module, name }) => `${module} ${name}`);
  if (names.join() !== `./${module}_bg.js __wbindgen_init_externref_table`)
    throw new Error(`the module ${module} imports more than is given to it: ${names}`);
}

/** wasm-bindgen's glue with one change: it starts from a compiled module whatever realm that is from, and in no other
 * way. */
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
