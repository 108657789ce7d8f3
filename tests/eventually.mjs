// Waits for what must become true, however long a busy machine takes, and judges every answer meanwhile.
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds after which what has not become true never will. */
const PATIENCE = 20_000;

/**
 * Calls `look` until `check` accepts its result, and returns that. Fails with what `check` last threw.
 *
 * @template T
 * @param {() => T | Promise<T>} look
 * @param {(seen: T) => void} check throws while the result is not the expected one
 * @param {object} [options]
 * @param {(seen: T) => void} [options.always] throws for a result that must never be, which fails the test at once
 * @param {number} [options.every] milliseconds between two looks
 * @param {number} [options.within] milliseconds
 */
export async function eventually(look, check, { always, every = 50, within = PATIENCE } = {}) {
  for (const end = performance.now() + within; ; await sleep(every)) {
    const seen = await look();
    always?.(seen);
    try {
      check(seen);
      return seen;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}
