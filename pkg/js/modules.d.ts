declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

/** A wasm module as a text, one character per byte; `build.mjs` writes it. */
declare module "#cuecard-text" {
  const text: string;
  export default text;
}

declare module "#payloads-text" {
  const text: string;
  export default text;
}

// The parts of Node's modules that are used.
declare module "node:fs" {
  export function readFileSync(path: URL): Uint8Array<ArrayBuffer>;
}

declare module "node:module" {
  export function createRequire(from: string): (path: string) => unknown;
}
