/** A small file beside the store: replaced as a whole, and only when its text changes. What it says may lag behind: where
 * it cannot be written, the old one stays. */
import { renameSync, writeFileSync } from "node:fs";

export class NoteFile {
  readonly #file: string;
  /** What was last written. */
  #text: string | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  write(text: string): void {
    if (text === this.#text) return;
    try {
      writeFileSync(`${this.#file}.next`, text);
      renameSync(`${this.#file}.next`, this.#file);
      this.#text = text;
    } catch {
      // The next one tries again.
    }
  }
}
