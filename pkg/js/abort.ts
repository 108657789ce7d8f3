/** Callers that abort. */
import { PromptError } from "./error.ts";

export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw aborted(signal);
}

export function aborted(signal: AbortSignal | undefined): PromptError {
  return new PromptError("aborted", "the caller gave up", { status: 499, cause: signal?.reason });
}
