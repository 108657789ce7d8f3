// Runs `cuecard-server` under the load of a team: reads, renders, commits, tags, deletes, wrong keys. Prints the memory
// of its processes at rest, and fails if it grows or if an answer is wrong. Usage: node soak.mjs [minutes]
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../ports.mjs";

const minutes = Number(process.argv[2] ?? process.env.SOAK_MINUTES ?? 30);
const dir = mkdtempSync(join(tmpdir(), "cuecard-soak-"));
const port = await freePort();
const main = fileURLToPath(new URL("../../worker/dist/main.js", import.meta.url));
const child = spawn(
  process.execPath,
  [main, "--json", "--dir", dir, "--port", String(port), "--no-samples", "--metrics", "--var", "WRITES_PER_MINUTE=0"],
  {
    stdio: ["pipe", "pipe", "inherit"],
  },
);
process.once("exit", () => {
  child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});
const { url, key } = JSON.parse(await new Promise((resolve) => child.stdout.setEncoding("utf8").once("data", resolve)));
const { workerd } = JSON.parse(readFileSync(join(dir, "serving.json"), "utf8"));

const PROMPTS = minutes < 1 ? 40 : 200;
const counts = {};
const call = async (what, method, path, expected, body, auth = key) => {
  const headers = { authorization: `Bearer ${auth}`, "content-type": "application/json" };
  const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  assert.ok(expected.includes(response.status), `${what}: ${response.status} ${text.slice(0, 300)}`);
  counts[what] = (counts[what] ?? 0) + 1;
  return text === "" ? undefined : JSON.parse(text);
};
const pathOf = (n) => `/v1/prompts/${encodeURIComponent(`soak/p${n}`)}`;
const document = (text) => ({ messages: [{ role: "user", content: `${text} {{ who }}` }] });
const some = (most) => Math.floor(Math.random() * most);

/** Resident memory of a process in MiB. */
const memory = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function work(until) {
  while (Date.now() < until) {
    const n = some(PROMPTS);
    const dice = some(100);
    if (dice < 60) await call("read", "GET", `${pathOf(n)}?tag=production`, [200, 404]);
    else if (dice < 80)
      await call("render", "POST", `${pathOf(n)}/render`, [200, 404], { inputs: { who: `reader ${some(1e6)}` } });
    else if (dice < 88)
      await call("commit", "POST", `${pathOf(n)}/versions?anew=true`, [200, 201], document(`text ${some(1e9)}`));
    else if (dice < 92) await call("tag", "PUT", `${pathOf(n)}/tags/production`, [200, 404], { version: 1 });
    else if (dice < 94) await call("delete", "DELETE", pathOf(n), [204, 404]);
    else if (dice < 97) await call("wrong key", "GET", pathOf(n), [401, 429], undefined, `cue_${some(1e9)}`);
    else await call("unknown", "GET", `/v1/prompts/soak%2Funknown${some(1e9)}`, [404]);
  }
}

/** Prints and returns the memory of the processes at rest, in MiB. */
async function rest(minute) {
  await pause(brief ? 500 : 5_000);
  const [server, node] = [memory(workerd), memory(child.pid)];
  const said = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  console.log(
    `${String(minute).padStart(3)} min: workerd ${server.toFixed(0)} MiB, node ${node.toFixed(0)} MiB; ${said.join(", ")}`,
  );
  return server + node;
}

for (let n = 0; n < PROMPTS; n++) await call("commit", "POST", `${pathOf(n)}/versions`, [201], document(`first ${n}`));
// A run of less than a minute tests the answers only, because memory grows too little to measure.
const brief = minutes < 1;
const STEPS = brief ? 2 : 10;
const began = Date.now();
const sizes = [];
for (let step = 1; step <= STEPS; step++) {
  const until = began + (step / STEPS) * minutes * 60_000;
  await Promise.all(Array.from({ length: 8 }, () => work(until)));
  sizes.push(await rest(Math.round((step / STEPS) * minutes * 10) / 10));
}
child.stdin.end();
await new Promise((resolve) => child.once("exit", resolve));
if (brief) {
  assert.ok(sizes.at(-1) < 768, `${sizes.at(-1)} MiB`);
} else {
  // The first steps fill caches, so growth compares the later steps' halves.
  const middle = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const [before, after] = [middle(sizes.slice(2, 6)), middle(sizes.slice(6))];
  console.log(`at rest: ${before.toFixed(0)} MiB, later ${after.toFixed(0)} MiB`);
  assert.ok(after < before * 1.25 + 16, "the processes keep growing");
}
console.log("1 passed, 0 failed");
