/** The Handlebars of dotprompt files as Jinja2. A construct without a counterpart is an error, so that nothing is
 * imported in part. */
import { no } from "../failure.ts";

const TAG = /\{\{\{([^]*?)\}\}\}|\{\{!--[^]*?--\}\}|\{\{![^]*?\}\}|\{\{~?([^]*?)~?\}\}/g;

/** A block's tag or a comment that is alone on its line removes the line. */
const STANDALONE = /^[^\S\n]*(\{\{(?:[#/][^{}]*|else|![^{}]*|!--[^]*?--)\}\})[^\S\n]*(?:\n|$(?![^]))/gm;

/** An open block, and the meaning of `this` in it. */
interface OpenBlock {
  readonly name: "if" | "unless" | "each";
  readonly item?: string;
}

/** A message, and the names that it reads at its top. */
export interface HandlebarsMessage {
  readonly role: string;
  readonly content: string;
}

/** The messages of a template. */
export function turnsOf(file: string, template: string): HandlebarsMessage[] {
  const source = template.replaceAll(STANDALONE, "$1");
  const turns: { role: string; parts: string[] }[] = [{ role: "user", parts: [] }];
  const open: OpenBlock[] = [];
  const put = (text: string) => turns.at(-1)?.parts.push(text);
  let after = 0;
  let trims = false;
  for (const match of source.matchAll(TAG)) {
    let before = source.slice(after, match.index);
    if (trims) before = before.trimStart();
    if (match[0].startsWith("{{~")) before = before.trimEnd();
    trims = match[0].endsWith("~}}");
    put(literal(before));
    after = match.index + match[0].length;
    const tag = (match[1] ?? match[2])?.trim();
    if (tag === undefined) continue;
    const role = /^role\s+["'](\w+)["']$/.exec(tag)?.[1];
    if (role !== undefined || tag === "history") {
      if (open.length > 0) throw unlike(file, tag, "inside a block");
      if (tag === "history") turns.push({ role: "placeholder", parts: ["{{ history }}"] });
      turns.push({ role: role === undefined ? "user" : role === "model" ? "assistant" : role, parts: [] });
    } else put(written(file, tag, open));
  }
  put(literal(trims ? source.slice(after).trimStart() : source.slice(after)));
  if (open.length > 0) throw unlike(file, `#${open.at(-1)?.name}`, "that is not closed");
  return turns
    .map(({ role, parts }) => ({ role, content: parts.join("") }))
    .filter(({ content }) => content.trim() !== "");
}

function written(file: string, tag: string, open: OpenBlock[]): string {
  const [, block, argument] = /^#(if|unless|each)\s+(\S+)$/.exec(tag) ?? [];
  const inside = open.findLast(({ item }) => item !== undefined)?.item;
  if (block !== undefined && argument !== undefined) {
    const value = path(file, argument, inside);
    if (block !== "each") {
      open.push({ name: block as "if" | "unless" });
      return block === "if" ? `{% if ${value} %}` : `{% if not ${value} %}`;
    }
    const depth = open.filter(({ item }) => item !== undefined).length;
    const item = depth === 0 ? "item" : `item${depth + 1}`;
    open.push({ name: "each", item });
    return `{% for ${item} in ${value} %}`;
  }
  if (tag === "else" && open.length > 0) return "{% else %}";
  const closed = /^\/(if|unless|each)$/.exec(tag)?.[1];
  if (closed !== undefined && open.at(-1)?.name === closed)
    return open.pop()?.item === undefined ? "{% endif %}" : "{% endfor %}";
  return `{{ ${path(file, tag, inside)} }}`;
}

function path(file: string, written: string, item: string | undefined): string {
  const LOOP: Readonly<Record<string, string>> = {
    "@index": "loop.index0",
    "@first": "loop.first",
    "@last": "loop.last",
  };
  const known = item === undefined ? undefined : LOOP[written];
  if (known !== undefined) return known;
  const steps = /^(this|@root|\.\.\/)?[./]?((?:[A-Za-z_]\w*)(?:[./][A-Za-z_]\w*)*)?$/.exec(written);
  if (steps === null || written === "") throw unlike(file, written, "");
  const [, from, rest = ""] = steps;
  const names = rest.split(/[./]/).filter(Boolean);
  if (from === "../" && item !== undefined && item !== "item") throw unlike(file, written, "in nested loops");
  const base = from === "@root" || from === "../" || item === undefined ? [] : [item];
  const all = [...base, ...names];
  if (all.length === 0) throw unlike(file, written, "outside a loop");
  return all.join(".");
}

/** Text that Jinja2 would take for a tag is escaped. */
function literal(text: string): string {
  return text.replaceAll(/\{[%#]/g, (mark) => `{{ '${mark}' }}`);
}

function unlike(file: string, tag: string, where: string) {
  return no("template_unknown", `${file}: \`{{${tag}}}\` ${where}`.trimEnd() + " has no counterpart in Jinja2");
}
