// JavaScript alone renders prompts with a plan: its output must equal the engine's, to the byte and the code.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SEED } from "../seed.mjs";

// Counts the renders of the engine, by wrapping every instance that the package makes.
let engineRenders = 0;
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const { exports } = new Instance(...args);
  const counted = (name) => ({ [name]: (...inputs) => (engineRenders++, exports[name](...inputs)) });
  return { exports: { ...exports, ...counted("render"), ...counted("render_packed") } };
};
const { compile } = await import("../../pkg/dist/index.js");

const RUNS = Number(process.env.PLAN_RUNS ?? 4_000);
const inputs = [
  { name: "s", type: "str" },
  { name: "n", type: "int" },
  { name: "f", type: "float" },
  { name: "b", type: "bool", required: false },
  { name: "l", type: "list" },
  { name: "ls", type: "list[str]", default: ["x", "y"] },
  { name: "d", type: "dict" },
  { name: "e", type: "str", enum: ["one", "two"] },
];

// Templates from constructs that plans support: types mostly match, so that many render, and every construct occurs.
const key = fc.constantFrom("a", "b", "name", "items", "constructor", "__proto__", "get", "q");
const { body } = fc.letrec((tie) => {
  const [any, text, number, is, list] = ["any", "text", "number", "is", "list"].map((one) => tie(one));
  const some = (most, rare) =>
    fc.oneof({ maxDepth: 4, depthSize: "small" }, ...most, ...(rare ? [{ arbitrary: any, weight: rare }] : []));
  const weigh = (weight, arbitrary) => ({ weight, arbitrary });
  const end = fc.constantFrom("", "0", "1", "2", "-1", "-2", "i");
  const loop = fc.constantFrom("loop.index", "loop.index0", "loop.length", "loop.revindex", "loop.revindex0");
  return {
    any: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      fc.constantFrom(
        "s",
        "n",
        "f",
        "b",
        "l",
        "ls",
        "d",
        "e",
        "x",
        "i",
        "none",
        "2.5",
        "[]",
        "9007199254740991",
        "loop",
        "loop.first",
        "ns.q",
        "s.whatever()",
      ),
      text,
      number,
      is,
      list,
      fc.tuple(any, key).map(([of, key]) => `${of}.${key}`),
      fc.tuple(any, any).map(([of, by]) => `(${of})[${by}]`),
      fc.tuple(any, key).map(([of, key]) => `(${of})['${key}']`),
      fc
        .tuple(any, fc.constantFrom("and", "or", "==", "<", ">=", "in", "+", "-", "*", "~"), any)
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc
        .tuple(any, fc.constantFrom("upper", "lower", "trim", "length", "first", "last", "string", "join", "d"))
        .map(([of, filter]) => `(${of}) | ${filter}`),
      fc.tuple(any, any).map(([of, by]) => `(${of}).get(${by})`),
    ),
    text: some(
      [
        weigh(4, fc.constantFrom("s", "e", "x", "'a'", "''", "' ä\\n'", "'One'")),
        weigh(
          2,
          fc
            .tuple(text, fc.constantFrom("upper", "lower", "trim", "string", "d"))
            .map(([of, filter]) => `(${of}) | ${filter}`),
        ),
        weigh(
          1,
          fc.tuple(text, fc.constantFrom("upper", "lower", "strip")).map(([of, method]) => `(${of}).${method}()`),
        ),
        weigh(
          1,
          fc.tuple(any, text).map(([of, other]) => `(${of} or ${other})`),
        ),
        weigh(
          1,
          fc.tuple(any, text).map(([a, b]) => `(${a} ~ ${b})`),
        ),
        weigh(
          1,
          fc.tuple(text, text).map(([a, b]) => `(${a} + ${b})`),
        ),
        weigh(
          1,
          fc.tuple(text, is, text).map(([a, b, c]) => `(${a} if ${b} else ${c})`),
        ),
        weigh(
          1,
          fc.tuple(text, is).map(([a, b]) => `(${a} if ${b})`),
        ),
        weigh(
          1,
          fc.tuple(list, text).map(([of, by]) => `(${of}) | join(${by})`),
        ),
        weigh(
          1,
          fc.tuple(text, text, text).map(([of, a, b]) => `(${of}) | replace(${a}, ${b})`),
        ),
        weigh(
          1,
          fc.tuple(key, text, fc.boolean()).map(([of, other, flag]) => `(d.${of} | default(${other}, ${flag}))`),
        ),
        weigh(
          1,
          fc.tuple(key, text).map(([of, other]) => `d.get('${of}', ${other})`),
        ),
        weigh(
          1,
          fc.tuple(text, end, end).map(([of, from, to]) => `(${of})[${from}:${to}]`),
        ),
        weigh(
          1,
          text.map((of) => `(${of})[::-1]`),
        ),
        weigh(
          1,
          fc.tuple(list, end, end, text).map(([of, from, to, by]) => `(${of})[${from}:${to}] | join(d=${by})`),
        ),
        weigh(
          1,
          fc
            .tuple(fc.constantFrom("a", "b", "name", "get"), fc.constantFrom("l", "d.a"))
            .map(([of, all]) => `${all} | map(attribute='${of}') | join`),
        ),
        weigh(
          1,
          fc.tuple(key, text).map(([of, other]) => `(d.${of} | default(boolean=true, default_value=${other}))`),
        ),
        weigh(
          1,
          fc.tuple(text, any, key).map(([a, b, key]) => `({'a': ${a}, 'b': ${b}})['${key}']`),
        ),
        weigh(
          1,
          fc
            .tuple(text, fc.constantFrom("", "(2)", "('> ')", "(width=1, first=true)", "(3, blank=true)", "(blank=b)"))
            .map(([of, args]) => `(${of}) | indent${args}`),
        ),
        weigh(
          1,
          text.map((of) => `(${of}) | capitalize`),
        ),
        weigh(
          1,
          fc
            .tuple(text, fc.constantFrom("capitalize()", "strip('a ')", "lstrip()", "rstrip()", "lstrip('\u0161')"))
            .map(([of, method]) => `(${of}).${method}`),
        ),
        weigh(
          1,
          fc.tuple(text, text, text).map(([of, a, b]) => `(${of}).replace(${a}, ${b})`),
        ),
        weigh(
          1,
          fc.tuple(text, list).map(([of, all]) => `(${of}).join(${all})`),
        ),
        weigh(
          1,
          fc.tuple(tie("generated"), text).map(([all, by]) => `${all} | join(${by})`),
        ),
        weigh(
          1,
          fc
            .tuple(fc.constantFrom("m", "m", "up"), text, fc.constantFrom("", ", 2", ", q=s", ", 1, 2", ", z=1"))
            .map(([of, arg, more]) => `${of}(${arg}${more})`),
        ),
        weigh(1, fc.constantFrom("ns.a", "ns.b", "(d | dictsort)[0][0]", "(x | dictsort | last)[1]")),
      ],
      1,
    ),
    number: some(
      [
        weigh(4, fc.oneof(fc.constantFrom("n", "0", "1", "-1", "i", "f"), loop)),
        weigh(
          1,
          fc.oneof(list, text, fc.constant("d")).map((of) => `(${of}) | length`),
        ),
        weigh(
          1,
          fc.tuple(number, fc.constantFrom("+", "-", "*"), number).map(([a, op, b]) => `(${a} ${op} ${b})`),
        ),
        weigh(
          1,
          fc.tuple(number, fc.constantFrom("//", "%", "/"), number).map(([a, op, b]) => `(${a} ${op} ${b})`),
        ),
        weigh(
          1,
          number.map((of) => `(-${of})`),
        ),
        weigh(
          1,
          fc.oneof(text, number, is).map((of) => `(${of}) | int`),
        ),
        weigh(
          1,
          fc.constantFrom("[1, n]", "[]", "range(4)", "range(4) | select('gt', 1)", "l").map((all) => `${all} | sum`),
        ),
        weigh(1, fc.constantFrom("['a', s].index(s)", "[2, 3, n].index(3)", "['a', 'b'].index('b')", "ls.index(s)")),
      ],
      1,
    ),
    is: some(
      [
        weigh(2, fc.constantFrom("b", "true", "loop.first", "loop.last", "s", "l", "d")),
        weigh(
          2,
          fc
            .tuple(number, fc.constantFrom("==", "!=", "<", "<=", ">", ">="), number)
            .map(([a, op, b]) => `(${a} ${op} ${b})`),
        ),
        weigh(
          1,
          fc.tuple(number, number, number).map(([a, b, c]) => `(${a} < ${b} <= ${c})`),
        ),
        weigh(
          2,
          fc.tuple(text, fc.constantFrom("==", "!=", "in", "not in"), text).map(([a, op, b]) => `(${a} ${op} ${b})`),
        ),
        weigh(
          1,
          fc.tuple(any, list).map(([a, b]) => `(${a} in ${b})`),
        ),
        weigh(
          1,
          fc.tuple(key, fc.constantFrom("d", "x")).map(([a, b]) => `('${a}' in ${b})`),
        ),
        weigh(
          2,
          fc
            .tuple(
              any,
              fc.constantFrom("defined", "undefined", "none", "string", "number", "mapping", "sequence", "boolean"),
            )
            .map(([of, what]) => `(${of}) is ${what}`),
        ),
        weigh(1, fc.constantFrom("range is defined", "raise_exception is defined", "strftime_now is undefined")),
        weigh(
          1,
          fc
            .tuple(text, fc.constantFrom("startswith", "endswith"), text)
            .map(([of, method, by]) => `(${of}).${method}(${by})`),
        ),
        weigh(
          1,
          is.map((of) => `(not ${of})`),
        ),
        weigh(
          2,
          fc
            .tuple(any, fc.constantFrom("true", "false", "integer", "float", "iterable", "in(ls)", "eq(s)"))
            .map(([of, what]) => `(${of}) is ${what}`),
        ),
        weigh(
          1,
          fc
            .tuple(number, fc.constantFrom("even", "odd", "gt(2)", "divisibleby(3)", "divisibleby(n)"))
            .map(([of, what]) => `(${of}) is ${what}`),
        ),
        weigh(
          1,
          fc.tuple(is, fc.constantFrom("and", "or"), is).map(([a, op, b]) => `(${a} ${op} ${b})`),
        ),
      ],
      1,
    ),
    list: some(
      [
        weigh(3, fc.constantFrom("ls", "l", "['a', 'b']")),
        weigh(
          1,
          fc.array(text, { maxLength: 3 }).map((all) => `[${all.join(", ")}]`),
        ),
        weigh(
          1,
          fc.array(text, { minLength: 2, maxLength: 3 }).map((all) => `(${all.join(", ")})`),
        ),
        weigh(
          1,
          any.map((of) => `((${of}) | list)`),
        ),
        weigh(
          1,
          fc.tuple(text, fc.constantFrom("", "' '", "'a'", "none", "''")).map(([of, by]) => `(${of}).split(${by})`),
        ),
        weigh(
          1,
          tie("generated").map((all) => `(${all} | list)`),
        ),
        weigh(
          1,
          list.map((of) => `(${of})[::-1]`),
        ),
        weigh(
          1,
          fc
            .tuple(
              fc.oneof(list, tie("generated")),
              fc.constantFrom(
                "",
                "(reverse=true)",
                "(true)",
                "(case_sensitive=true)",
                "(attribute='a')",
                "(attribute='a', reverse=b)",
              ),
            )
            .map(([all, args]) => `(${all} | sort${args})`),
        ),
      ],
      0,
    ),
    // Values that templates can only iterate over.
    generated: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      fc.oneof(
        fc.tuple(number).map(([end]) => `range(${end})`),
        fc.tuple(number, number).map(([from, to]) => `range(${from}, ${to})`),
        fc.constantFrom("range(9, -1, -2)", "range(ls | length)", "d.items()", "d.keys()", "d.values()", "d | items"),
      ),
      fc
        .tuple(list, fc.constantFrom("reverse", "map('upper')", "map('length')", "map(attribute='a')"))
        .map(([all, filter]) => `(${all}) | ${filter}`),
      fc
        .tuple(
          fc.oneof(fc.constantFrom("l", "ls"), tie("generated")),
          fc.constantFrom(
            "select",
            "reject",
            "select('string')",
            "reject('none')",
            "select('in', ls)",
            "select('gt', 1)",
            "selectattr('a')",
            "selectattr('a', 'defined')",
            "rejectattr('a', 'eq', 1)",
            "selectattr('name', 'equalto', s)",
          ),
        )
        .map(([all, filter]) => `${all} | ${filter}`),
    ),
    body: fc.array(tie("statement"), { maxLength: 4 }).map((parts) => parts.join("")),
    statement: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      fc.constantFrom("text", "\n", " ", "}}", "ä€😀"),
      text.map((of) => `{{ ${of} }}`),
      number.map((of) => `{{- ${of} }}`),
      any.map((of) => `{{ ${of} }}`),
      fc
        .tuple(fc.constantFrom("d", "x", "s", "n"), key)
        .map(([of, key]) => `{% if ${of}.${key} is defined %}{{ ${of}.${key} }}{% endif %}`),
      fc.tuple(is, tie("body")).map(([test, then]) => `{% if ${test} %}${then}{% endif %}`),
      fc
        .tuple(is, tie("body"), is, tie("body"), tie("body"))
        .map(
          ([test, then, or, other, rest]) =>
            `{% if ${test} -%}${then}{% elif ${or} %}${other}{%- else %}${rest}{% endif %}`,
        ),
      fc
        .tuple(
          fc.constantFrom("x", "i", "s"),
          fc.oneof(list, fc.constantFrom("l", "ls", "d", "d.values()", "d.keys()")),
          tie("body"),
          tie("body"),
        )
        .map(([of, over, each, none]) => `{% for ${of} in ${over} %}${each}{% else %}${none}{% endfor %}`),
      fc
        .tuple(
          fc.constantFrom(
            "d.items()",
            "d.items()",
            "l",
            "d | dictsort",
            "d | dictsort(true)",
            "d | dictsort(reverse=b)",
            "d | dictsort(by='value')",
          ),
          tie("body"),
        )
        .map(([over, each]) => `{% for x, i in ${over} %}${each}{% endfor %}`),
      fc.tuple(fc.constantFrom("x", "s"), text).map(([of, to]) => `{% set ${of} = ${to} %}`),
      number.map((to) => `{% set i = ${to} %}`),
      // The tag `generation`, where the dialect has it.
      tie("body").map((body) => `{#[#}${body}{#]#}`),
      text.map((to) => `{% set own = ${to} %}{{ own }}`),
      text.map((to) => `{% if own is defined %}{{ own }}{% endif %}{% set own = ${to} %}`),
      fc
        .tuple(
          tie("body"),
          fc.constantFrom("", " | upper", " | indent(2, first=true)", " | trim | capitalize", " | replace('a', s)"),
          fc.constantFrom("x", "own"),
        )
        .map(([body, filter, of]) => `{% set ${of}${filter} %}${body}{% endset %}{{ ${of} }}`),
      fc
        .tuple(tie("body"), fc.constantFrom("upper", "indent(width=3)", "trim"))
        .map(([body, filter]) => `{% filter ${filter} %}${body}{% endfilter %}`),
      fc
        .tuple(fc.constantFrom("m", "up"), tie("body"), text)
        .map(([of, body, other]) => `{% macro ${of}(x, q=${other}) %}${body}{{ q }}{% endmacro %}`),
      fc
        .tuple(text, tie("body"))
        .map(([to, body]) => `{% for i in l %}{% set ns.a = ${to} %}${body}{% endfor %}{{ ns.a }}`),
      fc.tuple(number, text).map(([a, b]) => `{% set ns = namespace(a=${a}, b=${b}) %}`),
      fc
        .tuple(tie("generated"), tie("body"))
        .map(([all, each]) => `{% for x in ${all} %}{{ loop.index }}${each}{% else %}none{% endfor %}`),
      fc.tuple(any, fc.constantFrom("e", "escape", "safe")).map(([of, filter]) => `{{ (${of}) | ${filter} }}`),
      fc.constantFrom("{{ own }}", "{% for i in l %}{% set own = i %}{{ own }}{% endfor %}"),
      fc
        .tuple(any, fc.constantFrom("", "()", "(2)", "(indent=1)"))
        .map(([of, args]) => `{{ (${of}) | tojson${args} }}`),
      fc
        .tuple(fc.constantFrom("d", "l", "[d, ls]", "{'x': l, 'b': none}"), fc.constantFrom("", "(indent=3)"))
        .map(([of, args]) => `{{ ${of} | tojson${args} }}`),
      fc
        .tuple(
          any,
          fc.constantFrom("", "(indent=2)", "(true)", "(false, 1)", "(ensure_ascii=false)", "(indent=none)"),
          text,
        )
        .map(([of, args, more]) => `{{ (${of}) | tojson${args} ~ ${more} }}`),
      fc
        .tuple(fc.constantFrom("x", "i"), fc.oneof(list, fc.constantFrom("l", "ls")), is, tie("body"))
        .map(
          ([of, over, test, each]) =>
            `{% for ${of} in ${over} if ${test} %}${each}{{ loop.length }}{% else %}none{% endfor %}`,
        ),
      fc
        .tuple(is, tie("body"))
        .map(([test, each]) => `{% for x, i in d.items() if ${test} and x %}${each}{% endfor %}`),
    ),
  };
});
const macros =
  "{% macro m(x, q='-') %}[{{ x }}{{ q }}]{% if x is number and x > 0 %}{{ m(x - 1, q) }}{% endif %}{% endmacro %}" +
  "{% macro up(t) %}{% for i in l if i %}{{ loop.index }}{{ m(t) }}{{ loop.last }}{% endfor %}{{ t | upper }}{% endmacro %}";
