/** Values that no plan has taken: their walk, and their issues. `build.mjs` puts `light/checks.ts` in this one's place in
 * `cuecard/client` for Node. */
export { conversationOf, fitsInput } from "./check/examined.ts";
export { checkInputs, detailOf } from "./check/typed.ts";
export { unwalk } from "./unwalk.ts";
export { walk } from "./wire.ts";

/** Loads what looks at them, if that has to be waited for. */
export function loadChecks(_isWanted?: boolean): Promise<void> | undefined {
  return undefined;
}
