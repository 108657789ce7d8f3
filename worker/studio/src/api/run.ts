/** Running a prompt: the request, and the events of whichever model API answers it. */
import type { JsonObject } from "cuecard";

import { describe } from "../state/notices.ts";
import type { Shown } from "../state/prompt.ts";
import { texts } from "../texts.ts";
import { ApiError, type Client } from "./client.ts";
import { promptPath } from "./store.ts";
import { events } from "./sse.ts";

export interface ToolCall {
  readonly name: string;
  readonly arguments: string;
}

export interface RunEnd {
  readonly usage: Readonly<Record<string, number>>;
  readonly cost: string | undefined;
  readonly model: string | undefined;
}

export interface RunState extends Partial<RunEnd> {
  readonly status: "running" | "completed" | "cancelled" | "failed";
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly error?: string;
  readonly code?: string;
  readonly firstTokenMs?: number;
  readonly totalMs?: number;
}

export interface RunRequest {
  readonly slug: string;
  readonly shown: Shown;
  readonly inputs: JsonObject;
  readonly model?: string;
  readonly signal?: AbortSignal;
}

export const isConnectionMissing = ({ code }: RunState): boolean =>
  code !== undefined &&
  ["connection_not_found", "connection_missing", "route_not_found", "method_not_allowed"].includes(code);

/** Runs a prompt and tells of every step. It never throws: a failure is a state too. */
export async function stream(api: Client, request: RunRequest, tell: (state: RunState) => void): Promise<RunState> {
  const started = performance.now();
  let state: RunState = { status: "running", text: "", toolCalls: [] };
  const set = (more: Partial<RunState>) => {
    state = { ...state, ...more };
    tell(state);
  };
  const took = () => Math.round(performance.now() - started);
  set({});
  try {
    const { slug, shown, inputs, model, signal } = request;
    const query = shown.version ? `?version=${shown.version.version}` : "";
    const body = {
      inputs,
      stream: true,
      ...(model && { model }),
      ...(shown.kind !== "version" && { document: shown.document }),
    };
    const response = await api.send("POST", `${promptPath(slug)}/run${query}`, { body, ...(signal && { signal }) });
    if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
      for await (const data of events(response)) {
        const step = readEvent(data, state);
        if (!step) continue;
        const isFirst = state.firstTokenMs === undefined && (step.text !== undefined || step.toolCalls !== undefined);
        set({ ...step, ...(isFirst && { firstTokenMs: took() }) });
      }
    } else set(readAnswer(await response.json()));
    set({ status: state.error ? "failed" : "completed", totalMs: took() });
    await addExecution(api, response.headers.get("cuecard-execution"), set);
  } catch (error) {
    if (request.signal?.aborted) set({ status: "cancelled", totalMs: took() });
    else
      set({
        status: "failed",
        error: describe(error),
        totalMs: took(),
        ...(error instanceof ApiError && { code: error.code }),
      });
  }
  return state;
}

/** What the record of the run knows and the stream did not say: cost above all. */
async function addExecution(api: Client, id: string | null, set: (more: Partial<RunState>) => void): Promise<void> {
  if (!id) return;
  for (const wait of [100, 400, 1000]) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const execution = await api.get<Execution>(`/v1/executions/${encodeURIComponent(id)}`).catch(() => undefined);
    if (!execution || execution.status === "running") continue;
    set(end(execution));
    return;
  }
}

export interface Execution {
  readonly id: string;
  readonly prompt: string;
  readonly version?: number;
  readonly model?: string;
  readonly status: string;
  readonly startedAt: string;
  readonly usage?: Readonly<Record<string, number>>;
  readonly cost?: unknown;
  readonly inputs?: JsonObject;
  readonly output?: unknown;
}

function end({ usage = {}, cost, model }: Execution): Partial<RunState> {
  return { ...(Object.keys(usage).length > 0 && { usage }), cost: costText(cost), ...(model && { model }) };
}

/** An amount as the API writes it: a number or text of dollars, or an object with both. */
function costText(cost: unknown): string | undefined {
  if (cost === undefined || cost === null) return undefined;
  if (typeof cost !== "object") return `$${cost}`;
  const { total, amount, usd, currency = "USD" } = cost as Record<string, unknown>;
  const value = total ?? amount ?? usd;
  return value === undefined ? undefined : `${currency === "USD" ? "$" : `${String(currency)} `}${String(value)}`;
}

