/** The Web Worker: the npm package itself, so that the page shows what production sends. */
import { load as loadPayloads } from "#payloads";
import { compile, type Document, type JsonObject, type Prompt, PromptError } from "cuecard";

import "../document/exact.ts";
import { follow } from "./origins.ts";
import type { Evaluation, PayloadPreview, EngineProblem, EngineRequest, PayloadApi } from "./protocol.ts";

const LIMIT = 16;
/** The latest compiled documents, by their JSON. */
const compiled = new Map<string, Prompt>();

self.addEventListener("message", async ({ data }: MessageEvent<{ id: number; request: EngineRequest }>) => {
  try {
    self.postMessage({ id: data.id, answer: await answer(doubles(data.request)) });
  } catch (error) {
    self.postMessage({ id: data.id, error: String(error) });
  }
});

self.postMessage({ ready: true });

function answer(request: EngineRequest): unknown {
  switch (request.kind) {
    case "evaluate":
      return evaluate(request.document, request.inputs);
    case "origins":
      return follow(prompt, request.document, request.inputs);
    case "payload":
      return payload(request.document, request.inputs, request.target);
  }
}

/** Integers beyond 64 bits are floats, as where the document is stored. */
function doubles<T>(value: T): T {
  if (typeof value === "bigint") return (BigInt.asIntN(64, value) === value ? value : Number(value)) as T;
  if (typeof value !== "object" || value === null) return value;
  let isOther = false;
  const change = (inner: unknown) => {
    const made = doubles(inner);
    isOther ||= made !== inner;
    return made;
  };
  const copy = Array.isArray(value)
    ? value.map(change)
    : Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner)]));
  return isOther ? (copy as T) : value;
}

function evaluate(document: Document, inputs?: JsonObject): Evaluation {
  let known: Prompt;
  try {
    known = prompt(document);
  } catch (error) {
    return { error: problem(error) };
  }
  const told = { inputs: known.inputs, warnings: known.warnings };
  if (inputs === undefined) return told;
  try {
    return { ...told, rendered: known.render(inputs) };
  } catch (error) {
    return { ...told, refused: problem(error) };
  }
}

async function payload(document: Document, inputs: JsonObject, target: PayloadApi): Promise<PayloadPreview> {
  await loadPayloads();
  try {
    const { body, losses } = prompt(document).render(inputs).to(target);
    return { body: body as unknown as JsonObject, losses };
  } catch (error) {
    return { error: problem(error) };
  }
}

function prompt(document: Document): Prompt {
  const key = JSON.stringify(document);
  const known = compiled.get(key);
  if (known) return known;
  const made = compile(document) as Prompt;
  if (compiled.size >= LIMIT) compiled.delete(compiled.keys().next().value ?? "");
  compiled.set(key, made);
  return made;
}

function problem(error: unknown): EngineProblem {
  if (!(error instanceof PromptError)) throw error;
  // The issues stand in lines of their own, and so does the place.
  const message = (error.message.split("\n")[0] ?? "").replace(/ \((message \d+, )?line \d+, column \d+\)$/, "");
  return { code: error.code, message, issues: error.issues, ...(error.at && { at: error.at }) };
}
