// Prompts that repeat every operation of the template language on large, equal, nearly equal and deep values.
import { readFileSync } from "node:fs";

/** The names of one kind in the engine's sources, such as filters. */
function names(file, pattern) {
  const text = readFileSync(new URL(`../crates/jinja/src/library/${file}`, import.meta.url), "utf8");
  return [...new Set([...text.matchAll(pattern)].map(([, name]) => name))];
}

const filters = names("registry.rs", /^ {4}filter\(\s*"(\w+)"/gm);
const tests = names("registry.rs", /^ {4}test\(\s*"([\w=<>!]+)"/gm);
const methods = [
  ...names("str_methods.rs", /^ {4}\("(\w+)",/gm),
  ...names("methods/sequence.rs", /\("(\w+)", \w/g),
  ...names("methods/dict.rs", /^ {4}\("(\w+)",/gm),
  ...names("methods/number.rs", /\("(\w+)",/g),
];

const many = (count, of) => Array.from({ length: count }, (_, n) => of(n));
const near = (n) => "a".repeat(3000) + n;
const deep = (levels) => JSON.parse("[".repeat(levels) + "]".repeat(levels));

/** Pairs of values: equal ones, and ones that differ only at their end or start. Large texts have `MIB` bytes. */
const pairsOf = (MIB) => ({
  equal: () => ["a".repeat(MIB), "a".repeat(MIB)],
  "nearly equal": () => ["a".repeat(MIB), `${"a".repeat(MIB - 1)}b`],
  "differs at its start": () => [`b${"a".repeat(MIB - 1)}`, "a".repeat(MIB)],
  letters: () => ["éß".repeat(MIB / 4), "éß".repeat(MIB / 4)],
  words: () => ["a <b>& ".repeat(MIB / 7), "a <b>& ".repeat(MIB / 7)],
  digits: () => ["9".repeat(MIB), "{}%s".repeat(MIB / 4)],
  short: () => ["a".repeat(MIB), "a"],
  numbers: () => [many(40_000, (n) => n), many(40_000, (n) => n)],
  texts: () => [many(300, near), many(300, near)],
  "a text of them": () => [many(300, near), near(299)],
  dicts: () => [
    Object.fromEntries(many(9_000, (n) => [`k${n}`, n])),
    Object.fromEntries(many(9_000, (n) => [`k${n}`, n])),
  ],
  "dicts of texts": () => [Object.fromEntries(many(300, (n) => [near(n), n])), near(299)],
  records: () => [many(9_000, (n) => ({ a: n, b: `${n}` })), "a"],
  levels: () => [deep(50), deep(50)],
  integers: () => [Number.MAX_SAFE_INTEGER, 12_345],
  floats: () => [1.7e308, 0.1],
});

const expressions = [
  ...filters.flatMap((name) => [
    `A|${name}`,
    `A|${name}(B)`,
    `A|${name}(B, B)`,
    `[A, B, A]|${name}`,
    `[A, B]|${name}(A)|list`,
    `{A: B}|${name}`,
  ]),
  ...filters.flatMap((name) => [`[A, B]|map('${name}')|list`, `[A, B]|map('${name}', B)|list`]),
  ...["sort", "unique", "groupby", "min", "max", "sum", "map", "selectattr", "rejectattr", "join"].map(
    (name) => `A|${name}(attribute=B)|list`,
  ),
  ...tests.flatMap((name) =>
    /\w/.test(name)
      ? [`A is ${name}`, `A is ${name}(B)`, `[A, B]|select('${name}', B)|list`]
      : [`[A, B]|select('${name}', B)|list`],
  ),
  ...methods.flatMap((name) => [
    `A.${name}()`,
    `A.${name}(B)`,
    `A.${name}(B, B)`,
    `[A, B].${name}(B)`,
    `[B, A].${name}(A)`,
    `(A, B).${name}(B)`,
    `{A: B}.${name}(B)`,
    `{A: B}.${name}(B, A)`,
  ]),
  ...["+", "~", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"].flatMap(
    (op) => [`A ${op} B`, `[A] ${op} [B]`, `(A, 1) ${op} (B, 2)`],
  ),
  ...[
    "A in [B]",
    "A in {B: 1}",
    "{A: 1}[B]",
    "{A: 1, B: 2}",
    "{A: 1} == {B: 1}",
    "A[B]",
    "A[0]",
    "A[-1]",
    "A[9999]",
    "A[1:]",
    "A[::2]",
    "A[::-1]",
    "A[-2:]",
    "A.x",
    "A['x']",
    "-A",
    "not A",
    "A if B else A",
    "dict(A)",
    "dict([[A, B]])",
    "namespace(A)",
    "range(A)",
    "cycler(A, B).next()",
    "joiner(A)()",
    "lipsum(A)",
    "'%s' % A",
    "'%r' % A",
    "'%9999d' % A",
    "'{}'.format(A)",
    "'{!r}'.format(A)",
    "'{:>9999}'.format(A)",
    "A.items()|list",
    "A.keys() == B.keys()",
    "A.items() <= B.items()",
    "A|attr(B)",
    "A * 100",
    "100 * [A]",
    "loop.changed(A)",
    "loop.cycle(A, B)",
    "(A ~ B)|length",
    "A|list == B|list",
    "A|string",
    "[A, B]|string",
    "[A, B]|tojson",
    "{A: B}|pprint",
    "A|items|list",
    "A|dictsort",
    "A|random",
    "A|sort == B|sort",
    "A|sort(attribute='a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a')",
    "A|sort(attribute='a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a')",
    "A|groupby('a')|list",
    "A|map(attribute='a')|list",
    "A|selectattr('a', 'equalto', B)|list",
    "A|batch(1)|list",
    "A|slice(3)|list",
    "A|unique|list",
    "A.strip(B)",
    "A.split(B)",
    "A|replace(B, A)",
    "A|replace('a', '')",
    "A|wordwrap(1)",
    "A|truncate(9999)",
    "A|urlize",
    "A|striptags",
    "A|indent",
    "A|center(99999)",
    "A|int",
    "A|float",
    "A|filesizeformat",
  ],
];

const statements = [
  ...["length", "revindex", "last", "nextitem", "previtem", "changed(c)", "cycle(A, B)"].map(
    (read) => `{% for c in A %}{% set x = loop.${read} %}{% break %}{% endfor %}`,
  ),
  "{% for c in A %}{% endfor %}",
  "{% for c in A if c == B %}{% endfor %}",
  "{% for c in A|reverse %}{% break %}{% endfor %}",
  "{% for k, v in A %}{% break %}{% endfor %}",
  "{% for k, v in A|items %}{% break %}{% endfor %}",
  "{% for c in A recursive %}{% set x = loop(B) if loop.depth < 3 %}{% endfor %}",
  "{% set x %}{{ A }}{% endset %}",
  "{% set x | upper %}{{ A }}{% endset %}",
  "{% filter length %}{{ A }}{{ B }}{% endfilter %}",
  "{% set x, y = A[:2] %}",
  "{% set n = namespace() %}{% set n.x = A %}{% if n.x == B %}{% endif %}",
  "{% macro m(p, q=A) %}{% if p == q %}{% endif %}{% endmacro %}{{ m(B) }}",
  "{% macro m() %}{{ varargs == kwargs }}{% endmacro %}{{ m(A, B, k=A) }}",
  "{% macro m() %}{{ caller(A) }}{% endmacro %}{% call(z) m() %}{% if z == B %}{% endif %}{% endcall %}",
  "{% with x = A ~ B %}{% if x %}{% endif %}{% endwith %}",
  "{% if A %}{% elif B %}{% endif %}",
];

/** Returns `[{ id, document, inputs }]`, with texts of `bytes` bytes. */
export function costs(bytes = 1 << 20) {
  const rows = [];
  const all = [...[...new Set(expressions)].map((expression) => `{% set x = ${expression} %}`), ...statements];
  for (const [pair, make] of Object.entries(pairsOf(bytes))) {
    const [a, b] = make();
    for (const turn of all) {
      const said = turn.replaceAll(/\bA\b/g, "a_").replaceAll(/\bB\b/g, "b_");
      rows.push({
        id: `${pair}: ${turn}`,
        document: {
          messages: [{ role: "user", content: `{% for i in range(20000) %}${said}{% endfor %}` }],
          template: { undefined: "lenient" },
        },
        inputs: { a_: a, b_: b },
      });
    }
  }
  return rows;
}
