/** Vercel's edge: compiled modules, asked for with `?module`. */
import { provide } from "../engine.ts";
import { providePayloads } from "../payload/source.ts";
import module from "./cuecard.wasm?module";
import payloads from "./payloads.wasm?module";

provide(() => module);
providePayloads(() => payloads);

/** For `cuecard/client`, which has no other. */
export * as __engine from "../whole.ts";
export * from "../index.ts";
