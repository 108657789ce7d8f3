/** The compiler's errors and warnings of a document, as one list. */
import type { At } from "cuecard";

import type { Evaluation } from "../../engine/protocol.ts";

export interface ShownProblem {
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly message: string;
  readonly pointer: string;
  readonly at?: At;
  readonly suggestion?: string;
}

export function problemsOf(evaluation: Evaluation | undefined): readonly ShownProblem[] {
  const { error, warnings = [], refused } = evaluation ?? {};
  // A failed render names its place in a template too.
  const failed = error ?? (refused?.at ? refused : undefined);
  const errors: ShownProblem[] = !failed
    ? []
    : failed.issues.length > 0
      ? failed.issues.map((issue) => ({ severity: "error", ...issue }))
      : [
          {
            severity: "error",
            code: failed.code,
            message: failed.message,
            pointer: "",
            ...(failed.at && { at: failed.at }),
          },
        ];
  return [...errors, ...warnings.map((issue): ShownProblem => ({ severity: "warning", ...issue }))];
}

/** The message that it is about, by its place in a template or by its pointer. */
export function messageOf({ at, pointer }: ShownProblem): number | undefined {
  if (at?.message !== undefined) return at.message;
  const index = /^\/messages\/(\d+)/.exec(pointer)?.[1];
  return index === undefined ? undefined : Number(index);
}
