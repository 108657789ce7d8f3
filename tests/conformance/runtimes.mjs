// Runs the jobs of a parity run in every runtime and natively, and prints one SHA-256 over all answers.
//
//   node runtimes.mjs JOBS RENDER
import { spawn } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bin, chromium, inWorkerd, lab, modules, resultOf } from "../runtimes/lab.mjs";
import { answersHash } from "./hash.mjs";

const [jobs, render] = process.argv.slice(2).map((path) => resolve(path));
const lines = readFileSync(jobs, "utf8").trim().split("\n");
const home = await lab();

async function natively() {
  const program = spawn(render, { stdio: ["pipe", "pipe", "inherit"] });
  const answers = [];
  const reader = createInterface({ input: program.stdout });
  const done = new Promise((resolve) => reader.on("close", resolve));
  reader.on("line", (line) => answers.push(JSON.parse(line)));
  for (const line of lines) program.stdin.write(`${line}\n`);
  program.stdin.end();
  await done;
  return answersHash(answers);
}

async function inPage() {
  const browser = await chromium();
  try {
    return await resultOf(browser, home.dir, "/jobs.html", { timeout: 280_000 });
  } finally {
    await browser.close();
  }
}

const cells = {
  natively,
  "Node 20": () => home.exec(process.execPath, ["jobs-print.mjs"]),
  "Node 24": () => home.exec(join(modules, "node-24/bin/node"), ["jobs-print.mjs"]),
  Deno: () => home.exec(bin("deno"), ["run", "--no-remote", "--node-modules-dir=manual", "jobs-print.mjs"]),
  Bun: () => home.exec(bin("bun"), ["jobs-print.mjs"]),
  workerd: () => inWorkerd(home, "jobs-worker.mjs"),
  Chromium: inPage,
};

let failed = 0;
try {
  for (const name of ["answer.mjs", "hash.mjs"]) {
    cpSync(fileURLToPath(new URL(name, import.meta.url)), join(home.dir, name));
  }
  home.write({
    "jobs.mjs": `import * as cuecard from "cuecard";
import { answer } from "./answer.mjs";
import { answersHash } from "./hash.mjs";
const lines = ${JSON.stringify(lines)};
export const hash = () => answersHash(lines.map((line) => answer(cuecard, line)));`,
    "jobs-print.mjs": 'import { hash } from "./jobs.mjs";\nhash().then(console.log);',
    "jobs-worker.mjs":
      'import { hash } from "./jobs.mjs";\nexport default { fetch: async () => new Response(await hash()) };',
    "jobs.html": `<script type="importmap">{"imports":{"cuecard":"/node_modules/cuecard/dist/index.js"}}</script>
<script type="module">import { hash } from "/jobs.mjs";\nglobalThis.result = await hash();</script>`,
  });
  let expected;
  for (const [name, run] of Object.entries(cells)) {
    const started = performance.now();
    const hash = (await run()).trim();
    expected ??= hash;
    failed += hash === expected ? 0 : 1;
    console.log(`${name.padEnd(10)} ${hash}  ${Math.round(performance.now() - started)} ms`);
  }
} finally {
  await home.remove();
}
console.log(`${Object.keys(cells).length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
