/** `../plan/extra.ts` in `cuecard/client`: what not every prompt needs is a file of its own, which is imported for the
 * first one that does. */
import type * as all from "../plan/more.ts";
import { present } from "./engine.ts";

declare const MORE: string;

let fetched: typeof all | undefined;

export function more(): typeof all | undefined {
  return fetched ?? present()?.more();
}

export async function widen(): Promise<boolean> {
  if (more() !== undefined) return false;
  try {
    fetched = (await import(MORE)) as typeof all;
  } catch {
    return false; // the engine does what this would
  }
  return true;
}
