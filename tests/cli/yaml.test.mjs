// The YAML reader (prompts, cases, inputs, pasted requests) on hostile texts: it returns a value or `yaml_invalid`, at
// a linear cost, at any depth; random texts cause nothing else.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = new URL("../../pkg/", import.meta.url);
const { buildSync } = createRequire(new URL("package.json", root))("esbuild");
const alias = { yaml: fileURLToPath(new URL("node_modules/yaml/browser/dist/index.js", root)) };
const options = { bundle: true, write: false, format: "esm", platform: "node", logLevel: "silent", alias };
const entry = fileURLToPath(new URL("cli/files/yaml.ts", root));
const [{ text: code }] = buildSync({ ...options, entryPoints: [entry] }).outputFiles;
const { Yaml } = await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);

/** The value of a text, or the line of its error. */
function read(text) {
  try {
    return { value: Yaml.parse(text, "a.yaml").value };
  } catch (error) {
    assert.equal(error.code, "yaml_invalid", `${error.stack}`);
    assert.match(error.message, /^a\.yaml:\d+:\d+: /);
    assert.ok(error.message.length < 1_000);
    return { refused: error.message };
  }
}

const lines = (count, of) => Array.from({ length: count }, (_, n) => of(n)).join("\n");

/** Texts that nest `n` levels deep. */
const DEEP = {
  "open lists": (n) => "[".repeat(n),
  lists: (n) => "[".repeat(n) + "]".repeat(n),
  maps: (n) => "{a: ".repeat(n) + "1" + "}".repeat(n),
  "lists of a line": (n) => "- ".repeat(n),
  "keys of a line": (n) => "? ".repeat(n),
  blocks: (n) => lines(Math.min(n, 2_000), (i) => `${" ".repeat(i)}- a:`),
  "blocks of keys": (n) => lines(Math.min(n, 2_000), (i) => `${" ".repeat(i)}a:`),
};

/** Texts whose length grows linearly with `n`. */
const LONG = {
  keys: (n) => lines(n / 4, (i) => `a${i}: 1`),
  "keys in braces": (n) => `{${lines(n / 4, (i) => `a${i}: 1,`)}}`,
  anchors: (n) => lines(n / 8, (i) => `a${i}: &x${i} 1`),
  items: (n) => "- a\n".repeat(n / 2),
  comments: (n) => "# a\n".repeat(n),
  commas: (n) => `[${",".repeat(n / 2)}`,
  aliases: (n) => `a: &a 1\nb: [${"*a,".repeat(Math.min(90, n))}]`,
  tags: (n) => "!a ".repeat(n / 2),
  "a block text": (n) => `a: |\n${"  text\n".repeat(n)}`,
  "a folded text": (n) => `a: >\n${" x\n\n".repeat(n)}`,
  "a quoted text": (n) => `"${"a\\n".repeat(n)}"`,
  colons: (n) => ":".repeat(n),
  "blank lines": (n) => "\n".repeat(n),
  documents: (n) => "---\n".repeat(n / 2),
  directives: (n) => "%YAML 1.2\n".repeat(n / 2),
};

for (const [name, text] of Object.entries(DEEP)) {
  test(`depth: ${name}`, () => {
    for (const levels of [1_000, 20_000]) assert.match(read(text(levels)).refused ?? "", /^a\.yaml:/);
    assert.deepEqual(read("a: {b: [1]}").value, { a: { b: [1] } });
  });
}

for (const [name, text] of Object.entries(LONG)) {
  test(`cost: ${name}`, () => {
    const cost = (count) => {
      const written = text(count);
      let shortest = Infinity;
      for (let tries = 0; tries < 3; tries++) {
        const started = process.cpuUsage();
        read(written);
        const { user, system } = process.cpuUsage(started);
        shortest = Math.min(shortest, (user + system) / 1_000);
      }
      return shortest;
    };
    const [few, many] = [cost(4_000), cost(32_000)];
    // The text is 8 times as long, and a quadratic cost would be 64 times as high.
    assert.ok(many < 24 * few + 100, `${few.toFixed(0)} ms, then ${many.toFixed(0)} ms`);
  });
}

test("a duplicate key is refused with its position, equal keys of different types are not", () => {
  assert.equal(read("a: 1\nb: {c: 1, d: 2, c: 3}\n").refused, "a.yaml:2:17: Map keys must be unique");
  assert.equal(read("a: 1\n'a': 2\n").refused, "a.yaml:2:1: Map keys must be unique");
  assert.deepEqual(read("a: {x: 1}\nb: {x: 2}\n").value, { a: { x: 1 }, b: { x: 2 } });
});

test("random texts give a value or an error", () => {
  const pieces = [
    "[",
    "]",
    "{",
    "}",
    ":",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "? ",
    "a",
    "'",
    '"',
    "|",
    ">",
    "&a ",
    "*a",
    "!",
    "!!",
    "#",
    "%",
    "\t",
    ",",
    "---",
    "...",
    "é",
    "\0",
    "\u2028",
    "<<",
    "~",
    "1e999",
    "\\",
    "@",
    "`",
  ];
  let seed = 7;
  const next = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  let values = 0;
  for (let n = 0; n < 5_000; n++) {
    const text = Array.from({ length: 1 + next(24) }, () => pieces[next(pieces.length)]).join("");
    if (!read(text).refused) values++;
  }
  assert.ok(values > 200, `${values} values`);
});
