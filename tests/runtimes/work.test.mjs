// What takes the engine all of its work, a plan leaves to it: reading the inputs is work, too, and a plan reads only some.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../../pkg/dist/index.js";

/** A work limit below the default, which makes the engine render. */
const LESS = { work: 299_999 };
/** The most values of inputs, those in the loop among them. */
const VALUES = 99_000;
const TURNS = 10_600;
/** Items of a checked list that a plan still copies. */
const CHECKED = 9_900;
/** Turns by which the loops grow. */
const TURNS_MORE = 1_500;

const many = (count, of) => Array.from({ length: count }, (_, n) => of(n));
/** What is read beside the loop, as an input and as a value of so many values. */
const beside = {
  list: [{ type: "any" }, (values) => many(values, () => 1)],
  table: [{ type: "list" }, (values) => many(values / 11, () => ({ a: 1, b: "t", c: null, d: [1, 2, 3, 4, 5, 6] }))],
  "checked list": [
    { type: "list", schema: { items: { anyOf: [{ type: "integer", minimum: 0 }, { type: "string" }] } } },
    (values) => many(Math.min(values, CHECKED), () => 1),
  ],
  conversation: [
    { type: "messages" },
    (values) => many(Math.min(values / 3, TURNS), () => ({ role: "user", content: "x" })),
  ],
  "long text": [{ type: "any" }, (values) => ["é".repeat(130_000), ...many(values / 2, () => "é".repeat(10))]],
};
const bodies = [
  "{{ x }}",
  "{{ f }}",
  "{{ f ~ x }}{{ fs|join }}",
  "{{ fs|tojson }}",
  "{{ x }} {{ loop.last }}",
  "{{ x|tojson }}",
  "{{ {'a': x}|tojson }}",
  "{{ x|upper|trim|title }}",
  "{{ x.split('a')|join('-') }}",
  "{% set y = x ~ x %}{{ y }}",
  "{% if x == 'a' and x != 'b' %}{% else %}n{% endif %}",
  "{% for z in [1, 2, 3] %}{{ z }}{% endfor %}",
  "{{ x in ['a', 'b', 'c'] }}{{ x.replace('t', 'u') }}",
  "{{ '%s' % x }}{{ loop.index * 2 + 1 }}{{ x[1:3] }}",
];

for (const [kind, [input, valueOf]] of Object.entries(beside))
  test(`a plan and the engine end alike after reading much: ${kind}`, () => {
    const differing = [];
    for (const body of bodies) {
      const prompt = compile({
        messages: [{ role: "user", content: `{{ big|length }}{% for x in xs %}${body}{% endfor %}` }],
        inputs: [
          { name: "xs", type: "list[str]" },
          { name: "f", type: "float" },
          { name: "fs", type: "list[float]" },
          { name: "big", ...input },
        ],
      });
      for (let turns = TURNS_MORE; turns < 9 * TURNS_MORE; turns += TURNS_MORE) {
        const inputs = {
          xs: many(turns, (n) => `t${n}`),
          f: 1 / 7,
          fs: [0.1, 1 / 3, 12345.6789],
          big: valueOf(VALUES - turns),
        };
        const [ours, engines] = [undefined, LESS].map((options) => outcome(() => prompt.render(inputs, options)));
        if (ours !== engines) differing.push({ body, turns, ours: ours.slice(0, 80), engines: engines.slice(0, 80) });
      }
    }
    assert.deepEqual(differing, []);
  });

function outcome(render) {
  try {
    return JSON.stringify(render().messages);
  } catch ({ code }) {
    // With a unit less, the limit may be reached in another message.
    return code;
  }
}
