// Runs the first programs of a new user on Node and in workerd, against a third party's mock server.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, symlinkSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { LLMock } from "@copilotkit/aimock";
import { build } from "esbuild";
import { freePort } from "../ports.mjs";
import { bin, capnp, lab, linkWasm, listening, modules } from "../runtimes/lab.mjs";

const here = join(dirname(fileURLToPath(import.meta.url)), "programs");
const programs = readdirSync(here)
  .filter((name) => name.endsWith(".mts") && name !== "given.mts")
  .map((name) => name.replace(".mts", ""));
const answer = "Turn it off and on again.";
let home;
let mock;

before(async () => {
  mock = new LLMock({ port: 0 });
  mock.onMessage("Ticket: It broke", { content: answer });
  await mock.start();
  home = await lab();
  mkdirSync(join(home.dir, "node_modules/@anthropic-ai"), { recursive: true });
  mkdirSync(join(home.dir, "node_modules/@google"), { recursive: true });
  for (const [name, target] of Object.entries({
    ai: "ai-7",
    openai: "openai",
    "@anthropic-ai/sdk": "@anthropic-ai/sdk",
    "@google/genai": "@google/genai",
  }))
    symlinkSync(join(modules, target), join(home.dir, "node_modules", name));
  await build({
    entryPoints: [...programs, "given"].map((name) => join(here, `${name}.mts`)),
    outdir: join(home.dir, "programs"),
    outExtension: { ".js": ".mjs" },
    format: "esm",
  });
});
after(async () => {
  await home?.remove();
  await mock?.stop();
});

/** Checks the output of a program. */
function check(name, printed) {
  if (name === "ai-sdk") {
    const { prompt, maxOutputTokens, temperature, stopSequences } = JSON.parse(printed.text);
    assert.deepEqual(prompt[0], { role: "system", content: "You help customers of Ada." });
    assert.deepEqual(prompt[1].content[0].text, "Ticket: It broke");
    assert.deepEqual([maxOutputTokens, temperature, stopSequences], [100, 0.5, ["END"]], "a parameter was dropped");
  } else {
    for (const text of Object.values(printed)) assert.equal(text, answer);
  }
}

for (const version of [20, 22]) {
  for (const name of programs) {
    test(`${name}: Node ${version}`, async () => {
      const node = join(modules, `node-${version}/bin/node`);
      const run = `globalThis.MOCK_URL = "${mock.url}"; await import("./programs/${name}.mjs");`;
      check(name, JSON.parse(await home.exec(node, ["--input-type=module", "--eval", run])));
    });
  }
}

test("all: workerd", async () => {
  home.write({
    "worker/entry.mjs": `export default {
  async fetch(request, { MOCK_URL }) {
    globalThis.MOCK_URL = MOCK_URL;
    const printed = [];
    console.log = (line) => printed.push(JSON.parse(line));
    ${programs.map((name) => `await import("../programs/${name}.mjs");`).join("\n    ")}
    return Response.json(printed);
  },
};`,
  });
  await build({
    absWorkingDir: home.dir,
    entryPoints: ["worker/entry.mjs"],
    outfile: join(home.dir, "worker/worker.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["./*.wasm", "node:*"],
    mainFields: ["browser", "module", "main"],
    logLevel: "error",
  });
  const port = await freePort();
  home.write({
    "worker/config.capnp": capnp(port, { MOCK_URL: mock.url }).replace(
      "compatibilityDate = ",
      'compatibilityFlags = ["nodejs_compat"], compatibilityDate = ',
    ),
  });
  linkWasm(home, "worker");
  const config = join(home.dir, "worker/config.capnp");
  const url = `http://127.0.0.1:${port}/`;
  const answer = await listening(bin("workerd"), ["serve", config], {}, url, async (response) => {
    return { status: response.status, text: await response.text() };
  });
  assert.equal(answer.status, 200, answer.text);
  const printed = JSON.parse(answer.text);
  assert.equal(printed.length, programs.length);
  programs.forEach((name, index) => check(name, printed[index]));
});

test("each program has at most five lines, not counting imports", () => {
  for (const name of programs) {
    const lines = readFileSync(join(here, `${name}.mts`), "utf8")
      .trim()
      .split("\n");
    assert.ok(lines.filter((line) => line !== "" && !line.startsWith("import ")).length <= 5, name);
  }
});
