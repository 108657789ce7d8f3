/** Parts that not every prompt needs: in `cuecard/client` a file of its own. */
export { checkSchema } from "../check/schema.ts";
export { readTurns } from "../check/turn/turn.ts";
export { make } from "./rare.ts";
