/** Where `more.ts` comes from: in the full entry it is part of the file. `build.mjs` puts `../light/extra.ts` in this
 * one's place in `cuecard/client`. */
import * as all from "./more.ts";

/** The parts that not every prompt needs, if they are loaded. */
export function more(): typeof all | undefined {
  return all;
}

/** Loads them; `false` if nothing new was loaded. */
export async function widen(): Promise<boolean> {
  return false;
}
