/** The names of an object's members: to list 90,000 takes 10 ms, so what looks at the inputs of a render lists them once. */

/** The number of names from which on they are kept. */
const MANY = 1_000;
let listed: Map<object, readonly string[]> | undefined;

/** As `Object.keys`. */
export function namesIn(source: object): readonly string[] {
  const known = listed?.get(source);
  if (known !== undefined) return known;
  const names = Object.keys(source);
  if (names.length >= MANY) (listed ??= new Map()).set(source, names);
  return names;
}

/** Ends the time in which names stay the same. */
export function forgetNames(): void {
  listed = undefined;
}
