/** The names of an object's members: to list 90,000 takes 10 ms, so what looks at the inputs of a render lists them once. */

export type KeptNames = Map<object, readonly string[]>;

/** The number of names from which on they are kept. */
const MANY = 1_000;
/** What is kept at first: nothing. */
const NONE: KeptNames = new Map();
let kept: KeptNames | undefined;

/** As `Object.keys`. */
export function namesIn(source: object): readonly string[] {
  const known = kept?.get(source);
  if (known !== undefined) return known;
  const names = Object.keys(source);
  if (kept !== undefined && names.length >= MANY) {
    if (kept === NONE) kept = new Map();
    kept.set(source, names);
  }
  return names;
}

/** Begins a time in which names stay the same; `known`: those that another file of the package has listed. Returns what
 * was kept before. */
export function keepNames(known: KeptNames = NONE): KeptNames | undefined {
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
