// Compares the package with other engines by their cost of download and start: the bytes of each entry with its
// imports, and load plus first render in a fresh Node.
//
//   node tests/bench/package.mjs [--runs 15]
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs, promisify } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";

const { values } = parseArgs({ options: { runs: { type: "string", default: "15" } } });
const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(join(root, "tests/package.json"));
const peer = join(require.resolve("minijinja-js/dist/node"), "..");

const dist = join(root, "pkg/dist");
const brotli = (file) => compressed(readFileSync(file));
const compressed = (bytes) => {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
};
const shipped = (folder) =>
  readdirSync(folder)
    .filter((name) => /\.(wasm|c?js|mjs)$/.test(name))
    .map((name) => join(folder, name));
/** A file of the package and all its imports, each once. */
function imported(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (file.endsWith(".text.js") || !file.endsWith(".js")) return seen;
  const text = readFileSync(file, "utf8");
  for (const [, path] of text.matchAll(/(?:from|import)\s*"(\.\.?\/[\w./-]+)"/g))
    imported(join(file, "..", path), seen);
  return seen;
}

const entries = {
  "cuecard, in a browser or a bundle": ["index.js"],
  "cuecard/payloads, what it adds there": ["payloads.js"],
  "cuecard, in Node, Deno and Bun": ["node.js"],
  "  read at the first compile": ["cuecard.wasm"],
  "  read at the first rendered.to(…)": ["payloads.wasm"],
  "cuecard, in workerd": ["workerd.js"],
  "cuecard/client": ["light.js"],
  "cuecard/client, in Node, Deno and Bun": ["light.node.js"],
  "  read at the first refusal": ["light.node-checks.js"],
  "  read at the first run": ["run.js"],
  "cuecard/ai-sdk": ["ai-sdk.js"],
  "cuecard/admin": ["admin/index.js"],
};
console.log("bytes of each entry with all that it imports; brotli 11, file by file");
for (const [name, [file]] of Object.entries(entries)) {
  const files = [...imported(join(dist, file))];
  if (file === "payloads.js") files.splice(files.indexOf(join(dist, "payloads-source.js")), 1);
  const sum = (size) => files.reduce((all, one) => all + size(one), 0).toLocaleString("en");
  console.log(`  ${name}: ${sum((one) => readFileSync(one).length)}, brotli ${sum(brotli)}`);
}
const { build } = await import(pathToFileURL(require.resolve("esbuild")));
for (const name of ["@huggingface/jinja", "nunjucks", "handlebars", "mustache", "liquidjs"]) {
  const stdin = {
    contents: `import * as all from "${name}"; console.log(all);`,
    resolveDir: join(root, "tests"),
  };
  const options = { bundle: true, minify: true, format: "esm", platform: "browser", write: false, logLevel: "silent" };
  const { outputFiles } = await build({ stdin, ...options });
  const [{ contents }] = outputFiles;
  console.log(
    `  ${name}, bundled: ${contents.length.toLocaleString("en")}, brotli ${compressed(contents).toLocaleString("en")}`,
  );
}
for (const file of shipped(peer))
  console.log(`  minijinja-js ${file.slice(peer.length + 1)}: brotli ${brotli(file).toLocaleString("en")}`);

