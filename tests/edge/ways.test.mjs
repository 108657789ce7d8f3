// A render of a hit takes the synchronous way of `worker/js/entry.js`, any other render that of `edge/prompt_read.rs`,
// and both give the same answer. The tests send the fixtures' cases and hard-to-parse bodies both ways.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { client, says } from "../api/client.mjs";
import { start } from "../workerd.mjs";

const folder = fileURLToPath(new URL("../fixtures/render/", import.meta.url));
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => ({ slug: `fixtures/of-${name.slice(0, -5)}`, ...JSON.parse(readFileSync(folder + name, "utf8")) }));

/** Prompts that accept almost any input. */
const OPEN = {
  "open/any": says("{{ a }} {{ b }}", { template: { undefined: "lenient" } }),
  "open/all": says("{% for key, value in a.items() %}{{ key }}={{ value }};{% endfor %}", {
    inputs: [{ name: "a", type: "dict" }],
  }),
  "open/json": says("{{ a | tojson }}", { inputs: [{ name: "a", type: "any" }] }),
  "open/int": says("{{ a }}", { inputs: [{ name: "a", type: "int" }] }),
  "open/float": says("{{ a }}", { inputs: [{ name: "a", type: "float" }] }),
  "open/list": says("{% for one in a %}{{ one }}, {% endfor %}", { inputs: [{ name: "a", type: "list" }] }),
};

const inputs = (a) => `{"inputs":{"a":${a}}}`;
const deep = (levels) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
/** JSON texts as values of an input, and as whole bodies. */
const BODIES = [
  ...[
    '"text"',
    '"\\u00e9\\n\\"\\ud83d\\ude00\u2028"',
    "true",
    "null",
    "1",
    "-17",
    "9007199254740991",
    "0.5",
    "5e-324",
    "{}",
  ],
  ...[
    '{"x":{"y":[1,"2",false]}}',
    '["a","b"]',
    '{"b":1,"a":2}',
    '{"b":"x","1":"y","0":"z"}',
    "1.0",
    "-0",
    "1e3",
    "1E400",
  ],
  ...[
    "9007199254740993",
    "123456789012345678901",
    '{"x":1,"x":2}',
    '"\\ud800"',
    '{"__proto__":{"x":1}}',
    deep(40),
    deep(70),
  ],
  ...["01", "NaN", '"\t"', "[1,]", `"${"x".repeat(70_000)}"`],
]
  .map(inputs)
  .concat(
    [
      ' { "inputs" : { "a" : "x" , "b" : "y" } }\r\n',
      '{"inputs":{"a":"x","a":"y"}}',
      '{"inputs":{"a":"x"},"inputs":{"a":"y"}}',
    ],
    [
      '{"inputs":{"a":"x"},"now":"2020-01-01T00:00:00Z"}',
      '{"inputs":{"a":"x"},"more":1}',
      '{"inputs":[]}',
      "{}",
      "[]",
      "",
    ],
    ['\ufeff{"inputs":{"a":"x"}}', '{"inputs":{"a":"x"}} x'],
  )
  .map((text) => Buffer.from(text))
  .concat([Buffer.from(inputs('"\xff"'), "latin1")]);

let worker;

before(async () => {
  // Time stands still, so that all answers have the same age.
  worker = await start({ clock: true });
  const call = client(worker);
  const documents = Object.entries(OPEN).concat(fixtures.map(({ slug, prompt }) => [slug, prompt]));
  for (const [slug, document] of documents) {
    const { status, text } = await call("POST", `/v1/prompts/${slug}/versions`, document);
    assert.equal(status, 201, `${slug}: ${text}`);
  }
  // These reads store a current copy of each prompt before the first render.
  for (const [slug] of documents) await call("GET", `/v1/prompts/${slug}`);
});

after(() => worker?.stop());

/** An answer without the parts that differ between any two answers. */
async function answer(slug, body, type) {
  const headers = { authorization: `Bearer ${worker.key}`, "content-type": type };
  const response = await fetch(`${worker.url}/v1/prompts/${slug}/render`, { method: "POST", headers, body });
  const own = Object.fromEntries(response.headers);
  for (const name of ["date", "cuecard-request-id"]) delete own[name];
  const text = (await response.text()).replace(/"instance":"[^"]*"/, `"instance":""`);
  return { status: response.status, headers: own, text };
}

/** Asserts that both ways give the same answer, and returns it. */
async function same(slug, body) {
  const synchronous = await answer(slug, body, "application/json");
  // The synchronous way does not recognise the type in this spelling.
  const other = await answer(slug, body, "Application/JSON");
  assert.deepEqual(synchronous, other, `${slug}: ${body.toString().slice(0, 200)}`);
  return synchronous;
}

test("the fixtures' cases", async () => {
  let rendered = 0;
  for (const { slug, cases } of fixtures) {
    for (const { inputs = {} } of cases) {
      const { status, headers } = await same(slug, Buffer.from(JSON.stringify({ inputs })));
      if (status !== 200) continue;
      assert.match(headers["cache-status"], /^cuecard; hit/, slug);
      rendered += 1;
    }
  }
  assert.ok(rendered > 40, `only ${rendered} render`);
});

test("bodies that are hard to parse", async () => {
  for (const slug of Object.keys(OPEN)) for (const body of BODIES) await same(slug, body);
});
