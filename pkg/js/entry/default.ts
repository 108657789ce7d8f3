/** For runtimes that compile wasm from bytes but read no files: the module is a text. */
import { provide } from "../engine.ts";
import { decode } from "./decode.ts";
import text from "#cuecard-text";

provide(() => new WebAssembly.Module(decode(text)));

/** For `cuecard/client`, which has no other. */
export * as __engine from "../whole.ts";
export * from "../index.ts";
