declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

/** The wasm, one character for each byte; `build.mjs` writes it. */
declare module "#wasm-text" {
  const text: string;
  export default text;
}
