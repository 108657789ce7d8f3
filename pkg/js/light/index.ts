/** `cuecard/client`: all of the package, without the engine until it is needed. `build.mjs` says for each kind of
 * runtime where the full entry is. */
import { type Engine, provideLater } from "./engine.ts";

declare const FULL: string;

provideLater({ load: () => import(FULL) as Promise<{ readonly __engine: Engine }>, file: FULL });

export * from "../index.ts";
