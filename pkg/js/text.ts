/** Texts with half of a surrogate pair, which no UTF-8 can hold. */
import { call, passText } from "./engine.ts";

/** From this length on, in UTF-16 units, the engine's way is the faster one. */
const LONG = 4_096;
/** JavaScript engines keep a text without such a unit as one byte for each, and need not look for halves. */
const WIDE = /[^\0-\xff]/;

/** As `text.isWellFormed()`, which looks at one unit after the other. */
export function isWellFormed(text: string): boolean {
  const pass = passText;
  if (text.length < LONG || pass === undefined || !WIDE.test(text)) return text.isWellFormed();
  return call((wasm) => wasm.is_well_formed(pass(text)));
}
