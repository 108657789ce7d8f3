// Operations of plans, which JavaScript runs by itself, and inputs that only JavaScript can hold: each ends within the
// time of a bomb, by the plan or in the engine.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MEMORY, TIME, forgetPeak, memory } from "../bombs.mjs";
import { sealed } from "./seal.mjs";

const { __engine, compile } = await import("../../pkg/dist/node.js");
const { Cuecard } = await import("../../pkg/dist/light.node.js");

const TRIES = 8;
const many = (count, of) => Array.from({ length: count }, (_, n) => of(n));
const names = (count) => Object.fromEntries(many(count, (n) => [`k${n}`, n]));
const nested = (levels, of, inner = [1]) => (levels === 0 ? inner : nested(levels - 1, of, of(inner)));

const UNITS = 299_000;
const long = () => "a".repeat(UNITS);
const nearly = () => `${"a".repeat(UNITS - 1)}b`;
/** A text that a search by its last units finds at each place of `a…a`. */
const middle = (units) => `${"a".repeat(units / 2)}b${"a".repeat(units / 2)}`;
const texts = { s: long(), t: long() };
const kinds = { s: "str", t: "str", l: "list", d: "dict", m: "messages" };
const declared = (content, inputs, more = {}) => ({
  messages: [{ role: "user", content }],
  inputs: Object.keys(inputs).map((name) => ({ name, type: kinds[name], ...more })),
});
const often = (expression) => `{% for i in range(10000) %}{% if ${expression} %}{% endif %}{% endfor %}`;
const row = (id, content, inputs, more) => ({ id, document: declared(content, inputs, more), inputs });
const conversation = (count) => ({
  messages: many(count, () => ({ role: "placeholder", content: "{{ m }}" })),
  inputs: [{ name: "m", type: "messages" }],
});
const history = many(6_000, (n) => ({ role: n % 2 ? "user" : "assistant", content: "Hi" }));
const calls = (count, args) =>
  many(count, (n) => ({ type: "function_call", call_id: `c${n}`, name: "f", arguments: args }));

