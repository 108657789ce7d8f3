/** The names of an object's members: to list 90,000 takes 10 ms, so what looks at the inputs of a render lists them once. */

/** The names that were listed; files of the package that have a copy of this module each pass it on. */
export interface KeptNames {
  names: Map<object, readonly string[]> | undefined;
}

/** The number of names from which on they are kept. */
const MANY = 1_000;
let kept: KeptNames | undefined;

/** As `Object.keys`. */
export function namesIn(source: object): readonly string[] {
  const known = kept?.names?.get(source);
  if (known !== undefined) return known;
  const names = Object.keys(source);
  if (kept !== undefined && names.length >= MANY) (kept.names ??= new Map()).set(source, names);
  return names;
}

/** Begins a time in which names stay the same; `known`: those that another file of the package has listed. Returns what
 * was kept before. */
export function keepNames(known: KeptNames = { names: undefined }): KeptNames | undefined {
  const before = kept;
  kept = known;
  return before;
}

export function keptNames(): KeptNames | undefined {
  return kept;
}

/** Ends the time in which names stay the same. */
export function forgetNames(before?: KeptNames): void {
  kept = before;
}
