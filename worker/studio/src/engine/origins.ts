/** Traces which bytes of a rendered text came from which input.
 *
 * Each input is marked alone: its texts are set between two private characters, the prompt is rendered again, and the marks
 * are taken out. Only where that gives the true text back do the marks tell the truth; an input that a condition or a filter
 * looks at may fail it, and counts as computed.
 */
import type { Document, Input, JsonObject, Prompt, Rendered } from "cuecard";

import { partsOf } from "../document/content.ts";
import { own } from "../document/values.ts";
import type { Origins, Stretch } from "./protocol.ts";

const OPEN = "\uf8f0";
const CLOSE = "\uf8f1";
const MARKS = new RegExp(`[${OPEN}${CLOSE}]`, "g");

interface TextRange {
  readonly start: number;
  readonly end: number;
  readonly input: string;
}

export function follow(compile: (document: Document) => Prompt, document: Document, inputs: JsonObject): Origins {
  const known = compile(document);
  const truth = flat(known.render(inputs));
  const ranges: TextRange[][] = truth.map((message) => message.map(() => [])).flat();
  const computed: string[] = [];
  for (const input of known.inputs) {
    const found = mark(compile, document, known.inputs, input, inputs, truth.flat());
    if (found === undefined) computed.push(input.name);
    else found.forEach((more, text) => ranges[text]?.push(...more));
  }
  let text = 0;
  const messages = truth.map((message) => message.map((part) => cut(part, ranges[text++] ?? [])));
  return { messages, computed };
}

/** Where this input's texts went, per text; `undefined` if the marks changed anything else. */
function mark(
  compile: (document: Document) => Prompt,
  document: Document,
  declared: readonly Input[],
  { name, type, default: standard }: Input,
  inputs: JsonObject,
  truth: readonly string[],
): TextRange[][] | undefined {
  const value = own(inputs, name) ?? standard;
  if (value === undefined || value === null) return [];
  try {
    // A number is marked as the text that it prints as; for that its input takes anything.
    const isPlain = ["number", "bigint", "boolean"].includes(typeof value);
    const { enum: _enum, ...open } = declared.find((other) => other.name === name) ?? { name };
    const relaxed = declared.map((other) => (other.name === name ? { ...open, type: "any" as const } : other));
    const print = () => flat(compile(printer(name, type)).render({ [name]: value })).flat()[0] ?? "";
    const prompt = compile({ ...document, inputs: type === "messages" ? declared : relaxed });
    const printed = isPlain ? print() : value;
    for (const wrap of [around, afterFirst]) {
      const texts = flat(prompt.render({ ...inputs, [name]: deep(printed, wrap) })).flat();
      if (texts.length !== truth.length || texts.some((text, at) => text.replace(MARKS, "") !== truth[at])) continue;
      return texts.map((text) => rangesOf(text, name, wrap === afterFirst ? 1 : 0));
    }
    return undefined;
  } catch {
    return undefined;
  }
}

const printer = (name: string, type: Input["type"]): Document => ({
  messages: [{ role: "user", content: `{{ ${name} }}` }],
  inputs: [{ name, type }],
});

type Wrap = (text: string) => string;

const around: Wrap = (text) => (text === "" ? text : OPEN + text + CLOSE);

/** For filters that look at the first letter, such as `title`: the mark stands after it. */
const afterFirst: Wrap = (text) => {
  const [first = ""] = text;
  return /^\S/.test(text) ? first + OPEN + text.slice(first.length) + CLOSE : around(text);
};

function deep(value: unknown, wrap: Wrap): unknown {
  if (typeof value === "string") return wrap(value);
  if (typeof value === "number" || typeof value === "bigint") return wrap(String(value));
  if (typeof value === "boolean") return wrap(value ? "True" : "False");
  if (Array.isArray(value)) return value.map((item) => deep(item, wrap));
  if (typeof value !== "object" || value === null) return value;
  // Structural members of messages are not texts.
  const kept = (key: string, inner: unknown) => (key === "role" || key === "type" ? inner : deep(inner, wrap));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, kept(key, inner)]));
}

function rangesOf(text: string, input: string, before: number): TextRange[] {
  const found: TextRange[] = [];
  let start: number | undefined;
  let at = 0;
  for (const char of text) {
    if (char === OPEN) start ??= Math.max(0, at - before);
    else if (char === CLOSE) {
      if (start !== undefined && at > start) found.push({ start, end: at, input });
      start = undefined;
    } else at += char.length;
  }
  if (start !== undefined && at > start) found.push({ start, end: at, input });
  return found;
}

function cut(text: string, ranges: readonly TextRange[]): Stretch[] {
  const stretches: Stretch[] = [];
  let at = 0;
  for (const { start, end, input } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (start < at) continue;
    if (start > at) stretches.push({ text: text.slice(at, start) });
    stretches.push({ text: text.slice(start, end), input });
    at = end;
  }
  if (at < text.length) stretches.push({ text: text.slice(at) });
  return stretches;
}

/** The texts of each message; an image counts as one. */
function flat({ messages }: { messages: Rendered["messages"] }): string[][] {
  return messages.map((message) => partsOf(message).map((part) => (part.type === "text" ? part.text : part.image)));
}