const rows = [
  // `startsWith` of JavaScript compares unit by unit: 12 s.
  row("a text starts with an equal one", often("s.startswith(t)"), texts),
  row("a text ends with an equal one", often("s.endswith(t)"), texts),
  // 10,000 comparisons of 300 KB are 3 GB.
  row("equal texts", often("s == t"), texts),
  row("nearly equal texts", often("s != t"), { s: long(), t: nearly() }),
  row("a text among equal ones", often("s in [t, t, t]"), { s: nearly(), t: long() }),
  row("one text at each place of a list", often("s in l"), { s: nearly(), l: Array(900).fill(long()) }),
  // V8 looks for the last 250 units of a long part: 2.5 s for one search.
  row("a part is split by", "{{ s.split(t)|length }}", { s: "a".repeat(230_000), t: middle(110_000) }),
  row("a part is replaced", "{{ s|replace(t, '')|length }}", { s: "a".repeat(290_000), t: middle(140_000) }),
  row("a part is looked for", often("t in s"), { s: "a".repeat(59_000), t: middle(20_000) }),
  // The names of a dict were listed for each of these.
  row("the truth of a dict", often("d"), { d: names(20_000) }),
  row("the length of a dict", often("d|length > 1"), { d: names(20_000) }),
  row("a name in a list of names", often("'k' in d|list"), { d: names(20_000) }),
  // Targets, an empty body and what a scope owns cost nothing.
  {
    id: "a loop with many targets",
    document: declared(
      `{% set x = [range(4000)|list] %}{% for i in range(10000) %}{% for ${many(4_000, (n) => `v${n}`).join(",")} in x %}{% endfor %}{% endfor %}`,
      {},
    ),
    inputs: {},
  },
  row("empty loops", "{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}", { l: many(90_000, (n) => n) }),
  // A text was made before it was paid for: 500 MB.
  row("a replacement that grows", "{% set x = s|replace('a', t) %}", { s: "a".repeat(100_000), t: "b".repeat(5_000) }),
  row("a joined text that grows", "{% set x = ''.join(l) %}", { l: Array(1_600).fill(long()) }),
  row(
    "captured text that grows",
    `${"{% set s %}{{ s }}{{ s }}{% endset %}".repeat(11)}{% if s|upper %}{% endif %}`,
    texts,
  ),
  row("one text sorted at each place", "{% set x = l|sort %}", { l: Array(7_000).fill(long()) }),
  row("letters as JSON", "{{ s|tojson }}", { s: "é".repeat(UNITS) }),
  row("the names of a dict as JSON", "{{ d|tojson }}", { d: names(20_000) }),
  // A list in itself 40 times over is 2^40 values, of which only a copy had no count.
  row("a shared list under a schema", "{{ l|length }}", { l: nested(40, (x) => [x, x]) }, { schema: { items: {} } }),
  row("a shared dict under a schema", "{{ l|length }}", { l: nested(40, (x) => [{ a: x, b: x }]) }, { schema: {} }),
  { id: "a shared list as messages", document: conversation(1), inputs: { m: nested(40, (x) => [x, x]) } },
  {
    id: "one text at each place of a list of texts",
    document: { messages: [{ role: "user", content: "{{ l|length }}" }], inputs: [{ name: "l", type: "list[str]" }] },
    inputs: { l: Array(90_000).fill("é".repeat(300_000)) },
  },
  {
    id: "a list of wrong values",
    document: { messages: [{ role: "user", content: "{{ l|length }}" }], inputs: [{ name: "l", type: "list[int]" }] },
    inputs: { l: many(90_000, (n) => n + 0.5) },
  },
  // The text was encoded before its length was looked at: 400 MB.
  row("a text of 130,000,000 letters", "{{ l|length }}", { l: [nested(27, (text) => text + text, "é")] }),
  // Names were listed up to five times.
  row("a dict under a schema", "{{ d|length }}", { d: names(20_000) }, { schema: { additionalProperties: {} } }),
  // The same messages at 255 places are 2,300,000.
  { id: "a conversation at many places", document: conversation(255), inputs: { m: history } },
  // Texts of JSON in a conversation had no limit of values: 250 MB.
  {
    id: "arguments with a million lists",
    document: conversation(1),
    inputs: { m: calls(1, `{"a": [${"[],".repeat(1_200_000)}1]}`) },
  },
  { id: "arguments that are no JSON", document: conversation(1), inputs: { m: calls(12_000, "[".repeat(150)) } },
  { id: "calls in one turn", document: conversation(1), inputs: { m: calls(9_000, "{}") } },
  // The index of the names was not paid for, nor what a search in it takes.
  ...[
    [5, 18_000],
    [90, 1_000],
    [900, 100],
    [9_000, 10],
    [45_000, 1],
  ].map(([count, size]) =>
    row(
      `${count} dicts of ${size} names, looked up one by one`,
      "{% for d in l %}{% for k in d %}{% if d[k] %}{% endif %}{% endfor %}{% endfor %}",
      {
        l: many(count, (n) => Object.fromEntries(many(size, (m) => [`k${n * size + m}`, m]))),
      },
    ),
  ),
  row(
    "texts that differ at their end",
    "{% if l %}{% endif %}",
    { l: many(20_000, (n) => `${n}`.padStart(100, "a")) },
    { schema: { uniqueItems: true } },
  ),
  row("a dict of names as keywords", "{% macro m() %}{{ kwargs|length }}{% endmacro %}{{ m(**d) }}", {
    d: names(20_000),
  }),
  row("many names and then an error", "{% if d %}{{ 1 / 0 }}{% endif %}", { d: names(20_000) }),
  { id: "many names of no input", document: declared("Hi", { l: [] }), inputs: names(20_000) },
  // All that is between 32,000 and 100,000 values took up to 130 ms.
  ...Object.entries({
    messages: many(10_600, (n) => ({ role: n % 2 ? "user" : "assistant", content: "Hi" })),
    "messages, and a wrong one": [...many(10_600, () => ({ role: "user", content: "Hi" })), { role: "x" }],
    "too many messages": many(33_000, () => ({ role: "user", content: "Hi" })),
    "messages of parts": many(5_300, () => ({ role: "user", content: [{ type: "text", text: "Hi" }] })),
    parts: [{ role: "user", content: many(10_600, () => ({ type: "text", text: "Hi" })) }],
    images: [{ role: "user", content: many(10_600, () => ({ type: "image", image: "https://a.b/c" })) }],
    "images of Anthropic's": [
      {
        role: "user",
        content: many(5_300, () => ({
          type: "image",
          source: { type: "base64", media_type: "image/png", data: "AAAA" },
        })),
      },
    ],
    calls: [{ role: "assistant", toolCalls: many(7_900, (n) => ({ id: `c${n}`, name: "f", arguments: {} })) }],
    "calls of OpenAI's": [
      {
        role: "assistant",
        tool_calls: many(6_300, (n) => ({ id: `c${n}`, function: { name: "f", arguments: "{}" } })),
      },
    ],
    "arguments of many names": calls(1, JSON.stringify(names(39_000))),
    "arguments of many calls": calls(2_200, JSON.stringify(names(17))),
    "too many arguments": calls(1, JSON.stringify(names(95_000))),
    outputs: many(7_900, (n) => ({ type: "function_call_output", call_id: `c${n}`, output: "x" })),
    results: [
      { role: "user", content: many(7_900, (n) => ({ type: "tool_result", tool_use_id: `c${n}`, content: "x" })) },
    ],
    items: many(10_600, (n) => ({ type: "reasoning", id: `r${n}` })),
    "members without a place": many(2_100, () => ({ role: "user", content: "x", ...names(12) })),
    "members of one message": [{ role: "user", content: "x", ...names(19_900) }],
  }).map(([id, m]) => ({ id: `a conversation: ${id}`, document: conversation(1), inputs: { m } })),
];

