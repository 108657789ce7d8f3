/** Vercel's edge: a compiled module, asked for with `?module`. */
import { provide } from "../engine.ts";
import module from "./cuecard.wasm?module";

provide(() => module);

export * from "../index.ts";
