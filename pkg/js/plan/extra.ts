/** Where `more.ts` comes from: in the full entry it is part of the file. `build.mjs` puts `../light/extra.ts` in this one's place in
 * `cuecard/client`. */
import * as all from "./more.ts";

/** What not every prompt needs, if it is there. */
export function more(): typeof all | undefined {
  return all;
}

/** Fetches it; `false`: nothing new came. */
export async function widen(): Promise<boolean> {
  return false;
}
