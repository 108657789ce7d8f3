/** How a command ends, and the one error that it throws. */

/** Exit codes that a CI can act on. */
export const EXIT = {
  done: 0,
  /** A negative result: a failed check, a conflict, a refusal. */
  no: 1,
  /** Wrong usage. */
  usage: 2,
  /** The server cannot be reached, or is not a Cuecard. */
  unreachable: 3,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** A failed command: one clear line, and nothing was changed unless the line says so. */
export class CommandFailure extends Error {
  readonly exit: Exit;
  /** Stable, for programs. */
  readonly code: string;
  /** Further lines, such as a difference. */
  readonly details: string;

  constructor(exit: Exit, code: string, message: string, details = "") {
    super(message);
    this.exit = exit;
    this.code = code;
    this.details = details;
  }
}

export function wrongUse(message: string): CommandFailure {
  return new CommandFailure(EXIT.usage, "usage", message);
}

export function no(code: string, message: string, details?: string): CommandFailure {
  return new CommandFailure(EXIT.no, code, message, details);
}