const template = body.map(
  (text) => `{% set x = 'v' %}{% set i = 3 %}{% set ns = namespace(a=1, b='c') %}${macros}${text}`,
);

const number = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    2 ** 53 - 1,
    2 ** 53,
    0.1,
    -2.5,
    1e-4,
    1e-5,
    123456789012345.6,
    1e15,
    1e16,
    1e21,
    5e-324,
    NaN,
  ),
  fc.double(),
  fc.integer(),
);
const string = fc.oneof(
  fc.constantFrom("", "a", " a\t", "Straße", "İ", "Ω", "\u00a0a\u2003", "\x1fa\x85", "ﬁ😀", "\ud800", "True"),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.string({ maxLength: 6 }),
);
const scalar = fc.oneof(number, string, fc.boolean(), fc.constant(null), fc.constant(undefined));
const odd = fc.constantFrom(
  new Date(0),
  new Map(),
  () => 1,
  3n,
  Symbol("a"),
  Object.create(null),
  { [Symbol("k")]: 1 },
  [, 1],
  new (class Point {
    a = 1;
  })(),
);
const dict = (of) =>
  fc.dictionary(fc.constantFrom("a", "b", "name", "items", "constructor", "2", "1", "__proto__"), of, {
    maxKeys: 4,
    noNullPrototype: true,
  });
