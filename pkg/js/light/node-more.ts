/** What `light.node.js` leaves to a second file. */
export * from "../checks.ts";
export * from "../plan/more.ts";
