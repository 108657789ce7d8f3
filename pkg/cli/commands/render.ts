import { existsSync } from "node:fs";
import { compile, PromptError, type Prompt } from "cuecard";

import { caseInputs, textOf } from "../cases.ts";
import { command } from "../command.ts";
import { documentOf } from "../content.ts";
import { no, wrongUse } from "../failure.ts";
import { compileFile, pathOf, readPrompt } from "../files/prompt.ts";
import { readText } from "../files/text.ts";
import { Yaml } from "../files/yaml.ts";
import type { Session } from "../session.ts";

export const INPUT_OPTIONS = {
  input: {
    type: "string",
    short: "i",
    value: "NAME=VALUE",
    multiple: true,
    about: "one input; a text, or JSON where its type is not a text",
  },
  case: { type: "string", value: "NAME", about: "the inputs of a case; what else is given goes on top" },
  inputs: { type: "string", value: "FILE", about: "a JSON or YAML file of inputs; `-` is standard input" },
} as const;

export const render = command({
  name: "render",
  about: "Renders a prompt: the file's, or with a tag or version the server's. Prints the messages.",
  takes: "slug[@tag|@version]",
  words: [1, 1],
  options: INPUT_OPTIONS,
  async run({ words: [reference = ""], options, session }) {
    const prompt = await find(session, reference);
    const inputs = await inputsOf(session, reference, options, prompt);
    const rendered = attempt(() => prompt.render(inputs));
    for (const message of rendered.messages) {
      session.terminal.print(session.terminal.paint("bold", `${message.role}:`));
      session.terminal.print(textOf(message));
    }
    return { data: rendered };
  },
});

/** An error of the renderer, as one line and its issues. */
export function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PromptError)) throw error;
    const [first = "", ...rest] = error.message.split("\n");
    throw no(error.code, first, rest.join("\n"));
  }
}

async function find(session: Session, reference: string): Promise<Prompt> {
  const [slug = "", selector] = reference.split("@");
  if (selector === undefined && existsSync(pathOf(session.project, slug)))
    return compileFile(readPrompt(session.project, slug));
  const tag = selector ?? session.project.tag;
  const head = await session.server().head(slug, /^\d+$/.test(tag) ? { version: Number(tag) } : { tag });
  if (head === undefined)
    throw no("prompt_not_found", `there is no file of ${slug}, and no ${slug}@${tag} on the server`);
  return attempt(() => compile(documentOf(head.version)));
}

/** Inputs from options, a file or standard input. */
export async function inputsOf(
  session: Session,
  reference: string,
  {
    input,
    inputs,
    case: named,
  }: { readonly input: readonly string[]; readonly inputs: string | undefined; readonly case: string | undefined },
  prompt: Pick<Prompt, "inputs">,
): Promise<Record<string, unknown>> {
  let given: unknown = {};
  if (inputs !== undefined) {
    if (inputs !== "-" && !existsSync(inputs)) throw wrongUse(`there is no file ${inputs}`);
    given = Yaml.parse(inputs === "-" ? await session.terminal.stdin() : readText(inputs), inputs).value;
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw wrongUse("inputs are an object");
  const kept = named === undefined ? {} : await caseInputs(session, reference.split("@")[0] ?? "", named);
  const all: Record<string, unknown> = { ...kept, ...given };
  for (const pair of input) {
    const at = pair.indexOf("=");
    if (at < 1) throw wrongUse(`--input takes NAME=VALUE, not \`${pair}\``);
    const name = pair.slice(0, at);
    all[name] = valueOf(pair.slice(at + 1), prompt.inputs.find((one) => one.name === name)?.type);
  }
  return all;
}

function valueOf(text: string, type: string | undefined): unknown {
  if (type === "str" || type === "string" || type === "image") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