const inner = fc.oneof(
  { weight: 8, arbitrary: scalar },
  { weight: 3, arbitrary: dict(scalar) },
  { weight: 2, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: odd },
);
const given = fc.record(
  {
    s: fc.oneof({ weight: 9, arbitrary: string }, inner),
    n: fc.oneof({ weight: 9, arbitrary: fc.integer() }, number, inner),
    f: fc.oneof({ weight: 9, arbitrary: number }, inner),
    b: fc.oneof({ weight: 9, arbitrary: fc.boolean() }, inner),
    l: fc.oneof({ weight: 9, arbitrary: fc.array(inner, { maxLength: 4 }) }, inner),
    ls: fc.oneof({ weight: 9, arbitrary: fc.array(string, { maxLength: 4 }) }, inner),
    d: fc.oneof({ weight: 9, arbitrary: dict(inner) }, inner),
    e: fc.oneof({ weight: 9, arbitrary: fc.constantFrom("one", "two") }, inner),
    other: inner,
  },
  { requiredKeys: ["s", "n", "f", "l", "d", "e"] },
);
const likely = fc.record({
  s: fc.string({ maxLength: 6 }),
  n: fc.integer(),
  f: fc.constantFrom(0.5, 2.25, -1e-3),
  l: fc.array(dict(fc.oneof(fc.string({ maxLength: 4 }), fc.nat(9))), { maxLength: 4 }),
  d: dict(fc.oneof(fc.string({ maxLength: 4 }), fc.nat(9), fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }))),
  e: fc.constantFrom("one", "two"),
});

