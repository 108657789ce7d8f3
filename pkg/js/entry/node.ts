/** Node, Deno and Bun: the modules are files beside this one, read when they are first needed. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { provide } from "../engine.ts";
import { providePayloads } from "../payload/source.ts";
import { decode } from "./decode.ts";

/** `require`, once `build.mjs` has written this file: bundlers that leave it to us where the files are put what it
 * names into the bundle, and nothing else knows it here. */
declare const bundledRequire: (text: string) => TextModule;

interface TextModule {
  readonly default: string;
}

provide(() => compiled("cuecard", () => bundledRequire("./cuecard.text.js")));
providePayloads(() => compiled("payloads", () => bundledRequire("./payloads.text.js")));

function compiled(name: string, bundled: () => TextModule): WebAssembly.Module {
  return new WebAssembly.Module(bytes(name, bundled));
}

/** From the file; in a bundle, which has none beside it, and in Deno without the right to read, from the text that
 * browsers have. */
function bytes(name: string, bundled: () => TextModule): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(new URL(`./${name}.wasm`, import.meta.url));
  } catch (error) {
    return decode((text(bundled) ?? text(() => code(name)) ?? fail(error)).default);
  }
}

function text(load: () => TextModule): TextModule | undefined {
  try {
    return load();
  } catch {
    return undefined;
  }
}

/** Deno lets a package load its own code. */
function code(name: string): TextModule {
  return createRequire(import.meta.url)(`./${name}.text.js`) as TextModule;
}

function fail(error: unknown): never {
  throw error;
}

/** For `cuecard/client`, which has no other. */
export * as __engine from "../whole.ts";
export * from "../index.ts";
