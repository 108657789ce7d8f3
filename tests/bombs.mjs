// Turns the bombs of fixtures/bombs.json into prompts and measures their cost. crates/prompt/tests/bombs.rs runs the
// same bombs natively.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

/** The limits of one bomb: milliseconds of processor time for compile and render together, and bytes of memory. */
export const TIME = 50;
export const MEMORY = 64 << 20;

const repeated = ([text, times]) => text.repeat(times);
const value = (input) => (input?.$repeat ? repeated(input.$repeat) : input);

/** Returns `{ id, document, inputs, code }` of each bomb, whose compile or render must end in the error `code`. */
export function bombs() {
  const corpus = JSON.parse(readFileSync(new URL("fixtures/bombs.json", import.meta.url), "utf8"));
  assert.ok(corpus.length >= 100);
  const lenient = (content) => ({ messages: [{ role: "user", content }], template: { undefined: "lenient" } });
  const templates = corpus.map(({ id, template, inputs, code }) => ({
    id,
    document: lenient(template.map(repeated).join("")),
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, value(input)])),
    code,
  }));
  const name = (n) => `${n}`.padStart(60, "a");
  const many = (count, of) => Array.from({ length: count }, (_, n) => of(n));
  const unknown = Object.fromEntries(many(14_000, (n) => [name(n), 1]));
  const declared = many(256, (n) => ({ name: name(20_000 + n), type: "str" }));
  const tags = (count) => many(count, (n) => `{{ n${n} }}`).join("");
  const listed = (schema) => ({
    messages: [{ role: "user", content: "" }],
    inputs: [{ name: "l", type: "list", schema }],
  });
  const enumerated = { type: "array", items: { properties: { a: { enum: many(300, (n) => `v${n}`) } } } };
  const anyOf = many(60, (n) => ({ type: "object", properties: { a: { const: n } }, required: ["a"] }));
  const members = {
    type: "array",
    items: { properties: Object.fromEntries(many(64, (n) => [name(n), {}])), additionalProperties: false },
  };
  const long = (n) => "k".repeat(3_000) + n;
  const records = (count, of) => many(count, (n) => ({ [of(n)]: n, b: 1 }));
  let nested = { properties: Object.fromEntries(many(9_000, (n) => [`p${n}`, {}])) };
  for (let level = 0; level < 26; level++) nested = { items: nested };
  let composed = { additionalProperties: {} };
  for (let level = 0; level < 11; level++) composed = { allOf: [composed, composed] };
  const branches = "{% if 1 %}".repeat(30) + many(4_000, (n) => `{% set v${n} = 1 %}`).join("");
  const properties = Object.fromEntries(many(2_000, (n) => [`y${n}`, {}]));
  return [
    ...templates,
    {
      id: "schema/types",
      document: listed({ type: "array", maxItems: 1, items: { not: { type: many(8_000, () => "null") } } }),
      inputs: { l: many(8_000, (n) => n) },
      code: "input_invalid",
    },
    {
      id: "schema/long-names",
      document: listed({ type: "array", items: { not: { required: ["k".repeat(200_000)] } } }),
      inputs: { l: records(1_000, () => "a") },
      code: "limit_exceeded",
    },
    {
      id: "schema/long-members",
      document: listed({ type: "array", items: { not: { enum: records(150, long) } } }),
      inputs: { l: records(150, (n) => long(n + 1_000)) },
      code: "limit_exceeded",
    },
    {
      id: "schema/composed",
      document: listed({ items: composed }),
      inputs: { l: [Object.fromEntries(many(9_000, (n) => [`k${n}`, n]))] },
      code: "limit_exceeded",
    },
    { id: "schema/nested", document: listed(nested), inputs: { l: 1 }, code: "input_invalid" },
    {
      id: "names/branches",
      document: lenient(branches + "{% endif %}".repeat(30)),
      inputs: {},
      code: "limit_exceeded",
    },
    {
      id: "names/attributes",
      document: {
        messages: [{ role: "user", content: many(3_000, (n) => `{{ a.x${n} }}`).join("") }],
        inputs: [{ name: "a", type: "dict", schema: { properties, additionalProperties: false } }],
      },
      inputs: { a: 1 },
      code: "input_invalid",
    },
    {
      id: "names/digits",
      document: lenient(`${`{{ 1.${"7".repeat(700)}e-300 }}`.repeat(350)}{{ [1] * 99999999 }}`),
      inputs: {},
      code: "limit_exceeded",
    },
    {
      id: "schema/enum",
      document: listed(enumerated),
      inputs: { l: many(3_000, () => ({ a: "z" })) },
      code: "input_invalid",
    },
    {
      id: "schema/any-of",
      document: listed({ type: "array", items: { anyOf } }),
      inputs: { l: many(20_000, () => ({ a: "z" })) },
      code: "input_invalid",
    },
    {
      id: "schema/unique",
      document: listed({ type: "array", uniqueItems: true }),
      inputs: { l: many(30_000, (n) => ({ a: n })) },
      code: "limit_exceeded",
    },
    {
      id: "schema/members",
      document: listed(members),
      inputs: { l: many(10_000, (n) => ({ [name(n + 99)]: 1 })) },
      code: "input_invalid",
    },
    {
      id: "names/alike",
      document: lenient("{% for i in range(40) %}{% if a[b] %}{% endif %}{% endfor %}{{ [1] * 99999999 }}"),
      inputs: { a: Object.fromEntries(many(1_300, (n) => [long(1_000 + n), n])), b: long(9_999) },
      code: "limit_exceeded",
    },
    { id: "names/template", document: lenient(tags(9_990)), inputs: {}, code: "limit_exceeded" },
    {
      id: "names/unread",
      document: lenient(`${tags(256)}{{ [1] * 99999999 }}`),
      inputs: unknown,
      code: "limit_exceeded",
    },
    {
      id: "names/unknown",
      document: { messages: [{ role: "user", content: "" }], inputs: declared },
      inputs: unknown,
      code: "input_invalid",
    },
    // Each template looked at what all before it read.
    {
      id: "names/messages",
      document: { messages: many(256, () => ({ role: "user", content: tags(38) })) },
      inputs: {},
      code: "input_invalid",
    },
    {
      id: "names/metadata",
      document: {
        ...lenient("{{ [1] * 99999999 }}"),
        metadata: Object.fromEntries(many(28_000, (n) => [`k${n}`, n])),
      },
      inputs: {},
      code: "limit_exceeded",
    },
    {
      id: "names/keywords",
      document: lenient(`{% macro m(a) %}{% endmacro %}{{ m(${many(2_000, (n) => `k${n}=1`)}) }}`),
      inputs: {},
      code: "render_failed",
    },
    {
      id: "names/one-by-one",
      document: lenient("{% for d in l %}{% for k in d %}{% if d[k] %}{% endif %}{% endfor %}{% endfor %}"),
      inputs: { l: many(800, (n) => Object.fromEntries(many(100, (m) => [`k${n * 100 + m}`, 1]))) },
      code: "limit_exceeded",
    },
    {
      id: "names/undefined",
      document: {
        messages: [{ role: "user", content: many(2_000, (n) => `{{ ${name(n)} }}`).join("") }],
        inputs: declared,
      },
      inputs: {},
      code: "template_undefined",
    },
  ];
}

