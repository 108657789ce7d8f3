// Compares Cuecard with other template engines: one process, interleaved rounds, medians. The ratios are the figures to
// compare.
//
//   node tests/bench/engines.mjs [--json]
//   node --disallow-code-generation-from-strings tests/bench/engines.mjs
import { compile } from "../../pkg/dist/node.js";
import { load, measure, OUTSIDE_PLANS, print } from "./rounds.mjs";
import { workloads } from "./workloads.mjs";

/** Each function turns a workload into `(inputs) => texts of the messages`, or throws if the engine cannot run it. */
const engines = {
  "template literal": async ({ literal }) => literal,
  "cuecard, the plan in TypeScript": async ({ document }) => cuecard(document),
  "cuecard, Rust in wasm": async ({ document }) => {
    const [{ content, ...first }, ...rest] = document.messages;
    return cuecard({ ...document, messages: [{ ...first, content: OUTSIDE_PLANS + content }, ...rest] });
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

const results = {};
for (const [name, workload] of Object.entries(workloads)) {
  const contenders = [];
  for (const [engine, prepare] of Object.entries(engines)) {
    try {
      const render = await prepare(workload);
      const wrong = workload.literal(workload.inputs).join("\0") !== render(workload.inputs).join("\0");
      contenders.push({ engine, render: () => render(workload.inputs), wrong });
    } catch (error) {
      contenders.push({ engine, failed: error.message.split("\n")[0].slice(0, 60) });
    }
  }
  const medians = measure(contenders.filter(({ render }) => render));
  results[name] = Object.fromEntries(
    contenders.map(({ engine, failed, wrong }) => [
      engine,
      failed === undefined ? { us: medians[engine], ...(wrong && { wrong }) } : { failed },
    ]),
  );
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
  print([["µs a render (× nunjucks)", ...names], ...rows]);
  console.log("* other text than Jinja2's");
}
