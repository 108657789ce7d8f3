/** Running a prompt: the request, and the events of whichever model API answers it. */
import type { Issue, JsonObject } from "cuecard";
import type { Execution } from "cuecard/admin";
import { ModelAnswer } from "cuecard/model-events";
import { eventData } from "cuecard/sse";

import { describe } from "../state/notices.ts";
import type { Shown } from "../state/prompt.ts";
import { texts } from "../texts.ts";
import { ApiError, type Client } from "./client.ts";
import { costText, streamed, type RunState } from "./run-events.ts";
import { promptPath } from "./store.ts";

export interface StudioRun {
  readonly slug: string;
  readonly shown: Shown;
  readonly inputs: JsonObject;
  readonly model?: string;
  readonly signal?: AbortSignal;
}

export const isConnectionMissing = ({ code }: RunState): boolean =>
  code !== undefined &&
  ["connection_not_found", "connection_missing", "route_not_found", "method_not_allowed"].includes(code);

const turns = new Map<string, number>();

/** Whether a run is still the latest in its place; later events of an earlier one are ignored. */
export function takeTurn(place: string): () => boolean {
  const mine = (turns.get(place) ?? 0) + 1;
  turns.set(place, mine);
  return () => turns.get(place) === mine;
}

/** Runs a prompt and reports every step. It never throws: a failure is a state, too. */
export async function stream(api: Client, request: StudioRun, tell: (state: RunState) => void): Promise<RunState> {
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
    const answer = new ModelAnswer();
    if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
      for await (const data of eventData(response)) {
        const isFirst = answer.add(data) !== "" || answer.toolCalls.length > 0;
        set({ ...streamed(answer), ...(isFirst && state.firstTokenMs === undefined && { firstTokenMs: took() }) });
      }
    } else {
      // Not every model API streams.
      answer.add(await response.text());
      set(streamed(answer));
    }
    set({ status: state.error ? "failed" : "completed", totalMs: took() });
    const hasOutputs = (shown.document.outputs?.length ?? 0) > 0;
    await addExecution(api, response.headers.get("cuecard-execution"), hasOutputs, set);
  } catch (error) {
    if (request.signal?.aborted) set({ status: "cancelled", totalMs: took() });
    else
      set({
        status: "failed",
        // Any other error means that the stream ended early.
        error: error instanceof ApiError ? describe(error) : texts.error.brokeOff,
        totalMs: took(),
        ...(error instanceof ApiError && { code: error.code }),
      });
  }
  return state;
}

/** Facts that only the record of the run has, above all its cost. */
async function addExecution(
  api: Client,
  id: string | null,
  hasOutputs: boolean,
  set: (more: Partial<RunState>) => void,
): Promise<void> {
  if (!id) return;
  for (const wait of [100, 400, 1000]) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const execution = await api.get<Execution>(`/v1/executions/${encodeURIComponent(id)}`).catch(() => undefined);
    if (!execution || execution.status === "running") continue;
    const failed = execution.status === "failed" || execution.status === "interrupted";
    const { detail = execution.status, code } = execution.error ?? {};
    set({ ...end(execution, hasOutputs), ...(failed && { status: "failed", error: detail, ...(code && { code }) }) });
    return;
  }
}

/** A record of a run that fits its outputs names no issues. */
function end({ usage, cost, model, issues = [] }: Execution, hasOutputs: boolean): Partial<RunState> {
  return { ...(usage && { usage }), cost: costText(cost), ...(model && { model }), ...(hasOutputs && { issues }) };
}
