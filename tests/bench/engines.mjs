// Rendering beside other template engines: one process, rounds interleaved, medians; ratios are what counts.
//   node tests/bench/engines.mjs [--json]      also: node --disallow-code-generation-from-strings tests/bench/engines.mjs
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compile } from "../../pkg/dist/node.js";
import { workloads } from "./workloads.mjs";

const require = createRequire(fileURLToPath(new URL("../package.json", import.meta.url)));
const load = (name) => import(require.resolve(name));

/** Each makes `(inputs) => texts of the messages` from a workload, or throws where it cannot. */
const engines = {
  "template literal": async ({ literal }) => literal,
  "cuecard, the plan in TypeScript": async ({ document }) => cuecard(document),
  "cuecard, Rust in wasm": async ({ document }) => {
    // No plan can have a power, so all of the prompt goes to the wasm.
    const [{ content, ...first }, ...rest] = document.messages;
    const outsidePlans = `{% macro unused() %}{{ 1 ** 1 }}{% endmacro %}${content}`;
    return cuecard({ ...document, messages: [{ ...first, content: outsidePlans }, ...rest] });
  },
  "nunjucks (precompiled, needs eval)": async ({ document }) => {
    const { default: nunjucks } = await load("nunjucks");
    const environment = new nunjucks.Environment(null, { autoescape: false });
    const templates = document.messages.map(
      ({ content }) => new nunjucks.Template(content, environment, undefined, true),
    );
    return (inputs) => templates.map((template) => template.render(inputs));
  },
  "@huggingface/jinja": async ({ document }) => {
    const { Template } = await load("@huggingface/jinja");
    const templates = document.messages.map(({ content }) => new Template(content));
    return (inputs) => templates.map((template) => template.render(inputs));
  },
  "minijinja-js": async ({ document }) => {
    const { Environment } = await load("minijinja-js/dist/node");
    const environment = new Environment();
    environment.enableHtmlEscape = false;
    document.messages.forEach(({ content }, index) => environment.addTemplate(`${index}.txt`, content));
    return (inputs) => document.messages.map((_, index) => environment.renderTemplate(`${index}.txt`, inputs));
  },
  "handlebars (needs eval)": async ({ handlebars }) => {
    const { default: Handlebars } = await load("handlebars");
    if (handlebars === undefined) throw new Error("no such template");
    Handlebars.registerHelper("upper", (text) => text.toUpperCase());
    const templates = handlebars.map((text) => Handlebars.compile(text, { noEscape: true }));
    return (inputs) => templates.map((template) => template(inputs));
  },
  liquidjs: async ({ liquid }) => {
    const { Liquid } = await load("liquidjs");
    if (liquid === undefined) throw new Error("no such template");
    const engine = new Liquid();
    const templates = liquid.map((text) => engine.parse(text));
    return (inputs) => templates.map((template) => engine.renderSync(template, inputs));
  },
  mustache: async ({ mustache }) => {
    const { default: Mustache } = await load("mustache");
    if (mustache === undefined) throw new Error("no such template");
    mustache.forEach((text) => Mustache.parse(text));
    return (inputs) => mustache.map((text) => Mustache.render(text, inputs, undefined, { escape: (value) => value }));
  },
};

function cuecard(document) {
  const prompt = compile(document);
  return (inputs) => prompt.render(inputs).messages.map(({ content }) => content);
}

const ROUNDS = 21;
const SLICE = 12;
const results = {};
for (const [name, workload] of Object.entries(workloads)) {
  const contenders = [];
  for (const [engine, prepare] of Object.entries(engines)) {
    try {
      const render = await prepare(workload);
      const wrong = workload.literal(workload.inputs).join("\0") !== render(workload.inputs).join("\0");
      contenders.push({ engine, render, wrong, times: [] });
    } catch (error) {
      contenders.push({ engine, failed: error.message.split("\n")[0].slice(0, 60) });
    }
  }
  results[name] = measure(
    contenders.filter(({ render }) => render),
    workload.inputs,
  );
  for (const { engine, failed, wrong } of contenders) {
    if (failed !== undefined) results[name][engine] = { failed };
    else if (wrong) results[name][engine].wrong = true;
  }
}

/** Medians in microseconds. Rounds go through all engines in turn, so that whatever disturbs one disturbs all. */
function measure(contenders, inputs) {
  let sink = 0;
  for (const contender of contenders) {
    const until = performance.now() + 150;
    let n = 0;
    const started = performance.now();
    do {
      sink += flat(contender.render(inputs));
      n++;
    } while (performance.now() < until);
    contender.count = Math.max(1, Math.round((n * SLICE) / (performance.now() - started)));
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { render, count, times } of contenders) {
      const started = performance.now();
      for (let i = 0; i < count; i++) sink += flat(render(inputs));
      times.push(((performance.now() - started) * 1000) / count);
    }
  }
  if (sink === 0) throw new Error("nothing was rendered");
  return Object.fromEntries(
    contenders.map(({ engine, times }) => [engine, { us: times.sort((a, b) => a - b)[ROUNDS >> 1] }]),
  );
}

/** Makes every text whole, as sending it would: engines that only note what to join do not get away with it. */
function flat(texts) {
  let sum = 0;
  for (const text of texts) sum += text.length + text.charCodeAt(text.length >> 1);
  return sum;
}

if (process.argv.includes("--json")) {
  console.log(JSON.stringify(results));
} else {
  const names = Object.keys(workloads);
  const base = (name) =>
    results[name]["nunjucks (precompiled, needs eval)"]?.us ?? results[name]["template literal"].us;
  const cell = (name, engine) => {
    const result = results[name][engine];
    if (result?.us === undefined) return "-";
    return `${result.us.toFixed(result.us < 10 ? 2 : 0)} (${(base(name) / result.us).toPrecision(2)}×)${result.wrong ? " *" : ""}`;
  };
  const rows = Object.keys(engines).map((engine) => [engine, ...names.map((name) => cell(name, engine))]);
  const table = [["µs a render (× nunjucks)", ...names], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  console.log(table.map((row) => row.map((text, column) => text.padEnd(widths[column])).join("  ")).join("\n"));
  console.log("* other text than Jinja2's");
}
