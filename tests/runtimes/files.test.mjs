// Checks the files of the packed tarball: which modules are read and when, that each form contains a module once, and
// the targets of the source maps.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, renameSync } from "node:fs";
import { SourceMap, createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { WASM, bin, lab, modules } from "./lab.mjs";

const require = createRequire(join(modules, "a.js"));
let home;
let cuecard;

before(async () => {
  home = await lab();
  cuecard = join(home.dir, "node_modules/cuecard");
});
after(() => home?.remove());

const files = () =>
  readdirSync(cuecard, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(cuecard, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"));
const module = (text) => home.exec(process.execPath, ["--input-type=module", "--eval", text]);
const hello = 'compile({ messages: [{ role: "user", content: "Hello" }], model: "openai/gpt-5" })';

test("a module is read once, when it is first needed", async () => {
  const printed = await module(`
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const { readFileSync } = fs;
const seen = [];
fs.readFileSync = (path, ...more) => {
  const name = String(path).split("/").at(-1);
  if (name.endsWith(".wasm")) seen.push(name);
  return readFileSync(path, ...more);
};
syncBuiltinESMExports();
const { compile } = await import("cuecard");
const after = [[...seen]];
const rendered = ${hello}.render({});
after.push([...seen]);
for (const api of ["openai_chat", "anthropic"]) rendered.to(api);
after.push([...seen]);
console.log(JSON.stringify(after));`);
  assert.deepEqual(JSON.parse(printed), [[], ["cuecard.wasm"], ["cuecard.wasm", "payloads.wasm"]]);
});

test("the error names a missing module", async () => {
  const both = ["payloads.wasm", "payloads.text.js"].map((name) => join(cuecard, "dist", name));
  for (const file of both) renameSync(file, `${file}.gone`);
  try {
    const printed = await module(`
import { compile } from "cuecard";
try {
  ${hello}.render({}).to("openai_chat");
} catch ({ code, message }) {
  console.log(code, message);
}`);
    assert.match(printed, /^internal WebAssembly cannot be compiled here: ENOENT.*payloads\.wasm/);
  } finally {
    for (const file of both) renameSync(`${file}.gone`, file);
  }
});

test("in a browser, `to` fails with the import that it needs, and works after it", async () => {
  const dist = pathToFileURL(join(cuecard, "dist/"));
  const printed = await module(`
import { compile } from "${dist}index.js";
const rendered = ${hello}.render({});
try {
  rendered.to("openai_chat");
} catch ({ code, message }) {
  console.log(code, message);
}
await import("${dist}payloads.js");
console.log(rendered.to("openai_chat").body.model);`);
  assert.match(printed, /^internal .*import "cuecard\/payloads"/);
  assert.match(printed, /\ngpt-5\n$/);
});

test("a bundle for a browser has the module for payloads only where it is imported; one for Node always", async () => {
  const { build } = await import(require.resolve("esbuild"));
  home.write({
    "plain.mjs": `import { compile } from "cuecard";\nconsole.log(${hello}.render({}).messages[0].content);`,
    "payloads.mjs": `import "cuecard/payloads";\nimport { compile } from "cuecard";\nconsole.log(${hello}.render({}).to("openai_chat").body.model);`,
    "node.mjs": `import { compile } from "cuecard";\nconsole.log(${hello}.render({}).to("openai_chat").body.model);`,
  });
  const { length } = readFileSync(join(cuecard, "dist/payloads.wasm"));
  const bundled = async (name, platform) => {
    const outfile = join(home.dir, `out/${name}-${platform}.mjs`);
    const format = "esm";
    const options = { absWorkingDir: home.dir, entryPoints: [`${name}.mjs`], outfile, bundle: true, format, platform };
    const { warnings } = await build({ ...options, logLevel: "silent" });
    assert.deepEqual(warnings, []);
    return { size: readFileSync(outfile).length, printed: await home.exec(process.execPath, [outfile], { cwd: "/" }) };
  };
  const plain = await bundled("plain", "browser");
  const payloads = await bundled("payloads", "browser");
  assert.equal(plain.printed, "Hello\n");
  assert.equal(payloads.printed, "gpt-5\n");
  assert.ok(payloads.size - plain.size > length, "only the bundle that imports payloads contains their module");
  assert.equal((await bundled("node", "node")).printed, "gpt-5\n");
});

test("bundles made by Bun, which has no condition for bundling, find the modules too", async () => {
  home.write({
    "bun.mjs": `import { compile } from "cuecard";\nconsole.log(${hello}.render({}).to("openai_chat").body.model);`,
  });
  for (const [target, run] of [
    ["bun", bin("bun")],
    ["node", process.execPath],
  ]) {
    await home.exec(bin("bun"), ["build", "bun.mjs", `--target=${target}`, `--outdir=out/bun-${target}`]);
    const printed = await home.exec(run, [join(home.dir, `out/bun-${target}/bun.js`)], { cwd: "/" });
    assert.equal(printed, "gpt-5\n", target);
  }
});

test("each module of the library exists once as wasm and once as text, with the same bytes", async () => {
  const commandLine = ["dist/readers.wasm"];
  const wasm = files().filter((name) => name.endsWith(".wasm"));
  assert.deepEqual(wasm.sort(), [...WASM.map((name) => `dist/${name}`), ...commandLine].sort());
  const large = files().filter((name) => readFileSync(join(cuecard, name)).includes("\0asm"));
  const forms = WASM.flatMap((name) => [`dist/${name.replace(".wasm", ".text.js")}`, `dist/${name}`]);
  assert.deepEqual(large.sort(), [...forms, ...commandLine].sort(), "another file contains a module");
  for (const name of WASM) {
    const { default: text } = await import(pathToFileURL(join(cuecard, "dist", name.replace(".wasm", ".text.js"))));
    assert.ok(Buffer.from(text, "latin1").equals(readFileSync(join(cuecard, "dist", name))), name);
  }
});

test("source maps point into the package: every file exists, and every name is at its mapped place", () => {
  let followed = 0;
  const mapped = files().filter((name) => name.endsWith(".js.map"));
  assert.ok(mapped.length >= 8, String(mapped));
  for (const name of mapped) {
    const map = JSON.parse(readFileSync(join(cuecard, name), "utf8"));
    const script = readFileSync(join(cuecard, name.slice(0, -4)), "utf8");
    assert.match(script, new RegExp(`//# sourceMappingURL=${name.split("/").at(-1)}\\s*$`), name);
    const sources = Object.fromEntries(
      map.sources.map((source) => {
        const file = join(cuecard, dirname(name), source);
        assert.ok(existsSync(file), `${name}: ${source} is not in the package`);
        return [source, readFileSync(file, "utf8").split("\n")];
      }),
    );
    const tracer = new SourceMap(map);
    script.split("\n").forEach((text, at) => {
      for (const { index } of text.matchAll(/[A-Za-z_$][\w$]*/g)) {
        const entry = tracer.findEntry(at, index);
        if (entry.name === undefined || entry.name === "" || entry.generatedColumn !== index) continue;
        // Skips names that esbuild adds: they map to the beginning of a file, start a module or collect its exports.
        if (entry.generatedLine !== at || entry.originalLine + entry.originalColumn === 0) continue;
        if (/^init_|_exports$/.test(entry.name)) continue;
        const source = sources[entry.originalSource];
        const line = source[entry.originalLine];
        // The source may write a member as a string, and esbuild gives a class that refers to itself a second name.
        const found = line.slice(entry.originalColumn).replace(/^["'`#]/, "");
        const isThere = [entry.name, entry.name.replace(/^[#_]/, "")].some((text) => found.startsWith(text));
        assert.ok(isThere, `${name}:${at + 1}:${index}: ${entry.name}, but ${found.slice(0, 40)}`);
        followed++;
      }
    });
  }
  assert.ok(followed > 1_000, `${followed} names`);
});

test("an uncaught error shows lines of the source", async () => {
  const run = `import { compile } from "cuecard";\ncompile({ messages: [{ role: "user", content: "{{" }] });`;
  const args = ["--enable-source-maps", "--input-type=module", "--eval", run];
  const { stderr } = await home.exec(process.execPath, args).then(assert.fail, (error) => error);
  const frames = [...stderr.matchAll(/node_modules\/cuecard\/(js\/[\w/.]+\.ts):(\d+):(\d+)/g)];
  assert.ok(frames.length >= 3, stderr);
  for (const [, file, line, column] of frames) {
    const text = readFileSync(join(cuecard, file), "utf8").split("\n")[line - 1];
    assert.ok(text !== undefined && text.length >= column - 1, `${file}:${line}:${column}`);
  }
  assert.ok(
    frames.some(([, file]) => file === "js/prompt.ts"),
    stderr,
  );
});
