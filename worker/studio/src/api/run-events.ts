/** What a run has come to, and what each answer of a model API adds to it. */
import type { Issue } from "cuecard";

import { texts } from "../texts.ts";

export interface ToolCall {
  readonly name: string;
  readonly arguments: string;
}

export interface RunEnd {
  readonly usage: Readonly<Record<string, number | null>>;
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
  /** How the output does not fit the prompt's outputs; empty where it does, missing where nobody looked. */
  readonly issues?: readonly Issue[];
  /** What the model API cannot say of the prompt. */
  readonly losses?: readonly Issue[];
  readonly finishReason?: string;
}

/** Dollars, with as many digits as say something. */
export function costText(cost: unknown): string | undefined {
  return typeof cost === "number" ? `$${cost >= 0.01 ? cost.toFixed(4) : Number(cost.toPrecision(3))}` : undefined;
}

type Unknown = Record<string, unknown>;
const object = (value: unknown): Unknown => (typeof value === "object" && value !== null ? (value as Unknown) : {});
const string = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** What an event adds: of OpenAI's two APIs, of Anthropic's, of Gemini's. */
export function readEvent(data: string, state: RunState): Partial<RunState> | undefined {
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
  if (type === "response.output_text.delta" || type === "response.refusal.delta") return string(event["delta"]);
  if (type === "content_block_delta") return string(object(event["delta"])["text"]);
  const choice = object((event["choices"] as unknown[] | undefined)?.[0]);
  const delta = object(choice["delta"]);
  if (event["choices"]) return string(delta["content"]) ?? string(delta["refusal"]);
  return partsOf(event)
    .map((part) => string(part["text"]) ?? "")
    .join("");
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
  else if (geminiCalls(event).length > 0)
    for (const { name, args } of geminiCalls(event))
      append(calls.length, { name: string(name) ?? "", arguments: JSON.stringify(args ?? {}) });
  else return {};
  return { toolCalls: calls };
}

/** Gemini gives a call in one piece. */
function geminiCalls(event: Unknown): Unknown[] {
  return partsOf(event).flatMap((part) => (part["functionCall"] ? [object(part["functionCall"])] : []));
}

function partsOf(event: Unknown): Unknown[] {
  const candidate = object((event["candidates"] as unknown[] | undefined)?.[0]);
  const { parts } = object(candidate["content"]);
  return Array.isArray(parts) ? parts.map(object) : [];
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

/** An answer in one piece. */
export function readAnswer(answer: unknown): Partial<RunState> {
  const { output, usage, cost, model, issues, losses, finishReason, toolCalls: calls } = object(answer);
  const toolCalls = Array.isArray(calls)
    ? calls.map((call) => ({
        name: string(object(call)["name"]) ?? texts.run.tool,
        arguments: JSON.stringify(object(call)["arguments"]),
      }))
    : [];
  return {
    text: string(output) ?? (output === undefined || output === null ? "" : JSON.stringify(output, null, 2)),
    toolCalls,
    ...(usage !== undefined && usage !== null && { usage: usage as Record<string, number | null> }),
    cost: costText(cost),
    ...(string(model) && { model: string(model) }),
    ...(Array.isArray(issues) && { issues: issues as Issue[] }),
    ...(Array.isArray(losses) && { losses: losses as Issue[] }),
    ...(typeof finishReason === "string" && { finishReason }),
  };
}
