/** `../checks.ts` in `cuecard/client` for Node, Deno and Bun: a file of its own, loaded when a value is first looked at. */
import type * as all from "../checks.ts";
import { more } from "../plan/extra.ts";
import { pending, required } from "./engine.ts";
import type * as ofNode from "./node-checks.ts";

declare const CHECKS: string;
/** `require`, once `build.mjs` has written this file: in a bundle, the file that it names is there. */
declare const bundledRequire: (file: string) => typeof ofNode;

let checks: typeof all | undefined;

/** Loads them where modules cannot be loaded without waiting: in Node before 20.19. `isWanted`: also in a bundle that
 * leaves `require` as it is. */
export function loadChecks(isWanted = false): Promise<void> | undefined {
  const { process } = globalThis as { readonly process?: ModuleLoader };
  if (isWanted) checks ??= atHand();
  else if (process?.getBuiltinModule && process.features?.require_module) return undefined;
  if (checks !== undefined) return undefined;
  return (import(CHECKS) as Promise<typeof ofNode>).then(
    (loaded) => void (checks = complete(loaded)),
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
    return complete(bundledRequire(CHECKS));
  } catch {
    const loaded = required<typeof ofNode>(CHECKS);
    return loaded && complete(loaded);
  }
}

function complete(loaded: typeof ofNode): typeof all {
  loaded.giveMore(more);
  return loaded;
}

export const conversationOf: typeof all.conversationOf = (items) => needed().conversationOf(items);
export const fitsInput: typeof all.fitsInput = (...args) => needed().fitsInput(...args);
export const checkInputs: typeof all.checkInputs = (...args) => needed().checkInputs(...args);
export const detailOf: typeof all.detailOf = (issues) => needed().detailOf(issues);
export const unwalk: typeof all.unwalk = (bytes) => needed().unwalk(bytes);
export const walk: typeof all.walk = (...args) => needed().walk(...args);