/** Milliseconds of processor time of all threads of a process; `undefined` where Linux does not report it. */
export function cpuTime(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const spent = threads.map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
    );
    return spent.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e6;
  } catch {
    return undefined;
  }
}

/** The resident memory of a process in bytes: `now`, and `peak` since `forgetPeak`. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)[1]) * 1024;
  return { now: of("VmRSS"), peak: of("VmHWM") };
}

export const forgetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, "5");

/**
 * Calls `run` up to `tries` times, until a call takes no more than `enough` milliseconds of processor time. Returns the
 * result of the last call, the time of the quickest one, which has the least work of other programs and of V8's
 * compilers in it, and the bytes by which the process grew.
 */
export async function measure(pid, tries, run, enough = TIME) {
  forgetPeak(pid);
  const before = memory(pid).now;
  let time = Infinity;
  let result;
  for (; tries > 0 && time > enough; tries--) {
    const started = cpuTime(pid);
    result = await run();
    time = Math.min(time, cpuTime(pid) - started);
  }
  return { result, time, grown: memory(pid).peak - before };
}

/** Prints a table of the slowest and the largest of `[{ id, time, grown }]`. */
export function report(where, rows) {
  const line = ({ id, time, grown }) =>
    `#   ${time.toFixed(1).padStart(6)} ms ${grown === undefined ? "" : (grown / 1048576).toFixed(1).padStart(5) + " MiB"}  ${id}`;
  const by = (key, count) =>
    rows
      .toSorted((a, b) => b[key] - a[key])
      .slice(0, count)
      .map(line);
  console.log(
    [
      `# ${where}: ${rows.length} bombs; the slowest and the largest:`,
      ...by("time", 5),
      ...(rows[0].grown === undefined ? [] : by("grown", 3)),
    ].join("\n"),
  );
}
