/** The one error of the package, and the only place that makes it from an answer of the wasm or a server. */
import type { At, Code, Issue, Problem } from "./types.ts";

const BRAND = Symbol.for("cuecard.error");

/** An error that code can act on. No message holds the value of an input. */
export class PromptError extends Error {
  override readonly name = "PromptError";
  /** Stable: never renamed; new ones may be added. */
  readonly code: Code;
  /** The HTTP status of the code; 500 if nothing else is known. */
  readonly status: number;
  /** The issues, for errors that can have several. */
  readonly issues: readonly Issue[];
  /** The place in a template, if any. */
  readonly at?: At;

  /** `cuecard/client` is one file, so its class is another than that of the full entry: errors of both are instances of
   * both. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const isOwn = Function.prototype[Symbol.hasInstance].call(this, value);
    return isOwn || (this === PromptError && typeof value === "object" && value !== null && BRAND in value);
  }

  constructor(code: Code, message: string, more: PromptErrorInit = {}) {
    super(message, "cause" in more ? { cause: more.cause } : undefined);
    Object.defineProperty(this, BRAND, { value: true });
    this.code = code;
    this.status = more.status ?? 500;
    this.issues = more.issues ?? [];
    if (more.at !== undefined) this.at = more.at;
  }
}

/** The members of a `PromptError` beside its code and message. */
export interface PromptErrorInit {
  readonly status?: number;
  readonly issues?: readonly Issue[];
  readonly at?: At;
  readonly cause?: unknown;
}

/** The error of an RFC 9457 problem of ours. */
export function fromProblem(problem: unknown, cause?: unknown): PromptError {
  if (!isProblem(problem)) return new PromptError("internal", "an error without a code", { cause: problem });
  const { code, title, status, detail, at, issues = [] } = problem;
  const list = issues.map(({ pointer, message }) => `\n  ${pointer || "/"}: ${message}`).join("");
  const place =
    at === undefined
      ? ""
      : ` (${at.message === undefined ? "" : `message ${at.message}, `}line ${at.line}, column ${at.column})`;
  return new PromptError(code, `${title}: ${detail}${place}${list}`, {
    status,
    issues,
    ...(at && { at }),
    ...(cause !== undefined && { cause }),
  });
}

/** Whether a parsed value is one of our problems. */
export function isProblem(value: unknown): value is Problem {
  const { code, status } = (value ?? {}) as Partial<Problem>;
  return typeof code === "string" && typeof status === "number";
}
