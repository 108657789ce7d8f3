// Prompts without declared inputs, whose inputs are those that templates read. Under `lenient` all other values pass
// unread, by plan and by engine. An input replaces one of Jinja2's globals of the same name.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as full from "../../pkg/dist/index.js";
import * as light from "../../pkg/dist/light.js";

/** A work limit below the default, which makes the engine render. */
const LESS = { work: 299_999 };

async function both(content, undefinedIs) {
  const document = { messages: [{ role: "user", content }], template: { undefined: undefinedIs } };
  const version = { slug: "a", version: 1, id: "i", hash: "0".repeat(64), createdAt: "2026-01-01T00:00:00Z" };
  const resolved = { revision: 1, plan: full.__engine.ship(document) };
  assert.ok(resolved.plan);
  const prompts = [{ ...version, ...document, resolved }];
  const snapshot = { format: 1, tag: "production", createdAt: version.createdAt, prompts };
  const of = ({ Cuecard }) => new Cuecard({ url: "https://a.test", key: "k", snapshot }).get("a@1");
  return Promise.all([light, full].map(of));
}

/** The text, or the code and issues, of a render by plan and by the engine. */
async function outcomes(content, undefinedIs, inputs) {
  const all = [];
  for (const prompt of await both(content, undefinedIs)) {
    for (const options of [undefined, LESS]) {
      try {
        all.push(prompt.render(inputs, options).messages[0].content);
      } catch ({ code, issues }) {
        all.push({ code, issues });
      }
    }
    all.push(
      prompt
        .check(inputs)
        .map(({ code, pointer }) => `${code} ${pointer}`)
        .join(),
    );
  }
  return all;
}

test("a value that no template reads passes unread", async () => {
  const loop = {};
  loop.loop = loop;
  const inputs = {
    name: "Ada",
    date: new Date(0),
    half: "\ud800",
    loop,
    [Symbol("s")]: 1,
    get broken() {
      throw new Error("unread");
    },
    large: "x".repeat(9 << 20),
  };
  const all = await outcomes("Hello {{ name }}{{ city }}", "lenient", inputs);
  assert.deepEqual(all, ["Hello Ada", "Hello Ada", "", "Hello Ada", "Hello Ada", ""]);
});

test("an invalid value that a template reads is refused by plan and by engine", async () => {
  const [byPlan, byEngine, issues, ...more] = await outcomes("{{ name }}", "lenient", { name: new Date(0) });
  assert.equal(byPlan.code, "input_invalid");
  assert.equal(issues, "unsupported_type /name");
  assert.deepEqual(byEngine, byPlan);
  assert.deepEqual(more, [byPlan, byEngine, issues]);
});

test("a property that is not enumerable counts as missing", async () => {
  const hidden = Object.defineProperty({}, "name", { value: "Ada", enumerable: false });
  assert.deepEqual(
    await outcomes("Hello {{ name }}!", "lenient", hidden),
    Array(2).fill(["Hello !", "Hello !", ""]).flat(),
  );
  const [byPlan, ...more] = await outcomes("Hello {{ name }}!", "strict", Object.assign(hidden, { other: 1 }));
  assert.deepEqual(
    byPlan.issues.map(({ code }) => code),
    ["missing_input", "unknown_input"],
  );
  assert.deepEqual(more[0], byPlan);
  assert.deepEqual(more[2], byPlan);
});

for (const undefinedIs of ["strict", "lenient"]) {
  test(`a global is replaced by an input of its name: ${undefinedIs}`, async () => {
    const content = "{% for i in range(n) %}{{ i }}{% endfor %}";
    assert.deepEqual(await outcomes(content, undefinedIs, { n: 3 }), ["012", "012", "", "012", "012", ""]);
    const failed = { code: "render_failed", issues: [] };
    const all = await outcomes(content, undefinedIs, { n: 3, range: "no function" });
    assert.deepEqual(all, [failed, failed, "", failed, failed, ""]);
  });
}
