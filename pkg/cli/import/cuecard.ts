/** What `cuecard export` writes. */
import { no } from "../failure.ts";
import type { Foreign, Source } from "./foreign.ts";

/** Every prompt of a project with its history. */
export interface Export {
  readonly format: 1;
  readonly kind: "cuecard-export";
  readonly project: string;
  readonly exportedAt: string;
  readonly prompts: readonly Omit<Foreign, "losses" | "from">[];
}

export const cuecard: Source = {
  read(name, text) {
    const { format, kind, prompts } = JSON.parse(text) as Partial<Export>;
    if (format !== 1 || kind !== "cuecard-export" || prompts === undefined)
      throw no("source_invalid", `${name} is no export of Cuecard, format 1`);
    return prompts.map((prompt) => ({ ...prompt, losses: [] }));
  },
};
