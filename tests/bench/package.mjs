// What the package costs to download and to start, beside minijinja-js: brotli sizes, and load + first render in a fresh Node.
//   node tests/bench/package.mjs [--runs 15]
import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs, promisify } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";

const { values } = parseArgs({ options: { runs: { type: "string", default: "15" } } });
const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(join(root, "tests/package.json"));
const peer = join(require.resolve("minijinja-js/dist/node"), "..");

const brotli = (file) => {
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
};
const shipped = (folder) =>
  readdirSync(folder)
    .filter((name) => /\.(wasm|c?js|mjs)$/.test(name))
    .map((name) => join(folder, name));
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

console.log("brotli 11");
for (const name of ["cuecard.wasm", "index.js"])
  console.log(`  cuecard ${name}: ${kb(brotli(join(root, "pkg/dist", name)))}`);
for (const file of shipped(peer)) console.log(`  minijinja-js ${file.slice(peer.length + 1)}: ${kb(brotli(file))}`);

const programs = {
  cuecard: `const { compile } = await import(${JSON.stringify(pathToFileURL(join(root, "pkg/dist/index.js")))});
const loaded = performance.now();
const document = { messages: [{ role: "user", content: "Hello {{ name }}" }], inputs: [{ name: "name", type: "str" }] };
const text = compile(document).render({ name: "Ada" }).messages[0].content;`,
  "minijinja-js": `const { Environment } = await import(${JSON.stringify(pathToFileURL(require.resolve("minijinja-js/dist/node")))});
const loaded = performance.now();
const text = new Environment().renderStr("Hello {{ name }}", { name: "Ada" });`,
};
const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
for (let run = 0; run < Number(values.runs); run++) {
  for (const [name, program] of Object.entries(programs)) {
    const script = `const began = performance.now();\n${program}\nif (text !== "Hello Ada") throw new Error(text);\nconsole.log(loaded - began, performance.now() - loaded);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
    times[name].push(stdout.trim().split(" ").map(Number));
  }
}
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1].toFixed(1);
console.log(`load + first compile and render in a fresh Node, medians of ${values.runs} runs in turn, ms`);
for (const [name, all] of Object.entries(times)) {
  const [load, first, both] = [all.map(([a]) => a), all.map(([, b]) => b), all.map(([a, b]) => a + b)].map(median);
  console.log(`  ${name}: ${load} + ${first} = ${both}`);
}
