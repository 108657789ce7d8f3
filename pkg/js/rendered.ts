/** A rendered prompt. */
import type { Payload, PayloadOptions, Payloads } from "./payload.ts";
import { payload } from "./whole.ts";
import type { Json, JsonObject, Parameters, RenderedMessage, RenderedPrompt, Source } from "./types.ts";

/** The origin of a rendered prompt. */
export interface Identity {
  /** Of a fetched prompt. */
  readonly slug?: string | undefined;
  /** Of a fetched prompt. */
  readonly version?: number | undefined;
  /** SHA-256 of the content. */
  readonly hash: string;
  /** The tag that it was fetched by. */
  readonly tag?: string | undefined;
  /** Its source and age, if it was fetched. */
  readonly source?: Source | undefined;
}

/** A rendered prompt: the parts of a model call as its own members, with its origin. */
export class Rendered implements RenderedPrompt, Identity {
  messages: RenderedMessage[];
  declare model?: string;
  declare provider?: string;
  declare parameters?: Parameters;
  declare tools?: JsonObject[];
  declare toolChoice?: Json;
  declare responseFormat?: Json;
  readonly #of: Identity;
  readonly #inputs: object;

  /** @internal */
  constructor(
    messages: RenderedMessage[],
    rest: Omit<RenderedPrompt, "messages"> | null,
    of: Identity,
    inputs: object,
  ) {
    this.messages = messages;
    if (rest !== null) Object.assign(this, rest);
    this.#of = of;
    this.#inputs = inputs;
  }

  get slug(): string | undefined {
    return this.#of.slug;
  }

  get version(): number | undefined {
    return this.#of.version;
  }

  get hash(): string {
    return this.#of.hash;
  }

  get tag(): string | undefined {
    return this.#of.tag;
  }

  get source(): Source | undefined {
    return this.#of.source;
  }

  /** The request body for a model API, typed as the parameter of its SDK, and the parts that the API has no place for.
   *
   * The code that writes it is loaded by the first call; a page in a browser imports `cuecard/payloads` for it.
   *
   * @throws PromptError `payload_unsupported`: the API would misunderstand it, or, with `strict`, a loss
   */
  to<P extends keyof Payloads>(provider: P, options?: PayloadOptions): Payload<Payloads[P]> {
    return payload(this, provider, options);
  }

  /** @internal */
  static inputsOf(rendered: object): object | undefined {
    return #inputs in rendered ? rendered.#inputs : undefined;
  }
}

/** The parts of every render of a prompt beside its messages. Each render gets a copy: callers may change it. */
export class Rest {
  readonly #json: string | null;

  constructor({ messages: _, ...rest }: Partial<RenderedPrompt>) {
    this.#json = Object.keys(rest).length === 0 ? null : JSON.stringify(rest);
  }

  with(messages: RenderedMessage[], of: Identity, inputs: object): Rendered {
    const rest = this.#json === null ? null : (JSON.parse(this.#json) as Omit<RenderedPrompt, "messages">);
    return new Rendered(messages, rest, of, inputs);
  }
}
