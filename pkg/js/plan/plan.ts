/** Renders prompts by the plan that Rust made (`crates/prompt/src/prompt/plan.rs`), without the engine. */
import { isWellFormed } from "../text.ts";
import type { RenderedMessage, RenderedPrompt } from "../types.ts";
import { Inputs, type PlannedInput } from "./inputs.ts";
import type { Template } from "./nodes.ts";
import { LEFT_OUT, LENIENT, STRICT } from "./python.ts";
import { MAX_LENGTH, start } from "./run.ts";
import { type Text, template } from "./statements.ts";

/** As Rust writes it. */
export interface PlanJson {
  readonly open: boolean;
  readonly inputs: readonly PlannedInput[];
  readonly templates: readonly Template[];
  readonly lenient: boolean;
  readonly rendered: RenderedPrompt;
}

/** How often a plan may be of no use, more often than it was, before it is given up. */
const PATIENCE = 20;

type Frame = Omit<RenderedMessage, "content">;

/** A plan, ready to run. */
export class Plan {
  readonly #inputs: Inputs;
  readonly #templates: readonly Text[];
  readonly #frames: readonly Frame[];
  /** Whether there are texts in lists and dicts, which were not checked with the inputs. */
  readonly #looksInside: boolean;
  #patience = PATIENCE;

  constructor({ open, inputs, templates, lenient, rendered }: PlanJson) {
    const missing = lenient ? LENIENT : STRICT;
    const places = new Map(inputs.map(({ name }, place) => [name, place]));
    const index = (name: string) => places.get(name) ?? -1;
    this.#looksInside = inputs.some(({ type }) => type === "any" || type === "dict" || type === "list");
    this.#inputs = new Inputs(inputs, open, lenient ? LENIENT : LEFT_OUT);
    this.#templates = templates.map((one) => template(one, index, missing));
    this.#frames = rendered.messages.map(({ content: _, ...frame }) => frame);
  }

  /** The messages, or `undefined` where the engine has to look: not surely what it would give, or an error. */
  run(given: unknown): RenderedMessage[] | undefined {
    if (this.#patience === 0) return undefined;
    let messages: RenderedMessage[] | undefined;
    try {
      messages = this.#run(given);
    } catch {
      // a `stop`; or a getter or a Proxy threw, and the engine's walk tells where
    }
    this.#patience = messages === undefined ? this.#patience - 1 : Math.min(this.#patience + 1, PATIENCE);
    return messages;
  }

  #run(given: unknown): RenderedMessage[] | undefined {
    const inputs = this.#inputs.read(given);
    if (inputs === undefined) return undefined;
    const run = start(inputs);
    const messages: RenderedMessage[] = [];
    let length = 0;
    for (let i = 0; i < this.#templates.length; i++) {
      if (run.slots.length > 0) run.slots = [];
      const content = this.#templates[i]?.(run) ?? "";
      length += content.length;
      if (this.#looksInside && !isWellFormed(content)) return undefined;
      const { role, name } = this.#frames[i] as Frame;
      messages.push(name === undefined ? { role, content } : { role, content, name });
    }
    return length > MAX_LENGTH ? undefined : messages;
  }
}
