// Bundles the studio into dist/: what the Worker serves at `/` and below `/assets/`. Run by `cargo xtask build studio`.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL("./", import.meta.url));
const dist = `${here}dist`;
const cuecard = fileURLToPath(new URL("../../pkg/dist/", import.meta.url));

// The folder itself stays: a server that runs has it open.
mkdirSync(dist, { recursive: true });
for (const name of readdirSync(dist)) rmSync(`${dist}/${name}`, { recursive: true });
cpSync(`${here}icon.svg`, `${dist}/icon.svg`);
cpSync(`${cuecard}cuecard.wasm`, `${dist}/cuecard.wasm`);

const common = {
  outdir: dist,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2023",
  logLevel: "warning",
};

/** The entry of the npm package that is given a module: here the browser compiles it while it comes. */
const streamedWasm = {
  name: "streamed-wasm",
  setup(bundle) {
    bundle.onResolve({ filter: /\.wasm$/ }, () => ({ path: "cuecard.wasm", namespace: "streamed-wasm" }));
    bundle.onLoad({ filter: /.*/, namespace: "streamed-wasm" }, () => ({
      contents: 'export default await WebAssembly.compileStreaming(fetch("/assets/cuecard.wasm"));',
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
  alias: { "style-mod": `${here}src/code/style-mod.ts` },
});
await build({
  ...common,
  entryPoints: { engine: `${here}src/engine/worker.ts` },
  alias: { cuecard: `${cuecard}workerd.js` },
  plugins: [streamedWasm],
});
await build({ ...common, entryPoints: { studio: `${here}style/studio.css` } });

// The words of the page's HTML are those of the language file.
const { texts } = await inProcess(`${here}src/texts.ts`);
const page = readFileSync(`${here}index.html`, "utf8");
writeFileSync(
  `${dist}/index.html`,
  page.replace(/\{\{(\w+)\}\}/g, (_, name) => texts[name]),
);

/** What a TypeScript module exports. */
async function inProcess(entry) {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}
