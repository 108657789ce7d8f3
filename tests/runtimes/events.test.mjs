// Parses the events of a run with every line ending and chunk boundary. Needs `cargo xtask build pkg`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cuecard } from "../../pkg/dist/node.js";

const expected = [{ a: 1 }, { text: "ä😀\n" }, { b: [2] }];

/** Runs a prompt whose answer arrives in `pieces`, and reads up to `took` events. */
async function events(pieces, took = Infinity) {
  let isCancelled = false;
  const body = new ReadableStream({
    pull: (controller) => (pieces.length > 0 ? controller.enqueue(pieces.shift()) : controller.close()),
    cancel: () => (isCancelled = true),
  });
  const fetch = async () => new Response(body, { headers: { "content-type": "text/event-stream" } });
  const cue = new Cuecard({ url: "https://prompts.test", key: "k", fetch });
  const seen = [];
  for await (const event of await cue.run("a", {}, { stream: true })) {
    seen.push(event);
    if (seen.length === took) break;
  }
  return { seen, isCancelled };
}

for (const [name, end] of Object.entries({ LF: "\n", CRLF: "\r\n", CR: "\r" })) {
  const lines = [
    "\ufeff: a comment",
    "",
    "event: x",
    'data: {"a":1}',
    "",
    'data:{"text":"ä😀\\n"}',
    "",
    "",
    'data: {"b":',
    "data: [2]}",
    "",
    "data: [DONE]",
    "",
    "data: half of an eve",
  ];
  const bytes = new TextEncoder().encode(lines.join(end));
  test(`lines that end with ${name}, cut anywhere`, async () => {
    for (let at = 0; at <= bytes.length; at++)
      assert.deepEqual((await events([bytes.slice(0, at), bytes.slice(at)])).seen, expected, `cut at ${at}`);
    assert.deepEqual((await events(Array.from(bytes, (byte) => Uint8Array.of(byte)))).seen, expected);
  });
  test(`the last event ends with the answer, ${name}`, async () => {
    const short = new TextEncoder().encode(['data: {"a":1}', "", ""].join(end));
    assert.deepEqual((await events([short])).seen, [{ a: 1 }]);
  });
}

test("breaking out of the iteration cancels the answer", async () => {
  const { seen, isCancelled } = await events(
    Array.from({ length: 100 }, (_, index) => new TextEncoder().encode(`data: ${index}\n\n`)),
    2,
  );
  assert.deepEqual([seen, isCancelled], [[0, 1], true]);
});
