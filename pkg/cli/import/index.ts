/** The systems that prompts come from. */
import { athina } from "./athina.ts";
import { basalt } from "./basalt.ts";
import { cuecard } from "./cuecard.ts";
import { dotprompt } from "./dotprompt.ts";
import type { ForeignSystem } from "./foreign.ts";
import { langfuse } from "./langfuse.ts";
import { langwatch } from "./langwatch.ts";
import { openai } from "./openai.ts";
import { prompty } from "./prompty.ts";

export const SOURCES: Readonly<Record<string, ForeignSystem>> = {
  langwatch,
  basalt,
  athina,
  langfuse,
  openai,
  dotprompt,
  prompty,
  cuecard,
};
