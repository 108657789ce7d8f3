/** Where wasm comes as a compiled module: workerd and what is built on it. */
import { provide } from "../engine.ts";
import { providePayloads } from "../payload/source.ts";
import module from "./cuecard.wasm";
import payloads from "./payloads.wasm";

provide(() => module);
providePayloads(() => payloads);

/** For `cuecard/client`, which has no other. */
export * as __engine from "../whole.ts";
export * from "../index.ts";