/** The baseline: the cost of any first import in Node. */
const EMPTY = "an empty module";
const hello = (file) => `const { compile } = await import(${JSON.stringify(pathToFileURL(join(dist, file)))});
const loaded = performance.now();
const document = { messages: [{ role: "user", content: "Hello {{ name }}" }], inputs: [{ name: "name", type: "str" }] };
const text = compile(document).render({ name: "Ada" }).messages[0].content;`;
// A version as the API returns it, with its plan.
const { __engine } = await import(pathToFileURL(join(dist, "node.js")));
const document = { messages: [{ role: "user", content: "Hello {{ name }}" }], inputs: [{ name: "name", type: "str" }] };
const version = {
  slug: "a",
  version: 1,
  id: "i",
  hash: "0".repeat(64),
  createdAt: "2026-01-01T00:00:00Z",
  ...document,
};
const prompts = [{ ...version, resolved: { revision: 1, plan: __engine.ship(document) } }];
const snapshot = JSON.stringify({ format: 1, tag: "production", createdAt: version.createdAt, prompts });
/** Loads the version from a snapshot and renders it. */
const client = (file) => `const { Cuecard } = await import(${JSON.stringify(pathToFileURL(join(dist, file)))});
const loaded = performance.now();
const cue = new Cuecard({ url: "https://a.test", key: "k", snapshot: ${JSON.stringify(snapshot)} });
const text = (await cue.get("a@1")).render({ name: "Ada" }).messages[0].content;`;
const other = (
  name,
  render,
) => `const { default: module, ...names } = await import(${JSON.stringify(pathToFileURL(require.resolve(name)))});
const loaded = performance.now();
const text = ${render};`;
const programs = {
  [EMPTY]: `await import(${JSON.stringify(pathToFileURL(join(dist, "nothing.js")))});
const loaded = performance.now();
const text = "Hello Ada";`,
  "cuecard/client": client("light.node.js"),
  "cuecard, its client": client("node.js"),
  cuecard: hello("node.js"),
  "cuecard, the wasm in a text": hello("index.js"),
  "minijinja-js": `const { Environment } = await import(${JSON.stringify(pathToFileURL(require.resolve("minijinja-js/dist/node")))});
const loaded = performance.now();
const text = new Environment().renderStr("Hello {{ name }}", { name: "Ada" });`,
  "@huggingface/jinja": other("@huggingface/jinja", 'new names.Template("Hello {{ name }}").render({ name: "Ada" })'),
  nunjucks: other("nunjucks", 'module.renderString("Hello {{ name }}", { name: "Ada" })'),
  handlebars: other("handlebars", 'module.compile("Hello {{ name }}")({ name: "Ada" })'),
  mustache: other("mustache", 'module.render("Hello {{ name }}", { name: "Ada" })'),
  liquidjs: other("liquidjs", 'new names.Liquid().parseAndRenderSync("Hello {{ name }}", { name: "Ada" })'),
};
const folder = mkdtempSync(join(tmpdir(), "cuecard-bench-"));
const file = join(folder, "app.mjs");
const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
for (let run = 0; run < Number(values.runs); run++) {
  for (const [name, program] of Object.entries(programs)) {
    const script = `const cpu = process.cpuUsage(), began = performance.now();\n${program}\nif (text !== "Hello Ada") throw new Error(text);\nconst { user, system } = process.cpuUsage(cpu);
console.log(loaded - began, performance.now() - loaded, (user + system) / 1000);`;
    // A file, as apps are: `--eval` takes 3 ms more for the first import.
    writeFileSync(file, script);
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    times[name].push(stdout.trim().split(" ").map(Number));
  }
}
rmSync(folder, { recursive: true });
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
console.log(
  `load + first compile and render in a fresh Node, medians of ${values.runs} runs in turn, ms; × cuecard, its client, by the clock and by the processor`,
);
const columns = [([a]) => a, ([, b]) => b, ([a, b]) => a + b, ([, , cpu]) => cpu];
const rows = Object.entries(times).map(([name, all]) => [name, columns.map((column) => median(all.map(column)))]);
const of = (name) => rows.find(([other]) => other === name)[1];
const [none, full] = [of(EMPTY), of("cuecard, its client")];
for (const [name, row] of rows) {
  const [load, first, both, cpu] = row.map((ms) => ms.toFixed(1));
  const ratio = (less) => [2, 3].map((i) => ((row[i] - less[i]) / (full[i] - less[i])).toFixed(2)).join(" and ");
  const ratios = `${ratio([0, 0, 0, 0])}×, without the empty module's time ${ratio(none)}×`;
  console.log(`  ${name}: ${load} + ${first} = ${both}, processor time ${cpu}; ${ratios}`);
}
