// Bundles the studio into dist/: what the Worker serves at `/` and below `/assets/`. Run by `cargo xtask build studio`.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL("./", import.meta.url));
const dist = `${here}dist`;
const cuecard = fileURLToPath(new URL("../../pkg/dist/", import.meta.url));

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
for (const name of ["index.html", "icon.svg"]) cpSync(`${here}${name}`, `${dist}/${name}`);

await build({
  entryPoints: { page: `${here}src/page.ts`, style: `${here}style/page.css` },
  outdir: dist,
  alias: { cuecard: `${cuecard}index.js` },
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2023",
  logLevel: "warning",
});
