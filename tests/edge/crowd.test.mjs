// A crowd of connections that ask the store again as soon as they are answered leaves others their turn.
import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { after, test } from "node:test";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

import { client, says } from "../api/client.mjs";
import { start } from "../workerd.mjs";

const CROWD = 32;
const SECONDS = 3;

/** Asks over a connection that stays open, as proxies do; Node's own are closed after each answer. */
function asking({ port, path, key }, agent) {
  const headers = { authorization: `Bearer ${key}`, "user-agent": "proxy" };
  return new Promise((resolve) => {
    request({ host: "127.0.0.1", port, path, agent, headers }, (answer) =>
      answer.resume().once("end", () => resolve(answer.statusCode)),
    )
      .once("error", (error) => resolve(error.code))
      .end();
  });
}

/** Asks again as soon as it is answered, and returns how often until the time is over. */
async function turns(what, agent, until) {
  const statuses = new Map();
  while (Date.now() < until) {
    const status = await asking(what, agent);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  return statuses;
}

if (isMainThread)
  test("a reader has as many turns as each connection of a crowd, and no request of theirs fails", async () => {
    const worker = await start();
    after(() => worker.stop());
    const call = client(worker);
    for (let n = 0; n < 30; n++)
      assert.equal((await call("POST", `/v1/prompts/p${n}/versions`, says("one"))).status, 201);
    const { port, key } = worker;
    for (const path of ["/v1/keys/self", "/v1/prompts?limit=30"]) {
      const crowd = new Worker(new URL(import.meta.url), { workerData: { port, key, path } });
      await new Promise((begun) => crowd.once("message", begun));
      const agent = new Agent({ keepAlive: true });
      const read = await turns({ port, key, path: "/v1/prompts/p1" }, agent, Date.now() + SECONDS * 1_000);
      crowd.postMessage("stop");
      const [answered] = await new Promise((ended) => crowd.once("message", (...told) => ended(told)));
      agent.destroy();
      await crowd.terminate();
      assert.deepEqual([...read.keys()], [200]);
      assert.deepEqual(answered.statuses, [200]);
      const each = answered.count / CROWD;
      assert.ok(
        read.get(200) >= each / 2,
        `${path}: ${read.get(200)} turns, and each of the crowd ${Math.round(each)}`,
      );
    }
  });
else {
  let until = Number.POSITIVE_INFINITY;
  const agent = new Agent({ keepAlive: true });
  const all = Array.from({ length: CROWD }, async () => {
    const statuses = [];
    while (Date.now() < until) statuses.push(await asking(workerData, agent));
    return statuses;
  });
  parentPort.once("message", async () => {
    until = 0;
    const statuses = (await Promise.all(all)).flat();
    agent.destroy();
    parentPort.postMessage({ count: statuses.length, statuses: [...new Set(statuses)] });
  });
  setTimeout(() => parentPort.postMessage("begun"), 500);
}