/** The first message, or the error's code and issues. */
function outcome(prompt, values, options) {
  try {
    return prompt.render(values, options).messages[0].content;
  } catch (error) {
    return { code: error.code, issues: error.issues?.map(({ code, pointer }) => `${code} ${pointer}`) };
  }
}

/** Adds a power, which plans do not support, so that the engine renders. */
const byEngine = (document) => ({
  ...document,
  messages: [...document.messages, { role: "user", content: "{{ 1 ** 1 }}" }],
});

test("the time in chat templates", () => {
  const formats = ["%Y-%m-%d", "%d %b %Y", "%A, %d %B %Y %H:%M:%S", "%a %%", "ä%Y", "%-d", "%j", "%", "%é", "%\\n"];
  const times = [new Date(0), new Date(2026, 1, 3, 4, 5, 6, 789), new Date(1999, 11, 31, 23, 59, 59), new Date(NaN)];
  let byPlan = 0;
  for (const format of formats) {
    const content = `{{ strftime_now('${format}') if strftime_now is defined }}{% set f = '%m' %}{{ strftime_now(f) }}`;
    const document = { messages: [{ role: "user", content }], template: { dialect: "huggingface" } };
    const [ours, engines] = [compile(document), compile(byEngine(document))];
    for (const now of times) {
      const before = engineRenders;
      const text = outcome(ours, {}, { now });
      if (engineRenders === before) byPlan++;
      assert.deepEqual(text, outcome(engines, {}, { now }), `${format} ${now.getTime()}`);
    }
  }
  assert.equal(byPlan, 5 * 3);
});

