import { existsSync } from "node:fs";
import { compile, type Issue } from "cuecard";

import type { Execution } from "../../js/admin/api.ts";
import { ModelAnswer, type StreamedToolCall } from "../../js/model-events.ts";
import { eventData } from "../../js/sse.ts";
import { command } from "../command.ts";
import { documentOf } from "../content.ts";
import { no } from "../failure.ts";
import { compileFile, pathOf, readPrompt } from "../files/prompt.ts";
import { path, type Server } from "../server.ts";
import type { Terminal } from "../terminal.ts";
import { INPUT_OPTIONS, inputsOf } from "./render.ts";

/** A model may think for minutes. */
const TIMEOUT = 600_000;

export const run = command({
  name: "run",
  about:
    "Runs a prompt of the server against a model, and prints what the model answers, as it comes. Takes a key with the role run.",
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
    const { terminal } = session;
    const request = { method: "POST", query, signal: AbortSignal.timeout(TIMEOUT) };
    if (terminal.isForProgram) {
      const { value } = await server.call(`${path(slug)}/run`, { ...request, body });
      return { data: value };
    }
    const response = await server.open(`${path(slug)}/run`, { ...request, body: { ...body, stream: true } });
    await print(response, server, terminal);
    return { data: undefined };

    /** Inputs of the command line are parsed by the types of the prompt. */
    async function declared() {
      if (!reference.includes("@") && existsSync(pathOf(session.project, slug)))
        return compileFile(readPrompt(session.project, slug)).inputs;
      const head = await server.head(slug, /^\d+$/.test(selector) ? { version: Number(selector) } : { tag: selector });
      if (head === undefined) throw no("prompt_not_found", `there is no ${slug}@${selector}`);
      return compile(documentOf(head.version)).inputs;
    }
  },
});

/** Prints a stream as it arrives. Its status has been sent by then: if it is cut off, the execution has the reason.
 *
 * @throws Failure where it fails on the way
 */
async function print(response: Response, server: Server, terminal: Terminal): Promise<void> {
  const answer = new ModelAnswer();
  // Not every model API streams.
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  try {
    if (isStream) for await (const data of eventData(response)) terminal.write(answer.add(data));
    else terminal.write(answer.add(await response.text()));
  } catch (error) {
    if (answer.text !== "") terminal.print();
    throw server.broken(error);
  }
  if (answer.text !== "" && !answer.text.endsWith("\n")) terminal.print();
  for (const call of answer.toolCalls) terminal.print(callText(call));
  if (answer.error !== undefined) throw no("upstream_refused", answer.error);
  const execution = await ended(server, response.headers.get("cuecard-execution"));
  if (execution?.error !== undefined) throw no(execution.error.code, execution.error.detail);
  if (isStream && !answer.hasEnded) throw no("upstream_bad_response", "the answer was cut off");
  misfit(terminal, execution?.issues);
}

/** The record of a run, once it has ended; `undefined` where none is kept. */
async function ended(server: Server, id: string | null): Promise<Execution | undefined> {
  for (let wait = 25; id !== null && wait < 1_000; wait *= 2) {
    const { status, value } = await server.call<Execution>(`/v1/executions/${id}`, { allow: [404] });
    if (status === 200 && value.status !== "running") return value;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  return undefined;
}

function callText(call: StreamedToolCall): string {
  return `${call.name}(${call.arguments})`;
}

function misfit(terminal: Terminal, issues: readonly Issue[] = []): void {
  for (const { pointer, message } of issues)
    terminal.note(
      `${terminal.paint("yellow", "warning:")} the answer does not fit the outputs: ${pointer || "/"}: ${message}`,
    );
}
