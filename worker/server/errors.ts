/** A mistake of the caller: printed as one line, without a stack. */
export class UsageError extends Error {}

/** A wrong command line. */
export class WrongUse extends UsageError {}
