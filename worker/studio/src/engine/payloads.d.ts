/** The module that writes payloads, as `build.mjs` gives it. */
declare module "#payloads" {
  /** Ends when the module is there. */
  export function load(): Promise<unknown>;
}
