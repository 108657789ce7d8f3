// Requests whose bodies are bombs, to every route that reads one: each is answered within the time of a bomb.
import assert from "node:assert/strict";
import { test } from "node:test";

import { client, says } from "../api/client.mjs";
import { MEMORY, TIME, measure, report } from "../bombs.mjs";
import { start } from "../workerd.mjs";

const many = (count, of) => Array.from({ length: count }, (_, n) => of(n));
const members = (count, of) => Object.fromEntries(many(count, of));
/** Bytes of a body, a little less than the most. */
const FULL = (1 << 20) - 200;

const SAID = "/v1/prompts/said/render";
const TURNS = "/v1/prompts/turns/render";
const COMMIT = "/v1/prompts/new/versions";
const inputs = (json) => `{"inputs":{"a":${json}}}`;
const call = (n, args) => ({ type: "function_call", call_id: `c${n}`, name: "f", arguments: args });
const turns = (messages) => JSON.stringify({ inputs: { m: messages } });
const imported = (from) => `/v1/prompts/${from}/import?from=${from}`;

/** `[id, path, body]` */
const requests = [
  // Each name was looked for among all names before it: 0.8 s.
  [
    "Athina's parameters",
    imported("athina"),
    JSON.stringify({ prompt: "x", parameters: members(20_000, (n) => [`p${n}`, n]) }),
  ],
  // Texts of JSON in a conversation had no limit of values.
  ["arguments with 340,000 lists", TURNS, turns([call(0, `{"a": [${"[],".repeat(340_000)}1]}`)])],
  ["arguments that are no JSON", TURNS, turns(many(4_000, (n) => call(n, "[".repeat(150))))],
  ["9,000 calls in one turn", TURNS, turns(many(9_000, (n) => call(n, "{}")))],
  ["messages of the wrong type", TURNS, turns(many(50_000, () => 1))],
  // What a reader of JSON could do twice, or for each byte.
  ["a name given 60,000 times", SAID, `{"inputs":{${many(60_000, () => '"a":1').join(",")}}}`],
  ["60,000 names", SAID, `{"inputs":{${many(60_000, (n) => `"k${n}":1`).join(",")}}}`],
  ["lists without an end", SAID, "[".repeat(FULL)],
  ["340,000 lists", SAID, inputs(`[${"[],".repeat(340_000)}1]`)],
  ["a million digits", SAID, inputs("9".repeat(FULL - 50))],
  ["a million digits behind the point", COMMIT, inputs(`0.${"9".repeat(FULL - 50)}`)],
  ["an exponent of a million digits", SAID, inputs(`1e${"9".repeat(FULL - 50)}`)],
  ["floats that are almost 0", SAID, inputs(`[${many(30_000, () => "1.7777777777777777777e-300").join(",")}]`)],
  ["escapes", SAID, inputs(`"${"\\u0041".repeat(170_000)}"`)],
  ["halves of pairs", SAID, inputs(`"${"\\ud800".repeat(170_000)}"`)],
  ["white space", COMMIT, `${" ".repeat(FULL)}{}`],
  ["fields that there are not", COMMIT, `{${many(60_000, (n) => `"k${n}":1`).join(",")}}`],
  // Bodies of other systems.
  [
    "LangWatch's demonstrations",
    imported("langwatch"),
    JSON.stringify({
      prompt: "x",
      demonstrations: {
        columns: many(64, (n) => ({ id: `c${n}`, name: `c${n}`, type: "str" })),
        rows: many(200, () => members(64, (n) => [`c${n}`, "v"])),
      },
    }),
  ],
  [
    "Basalt's labels",
    imported("basalt"),
    JSON.stringify({ text: "x", variables: many(9, (n) => ({ label: `${"é ".repeat(50_000)}${n}`, type: "string" })) }),
  ],
  ["Liquid's filters", imported("langwatch"), JSON.stringify({ prompt: `{{ a ${"| upcase ".repeat(20_000)}}}` })],
  ["Liquid's dashes", imported("langwatch"), JSON.stringify({ prompt: "{%- -%}".repeat(35_000) })],
];

test(`a request takes at most ${TIME} ms of processor time and ${MEMORY >> 20} MiB, whatever its body`, async () => {
  const worker = await start({ vars: { SPENT_RENDERS_PER_MINUTE: "0", WRITES_PER_MINUTE: "0" } });
  const commit = client(worker);
  const turnsDocument = {
    messages: [{ role: "placeholder", content: "{{ m }}" }],
    inputs: [{ name: "m", type: "messages" }],
  };
  assert.equal((await commit("POST", "/v1/prompts/said/versions", says("Hi {{ a }}"))).status, 201);
  assert.equal((await commit("POST", "/v1/prompts/turns/versions", turnsDocument)).status, 201);
  const headers = { authorization: `Bearer ${worker.key}`, "content-type": "application/json" };
  const rows = [];
  const wrong = [];
  for (const [id, path, body] of requests) {
    const { result, ...cost } = await measure(worker.pid, 8, async () => {
      const response = await fetch(worker.url + path, { method: "POST", headers, body });
      await response.arrayBuffer();
      return response.status;
    });
    rows.push({ id, ...cost });
    if (![200, 201, 400, 413, 422].includes(result)) wrong.push({ id, status: result });
  }
  await worker.stop();
  report("Worker over HTTP, bodies", rows);
  assert.deepEqual(wrong, []);
  assert.deepEqual(
    rows.filter(({ time, grown }) => time > TIME || grown > 2 * MEMORY),
    [],
  );
});
