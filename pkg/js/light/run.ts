/** `../run.ts` in `cuecard/client` for Node: the file that it is for the full entry, imported by the first run. */
import type * as all from "../run.ts";

declare const RUN: string;

export const run: typeof all.run = async (...args) => {
  const file = (await import(RUN)) as typeof all;
  return file.run(...args);
};
