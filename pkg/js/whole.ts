/** The engine with all that is of no use without it: what the full entry has, and what `light/engine.ts` takes from
 * there. */
export * from "./engine.ts";
export { more } from "./plan/extra.ts";
export { renderInWasm, renderPacked } from "./output.ts";
export { payload } from "./payload.ts";
export { ship, takeSnapshot, withPlans } from "./ship.ts";
export { inputsFrom } from "./standard.ts";
