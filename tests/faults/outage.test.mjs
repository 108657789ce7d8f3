// Reads during an outage: the origin is dead, and the edge serves every prompt. Takes 20 s; `OUTAGE_SECONDS=600
// OUTAGE_READS=2000` makes it a soak.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { Pool } from "../edge/pool.mjs";
import { test } from "../patient.mjs";
import { makeKey, start } from "../workerd.mjs";
import { Origin } from "./origin.mjs";

const SECONDS = Number(process.env.OUTAGE_SECONDS ?? 20);
const READS_PER_SECOND = Number(process.env.OUTAGE_READS ?? 300);
const PROMPTS = 50;

test(`${SECONDS} s with the origin dead: no read fails`, async () => {
  const origin = await Origin.start();
  const worker = await start({
    vars: { ORIGIN: origin.url, FRESH_SECONDS: "1", STALE_WHILE_REVALIDATE_SECONDS: "4", KEY_SECONDS: "4" },
  });
  const pool = new Pool(worker.port);
  const key = makeKey();
  const headers = { authorization: `Bearer ${key}` };
  const path = (i) => `/v1/prompts/hot/${i % PROMPTS}`;
  for (let i = 0; i < PROMPTS; i++) {
    origin.put(`hot/${i}`, "before", 1);
    assert.equal((await pool.get(path(i), headers)).status, 200);
  }

  // The origin hangs for the first half of the time and refuses connections for the second.
  origin.fault = "hang";
  const began = performance.now();
  const half = sleep(SECONDS * 500).then(() => origin.close());
  const took = [];
  let failed = 0;
  for (let i = 0; performance.now() - began < SECONDS * 1_000; i += 50) {
    await Promise.all(
      Array.from({ length: 50 }, async (_, j) => {
        const sent = performance.now();
        const { status } = await pool.get(path(i + j), headers);
        took.push(performance.now() - sent);
        failed += status !== 200;
      }),
    );
    await sleep(Math.max(0, (took.length / READS_PER_SECOND) * 1_000 - (performance.now() - began)));
  }
  const seconds = (performance.now() - began) / 1_000;
  await half;
  took.sort((a, b) => a - b);
  const at = (share) => took[Math.floor(share * (took.length - 1))].toFixed(1);
  console.log(
    `# outage: ${took.length} reads in ${seconds.toFixed(0)} s (${Math.round(took.length / seconds)}/s), ${failed} failed; ms at p50 ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)}`,
  );
  assert.equal(failed, 0);

  await origin.listen();
  origin.fault = undefined;
  for (let i = 0; i < PROMPTS; i++) origin.put(`hot/${i}`, "after", 2);
  await Promise.all(Array.from({ length: PROMPTS }, (_, i) => pool.get(path(i), headers)));
  const back = performance.now();
  let left = PROMPTS;
  while (left > 0) {
    assert.ok(performance.now() - back < 12_000, `${left} prompts are still stale`);
    await sleep(200);
    const answers = await Promise.all(Array.from({ length: PROMPTS }, (_, i) => pool.get(path(i), headers)));
    left = answers.filter(({ body }) => JSON.parse(body).messages[0].content !== "after").length;
  }
  console.log(`# outage: all ${PROMPTS} prompts current ${((performance.now() - back) / 1_000).toFixed(1)} s after it`);
  pool.close();
  await worker.stop();
  await origin.close();
});
