/** A conversation as the SDKs give it back: what an input of type `messages` takes. */
import type { RenderedMessage } from "./types.ts";

/** A message of OpenAI's chat completions, of Anthropic's messages or of the AI SDK (`ModelMessage`), unchanged from a
 * call: `null` members and members of the SDK's own included. Instructions (`system`, `developer`) are refused when it
 * is rendered. */
export interface SdkMessage {
  readonly role: "user" | "assistant" | "tool" | "system" | "developer" | "function";
  readonly content?: string | readonly object[] | null | undefined;
  readonly name?: string | null | undefined;
  readonly refusal?: string | null | undefined;
  readonly tool_calls?: readonly object[] | null | undefined;
  readonly tool_call_id?: string | undefined;
}

/** An item of OpenAI's responses that is not a message: a function call, its output, the model's reasoning. */
export type ResponseItem =
  | { readonly type: string }
  | { readonly id: string; readonly type?: string | null | undefined };

/** One message or item of a conversation. */
export type HistoryMessage = RenderedMessage | SdkMessage | ResponseItem;
