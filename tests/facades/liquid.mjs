// Records what LangWatch's Liquid (npm liquidjs, strict filters) makes of templates: node liquid.mjs > ../fixtures/liquid/cases.json
// Plain forms of everything that is translated, crossed with values; the Rust test compares the translations' output.
import { Liquid } from "liquidjs";

const engine = new Liquid({ strictFilters: true });
const contexts = [
  { name: "Ada", a: 1, b: 2, t: "a long text, and more of it", s: " x y ", list: ["one", "two", "three"], nums: [3, 1, 2], none: null, yes: true, no: false, hollow: "", nothing: [], user: { name: "Bob", tags: ["p", "q"] }, rows: [{ k: "x", v: 1 }, { k: "y", v: 2 }], order: { items: ["i"], size: "L", first: "F" }, mixed: ["b", "A", "a"], digits: "3", off: -3 },
  { name: "", a: 0, b: 2, t: "kurz", s: "", list: [], nums: [5], none: null, yes: false, no: false, hollow: "x", nothing: ["a"], user: { name: "ü", tags: [] }, rows: [], order: { items: [], size: "", first: "" }, mixed: [], digits: "4", off: 3 },
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
// What looks alike and is not: Python's methods, truth and sorting, values that print otherwise, white space of what prints nothing.
const traps = [
  "{% for x in order.items %}{{ x }}{% endfor %}", "{{ order.size }}", "{{ order.first }}", "{{ user.size }}", "{{ missing.size }}", "{{ name.first }}", "{{ mixed | sort | join }}", "{{ mixed | uniq | join }}",
  "{{ digits | times: 2 }}", "{{ digits | plus: 1 }}", "{{ digits | plus: digits }}", "{{ digits | modulo: 2 }}", "{{ off | modulo: 2 }}", "{{ off | abs }}", "{{ 2 | times: digits }}", "{{ 1.0 }}", "{{ 0.00001 }}", "{{ 12345678901234567890 }}", "{{ 2.5 | plus: 0.5 }}",
  "{% assign x = true %}{{ x }}", "{% assign x = true %}{% if x %}y{% endif %}", "{% assign x = false %}{% unless x %}y{% endunless %}", "{% assign x = yes | default: false %}{% if x == true %}y{% else %}n{% endif %}", "{% assign x = 2.5 %}{{ x }}", "{% assign x = 2.5 %}{{ x | times: 2 }}",
  "{% assign x = nil %}{{ x }}", "{% assign x = true %}{% assign y = x %}{{ y }}", "{{ true | append: 'x' }}", "{{ name | append: nil }}", "{{ missing | default: true }}", "{{ none | default: 'd' }}", "{{ no | default: 'd' }}", "{{ hollow | default: 'd' }}", "{{ a | default: 'd' }}",
  "{{ list | reverse }}", "{{ name | split: 'd' }}", "{{ (1..3) }}", "{{ (1..3) | join: '-' }}", "{% assign l = t | split: ' ' %}{% for w in l %}{{ w }};{% endfor %}", "{% assign l = t | split: ' ' %}{{ l | size }}", "{{ t | split: ', ' | join: '|' }}", "{{ t | split: '' | join: '|' }}", "{{ 'a,b,,' | split: ',' | join: '|' }}", "{{ ',a' | split: ',' | join: '|' }}", "{{ ',,' | split: ',' | size }}",
  "{{ 'Lit <b>' | escape | append: '<' }}", "{% assign e = 'Lit <b>' | escape %}{{ e }}", "{% assign e = 'Lit <b>' | escape %}{{ e | append: '<' }}", "{{ t | replace: '', '-' }}", "{{ t | slice: a }}", "{{ list | slice: 0, 2 | join }}", "{{ 'ab' | slice: -5, 2 }}",
  "{% if a == blank %}y{% else %}n{% endif %}", "{% if s == blank %}y{% else %}n{% endif %}", "{% if missing == blank %}y{% else %}n{% endif %}", "{% if nothing == blank %}y{% else %}n{% endif %}", "{% if missing == empty %}y{% else %}n{% endif %}", "{% if a == true %}y{% else %}n{% endif %}", "{% if a == false %}y{% else %}n{% endif %}", "{% if missing != nil %}y{% else %}n{% endif %}", "{% if none != nil %}y{% else %}n{% endif %}", "{% if nil %}y{% else %}n{% endif %}", "{% if true %}y{% endif %}", "{% if true == yes %}y{% else %}n{% endif %}", "{% if 'x' %}y{% endif %}", "{% if digits == 3 %}y{% else %}n{% endif %}", "{% if list == empty or name == 'Ada' %}y{% else %}n{% endif %}",
  "{% case yes %}{% when true %}y{% when false %}n{% endcase %}", "{% case a %}{% when true %}y{% else %}n{% endcase %}", "{% case missing %}{% when nil %}y{% else %}n{% endcase %}", "{% case name %}{% endcase %}",
  "a {%- comment -%} c {%- endcomment -%} b", "a {% comment %} c {% endcomment -%} b", "a {%- # note %} b", "a {% # note -%} b", "a {%- case name -%} {%- when 'Ada' -%} A {%- else -%} B {%- endcase -%} b", "a {%- case name %} {% when 'Ada' %} A {% endcase %} b", "  {% for x in list %}{% assign q = x %}{% endfor %}[{{ q }}]", "\n\n {% for x in list %}{% assign q = x %}{% endfor %}{% if q %}y{% else %}n{% endif %}",
  "{% capture c %}{% assign q = 'i' %}c{% endcapture %}{{ q }}{{ c }}", "{% if yes %}{% assign q = 'i' %}{% endif %}{{ q }}", "{% for x in list %}{% if forloop.first %}{% assign q = x %}{% endif %}{% endfor %}{{ q | upcase }}", "{% for name in list %}{{ name }}{% endfor %}{{ name }}", "{{ loop }}", "{{ True }}", "{% assign loop = 'x' %}{{ loop }}", "{{ forloop.first }}", "{% for x in list offset: continue %}{{ x }}{% endfor %}",
  "{{ rows | where: 'v' | size }}", "{{ rows | where: 'v', 2 | map: 'k' | join }}", "{{ rows | where: 'missing' | size }}", "{{ rows | map: 'missing' | join: ',' }}", "{{ list | first | upcase }}", "{{ nothing | first }}", "{{ list[-1] }}", "{{ list[9] }}",
];
const templates = [
  ...conditions.map((c) => `{% if ${c} %}yes{% else %}no{% endif %}`),
  ...conditions.slice(0, 16).map((c) => `{% unless ${c} %}no{% endunless %}`),
  ...texts.flatMap((v) => filters.map((f) => `{{ ${v} | ${f} }}`)),
  ...["a", "b", "3", "nums[0]", "2.5"].flatMap((v) => numbers.map((f) => `{{ ${v} | ${f} }}`)),
  ...["list", "nums", "user.tags"].flatMap((v) => lists.map((f) => `{{ ${v} | ${f} }}`)),
  ...whole,
  ...traps,
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
