// Commits every bomb as a version of a prompt: the commit or the render ends in the bomb's error, and other requests go
// on.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { client, says } from "../api/client.mjs";
import { MEMORY, TIME, bombs, cpuTime, forgetPeak, measure, memory, report } from "../bombs.mjs";
import { test } from "../patient.mjs";
import { start } from "../workerd.mjs";

/** Bytes by which workerd may grow: two engines of 64 MiB (the Worker's and the Durable Object's) and V8's garbage. */
const GROWTH = 256 << 20;
const BODY = 1 << 20;
const CALM = "/v1/prompts/calm";
const SCRATCH = "/v1/prompts/scratch";

test("every bomb ends in its error over HTTP, while other reads and renders go on", async () => {
  const worker = await start({ vars: { SPENT_RENDERS_PER_MINUTE: "0" } });
  const call = client(worker);
  assert.equal((await call("POST", `${CALM}/versions`, says("Hello {{ name }}"))).status, 201);

  let running = true;
  const beside = [];
  const neighbour = (async () => {
    while (running) {
      const began = performance.now();
      const [read, render] = await Promise.all([
        call("GET", CALM),
        call("POST", `${CALM}/render`, { inputs: { name: "Ada" } }),
      ]);
      beside.push({
        took: performance.now() - began,
        read: read.status,
        render: render.status,
        text: render.json.messages?.[0]?.content,
      });
      await sleep(5);
    }
  })();

  const before = memory(worker.pid).now;
  const rows = [];
  const wrong = [];
  let committed = 0;
  try {
    forgetPeak(worker.pid);
    for (const { id, document, inputs, code } of bombs()) {
      const started = cpuTime(worker.pid);
      let answer = await call("POST", `${SCRATCH}/versions`, document);
      let wanted = [422, code];
      // Status 200: the template is that of the previous bomb, and only the inputs differ.
      if (answer.status === 201 || answer.status === 200) {
        committed++;
        if (Buffer.byteLength(JSON.stringify({ inputs })) > BODY) wanted = [413, "body_too_large"];
        answer = await call("POST", `${SCRATCH}/render?version=${answer.json.version}`, { inputs });
      }
      rows.push({ id, time: cpuTime(worker.pid) - started, grown: memory(worker.pid).now - before });
      if (answer.status !== wanted[0] || answer.json.code !== wanted[1])
        wrong.push({ id, status: answer.status, code: answer.json.code, wanted });
    }
  } finally {
    running = false;
    await neighbour;
  }
  const grown = memory(worker.pid).peak - before;
  await worker.stop();

  report("Worker over HTTP, processor time of a commit, a render and the neighbours", rows);
  const took = beside.map((one) => one.took).sort((a, b) => a - b);
  console.log(
    `#   ${committed} committed; workerd grew by ${(grown / (1 << 20)).toFixed(0)} MiB; beside them ${beside.length} reads and renders, ms at p50 ${took[took.length >> 1].toFixed(1)}, most ${took.at(-1).toFixed(1)}`,
  );
  assert.deepEqual(wrong, []);
  assert.deepEqual(
    beside.filter(({ read, render, text }) => read !== 200 || render !== 200 || text !== "Hello Ada"),
    [],
  );
  assert.ok(beside.length > 20, `${beside.length} neighbours`);
  assert.ok(grown <= GROWTH, `workerd grew by ${grown} bytes`);
});

test(`committing and rendering each bomb over HTTP takes at most ${TIME} ms and ${MEMORY >> 20} MiB`, async () => {
  const worker = await start({ vars: { SPENT_RENDERS_PER_MINUTE: "0" } });
  const call = client(worker);
  await call("POST", `${CALM}/versions`, says("Hello"));
  const { pid } = worker;
  const first = memory(pid).now;
  const rows = [];
  const send = async (id, ...request) => {
    const { result, ...cost } = await measure(pid, 8, () => call(...request));
    rows.push({ id, ...cost });
    return result;
  };
  for (const { id, document, inputs } of bombs()) {
    const { status, json } = await send(`${id}, commit`, "POST", `${SCRATCH}/versions`, document);
    if (status < 300) await send(`${id}, render`, "POST", `${SCRATCH}/render?version=${json.version}`, { inputs });
  }
  const all = memory(pid).now - first;
  await worker.stop();

  report("Worker over HTTP, processor time of one request", rows);
  console.log(`#   workerd grew by ${(all / (1 << 20)).toFixed(0)} MiB through all of them`);
  assert.deepEqual(
    rows.filter(({ time, grown }) => time > TIME || grown > MEMORY),
    [],
  );
});