// Inputs are read and checked before templates use up their work: both together took up to 56 ms.
const working = "{% for i in range(20000) %}{% if w.isprintable() %}{% endif %}{% endfor %}";
const worked = (type, v, more = {}) => ({
  document: {
    messages: [
      { role: "user", content: "{{ v|length }}" },
      { role: "user", content: working },
    ],
    inputs: [
      { name: "v", type, ...more },
      { name: "w", type: "str" },
    ],
  },
  inputs: { v, w: "é".repeat(5_000) },
});
for (const [id, row] of Object.entries({
  "a long text": worked("str", "é".repeat(2_000_000)),
  "empty dicts": worked(
    "list",
    many(48_000, () => ({})),
  ),
  "dicts of many names": worked(
    "list",
    many(3, (m) => Object.fromEntries(many(16_000, (n) => [`${m}k${n}`, n]))),
  ),
  "a conversation": worked(
    "messages",
    many(10_600, (n) => ({ role: n % 2 ? "user" : "assistant", content: "Hi" })),
  ),
  "unique texts": worked(
    "list",
    many(9_000, (n) => `${"a".repeat(30)}${n}`),
    { schema: { uniqueItems: true } },
  ),
}))
  rows.push({ id: `all work after ${id}`, ...row });

// An issue that nobody reads was written for each schema.
const none = { not: { anyOf: many(100, (n) => ({ const: `${n}` })) } };
rows.push(
  row(
    "a schema that fits where none of many does",
    "{{ l|length }}",
    { l: Array(9_000).fill("z") },
    { schema: { items: none } },
  ),
);

/** Objects that tell how often their names are listed. */
const counted = (target, count) =>
  new Proxy(target, {
    ownKeys(of) {
      count.times++;
      return Reflect.ownKeys(of);
    },
  });

const SAID = { messages: [{ role: "user", content: "Hi" }], inputs: [] };
const NOTHING = [[], []];
const loop = (of, scope, body) => ["for", 0, "", of, null, scope, body, NOTHING, [], null];
const range = (count) => ["range", null, ["const", count], null];
const macro = (params, slots, body) => ["macro", 1, params, params.map(() => null), NOTHING, 2, slots, body];
const call = (keywords) => ["print", ["call", ["name", 1], [], keywords.map((name) => [name, ["const", 1]])]];
/** The bodies of templates that no compiler makes, as an origin may send them. */
const forged = {
  "a scope of 90,000 slots": [
    loop(range(9_000), NOTHING, [loop(["list", [["const", 1]]], [[], many(90_000, (n) => n)], [])]),
  ],
  "a scope that loads 90,000 slots": [loop(range(9_000), [many(90_000, (n) => [n, null]), []], [])],
  "a macro of 90,000 slots": [macro([], 90_000, []), loop(range(9_000), NOTHING, [call([])])],
  "a macro of 90,000 parameters": [
    macro(
      many(90_000, (n) => [n, `p${n}`]),
      1,
      [],
    ),
    loop(range(9_000), NOTHING, [call([])]),
  ],
  "names of parameters": [
    macro(
      many(3_000, (n) => [n, `p${n}`]),
      1,
      [],
    ),
    loop(range(9_000), NOTHING, [call(many(3_000, (n) => `p${2_999 - n}`))]),
  ],
  "a loop in a loop": [loop(range(9_999), NOTHING, [loop(range(9_999), NOTHING, [])])],
  conditions: [
    [
      "for",
      0,
      "",
      range(9_999),
      null,
      NOTHING,
      ["x"],
      NOTHING,
      [],
      [0, [many(90_000, (n) => [n, null]), []], ["const", false]],
    ],
  ],
};

