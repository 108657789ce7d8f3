// Compares the edge with a hello-world Worker in the same workerd: a hit, a 304, and a hit with a render. Short
// alternating rounds, medians. Needs `wrk`.
//
//   node tests/bench/edge.mjs [--rounds 7] [--seconds 2] [--json]
//
// Requests/s are the throughput on this machine, beside all else that runs on it; CPU time per request is the same
// comparison without that noise.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";

import { start, startScript } from "../workerd.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
  },
});
const HELLO = `export default { fetch: () => new Response("Hello World!") };`;
const ECHO = `export default { fetch: async (request) => Response.json(await request.json()) };`;
const TARGETS = { hit: 0.82, "hit, 304": 0.82, "hit + render": 0.7 };
const JSON_TYPE = { "content-type": "application/json" };

const folder = mkdtempSync(join(tmpdir(), "cuecard-bench-"));
const hello = await startScript(HELLO);
const echo = await startScript(ECHO);
const cuecard = await start({ vars: { RENDERS_PER_MINUTE: "0" } });
const authorization = { authorization: `Bearer ${cuecard.key}` };

const committed = await fetch(`${cuecard.url}/v1/prompts/bench/reply/versions`, {
  method: "POST",
  headers: { ...authorization, ...JSON_TYPE },
  body: JSON.stringify({
    messages: [
      {
        role: "system",
        content: "You are a support agent of {{ company }}. Answer politely, in at most three sentences.",
      },
      { role: "user", content: "Hello, I am {{ name }}. {{ question }}" },
    ],
    inputs: ["company", "name", "question"].map((name) => ({ name, type: "str" })),
    model: "openai/gpt-4o-mini",
    parameters: { temperature: 0.2 },
  }),
});
if (committed.status !== 201) throw new Error(`${committed.status}: ${await committed.text()}`);
const inputs = JSON.stringify({
  inputs: { company: "Example Ltd", name: "Ada", question: "Why does the export never finish?" },
});
const prompt = `${cuecard.url}/v1/prompts/bench/reply`;
const { headers } = await fetch(prompt, { headers: authorization });

const at = (worker, name, options) => ({ name, worker, url: `http://127.0.0.1:${worker.port}/`, ...options });
const post = { method: "POST", body: inputs, headers: JSON_TYPE };
const base = at(hello, "hello world");
const cases = [
  base,
  at(echo, "parse and write JSON", post),
  at(cuecard, "hit", { url: prompt, headers: authorization }),
  at(cuecard, "hit, 304", {
    url: prompt,
    headers: { ...authorization, "if-none-match": headers.get("etag") },
    status: 304,
  }),
  at(cuecard, "hit + render", { ...post, url: `${prompt}/render`, headers: { ...authorization, ...JSON_TYPE } }),
];

const rounds = cases.map(() => []);
try {
  for (const one of cases) await check(one);
  for (const one of cases) await load(one, 1);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [index, one] of cases.entries()) rounds[index].push(await load(one, Number(values.seconds)));
  }
} finally {
  await Promise.all([hello.stop(), echo.stop(), cuecard.stop()]);
  rmSync(folder, { recursive: true });
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const rows = cases.map(({ name }, index) => ({
  name,
  perSecond: Math.round(median(rounds[index].map(({ perSecond }) => perSecond))),
  // Divides each round by the hello-world round beside it, so that changes between rounds cancel out.
  ratio: median(rounds[index].map(({ perSecond }, round) => perSecond / rounds[0][round].perSecond)),
  microseconds: median(rounds[index].map(({ microseconds }) => microseconds)),
  ratioOfCpu: median(rounds[index].map(({ microseconds }, round) => rounds[0][round].microseconds / microseconds)),
  target: TARGETS[name],
}));
if (values.json) console.log(JSON.stringify(rows));
else {
  console.log("                       requests/s   ratio   µs of CPU   ratio   target");
  for (const { name, perSecond, ratio, microseconds, ratioOfCpu, target } of rows) {
    const cells = [
      perSecond,
      ratio.toFixed(2),
      microseconds.toFixed(1),
      ratioOfCpu.toFixed(2),
      target === undefined ? "" : `≥ ${target}`,
    ];
    console.log(name.padEnd(22) + cells.map((cell, i) => String(cell).padStart([11, 8, 12, 8, 9][i])).join(""));
  }
}

/** Checks that the answer is correct before it is measured. */
async function check({ name, url, method = "GET", headers, body, status = 200 }) {
  const answer = await fetch(url, { method, headers, body });
  const cache = answer.headers.get("cache-status") ?? "cuecard; hit";
  if (answer.status !== status || !cache.startsWith("cuecard; hit"))
    throw new Error(`${name}: ${answer.status}, ${cache}`);
}

/** Runs one round. Returns requests per second, and the Worker's CPU time per request in microseconds. */
async function load({ name, worker, url, method = "GET", headers = {}, body, status = 200 }, seconds) {
  const script = join(folder, "request.lua");
  const lines = Object.entries(headers).map(
    ([header, value]) => `wrk.headers[${JSON.stringify(header)}] = ${JSON.stringify(value)}`,
  );
  if (body) lines.push(`wrk.body = ${JSON.stringify(body)}`);
  writeFileSync(script, [`wrk.method = "${method}"`, ...lines].join("\n"));
  const before = cpu(worker.pid);
  const { stdout } = await promisify(execFile)("wrk", ["-t1", "-c32", `-d${seconds}s`, "-s", script, url]);
  const spent = cpu(worker.pid) - before;
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  if (!(requests > 0) || (status < 400 && /Non-2xx or 3xx|Socket errors/.test(stdout)))
    throw new Error(`${name}\n${stdout}`);
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]), microseconds: (spent * 1e6) / requests };
}

/** Seconds of CPU time that a process has used, which Linux counts in ticks of 10 ms. */
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
