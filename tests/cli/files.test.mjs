// Prompt files: written content reads back the same, and people's comments and layout stay.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { SEED } from "../seed.mjs";
import { root } from "./lab.mjs";

const dir = mkdtempSync(join(tmpdir(), "cuecard-yaml-"));
after(() => rmSync(dir, { recursive: true, force: true }));
let Yaml, toYaml, parse, fileOf, unfit;

before(async () => {
  const { buildSync } = createRequire(join(root, "pkg/build.mjs"))("esbuild");
  buildSync({
    entryPoints: ["yaml", "slug"].map((name) => join(root, `pkg/cli/files/${name}.ts`)),
    outdir: dir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    external: ["node:*"],
  });
  ({ Yaml, toYaml } = await import(pathToFileURL(join(dir, "yaml.mjs"))));
  ({ fileOf, unfit } = await import(pathToFileURL(join(dir, "slug.mjs"))));
  ({ parse } = createRequire(join(root, "pkg/build.mjs"))("yaml"));
});

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.string({ unit: "binary", maxLength: 10 }).filter((text) => text.isWellFormed()),
  fc
    .array(
      fc.constantFrom(
        "a",
        " ",
        "\n",
        "\t",
        "# c",
        "- x",
        "key: v",
        "{{ x }}",
        "'",
        '"',
        "\r\n",
        "\r",
        "...",
        "---",
        "|",
        ">",
        "\\",
        "\u2028",
        "\u0085",
        "\ufeff",
        "\u0000",
        "é",
        "😀",
        "null",
        "true",
        "~",
        "1",
        "0x1",
        "1e3",
        ".inf",
        "!t",
        "&a",
        "*a",
        "%",
      ),
    )
    .map((parts) => parts.join("")),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("any"), { maxLength: 4 }),
    fc.dictionary(text, tie("any"), { maxKeys: 4 }),
  ),
})).any;
const document = fc.dictionary(fc.oneof(fc.constantFrom("messages", "inputs", "model", "metadata"), text), value, {
  maxKeys: 5,
});
const json = (value) => JSON.parse(JSON.stringify(value));

test("any document reads back unchanged, with this reader and with the YAML library", () => {
  fc.assert(
    fc.property(document, (given) => {
      const written = toYaml(json(given));
      assert.deepEqual(json(Yaml.parse(written, "x").value), json(given), written);
      assert.deepEqual(json(parse(written)), json(given), written);
    }),
    { numRuns: 500, seed: SEED },
  );
});

test("any document can replace any other in a file", () => {
  fc.assert(
    fc.property(document, document, (one, other) => {
      const written = Yaml.parse(toYaml(json(one)), "x").with(json(other));
      assert.deepEqual(json(Yaml.parse(written, "x").value), json(other), written);
    }),
    { numRuns: 500, seed: SEED },
  );
});

test("unchanged parts keep comments, order and style, and comments move with their item", () => {
  const before = `# top
model: openai/gpt-4o # the cheap one

messages:
  # first
  - role: system
    content: |
      Be {{ tone }}.
      Kept as it is.
  - { role: user, content: 'Hi' }
inputs: # all of them
  - name: tone
    type: str
  # not in use
  - name: other # yet
    type: int
`;
  const document = parse(before);
  document.inputs.reverse();
  document.messages[1].content = "Ho";
  document.parameters = { temperature: 1 };
  delete document.model;
  assert.equal(
    Yaml.parse(before, "x").with(document),
    `# top

messages:
  # first
  - role: system
    content: |
      Be {{ tone }}.
      Kept as it is.
  - { role: user, content: 'Ho' }
inputs:
  # all of them
  # not in use
  - name: other # yet
    type: int
  - name: tone
    type: str
parameters:
  temperature: 1
`,
  );
});

test("texts of several lines are written as blocks", () => {
  assert.equal(
    toYaml({ messages: [{ role: "user", content: "One {{ x }}\n\n  two: # no comment\n" }] }),
    "messages:\n  - role: user\n    content: |\n      One {{ x }}\n\n        two: # no comment\n",
  );
});

test("slugs that are file names on every platform", () => {
  for (const slug of ["a", "support/bot", "v1.2", "con-text", "console", "a/com10", "x/prn2", "Support.Bot_2"])
    assert.equal(unfit(slug), undefined, slug);
  for (const slug of [
    "con",
    "CON",
    "a/aux",
    "nul.x/y",
    "com1",
    "LPT9.prompt",
    "a.",
    "a./b",
    "a:b",
    "a b",
    "",
    "/a",
    "a/",
    "a//b",
    "..",
    "a/../b",
    "é",
    "a?b",
    "x".repeat(201),
    ".hidden",
  ]) {
    assert.notEqual(unfit(slug), undefined, slug);
    assert.throws(() => fileOf(slug), /cannot be a file/);
  }
});
