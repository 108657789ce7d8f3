// dist/ of the package: what starts workerd, and the command `cuecard-server`.
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "../dist");
// The tools are those of the npm package `cuecard`.
const tools = createRequire(join(here, "../../pkg/build.mjs"));
const { build } = tools("esbuild");

const asText = {
  name: "text",
  setup(build) {
    build.onResolve({ filter: /\?text$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace("?text", "")),
      namespace: "text",
    }));
    build.onLoad({ filter: /.*/, namespace: "text" }, ({ path }) => ({
      contents: readFileSync(path, "utf8"),
      loader: "text",
      watchFiles: [path],
    }));
  },
};

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [tools.resolve("typescript/bin/tsc"), "--project", here], { stdio: "inherit" });
for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(join(here, "../..", name), join(here, "..", name));
for (const inside of ["hold", "main", "mark", "note", "recorded", "variables", "wrangler", "write-ahead"])
  rmSync(join(dist, `${inside}.d.ts`));
for (const name of readdirSync(dist)) {
  const types = readFileSync(join(dist, name), "utf8");
  writeFileSync(join(dist, name), types.replaceAll(/(from "\.\/\w+)\.ts"/g, '$1.js"'));
}
await build({
  absWorkingDir: here,
  entryPoints: ["index.ts", "main.ts"],
  outdir: dist,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: ["workerd"],
  plugins: [asText],
  logLevel: "warning",
});
