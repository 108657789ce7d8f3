// Bundles the studio into dist/: what the Worker serves at `/` and below `/assets/`. Run by `cargo xtask build studio`.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL("./", import.meta.url));
const dist = `${here}dist`;
const cuecard = fileURLToPath(new URL("../../pkg/dist/", import.meta.url));

// The folder itself stays: a running server has it open.
mkdirSync(dist, { recursive: true });
for (const name of readdirSync(dist)) rmSync(`${dist}/${name}`, { recursive: true });
cpSync(`${here}icon.svg`, `${dist}/icon.svg`);
for (const name of ["cuecard.wasm", "payloads.wasm"]) cpSync(`${cuecard}${name}`, `${dist}/${name}`);

/** The files that the npm package's command line reads, too. */
const shared = Object.fromEntries(
  ["model-events", "sse"].map((name) => [`cuecard/${name}`, `${cuecard}../js/${name}.ts`]),
);

const common = {
  outdir: dist,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2023",
  logLevel: "warning",
};

/**
 * The entry of the npm package that is given modules: here the browser compiles the engine while it comes, and the one
 * that writes payloads, `#payloads`, when it is first asked for.
 */
const streamedWasm = {
  name: "streamed-wasm",
  setup(bundle) {
    const namespace = "streamed-wasm";
    bundle.onResolve({ filter: /\/cuecard\.wasm$/ }, () => ({ path: "cuecard.wasm", namespace }));
    bundle.onResolve({ filter: /\/payloads\.wasm$|^#payloads$/ }, () => ({ path: "payloads.wasm", namespace }));
    bundle.onLoad({ filter: /^cuecard/, namespace }, () => ({
      contents: 'export default await WebAssembly.compileStreaming(fetch("/assets/cuecard.wasm"));',
    }));
    bundle.onLoad({ filter: /^payloads/, namespace }, () => ({
      contents: `let module;
export const load = async () => (module ??= await WebAssembly.compileStreaming(fetch("/assets/payloads.wasm")));
export { module as default };`,
    }));
  },
};

await build({
  ...common,
  entryPoints: { start: `${here}src/start.ts`, studio: `${here}src/main.tsx` },
  chunkNames: "[name]",
  splitting: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  alias: { ...shared, "style-mod": `${here}src/code/style-mod.ts` },
});
await build({
  ...common,
  entryPoints: { engine: `${here}src/engine/worker.ts` },
  alias: { cuecard: `${cuecard}workerd.js` },
  plugins: [streamedWasm],
});
await build({ ...common, entryPoints: { studio: `${here}style/studio.css` } });

// The words in the page's HTML come from the language file.
const { texts } = await inProcess(`${here}src/texts.ts`);
const page = readFileSync(`${here}index.html`, "utf8");
writeFileSync(
  `${dist}/index.html`,
  page.replace(/\{\{(\w+)\}\}/g, (_, name) => texts[name]),
);

/** The exports of a TypeScript module. */
async function inProcess(entry) {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}
