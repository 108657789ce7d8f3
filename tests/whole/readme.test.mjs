// Checks the README and docs/: programs and requests give the printed output, and tables match the code.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { startDev } from "../dev.mjs";
import { freePort } from "../ports.mjs";
import { installed } from "../tarball.mjs";

const file = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const EXECUTED = ["README.md", "docs/api.md", "docs/operations.md"];
const blocks = EXECUTED.flatMap((path) =>
  [...file(path).matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language, text]) => ({ path, language, text })),
);
const dir = mkdtempSync(join(tmpdir(), "cuecard-readme-"));
let dev, app;

before(async () => {
  dev = await startDev("--port", await freePort(), "--dir", dir);
  app = installed();
});

after(async () => {
  app?.remove();
  await dev?.stop();
  rmSync(dir, { recursive: true, force: true });
});

test("each program and request gives the output printed below it", async () => {
  let ran = 0;
  for (const [i, { path, language, text }] of blocks.entries()) {
    const printed = blocks[i + 1];
    const isProgram = language === "js" && printed?.language === "text";
    const isRequest = language === "sh" && text.startsWith("curl ") && printed?.language === "json";
    if (!isProgram && !isRequest) continue;
    const output = await (isProgram ? program(text) : request(text));
    if (isProgram) assert.equal(output, printed.text, `${path}: ${text}`);
    else
      assert.deepEqual(
        shortened(JSON.parse(output), JSON.parse(printed.text)),
        JSON.parse(printed.text),
        `${path}: ${text}`,
      );
    ran += 1;
  }
  assert.ok(ran >= 12, `${ran} ran`);
});

const env = () => ({ ...process.env, CUECARD_URL: dev.url, CUECARD_KEY: dev.key });

async function program(text) {
  writeFileSync(join(app.dir, "example.js"), text);
  return (await promisify(execFile)("node", ["example.js"], { cwd: app.dir, env: env() })).stdout;
}

async function request(text) {
  return (await promisify(execFile)("bash", ["-c", text], { env: env() })).stdout;
}

/** `actual`, with `…` wherever `expected` has it. */
function shortened(actual, expected) {
  if (expected === "…") return expected;
  if (typeof actual !== "object" || actual === null) return actual;
  const entries = Object.entries(actual).map(([name, value]) => [name, shortened(value, expected?.[name])]);
  return Array.isArray(actual) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

test("the table of error codes matches the code", () => {
  const codes = [...file("crates/prompt/src/error.rs").matchAll(/^    \w+ "(\w+)" (\d+) "(.+)"$/gm)].map(([, ...row]) =>
    row.map(plain),
  );
  assert.ok(codes.length > 30);
  assert.deepEqual(table("Error codes"), codes);
});

test("the table of issue codes matches the code", () => {
  const codes = [...file("crates/prompt/src/issue.rs").matchAll(/^    [A-Z_]+ "(\w+)" "(.+)"$/gm)].map(([, ...row]) =>
    row.map(plain),
  );
  assert.ok(codes.length > 5);
  assert.deepEqual(table("Issue codes"), codes);
});

/** The cells of the first table below a heading, without backquotes. */
function table(heading) {
  const [, section] = file("docs/errors.md").split(new RegExp(`^#+ ${heading}$`, "m"));
  assert.ok(section, `docs/errors.md has no section ${heading}`);
  const rows = /(?:^\|.*\|\n)+/m.exec(section)[0].trim().split("\n").slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => plain(cell.trim())),
  );
}

function plain(text) {
  return text.replaceAll("`", "");
}
