/** A rendered prompt, and how what the wasm puts out (`src/output.rs`) becomes one. */
import { payload } from "./engine.ts";
import type { Payload, PayloadOptions, Payloads } from "./payload.ts";
import type { Json, JsonObject, Parameters, RenderedMessage, RenderedPrompt, Role, Source } from "./types.ts";

/** Which prompt was rendered. */
export interface Identity {
  /** Of a prompt that was fetched. */
  readonly slug?: string | undefined;
  /** Of a prompt that was fetched. */
  readonly version?: number | undefined;
  /** SHA-256 of the content. */
  readonly hash: string;
  /** The tag that it was fetched by. */
  readonly tag?: string | undefined;
  /** Where it came from, where it was fetched. */
  readonly source?: Source | undefined;
}

/** A rendered prompt: what a model call needs as its own members, and beside them what it is and where it came from. */
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

  /** The request body for a model API, typed as the parameter of its SDK, and what the API cannot say.
   *
   * The code that writes it is loaded by the first call; a page in a browser imports `cuecard/payloads` for it.
   *
   * @throws PromptError `payload_unsupported`: the API would take it for something else, or, with `strict`, a loss
   */
  to<P extends keyof Payloads>(provider: P, options?: PayloadOptions): Payload<Payloads[P]> {
    return payload(this, provider, options);
  }

  /** @internal */
  static inputsOf(rendered: object): object | undefined {
    return #inputs in rendered ? rendered.#inputs : undefined;
  }
}

const JSON_FOLLOWS = 0xffff_ffff;
const ROLES: readonly Role[] = ["system", "developer", "user", "assistant", "tool"];
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The rendered prompt; without `rest`, all of it is in the bytes. */
export function read(bytes: Uint8Array, rest: Rest | null, of: Identity, inputs: object): Rendered {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  if (count === JSON_FOLLOWS || rest === null) {
    const { messages, ...more } = JSON.parse(decoder.decode(bytes.subarray(4))) as RenderedPrompt;
    return new Rendered(messages, more, of, inputs);
  }
  const text = decoder.decode(bytes.subarray(4 + count * 8));
  const messages: RenderedMessage[] = [];
  for (let i = 0, start = 0; i < count; i++) {
    const role = ROLES[view.getUint32(4 + i * 8, true)] ?? "user";
    const end = start + view.getUint32(8 + i * 8, true);
    messages.push({ role, content: text.slice(start, end) });
    start = end;
  }
  return rest.with(messages, of, inputs);
}

/** What is in every render of a prompt beside its messages. Each gets a copy: callers may change what they are given. */
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