async function fetched(document, plan = __engine.ship(document)) {
  const version = { slug: "a", version: 1, id: "i", hash: "0".repeat(64), createdAt: "2026-01-01T00:00:00Z" };
  const answer = { ...version, ...document, resolved: { revision: 1, plan } };
  const cue = new Cuecard({ url: "https://origin.example", key: "k", fetch: async () => Response.json(answer) });
  return cue.get("a");
}

async function cost(prompt, inputs) {
  forgetPeak(process.pid);
  const before = memory(process.pid).now;
  let time = Infinity;
  for (let tries = 0; tries < TRIES && time > TIME; tries++) {
    const started = process.cpuUsage();
    try {
      prompt.render(inputs);
    } catch (error) {
      assert.match(error.code, /^(limit_exceeded|input_invalid|render_failed)$/, String(error));
    }
    const { user, system } = process.cpuUsage(started);
    time = Math.min(time, (user + system) / 1000);
  }
  return { time, grown: memory(process.pid).peak - before };
}

for (const [entry, make] of [
  ["cuecard", async (document) => compile(document)],
  ["cuecard/client", fetched],
]) {
  test(`${entry}: an operation of a plan takes at most ${TIME} ms of processor time and ${MEMORY >> 20} MiB`, async () => {
    const over = [];
    for (const { id, document, inputs } of rows) {
      const { time, grown } = await cost(await make(document), inputs);
      if (time > TIME || grown > MEMORY) over.push({ id, time, grown: grown >> 20 });
    }
    assert.deepEqual(over, []);
  });
}

// V8 lists all names or none, for 0.3 µs each: a dict that is too large costs its caller that, once.
test("a dict with too many names is refused at its first listing", async () => {
  for (const make of [async (document) => compile(document), fetched]) {
    for (const [id, content, inputs] of [
      ["an input", "{% if d %}{% endif %}", (many) => ({ d: many })],
      ["the inputs", "{{ d }}", (many) => many],
    ]) {
      const prompt = await make(declared(content, { d: {} }));
      const count = { times: 0 };
      const given = inputs(counted(names(20_001), count));
      assert.throws(() => prompt.render(given), { code: "limit_exceeded" }, id);
      assert.equal(count.times, 1, id);
    }
  }
});

test("a name that is added to a large dict between two renders is seen", async () => {
  for (const make of [async (document) => compile(document), fetched]) {
    // A plan has no BigInt.
    const d = { ...names(1_500), last: 2n };
    const prompt = await make(declared("{{ d|tojson|length }}", { d }));
    const length = () => Number(prompt.render({ d }).messages[0].content);
    const before = length();
    d.more = 1;
    assert.equal(length(), before + '"more": 1, '.length);
  }
});

test(`cuecard/client: a forged plan takes at most ${TIME} ms of processor time and ${MEMORY >> 20} MiB`, async () => {
  const over = [];
  for (const [id, body] of Object.entries(forged)) {
    const shipped = __engine.ship(SAID);
    const plan = sealed(
      { ...shipped, plan: { ...shipped.plan, messages: [{ role: "user", text: [[], body] }] } },
      SAID,
    );
    const { time, grown } = await cost(await fetched(SAID, plan), {});
    if (time > TIME || grown > MEMORY) over.push({ id, time, grown: grown >> 20 });
  }
  assert.deepEqual(over, []);
});
