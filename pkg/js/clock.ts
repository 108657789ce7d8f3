/** The one clock of the package. */

/** The local wall-clock time, as milliseconds since 1970. */
export function local(time: Date = new Date()): number {
  return time.getTime() - time.getTimezoneOffset() * 60_000;
}

/** Milliseconds since 1970. */
export function now(): number {
  return Date.now();
}
