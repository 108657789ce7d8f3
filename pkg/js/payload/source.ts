/** Where the module that writes payloads comes from. A file of its own in the package, which `cuecard` and
 * `cuecard/payloads` share. */
import { PromptError } from "../error.ts";

let load: (() => WebAssembly.Module) | null = null;

/** Sets the source of the module. */
export function providePayloads(from: () => WebAssembly.Module): void {
  load = from;
}

/** The module, compiled. */
export function payloadsModule(): WebAssembly.Module {
  if (load === null) {
    const message =
      'in a browser `rendered.to(…)` is a part of its own: import "cuecard/payloads" once, anywhere before it is called';
    throw new PromptError("internal", message);
  }
  return load();
}
