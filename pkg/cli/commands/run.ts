import { existsSync } from "node:fs";
import { compile } from "cuecard";

import { command } from "../command.ts";
import { documentOf } from "../content.ts";
import { no } from "../failure.ts";
import { compileFile, pathOf, readPrompt } from "../files/prompt.ts";
import { path } from "../server.ts";
import { INPUT_OPTIONS, inputsOf } from "./render.ts";

interface Ran {
  readonly execution?: unknown;
  readonly output?: unknown;
  readonly usage?: unknown;
  readonly cost?: unknown;
}

/** A model may think for minutes. */
const TIMEOUT = 600_000;

export const run = command({
  name: "run",
  about:
    "Runs a prompt of the server against a model, and prints what the model answers. Takes a key with the role run.",
  takes: "slug[@tag|@version]",
  words: [1, 1],
  options: {
    ...INPUT_OPTIONS,
    model: { type: "string", value: "MODEL", about: "in place of the prompt's own" },
    connection: { type: "string", value: "NAME", about: "in place of the default one" },
  },
  async run({ words: [reference = ""], options, session }) {
    const [slug = "", selector = session.project.tag] = reference.split("@");
    const server = session.server();
    const query = /^\d+$/.test(selector) ? { version: selector } : { tag: selector };
    const inputs = await inputsOf(session, reference, options, {
      inputs: options.input.length > 0 ? await declared() : [],
    });
    const body = {
      inputs,
      ...(options.model !== undefined && { model: options.model }),
      ...(options.connection !== undefined && { connection: options.connection }),
    };
    const { value } = await server.call<Ran>(`${path(slug)}/run`, {
      method: "POST",
      query,
      body,
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const { output } = value;
    session.terminal.print(typeof output === "string" ? output : JSON.stringify(output, null, 2));
    return { data: value };

    /** Inputs of the command line are read by the types of the prompt that runs. */
    async function declared() {
      if (!reference.includes("@") && existsSync(pathOf(session.project, slug)))
        return compileFile(readPrompt(session.project, slug)).inputs;
      const head = await server.head(slug, /^\d+$/.test(selector) ? { version: Number(selector) } : { tag: selector });
      if (head === undefined) throw no("prompt_not_found", `there is no ${slug}@${selector}`);
      return compile(documentOf(head.version)).inputs;
    }
  },
});
