// `cuecard/client` in Node is two files: the second one, which looks at values that no plan takes, is loaded when it is
// first needed. Nothing that a caller sees depends on whether it is there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const dist = fileURLToPath(new URL("../../pkg/dist", import.meta.url));
const { __engine } = await import(pathToFileURL(join(dist, "node.js")));
const require = createRequire(import.meta.url);
const { build } = await import(require.resolve("esbuild"));
const folder = mkdtempSync(join(tmpdir(), "cuecard-files-"));
after(() => rmSync(folder, { recursive: true }));

const documents = {
  plain: {
    messages: [{ role: "user", content: "Hello {{ name }}, {{ facts | join(', ') }}" }],
    inputs: [
      { name: "name", type: "str" },
      { name: "facts", type: "list[str]", default: ["one"] },
    ],
  },
  conversation: {
    messages: [
      { role: "placeholder", content: "{{ history }}" },
      { role: "user", content: "{{ name }}" },
    ],
    inputs: [
      { name: "history", type: "messages" },
      { name: "name", type: "str" },
    ],
  },
  schema: {
    messages: [{ role: "user", content: "{{ name }} {{ size.width }}" }],
    inputs: [
      { name: "name", type: "str" },
      { name: "size", type: "dict", schema: { properties: { width: { type: "integer", minimum: 1 } } } },
    ],
  },
};
const prompts = Object.entries(documents).map(([slug, document]) => ({
  ...{ slug, version: 1, id: slug, hash: "0".repeat(64), createdAt: "2026-01-01T00:00:00Z", ...document },
  resolved: { revision: 1, plan: __engine.ship(document) },
}));
const snapshot = { format: 1, tag: "production", createdAt: "2026-01-01T00:00:00Z", prompts };
const history = [{ role: "assistant", content: "Hi" }];
const size = { width: 3 };
/** Wrong inputs first, so that they meet a client that has loaded nothing else. */
const given = [
  ["plain", { naem: "Ada", facts: ["a", 2] }],
  ["plain", { name: "Ada" }],
  ["plain", { name: "\ud800", facts: [Number.NaN] }],
  ["schema", { name: "Ada", size: { width: 0 } }],
  ["conversation", { history: [{ role: "nobody", content: 1 }], name: "Ada" }],
  ["conversation", { history, name: "Ada" }],
  ["schema", { name: "Ada", size }],
  ["plain", { name: "Ada", facts: [] }],
];

/** A program that prints, for each inputs, the texts or the error of a render, and the issues. */
const program = (file, inputs = given) => `
import { Cuecard, PromptError } from ${JSON.stringify(file)};
const cue = new Cuecard({ url: "https://a.test", key: "k", snapshot: ${JSON.stringify(JSON.stringify(snapshot))} });
const said = [];
for (const [slug, inputs] of ${source(inputs)}) {
  const prompt = await cue.get(slug + "@1");
  try {
    said.push(prompt.render(inputs).messages);
  } catch (error) {
    const { code, message, status, issues } = error;
    said.push({ isOurs: error instanceof PromptError, code, message, status, issues });
  }
  said.push(prompt.check(inputs));
}
console.log(JSON.stringify(said));
`;
/** JSON has no NaN. */
const source = (inputs) =>
  JSON.stringify(inputs, (_, value) => (Number.isNaN(value) ? "NaN" : value)).replaceAll('"NaN"', "NaN");

async function run(text, args = [], name = "app.mjs") {
  const file = join(folder, name);
  writeFileSync(file, text);
  return output(file, args);
}

async function output(file, args = []) {
  const { stdout } = await promisify(execFile)(process.execPath, ["--no-warnings", ...args, file]);
  return JSON.parse(stdout);
}

const path = (name) => join(dist, name);
const right = await run(program(path("node.js")), [], "full.mjs");

test("the full entry refuses what is wrong here, and renders the rest", () => {
  const kinds = right.filter((_, i) => i % 2 === 0).map((said) => said.code ?? said.at(-1).content);
  assert.deepEqual(kinds, [
    "input_invalid",
    "Hello Ada, one",
    "input_invalid",
    "input_invalid",
    "input_invalid",
    "Ada",
    "Ada 3",
    "Hello Ada, ",
  ]);
});

test("renders, refusals and issues right after the import are those of the full entry", async () => {
  assert.deepEqual(await run(program(path("light.node.js"))), right);
});

test("the same where a module cannot be loaded without waiting, as in Node before 20.19", async () => {
  assert.deepEqual(await run(program(path("light.node.js")), ["--no-experimental-require-module"]), right);
});

for (const format of ["esm", "cjs"])
  test(`the same in a bundle (${format}) by a bundler that takes what is for Node`, async () => {
    const text = program(path("light.node.js"));
    const contents =
      format === "esm"
        ? text
        : `(async () => {${text.replace(/import (.*) from (.*);/, "const $1 = await import($2);")}})();`;
    const outfile = join(folder, `bundle.${format === "esm" ? "mjs" : "cjs"}`);
    await build({
      stdin: { contents, resolveDir: folder },
      outfile,
      bundle: true,
      format,
      platform: "node",
      logLevel: "error",
      logOverride: { "empty-import-meta": "silent" },
    });
    assert.deepEqual(await output(outfile), right);
  });

test("the same after `ready` in a bundle whose bundler leaves `require` as it is", async () => {
  const { rollup } = await import(require.resolve("rollup"));
  const input = join(folder, "rolled.mjs");
  const text = program(path("light.node.js")).replace("PromptError", "PromptError, ready");
  writeFileSync(input, text.replace("const said", "await ready();\nconst said"));
  const bundle = await rollup({ input, onwarn() {} });
  await bundle.write({
    dir: join(folder, "rolled"),
    format: "es",
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name].mjs",
  });
  assert.deepEqual(await output(join(folder, "rolled/rolled.mjs")), right);
});

test("a run, whole and as events, is that of the full entry", async () => {
  const text = (file) => `
import { Cuecard, PromptError } from ${JSON.stringify(file)};
const said = [];
for (const status of [200, 403]) {
  const body = status === 200 ? 'data: {"a":1}\\n\\ndata: [DONE]\\n\\n' : '{"code":"role_required","title":"No","detail":"no","status":403}';
  const whole = status === 200 ? '{"output":"Hi"}' : body;
  const cue = (text) => new Cuecard({ url: "https://a.test", key: "k", fetch: async () => new Response(text, { status, headers: { "cuecard-version": "3" } }) });
  try {
    said.push(await cue(whole).run("plain@3", { name: "Ada" }));
    const events = await cue(body).run("plain@3", { name: "Ada" }, { stream: true });
    said.push(events.version);
    for await (const event of events) said.push(event);
  } catch (error) {
    said.push([error instanceof PromptError, error.code, error.message]);
  }
}
console.log(JSON.stringify(said));
`;
  const whole = await run(text(path("node.js")));
  assert.deepEqual(whole.slice(0, 3), [{ output: "Hi" }, 3, { a: 1 }]);
  assert.deepEqual(await run(text(path("light.node.js"))), whole);
});

test("a first render needs no second file", async () => {
  copyFileSync(path("light.node.js"), join(folder, "light.node.js"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const text = program("./light.node.js", [["plain", { name: "Ada" }]]).replace("said.push(prompt.check(inputs));", "");
  assert.deepEqual(await run(text), [[{ role: "user", content: "Hello Ada, one" }]]);
});
