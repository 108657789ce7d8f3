// Compares Cuecard with other Jinja engines on chat templates with tools and a history: one process, interleaved
// rounds, medians. The ratios are the figures to compare.
//
//   node tests/bench/chat.mjs [folder of *.jinja files]
//
// Without a folder it renders the templates in this file, which have the shapes of models' own templates.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../pkg/dist/node.js";
import { load, measure, median, OUTSIDE_PLANS, print } from "./rounds.mjs";

const [{ Template }, { Environment }, { default: nunjucks }] = await Promise.all(
  ["@huggingface/jinja", "minijinja-js/dist/node", "nunjucks"].map(load),
);

const own = {
  "tags around turns": `{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`,
  "tools as JSON before all": `{%- if tools %}{{ '<|im_start|>system\\n' }}{% if messages[0].role == 'system' %}{{ messages[0].content + '\\n\\n' }}{% endif %}{{ '# Tools\\n\\n<tools>' }}{% for tool in tools %}{{ '\\n' }}{{ tool | tojson }}{% endfor %}{{ '\\n</tools><|im_end|>\\n' }}{% endif %}{% for message in messages %}{% if message.role == 'user' or (message.role == 'system' and not loop.first) %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% elif message.role == 'assistant' %}{{ '<|im_start|>assistant' }}{% if message.content %}{{ '\\n' + message.content }}{% endif %}{% for call in message.tool_calls or [] %}{{ '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}{{ call.function.arguments | tojson }}{{ '}\\n</tool_call>' }}{% endfor %}{{ '<|im_end|>\\n' }}{% elif message.role == 'tool' %}{{ '<|im_start|>tool\\n' + message.content + '<|im_end|>\\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`,
  "headers, tools in the first question": `{{- bos_token }}{% set ns = namespace(first=true) %}{% for message in messages %}{% if message.role == 'user' and ns.first and tools %}{% set ns.first = false %}{{ '<|start|>user<|end|>\\n\\nGiven these functions, answer with a call or a text.\\n\\n' }}{% for tool in tools %}{{ tool | tojson(indent=4) }}{{ '\\n\\n' }}{% endfor %}{{ message.content | trim + '<|eot|>' }}{% elif message.tool_calls %}{{ '<|start|>assistant<|end|>\\n\\n' }}{% for call in message.tool_calls %}{{ '{"name": "' + call.function.name + '", "parameters": ' }}{{ call.function.arguments | tojson }}{{ '}' }}{% endfor %}{{ '<|eot|>' }}{% else %}{{ '<|start|>' + message.role + '<|end|>\\n\\n' + message.content | trim + '<|eot|>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|start|>assistant<|end|>\\n\\n' }}{% endif %}`,
  "instructions, tools before the last question": `{%- if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] %}{% set turns = messages[1:] %}{% else %}{% set turns = messages %}{% endif %}{{ bos_token }}{% for message in turns %}{% if message['role'] == 'user' %}{% if tools is defined and loop.index0 > 4 %}{{ '[TOOLS]' }}{{ tools | tojson }}{{ '[/TOOLS]' }}{% endif %}{% if loop.last and system is defined %}{{ '[INST]' + system + '\\n\\n' + message['content'] + '[/INST]' }}{% else %}{{ '[INST]' + message['content'] + '[/INST]' }}{% endif %}{% elif message['role'] == 'assistant' and not message['tool_calls'] %}{{ ' ' + message['content'] + eos_token }}{% elif message['role'] == 'tool' %}{{ '[RESULT]' + message['content'] + '[/RESULT]' }}{% endif %}{% endfor %}`,
  "a macro for the parameters": `{% macro params(of) %}{% for name, schema in of.properties.items() %}{{ '\\n<parameter>\\n<name>' ~ name ~ '</name>' }}{% if schema.type is defined %}{{ '\\n<type>' ~ schema.type ~ '</type>' }}{% endif %}{% if schema.description is defined %}{{ '\\n<description>' ~ schema.description ~ '</description>' }}{% endif %}{{ '\\n</parameter>' }}{% endfor %}{% endmacro %}{% for tool in tools %}{{ '\\n<function>\\n<name>' ~ tool.function.name ~ '</name>' }}{{ '\\n<description>' ~ (tool.function.description | trim) ~ '</description>' }}{{ params(tool.function.parameters) }}{{ '\\n</function>' }}{% endfor %}{% for message in messages %}{{ '\\n<|' ~ message.role ~ '|>' ~ message.content }}{% for call in message.tool_calls or [] %}{{ '\\n<call=' ~ call.function.name ~ '>' }}{% for name, value in call.function.arguments.items() %}{{ '\\n<' ~ name ~ '>' ~ value ~ '</' ~ name ~ '>' }}{% endfor %}{{ '\\n</call>' }}{% endfor %}{% endfor %}`,
  "a conversation with history": `{{ system }}{% for message in messages if message.role != 'system' %}\n{{ message.role | upper }}: {{ message.content }}{% endfor %}\nASSISTANT:`,
};

