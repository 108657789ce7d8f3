// Checks files that run only elsewhere: the release workflow, and the files that run the server on other machines.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./lab.mjs";

const { parse } = createRequire(join(root, "pkg/build.mjs"))("yaml");
const read = (name) => readFileSync(join(root, name), "utf8");
const json = (name) => JSON.parse(read(name));
const operations = read("docs/operations.md");
const block = (language, has) =>
  [...operations.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, "g"))]
    .map(([, text]) => text)
    .find((text) => text.includes(has));

test("the release workflow publishes both packages, the server first, with provenance, after everything was tested", () => {
  const { on, permissions, jobs } = parse(read(".github/workflows/release.yml"), { strict: true });
  assert.deepEqual(on, { push: { tags: ["v[0-9]+.[0-9]+.[0-9]+"] } });
  assert.deepEqual(permissions, { contents: "read" });
  const { publish } = jobs;
  assert.equal(publish.permissions["id-token"], "write", "npm's provenance requires an identity token");
  const steps = publish.steps.map((step) => ({ run: "", ...step }));
  const at = (text) => steps.findIndex(({ run }) => run.includes(text));
  const published = steps.filter(({ run }) => run.startsWith("npm publish"));
  assert.deepEqual(
    published.map(({ run, ["working-directory"]: folder }) => [folder, run]),
    ["worker", "pkg"].map((folder) => [folder, "npm publish --provenance --access public"]),
  );
  assert.ok(at("GITHUB_REF_NAME") >= 0 && at("GITHUB_REF_NAME") < at("cargo xtask test"));
  assert.ok(at("cargo xtask test") < at("cargo xtask build") && at("cargo xtask build") < at("npm publish"));
  // Runs the workflow's own step that compares the tag with the version.
  const { version } = json("pkg/package.json");
  const compare = (tag) =>
    execFileSync("bash", ["-ec", steps[at("GITHUB_REF_NAME")].run], {
      cwd: root,
      env: { ...process.env, GITHUB_REF_NAME: tag },
      stdio: "pipe",
    });
  compare(`v${version}`);
  assert.throws(() => compare("v99.0.0"));
});

test("crates and packages have one version, and docs name it", () => {
  const version = /\[workspace\.package\][^[]*?\nversion = "([^"]+)"/.exec(read("Cargo.toml"))[1];
  for (const folder of ["pkg", "worker"]) {
    assert.equal(json(`${folder}/package.json`).version, version);
    const lock = json(`${folder}/package-lock.json`);
    assert.deepEqual([lock.version, lock.packages[""].version], [version, version]);
  }
  const [major, minor] = version.split(".");
  for (const [, named] of operations.matchAll(/cuecard-server@(\d+\.\d+)/g)) assert.equal(named, `${major}.${minor}`);
});

test("systemd finds no fault in the unit", (t) => {
  const unit = block("ini", "[Unit]");
  const dir = mkdtempSync(join(tmpdir(), "cuecard-unit-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "cuecard.service");
  writeFileSync(file, unit);
  const printed = execFileSync("bash", ["-c", 'systemd-analyze verify "$1" 2>&1', "bash", file], { encoding: "utf8" });
  // Faults of the machine's own units do not count.
  assert.doesNotMatch(printed, /cuecard\.service/, printed);
  assert.match(unit, /^ExecStart=.* cuecard-server --port 8787 --dir \/var\/lib\/cuecard /m);
  assert.match(unit, /^StateDirectory=cuecard$/m);
});

test("the container's file has only valid instructions, and its command has only options of the server", () => {
  const file = block("dockerfile", "FROM");
  const instructions = file
    .trim()
    .split("\n")
    .map((line) => line.split(" ")[0]);
  assert.equal(instructions[0], "FROM");
  for (const one of instructions) assert.ok(["FROM", "RUN", "USER", "VOLUME", "EXPOSE", "CMD"].includes(one), one);
  const command = JSON.parse(/^CMD (.*)$/m.exec(file)[1]);
  assert.equal(command[0], "cuecard-server");
  const main = join(root, "worker/dist/main.js");
  // `--check` reads the options and tests the port.
  const args = command.slice(1).map((word) => (word === "8787" ? "1" : word));
  const run = () => execFileSync(process.execPath, [main, "--check", ...args], { stdio: "pipe" });
  try {
    run();
  } catch (error) {
    assert.match(String(error.stderr), /^error: cannot listen on|^error: port 1 is taken/);
  }
});
