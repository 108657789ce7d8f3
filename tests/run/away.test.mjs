// An edge whose store is down still runs the prompts that it has a copy of, labels the answers as stale and records the
// executions.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { start } from "../workerd.mjs";
import { startUpstream } from "./upstream.mjs";
import { GREET, SECRET, World, startWorld } from "./world.mjs";

let store;
let edge;
let upstream;

before(async () => {
  upstream = await startUpstream();
  store = await startWorld({ vars: { UPSTREAM_TEST: "" } });
  const vars = { ORIGIN: store.url, FRESH_SECONDS: 0.1, STALE_WHILE_REVALIDATE_SECONDS: 0.1, UPSTREAM_TEST: SECRET };
  const worker = await start({ vars });
  edge = new World(worker.url, store.key, worker);
  await store.connect("main", "openai_chat", upstream.url, { default: true });
  await store.commit("greet", { ...GREET, model: "m" });
});
after(() => Promise.all([store.worker.stop(), edge.worker.stop(), upstream.close()]));

test("while the store is down, the edge runs and records a prompt that it has a copy of", async () => {
  const body = { inputs: { name: "Ada" } };
  const fresh = await edge.run("greet", body);
  assert.equal(fresh.status, 200, await fresh.clone().text());
  await store.worker.kill9();
  await new Promise((resolve) => setTimeout(resolve, 400));
  const stale = await edge.run("greet", body);
  const answer = await stale.json();
  assert.equal(stale.status, 200, JSON.stringify(answer));
  assert.equal(answer.output, "Hello Ada");
  assert.match(stale.headers.get("cache-status"), /stale-if-error/);
  assert.ok(Number(stale.headers.get("age")) >= 0);
  await edge.ended(answer.execution, "completed");
  const stream = await edge.run("greet", { ...body, stream: true });
  assert.match(await stream.text(), /\[DONE\]/);
  const { executions } = await edge.get("/v1/executions");
  assert.equal(executions.length, 3);
  assert.equal((await edge.run("never-seen", { inputs: {} })).status, 503);
});

test("once the store is back, the edge runs its new version", async () => {
  await store.worker.restart();
  await store.commit("greet", { ...GREET, model: "m", metadata: { n: 2 }, tags: ["production"] });
  for (let i = 0; ; i++) {
    const answer = await (await edge.run("greet", { inputs: { name: "Ada" } })).json();
    if (answer.resolved.version === 2) return;
    assert.ok(i < 200, JSON.stringify(answer.resolved));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
