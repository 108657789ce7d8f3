// Bundles the command line into dist/: cli.js and the parts that it loads when needed. It uses the library as
// ./node.js.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const pkg = join(here, "..");

const library = {
  name: "library",
  setup(build) {
    build.onResolve({ filter: /^cuecard$/ }, () => ({ path: "./node.js", external: true }));
    // For Node it has CommonJS only, for browsers the same as ES modules.
    build.onResolve({ filter: /^yaml$/ }, () => ({ path: join(pkg, "node_modules/yaml/browser/dist/index.js") }));
  },
};

/** Bundles it. */
export async function buildCommandLine(dist) {
  const { metafile } = await build({
    absWorkingDir: here,
    entryPoints: { cli: "main.ts" },
    outdir: dist,
    chunkNames: "cli-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    plugins: [library],
    metafile: true,
    logLevel: "warning",
  });
  writeFileSync(join(dist, "THIRD-PARTY-NOTICES.txt"), notices(Object.keys(metafile.inputs)));
}

/** The licences of the packages that are in the bundle. */
function notices(inputs) {
  const names = inputs.map((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean);
  const texts = [...new Set(names)].sort().map((name) => {
    const folder = join(pkg, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    if (file === undefined || !existsSync(join(folder, file))) throw new Error(`${name} has no licence text`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return `The command line has these packages in it:\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}
