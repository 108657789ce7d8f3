// Reads and renders of one caller while another floods the Worker with bombs, unknown names or guessed keys. The cost
// of a flood is measured in processor time. `NEIGHBOUR_SECONDS=10` also measures how long the neighbour waits, which
// takes an idle machine.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { client, says } from "../api/client.mjs";
import { bombs, cpuTime } from "../bombs.mjs";
import { Pool } from "../edge/pool.mjs";
import { bearer, guess } from "../edge/world.mjs";
import { start } from "../workerd.mjs";

const SECONDS = Number(process.env.NEIGHBOUR_SECONDS ?? 0);
const BODY = 256 << 10;

const worker = await start();
const call = client(worker);
const [calm, loud] = [new Pool(worker.port, 4), new Pool(worker.port, 20)];
test.after(async () => {
  for (const pool of [calm, loud]) pool.close();
  await worker.stop();
});
const headers = { ...bearer(worker.key), "content-type": "application/json" };
await call("POST", "/v1/prompts/calm/versions", says("Hello {{ name }}"));
await call("POST", "/v1/prompts/calm/render", { inputs: { name: "Ada" } });

/** Commits up to six bombs of each family as prompts. */
async function committed() {
  const families = {};
  const rows = [];
  for (const { id, document, inputs } of bombs()) {
    const [family] = id.split("/");
    const body = JSON.stringify({ inputs });
    if (Buffer.byteLength(body) > BODY || (families[family] ?? 0) >= 6) continue;
    const slug = `bomb%2F${rows.length}`;
    const { status } = await call("POST", `/v1/prompts/${slug}/versions`, document);
    if (status !== 201) continue;
    families[family] = (families[family] ?? 0) + 1;
    rows.push({ path: `/v1/prompts/${slug}/render`, body });
  }
  assert.ok(rows.length > 24, `${rows.length} bombs`);
  return rows;
}
const rows = await committed();

/** The floods: requests per second, and a function that sends one. */
const FLOODS = {
  bombs: {
    rate: 20,
    send: (n) => loud.request("POST", rows[n % rows.length].path, headers, rows[n % rows.length].body),
  },
  "unknown names": { rate: 100, send: (n) => loud.get(`/v1/prompts/unknown%2F${n}`, headers) },
  "guessed keys": { rate: 100, send: () => loud.get("/v1/prompts/calm", bearer(guess(worker.key))) },
};

test("a key's bombs cost their processor time once", async () => {
  const round = async () => {
    const before = cpuTime(worker.pid);
    const statuses = [];
    for (let n = 0; n < rows.length; n++) statuses.push((await FLOODS.bombs.send(n)).status);
    return { time: cpuTime(worker.pid) - before, statuses };
  };
  const [first, second] = [await round(), await round()];
  console.log(
    `# ${rows.length} bombs: ${first.time.toFixed(0)} ms of processor time, then ${second.time.toFixed(0)} ms`,
  );
  // A key may fail a minute's allowance of renders, and as many first renders of other prompts.
  assert.ok(first.statuses.filter((status) => status === 422).length >= 15);
  assert.ok(second.statuses.filter((status) => status === 429).length > rows.length / 2);
  assert.ok(second.time < first.time / 2, `${second.time} after ${first.time}`);
  const answer = await call("POST", "/v1/prompts/calm/render", { inputs: { name: "Ada" } });
  assert.equal(answer.json.messages[0].content, "Hello Ada");
});

/** The p99 in milliseconds of a neighbour's reads and renders, alone or during a flood. */
async function p99(flood) {
  let on = true;
  const began = performance.now();
  const flooding = (async () => {
    const under = [];
    for (let n = 0; flood && on; n++) {
      under.push(flood.send(n));
      await sleep(Math.max(0, began + ((n + 1) * 1_000) / flood.rate - performance.now()));
    }
    await Promise.all(under);
  })();
  const took = [];
  while (performance.now() - began < SECONDS * 1_000) {
    const sent = performance.now();
    const read = took.length % 2 === 0;
    const answer = read
      ? await calm.get("/v1/prompts/calm", headers)
      : await calm.request("POST", "/v1/prompts/calm/render", headers, '{"inputs":{"name":"Ada"}}');
    took.push(performance.now() - sent);
    assert.equal(answer.status, 200);
    await sleep(2);
  }
  on = false;
  await flooding;
  return took.sort((a, b) => a - b)[Math.floor(took.length * 0.99)];
}

for (const [name, flood] of SECONDS > 0 ? Object.entries(FLOODS) : []) {
  test(`${name}, ${flood.rate} a second: a neighbour's p99 less than doubles`, async () => {
    const alone = [];
    const beside = [];
    for (let turn = 0; turn < 3; turn++) {
      alone.push(await p99());
      beside.push(await p99(flood));
    }
    const said = (list) => list.map((ms) => ms.toFixed(1)).join(", ");
    console.log(`# p99 in ms: alone ${said(alone)}; beside ${name} ${said(beside)}`);
    const middle = (list) => list.toSorted((a, b) => a - b)[1];
    assert.ok(middle(beside) < 2 * middle(alone), `${said(beside)} beside ${said(alone)}`);
  });
}
