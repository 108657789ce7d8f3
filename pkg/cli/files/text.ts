/** Files of text. */
import { readFileSync } from "node:fs";

import { no } from "../failure.ts";

/** A file's text, without the mark of its encoding. What is not UTF-8 would be read as other characters.
 *
 * @throws Failure where it is not UTF-8
 */
export function readText(path: string, name = path): string {
  return decoded(readFileSync(path), name);
}

/** The text of bytes from a source of this name. */
export function decoded(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw no("encoding_invalid", `${name}:${lineOf(bytes)}: the file is not UTF-8`);
  }
}

/** The first line that is not UTF-8. */
function lineOf(bytes: Uint8Array): number {
  const before = new TextDecoder().decode(bytes).split("\ufffd")[0] ?? "";
  return before.split("\n").length;
}