type Unknown = Record<string, unknown>;
const object = (value: unknown): Unknown => (typeof value === "object" && value !== null ? (value as Unknown) : {});
const string = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** What an event adds: of OpenAI's two APIs, of Anthropic's, of Gemini's, of our own. */
function readEvent(data: string, state: RunState): Partial<RunState> | undefined {
  if (data === "[DONE]") return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch {
    return undefined;
  }
  const event = object(parsed);
  const type = string(event["type"]) ?? "";
  const failure = event["error"] ?? (type === "response.failed" ? object(event["response"])["error"] : undefined);
  if (failure)
    return { error: string(object(failure)["message"]) ?? string(event["detail"]) ?? JSON.stringify(failure) };
  if (event["execution"]) return readAnswer(event);
  const text = added(event, type);
  const usage = usageOf(event);
  return {
    ...(text && { text: state.text + text }),
    ...toolStep(event, type, state),
    ...(usage && { usage: { ...state.usage, ...usage } }),
    ...(string(event["model"]) && { model: string(event["model"]) }),
  };
}

function added(event: Unknown, type: string): string | undefined {
  if (type === "response.output_text.delta") return string(event["delta"]);
  if (type === "content_block_delta") return string(object(event["delta"])["text"]);
  const choice = object((event["choices"] as unknown[] | undefined)?.[0]);
  if (event["choices"]) return string(object(choice["delta"])["content"]);
  const candidate = object((event["candidates"] as unknown[] | undefined)?.[0]);
  const parts = object(candidate["content"])["parts"];
  return Array.isArray(parts) ? parts.map((part) => string(object(part)["text"]) ?? "").join("") : undefined;
}

function toolStep(event: Unknown, type: string, state: RunState): Partial<RunState> {
  const calls = [...state.toolCalls];
  const append = (index: number, more: Partial<ToolCall>) => {
    const old = calls[index] ?? { name: "", arguments: "" };
    calls[index] = { name: old.name + (more.name ?? ""), arguments: old.arguments + (more.arguments ?? "") };
  };
  const choice = object((event["choices"] as unknown[] | undefined)?.[0]);
  const deltas = object(choice["delta"])["tool_calls"];
  if (Array.isArray(deltas))
    for (const delta of deltas) {
      const { index = 0, function: called } = object(delta) as { index?: number; function?: unknown };
      append(index, {
        name: string(object(called)["name"]) ?? "",
        arguments: string(object(called)["arguments"]) ?? "",
      });
    }
  else if (type === "content_block_start" && object(event["content_block"])["type"] === "tool_use")
    append(calls.length, { name: string(object(event["content_block"])["name"]) ?? "" });
  else if (type === "content_block_delta" && string(object(event["delta"])["partial_json"]) !== undefined)
    append(calls.length - 1, { arguments: string(object(event["delta"])["partial_json"]) ?? "" });
  else if (type === "response.output_item.added" && object(event["item"])["type"] === "function_call")
    append(calls.length, { name: string(object(event["item"])["name"]) ?? "" });
  else if (type === "response.function_call_arguments.delta")
    append(calls.length - 1, { arguments: string(event["delta"]) ?? "" });
  else return {};
  return { toolCalls: calls };
}

function usageOf(event: Unknown): Record<string, number> | undefined {
  const given = object(
    event["usage"] ?? object(event["response"])["usage"] ?? object(event["message"])["usage"] ?? event["usageMetadata"],
  );
  const number = (...names: string[]) => {
    const found = names.map((name) => given[name]).find((value) => typeof value === "number");
    return found as number | undefined;
  };
  const usage = {
    input: number("input", "prompt_tokens", "input_tokens", "promptTokenCount"),
    output: number("output", "completion_tokens", "output_tokens", "candidatesTokenCount"),
  };
  const known = Object.entries(usage).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return known.length > 0 ? Object.fromEntries(known) : undefined;
}

/** An answer in one piece: `{execution, output, usage, cost}`. */
function readAnswer(answer: unknown): Partial<RunState> {
  const { output, usage, cost, model, execution } = object(answer);
  const of = object(output);
  const message = object(of["message"] ?? (Array.isArray(of["messages"]) ? of["messages"].at(-1) : undefined));
  const content = of["text"] ?? of["content"] ?? message["content"];
  const text = string(output) ?? string(content) ?? (output === undefined ? "" : JSON.stringify(output, null, 2));
  const calls = of["toolCalls"] ?? message["toolCalls"];
  const toolCalls = Array.isArray(calls)
    ? calls.map((call) => ({
        name: string(object(call)["name"]) ?? texts.run.tool,
        arguments: JSON.stringify(object(call)["arguments"]),
      }))
    : [];
  return {
    text,
    toolCalls,
    ...(usage !== undefined && { usage: usage as Record<string, number> }),
    cost: costText(cost ?? object(execution)["cost"]),
    ...(string(model) && { model: string(model) }),
  };
}
