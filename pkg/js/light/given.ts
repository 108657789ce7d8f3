/** `../plan/extra.ts` in the file of checks for Node, which gets what not every prompt needs from the file that loads it. */
import type * as all from "../plan/more.ts";

export let more: () => typeof all | undefined = () => undefined;

/** Sets where they come from. */
export function giveMore(from: typeof more): void {
  more = from;
}