const tool = (name, description, properties) => ({
  type: "function",
  function: { name, description, parameters: { type: "object", properties, required: Object.keys(properties) } },
});
const text = { type: "string", description: "As the customer writes it" };
const context = {
  system: "You are a support agent.",
  bos_token: "<s>",
  eos_token: "</s>",
  add_generation_prompt: true,
  tools: [
    tool("find_order", "Finds an order by its number", { number: text }),
    tool("refund", "Gives money back", { number: text, amount: { type: "number", description: "In euros" } }),
    tool("weather", "The weather of a city", { city: text, unit: { type: "string", enum: ["c", "f"] } }),
  ],
  messages: [
    { role: "system", content: "You are a support agent. Answer briefly and kindly." },
    ...Array.from({ length: 4 }, (_, i) => [
      { role: "user", content: `Question ${i}: where is my order? It should have been here on Monday.` },
      { role: "assistant", content: `Answer ${i}: it is on its way, and will be with you within two days.` },
    ]).flat(),
    { role: "user", content: "And order 4711?" },
    {
      role: "assistant",
      content: "",
      tool_calls: [
        { id: "call00001", type: "function", function: { name: "find_order", arguments: { number: "4711" } } },
      ],
    },
    { role: "tool", tool_call_id: "call00001", content: '{"state": "sent"}' },
    { role: "user", content: "Thank you. When will it be here?" },
  ],
};

const cuecard = (content, outsidePlans = "") => {
  const messages = [{ role: "user", content: outsidePlans + content }];
  const prompt = compile({ messages, template: { dialect: "huggingface" } });
  return () => prompt.render(context).messages[0].content;
};
const engines = {
  // The plan in TypeScript, where the template has one.
  cuecard: (template) => cuecard(template),
  "cuecard, Rust in wasm": (template) => cuecard(template, OUTSIDE_PLANS),
  "@huggingface/jinja": (template) => {
    const compiled = new Template(template);
    return () => compiled.render(context);
  },
  "minijinja-js": (template) => {
    const environment = new Environment();
    environment.enableHtmlEscape = environment.keepTrailingNewline = false;
    environment.trimBlocks = environment.lstripBlocks = environment.pyCompat = true;
    environment.addTemplate("a.txt", template);
    return () => environment.renderTemplate("a.txt", context);
  },
  "nunjucks (precompiled, needs eval)": (template) => {
    const options = { autoescape: false, trimBlocks: true, lstripBlocks: true };
    const compiled = new nunjucks.Template(template, new nunjucks.Environment(null, options), undefined, true);
    return () => compiled.render(context);
  },
};

const [folder] = process.argv.slice(2);
const files = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith(".jinja"));
const templates =
  folder === undefined
    ? own
    : Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));

/** For each Cuecard engine, its speedup on each template over @huggingface/jinja, which is made for chat templates. */
const ratios = { cuecard: [], "cuecard, Rust in wasm": [] };
const rows = [["µs a render (× @huggingface/jinja)", ...Object.keys(engines)]];
for (const [name, template] of Object.entries(templates)) {
  const all = Object.entries(engines).map(([engine, prepare]) => {
    try {
      const render = prepare(template);
      return { engine, render: () => [render()], text: render() };
    } catch (error) {
      return { engine, failed: error };
    }
  });
  if (all.every(({ failed }) => failed !== undefined)) {
    rows.push([name, ...all.map(() => "-")]);
    continue;
  }
  const us = measure(all.filter(({ render }) => render));
  const base = us["@huggingface/jinja"];
  for (const [engine, list] of Object.entries(ratios))
    if (base !== undefined && us[engine] !== undefined) list.push(base / us[engine]);
  const right = all[0].text;
  const cell = ({ engine, failed, text }) => {
    if (failed !== undefined) return "-";
    const ratio = base === undefined ? "" : ` (${(base / us[engine]).toPrecision(2)}×)`;
    return `${us[engine].toFixed(1)}${ratio}${text === right ? "" : " *"}`;
  };
  rows.push([name, ...all.map(cell)]);
}
print(rows);
console.log("* other text than cuecard's; - cannot");
for (const [engine, list] of Object.entries(ratios))
  console.log(
    `${engine} beside @huggingface/jinja: median ${median(list).toPrecision(2)}×, least ${Math.min(...list).toPrecision(2)}×, of ${list.length}`,
  );
