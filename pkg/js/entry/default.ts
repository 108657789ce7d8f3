/** Everywhere but where wasm cannot be compiled from bytes: the module is in the text of this file. */
import { provide } from "../engine.ts";
import { decode } from "./decode.ts";
import text from "#wasm-text";

provide(() => new WebAssembly.Module(decode(text)));

export * from "../index.ts";
