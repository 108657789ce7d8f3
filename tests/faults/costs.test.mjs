// Measures operations on large values in the Worker, as rendered prompts: processor time and memory. `COSTS=all` runs
// all cases; the default runs one of 96.
import assert from "node:assert/strict";
import { test } from "node:test";

import { client, says } from "../api/client.mjs";
import { MEMORY, TIME, measure, report } from "../bombs.mjs";
import { costs } from "../costs.mjs";
import { start } from "../workerd.mjs";

/** Bytes of one text: two texts of a case fit into one body. */
const BYTES = 400 << 10;
const BODY = 1 << 20;
/** Bytes by which workerd may grow: the Worker's engine, which is made once, and V8's garbage. */
const GROWTH = 2 * MEMORY;

test(`over HTTP an operation on large values costs at most ${TIME} ms of processor time`, async () => {
  const worker = await start({ vars: { SPENT_RENDERS_PER_MINUTE: "0", WRITES_PER_MINUTE: "0" } });
  const call = client(worker);
  /** Milliseconds to read the inputs, measured with a prompt that does nothing with them. */
  const reading = async (inputs) => {
    const content = Object.keys(inputs).map((name) => `{% if ${name} is defined %}{% endif %}`);
    const { status, json } = await call("POST", "/v1/prompts/plain/versions", says(content.join("")));
    assert.ok(status <= 201, `${status}`);
    const path = `/v1/prompts/plain/render?version=${json.version}`;
    return (await measure(worker.pid, 8, () => call("POST", path, { inputs }), 0)).time;
  };
  const rows = [];
  const wrong = [];
  const cases = costs(BYTES).filter((_, index) => process.env.COSTS === "all" || index % 96 === 0);
  for (const { id, document, inputs } of cases) {
    if (Buffer.byteLength(JSON.stringify({ inputs })) > BODY) continue;
    const committed = await call("POST", "/v1/prompts/cost/versions", document);
    if (committed.status > 201) continue;
    const path = `/v1/prompts/cost/render?version=${committed.json.version}`;
    const { result, ...cost } = await measure(worker.pid, 8, () => call("POST", path, { inputs }));
    if (cost.time > TIME) cost.time -= await reading(inputs);
    rows.push({ id, ...cost });
    if (![200, 422].includes(result.status)) wrong.push({ id, status: result.status });
  }
  await worker.stop();
  report("Worker over HTTP, operations on large values", rows);
  assert.ok(rows.length > 100, `${rows.length} cases`);
  assert.deepEqual(wrong, []);
  const over = rows.filter(({ time, grown }) => time > TIME || grown > GROWTH);
  assert.deepEqual(over, []);
});
