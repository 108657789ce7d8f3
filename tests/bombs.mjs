// The bombs of fixtures/bombs.json as prompts, and what a bomb may cost. crates/prompt/tests/bombs.rs runs them
// natively.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

/** Milliseconds of processor time for compile and render together, and bytes of memory. */
export const TIME = 50;
export const MEMORY = 64 << 20;

const repeated = ([text, times]) => text.repeat(times);
const value = (input) => (input?.$repeat ? repeated(input.$repeat) : input);

/** `{ id, document, inputs, code }`: it must end in the code. */
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
  return [
    ...templates,
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

/** The processor time of all threads of a process, in milliseconds; undefined if Linux does not report it. */
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

/** The resident memory of a process, in bytes: now, and its peak since `forgetPeak`. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)[1]) * 1024;
  return { now: of("VmRSS"), peak: of("VmHWM") };
}

export const forgetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, "5");

/** What `run` gives, the processor time of the quickest of some tries (it is the bomb that is measured, not what else
 * the machine and V8's compilers do; the last where it took no more than `enough`), and the bytes that the process
 * grew by meanwhile. */
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

/** A table of the slowest and the largest of `[{ id, time, grown }]`. */
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
