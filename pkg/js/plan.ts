/** Renders prompts that are only text and plain variables, by the plan that Rust made (`src/plan.rs`), without the engine. */
import type { Rendered, RenderedMessage } from "./types.ts";

/** The most UTF-16 units that a plan puts out; beyond, the engine says what is too much. */
const MAX_LENGTH = 300_000;

/** As Rust writes it: texts, indexes of inputs, and indexes with a key. */
export interface PlanJson {
  readonly open: boolean;
  readonly names: readonly string[];
  readonly strings: readonly boolean[];
  readonly messages: readonly (readonly (string | number | readonly [number, string])[])[];
  readonly rendered: Rendered;
}

/** One value of a render: an input, or a member of one. */
interface Value {
  readonly name: string;
  readonly key: string | null;
}

type Piece = string | number;
type Frame = Omit<RenderedMessage, "content">;

/** A plan, ready to run. */
export class Plan {
  /** How many inputs there must be; `null` where others pass. */
  readonly #count: number | null;
  readonly #values: readonly Value[];
  /** Texts, and indexes into the values. */
  readonly #messages: readonly (readonly Piece[])[];
  readonly #frames: readonly Frame[];

  constructor({ open, names, strings, messages, rendered }: PlanJson) {
    const values: Value[] = names.map((name) => ({ name, key: null }));
    this.#messages = messages.map((pieces) =>
      pieces.map((piece) => {
        if (!Array.isArray(piece)) return piece as string | number;
        const [index, key] = piece as [number, string];
        return values.push({ name: names[index] ?? "", key }) - 1;
      }),
    );
    this.#frames = rendered.messages.map(({ content: _, ...frame }) => frame);
    this.#count = open ? null : names.length;
    // Of a dict only members are printed.
    this.#values = values.map((value, index) => (index < names.length && strings[index] === false ? { ...value, key: "" } : value));
  }

  /** The messages, or `undefined` where the engine has to look: something is not a plain, well-formed, short enough string. */
  run(inputs: unknown): RenderedMessage[] | undefined {
    try {
      return this.#run(inputs);
    } catch {
      return undefined; // a getter or a Proxy threw: the walk tells where
    }
  }

  #run(inputs: unknown): RenderedMessage[] | undefined {
    if (!isPlain(inputs)) return undefined;
    if (this.#count !== null) {
      let count = 0;
      for (const _ in inputs) count++;
      if (count !== this.#count || Object.getOwnPropertySymbols(inputs).length > 0) return undefined;
    }

    const texts: string[] = [];
    let length = 0;
    for (const { name, key } of this.#values) {
      if (!Object.hasOwn(inputs, name)) return undefined;
      let value: unknown = inputs[name];
      if (key !== null) {
        if (!isPlain(value)) return undefined;
        if (key === "") {
          texts.push("");
          continue;
        }
        if (!Object.hasOwn(value, key)) return undefined;
        value = value[key];
      }
      if (typeof value !== "string" || !value.isWellFormed()) return undefined;
      length += value.length;
      texts.push(value);
    }
    if (length > MAX_LENGTH) return undefined;
    return this.#assemble(texts);
  }

  #assemble(texts: readonly string[]): RenderedMessage[] {
    const messages: RenderedMessage[] = [];
    for (let i = 0; i < this.#messages.length; i++) {
      let content = "";
      for (const piece of this.#messages[i] ?? []) content += typeof piece === "string" ? piece : texts[piece];
      const { role, name } = this.#frames[i] as Frame;
      messages.push(name === undefined ? { role, content } : { role, content, name });
    }
    return messages;
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
