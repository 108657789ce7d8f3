/** The state of a run, and how each event of a model API changes it. */
import type { Issue } from "cuecard";
import type { ModelAnswer, StreamedToolCall } from "cuecard/model-events";

export interface RunEnd {
  readonly usage: Readonly<Record<string, number | null>>;
  readonly cost: string | undefined;
  readonly model: string | undefined;
}

export interface RunState extends Partial<RunEnd> {
  readonly status: "running" | "completed" | "cancelled" | "failed";
  readonly text: string;
  readonly toolCalls: readonly StreamedToolCall[];
  readonly error?: string;
  readonly code?: string;
  readonly firstTokenMs?: number;
  readonly totalMs?: number;
  /** The issues of the output under the prompt's outputs; empty if it fits, missing if it was not checked. */
  readonly issues?: readonly Issue[];
  readonly finishReason?: string;
}

/** Dollars, with the significant digits. */
export function costText(cost: unknown): string | undefined {
  return typeof cost === "number" ? `$${cost >= 0.01 ? cost.toFixed(4) : Number(cost.toPrecision(3))}` : undefined;
}

/** An answer as far as its events have arrived. */
export function streamed(answer: ModelAnswer): Partial<RunState> {
  const { text, toolCalls, usage, model, finishReason, error } = answer;
  return {
    text,
    toolCalls,
    ...(usage && { usage }),
    ...(model && { model }),
    ...(finishReason && { finishReason }),
    ...(error && { error }),
  };
}
