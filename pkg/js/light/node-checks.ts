/** The file that `light.node.js` loads when a value is first looked at. */
export * from "../checks.ts";
export { giveMore } from "./given.ts";