test("the loop around a macro and around the tag `generation`", () => {
  const asked = [
    "loop.index",
    "loop is iterable",
    "loop is sequence",
    "loop is defined",
    "loop is mapping",
    "loop.zz is defined",
  ];
  for (const what of asked) {
    for (const of of [`{% macro q() %}{{ ${what} }}{% endmacro %}{{ q() }}`, `{#[#}{{ ${what} }}{#]#}`]) {
      const content = `{% for x in l %}${of}{{ loop.last }}{% endfor %}`.replace("{#[#}", "{% generation %}");
      const document = {
        messages: [{ role: "user", content: content.replace("{#]#}", "{% endgeneration %}") }],
        template: { dialect: "huggingface" },
      };
      const before = engineRenders;
      const ours = outcome(compile(document), { l: [1, 2] });
      if (what === "loop.index") assert.equal(engineRenders === before, of.startsWith("{#"), content);
      assert.deepEqual(ours, outcome(compile(byEngine(document)), { l: [1, 2] }), content);
    }
  }
});

test(`${RUNS} templates, each with 8 inputs`, () => {
  const seen = { plan: 0, engine: 0, planTexts: 0 };
  const property = fc.property(
    template,
    fc.boolean(),
    fc.boolean(),
    fc.constantFrom("jinja2", "jinja2", "huggingface"),
    fc.array(fc.oneof({ weight: 3, arbitrary: likely }, { weight: 1, arbitrary: given }), {
      minLength: 8,
      maxLength: 8,
    }),
    (text, lenient, declared, dialect, values) => {
      const tagged = text.replaceAll("{#[#}", "{% generation %}").replaceAll("{#]#}", "{% endgeneration %}");
      const content = dialect === "huggingface" ? tagged : text;
      const document = {
        messages: [{ role: "user", content }],
        template: { dialect, undefined: lenient ? "lenient" : "strict" },
        ...(declared && { inputs }),
      };
      let prompts;
      try {
        prompts = [compile(document), compile(byEngine(document))];
      } catch (error) {
        assert.match(
          error.code,
          /^(template_undefined|template_syntax|document_invalid|template_unknown_name)$/,
          error.message,
        );
        return;
      }
      for (const one of values) {
        const before = engineRenders;
        const ours = outcome(prompts[0], one);
        const planned = engineRenders === before && typeof ours === "string";
        seen[planned ? "plan" : "engine"]++;
        if (planned && ours.length > 0) seen.planTexts++;
        const engines = outcome(prompts[1], one);
        // A plan ignores values that no template reads.
        const unread =
          planned &&
          typeof engines !== "string" &&
          engines.issues?.every((issue) =>
            /^(unsupported_type|not_finite|invalid_unicode|unsafe_integer|missing_input|unreadable|cycle) \/(l|ls|d|\w+)(\/|$)/.test(
              issue,
            ),
          );
        if (!unread) assert.deepEqual(ours, engines, content);
      }
    },
  );
  fc.assert(property, { numRuns: RUNS, seed: SEED });
  assert.ok(seen.planTexts > RUNS / 4, `too few renders took the plan: ${JSON.stringify(seen)}`);
});
