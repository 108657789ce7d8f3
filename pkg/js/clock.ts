/** The one clock of the package. */

/** Milliseconds since 1970 of a clock on the wall here. */
export function local(time: Date = new Date()): number {
  return time.getTime() - time.getTimezoneOffset() * 60_000;
}

/** Milliseconds since 1970. */
export function now(): number {
  return Date.now();
}
