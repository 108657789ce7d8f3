// Records what LangWatch's Liquid (npm liquidjs, strict filters) makes of templates: node liquid.mjs > ../fixtures/liquid/cases.json
// Plain forms of everything that is translated, crossed with values; the Rust test compares the translations' output.
import { Liquid } from "liquidjs";

const engine = new Liquid({ strictFilters: true });
const contexts = [
  { name: "Ada", a: 1, b: 2, t: "a long text, and more of it", s: " x y ", list: ["one", "two", "three"], nums: [3, 1, 2], none: null, yes: true, no: false, hollow: "", nothing: [], user: { name: "Bob", tags: ["p", "q"] }, rows: [{ k: "x", v: 1 }, { k: "y", v: 2 }] },
  { name: "", a: 0, b: 2, t: "kurz", s: "", list: [], nums: [5], none: null, yes: false, no: false, hollow: "x", nothing: ["a"], user: { name: "ü", tags: [] }, rows: [] },
];
const conditions = ["a == 1", "a != b", "a <> 1", "a < b", "a >= 1", "name", "none", "no", "hollow", "a == 0", "missing", "name == 'Ada'", 'name == "Ada"', "list contains 'two'", "t contains 'text'", "name == empty", "name == blank", "none == nil", "name != blank", "nothing == empty", "yes and a", "no or a", "no and yes or yes", "yes or no and no", "a == 1 and b == 2 or no", "user.name == 'Bob'", "list.size > 2", "list[0] == 'one'", "yes == true", "user.tags.first == 'p'", "missing == nil", "missing.deep"];
const filters = ["upcase", "downcase", "capitalize", "strip", "lstrip", "rstrip", "size", "append: '!'", "prepend: 'x'", "replace: 'a', 'b'", "replace_first: 'a', 'b'", "remove: 'a'", "remove_first: 'a'", "truncate: 10", "truncate: 10, ''", "truncate: 7, '…'", "truncate", "slice: 0", "slice: 1, 3", "slice: -2, 2", "default: 'none'", "escape", "strip_newlines", "newline_to_br", "split: ' ' | join: '-'", "split: ',' | first", "split: ',' | last", "split: ' ' | size", "truncatewords: 2", "url_encode", "strip_html"];
const texts = ["name", "t", "s", "hollow", "missing", "user.name", "'Lit <b>'"];
const numbers = ["plus: 1", "minus: 1", "times: 2", "modulo: 2", "divided_by: 2", "at_least: 2", "at_most: 2", "abs", "ceil", "floor", "round", "default: 9", "plus: 1 | times: 3"];
const lists = ["join", "join: ', '", "first", "last", "size", "reverse | join", "sort | join: ','", "uniq | join", "concat: nothing | join: '+'", "compact | join", "slice: 1, 1 | join"];
const whole = [
  "{% for x in list %}{{ x }} {% endfor %}", "{% for x in list %}{{ forloop.index }}{{ forloop.index0 }}{{ forloop.length }}{{ forloop.rindex }}{{ forloop.rindex0 }}{% endfor %}",
  "{% for x in list %}{% if forloop.first %}[{% endif %}{{ x }}{% if forloop.last %}]{% else %},{% endif %}{% endfor %}", "{% for x in list reversed %}{{ x }}{% endfor %}",
  "{% for x in list limit:2 %}{{ x }}{% endfor %}", "{% for x in list offset:1 %}{{ x }}{% endfor %}", "{% for x in list limit:1 offset:1 %}{{ x }}{% endfor %}", "{% for x in list reversed limit:2 %}{{ x }}{% endfor %}",
  "{% for x in nothing %}{{ x }}{% else %}none{% endfor %}", "{% for i in (1..3) %}{{ i }}{% endfor %}", "{% for i in (a..b) %}{{ i }}{% endfor %}", "{% for x in list %}{% if x == 'two' %}{% continue %}{% endif %}{{ x }}{% endfor %}",
  "{% for x in list %}{% if x == 'two' %}{% break %}{% endif %}{{ x }}{% endfor %}", "{% for r in rows %}{{ r.k }}={{ r.v }};{% endfor %}", "{% for r in rows %}{% for t in user.tags %}{{ r.k }}{{ t }} {% endfor %}{% endfor %}",
  "{% assign x = 'y' %}{{ x }}", "{% assign x = name | upcase %}{{ x }}{{ x | size }}", "{% assign n = 0 %}{% for x in list %}{% assign n = n | plus: 1 %}{% endfor %}{{ n }}", "{% for x in list %}{% assign last = x %}{% endfor %}{{ last }}",
  "{% capture c %}{{ name }}!{% endcapture %}{{ c }}{{ c | upcase }}", "{% comment %}{{ gone }}{% endcomment %}kept", "a{% raw %}{{ x }}{% endraw %}b", "{# not a comment #}", "{%- if yes -%} x {%- endif -%} y", " {{- name -}} z",
  "{% case name %}{% when 'Ada' %}A{% when 'x', 'y' %}B{% else %}C{% endcase %}", "{% case a %}{% when 1 %}one{% when 0 or 2 %}other{% endcase %}", "{% case name %} {% when 'Ada' %}A{% endcase %}", "{% unless yes %}n{% else %}y{% endunless %}",
  "{% unless a == 1 %}n{% elsif b == 2 %}m{% endunless %}", "{% if a == 1 %}x{% elsif b == 2 %}y{% else %}z{% endif %}", "{% if yes %}{% if no %}a{% else %}b{% endif %}{% endif %}", "{% echo name | upcase %}", "{{ name }}\n", "{{ name }}\n\n",
  "{{ list[1] }}", "{{ list.first }}{{ list.last }}", "{{ user['name'] }}", "{{ list.size }}{{ name.size }}", "{{ rows | map: 'k' | join: ',' }}", "{{ rows | where: 'k', 'x' | map: 'v' | join }}", "{{ missing }}", "{{ missing.deep }}", "{{ none }}", "{{ yes }}", "{{ no }}", "{{ 1.5 }}", "{{ -1 }}", "{{ true }}", "{{ nil }}", "{{ 'a\\b' }}",
  "{% tablerow x in list %}{{ x }}{% endtablerow %}", "{% cycle 'a', 'b' %}", "{% increment n %}", "{% decrement n %}", "{% render 'x' %}", "{% include 'x' %}", "{% if a == 1 %}", "{{ name | nope }}", "{% for x in list %}{{ forloop.parentloop.index }}{% endfor %}", "{{ a | date: '%Y' }}", "{{ rows | json }}", "{% liquid assign x = 1 %}", "{% endif %}", "{{ name", "{% else %}",
];
const templates = [
  ...conditions.map((c) => `{% if ${c} %}yes{% else %}no{% endif %}`),
  ...conditions.slice(0, 16).map((c) => `{% unless ${c} %}no{% endunless %}`),
  ...texts.flatMap((v) => filters.map((f) => `{{ ${v} | ${f} }}`)),
  ...["a", "b", "3", "nums[0]", "2.5"].flatMap((v) => numbers.map((f) => `{{ ${v} | ${f} }}`)),
  ...["list", "nums", "user.tags"].flatMap((v) => lists.map((f) => `{{ ${v} | ${f} }}`)),
  ...whole,
];
const cases = templates.map((template) => {
  const outputs = contexts.map((context) => {
    try {
      return { output: engine.parseAndRenderSync(template, context) };
    } catch (error) {
      return { error: error.message.split("\n")[0] };
    }
  });
  return { template, outputs };
});
console.log(JSON.stringify({ about: "npm liquidjs 10.30.1 with strictFilters, as LangWatch's client has it; recorded by tests/facades/liquid.mjs.", contexts, cases }, null, 1));
