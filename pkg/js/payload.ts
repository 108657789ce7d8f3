/** A rendered prompt as the request body of a model API, written by the same Rust code as at the edge. */
import type { AnthropicBody, GeminiBody, GeminiRestBody, OpenAiChatBody, OpenAiResponsesBody } from "./bodies.ts";
import { PromptError, fromProblem } from "./error.ts";
import type { Issue, RenderedPrompt } from "./types.ts";
import { walk } from "./wire.ts";
import { write } from "./payload/writer.ts";

/** The APIs, each with the argument of its SDK. */
export interface Payloads {
  /** `openai.chat.completions.create(body)` */
  openai_chat: OpenAiChatBody;
  /** `openai.responses.create(body)` */
  openai_responses: OpenAiResponsesBody;
  /** `anthropic.messages.create(body)` */
  anthropic: AnthropicBody;
  /** `ai.models.generateContent(body)` of `@google/genai`, whose shape is not that of the HTTP API. */
  gemini: GeminiBody;
  /** The body of `POST …:generateContent` itself; `model` is a part of its URL. What the edge answers to
   * `?payload=gemini`. */
  gemini_rest: GeminiRestBody;
}

/** A request. */
export interface Payload<Body> {
  body: Body;
  /** The model's name in the API, if the prompt has a model. */
  model?: string;
  /** Parts that the API has no place for, and members that it requires and the prompt lacks. */
  losses: Issue[];
}

export interface PayloadOptions {
  /** Whether a loss is an error. */
  readonly strict?: boolean;
}

/** The APIs that Rust writes, in its order: the index crosses into the wasm. */
const APIS: readonly (keyof Payloads)[] = ["openai_chat", "openai_responses", "anthropic", "gemini"];

export function payload<P extends keyof Payloads>(
  rendered: RenderedPrompt,
  provider: P,
  options: PayloadOptions = {},
): Payload<Payloads[P]> {
  const api = APIS.indexOf(provider === "gemini_rest" ? "gemini" : provider);
  if (api < 0) throw new PromptError("query_invalid", "there is no such API", { status: 400 });
  const { messages, model, provider: house, parameters, tools, toolChoice, responseFormat } = rendered;
  const content = { messages, model, provider: house, parameters, tools, toolChoice, responseFormat };
  const { bytes, issues, cause } = walk(content, { what: "rendered prompt", isStored: true });
  if (issues.length > 0) throw unfit("input_invalid", "this is not a rendered prompt", issues, cause);
  const written = write(api, bytes) as Payload<object>;
  refuseLosses(written.losses, provider, options);
  const body = provider === "gemini" ? forGenAi(written) : written.body;
  return { ...written, body: body as Payloads[P] };
}

/** With `strict`, a loss is an error. */
function refuseLosses(losses: readonly Issue[], api: string, { strict }: PayloadOptions): void {
  if (strict !== true || losses.length === 0) return;
  throw unfit("payload_unsupported", `${api} cannot express all of the prompt`, losses);
}

function unfit(
  code: "input_invalid" | "payload_unsupported",
  detail: string,
  issues: readonly Issue[],
  cause?: unknown,
): PromptError {
  const title =
    code === "input_invalid" ? "The inputs do not fit the prompt" : "The model API cannot express the prompt";
  return fromProblem({ type: `urn:cuecard:error:${code}`, title, status: 422, code, detail, issues }, cause);
}

/** The SDK takes the model beside the contents, and all else in `config`. */
function forGenAi({ model, body }: Payload<object>): object {
  const { contents, generationConfig, ...rest } = body as GeminiRestBody;
  return { ...(model !== undefined && { model }), contents, config: { ...generationConfig, ...rest } };
}
