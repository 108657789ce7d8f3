// Callers that send a body slowly or never: the edge answers each of them, and no other caller waits.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { makeKey } from "../workerd.mjs";
import { bearer, world } from "./world.mjs";

const JSON_TYPE = { "content-type": "application/json" };

/**
 * Sends half of a render request and waits. Returns `{ text, after }`, the answer and the milliseconds until it came.
 */
function half(port, key) {
  const body = '{"inputs":{}}';
  const socket = connect(port, "127.0.0.1");
  const began = performance.now();
  socket.write(
    `POST /v1/prompts/p/render HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
  );
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setEncoding("utf8").on("error", reject);
    socket.on("data", (chunk) => {
      text += chunk;
      if (!text.endsWith("}")) return;
      resolve({ text, after: performance.now() - began });
      socket.destroy();
    });
    socket.on("close", () => resolve({ text, after: performance.now() - began }));
  });
}

test("a render whose body does not arrive is answered after 10 seconds, with or without other renders", async () => {
  const { origin, worker, pool } = await world();
  const key = makeKey();
  origin.put("p", "Hello", 1);
  const render = () => pool.request("POST", "/v1/prompts/p/render", { ...bearer(key), ...JSON_TYPE }, '{"inputs":{}}');
  assert.equal((await render()).status, 200);
  const slow = [];
  let going = true;
  // The first of these renders owns the edge's timer, and has ended long before the half-sent renders time out.
  const others = (async () => {
    while (going) {
      assert.equal((await render()).status, 200);
      await sleep(20);
    }
  })();
  for (let i = 0; i < 4; i++) {
    slow.push(half(worker.port, key));
    await sleep(2_000);
  }
  const answers = await Promise.all(slow);
  going = false;
  await others;
  // The last half-sent render has no other request beside it.
  answers.push(await half(worker.port, key));
  for (const { text, after } of answers) {
    assert.match(text, /^HTTP\/1\.1 422 /);
    assert.match(text, /the body did not arrive within 10 seconds/);
    assert.ok(after > 9_900, `${after} ms`);
    // The bound is generous, as a machine under load is late.
    assert.ok(after < 16_000, `${after} ms`);
  }
});
