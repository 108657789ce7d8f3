/** Where wasm comes as a compiled module: workerd and what is built on it. */
import { provide } from "../engine.ts";
import module from "./cuecard.wasm";

provide(() => module);

export * from "../index.ts";
