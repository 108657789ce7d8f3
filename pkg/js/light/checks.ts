/** `../checks.ts` in `cuecard/client` for Node, Deno and Bun: part of a file of its own, loaded when a value is first
 * looked at. */
import type * as all from "../checks.ts";
import { pending, required } from "./engine.ts";

declare const MORE: string;
/** `require`, once `build.mjs` has written this file: in a bundle, the file that it names is there. */
declare const bundledRequire: (file: string) => typeof all;

let checks: typeof all | undefined;

/** Loads them where modules cannot be loaded without waiting: in Node before 20.19. `isWanted`: also in a bundle that
 * leaves `require` as it is. */
export function loadChecks(isWanted = false): Promise<void> | undefined {
  const { process } = globalThis as { readonly process?: ModuleLoader };
  if (isWanted) checks ??= atHand();
  else if (process?.getBuiltinModule && process.features?.require_module) return undefined;
  if (checks !== undefined) return undefined;
  return (import(MORE) as Promise<typeof all>).then(
    (loaded) => void (checks = loaded),
    () => {}, // whoever needs them gets the error
  );
}

interface ModuleLoader {
  readonly getBuiltinModule?: unknown;
  readonly features?: { readonly require_module?: boolean };
}

function needed(): typeof all {
  checks ??= atHand();
  if (checks === undefined) loadChecks(true);
  return checks ?? pending();
}

function atHand(): typeof all | undefined {
  try {
    return bundledRequire(MORE);
  } catch {
    return required(MORE);
  }
}

export const conversationOf: typeof all.conversationOf = (items) => needed().conversationOf(items);
export const fitsInput: typeof all.fitsInput = (...args) => needed().fitsInput(...args);
export const checkInputs: typeof all.checkInputs = (...args) => needed().checkInputs(...args);
export const detailOf: typeof all.detailOf = (issues) => needed().detailOf(issues);
export const unwalk: typeof all.unwalk = (bytes) => needed().unwalk(bytes);
export const walk: typeof all.walk = (...args) => needed().walk(...args);
