/** The bodies that `to` writes, in types that the parameters of each SDK accept without a cast. What a prompt lacks (a
 * model, Anthropic's `max_tokens`) is missing in the body too and stands in `losses`, though its type says that it is
 * there, as the SDKs' do. */
import type { Json } from "./types.ts";

interface TextPart {
  type: "text";
  text: string;
}

interface FunctionCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

type JsonSchema = Record<string, unknown>;

/** A message of OpenAI's chat completions. */
export type OpenAiChatMessage =
  | { role: "system" | "developer"; content: string | TextPart[]; name?: string }
  | { role: "user"; content: string | (TextPart | { type: "image_url"; image_url: { url: string } })[]; name?: string }
  | { role: "assistant"; content?: string | TextPart[]; name?: string; tool_calls?: FunctionCall[] }
  | { role: "tool"; content: string | TextPart[]; tool_call_id: string };

/** For `openai.chat.completions.create`. */
export interface OpenAiChatBody {
  model: string;
  messages: OpenAiChatMessage[];
  tools?: {
    type: "function";
    function: { name: string; description?: string; parameters?: JsonSchema; strict?: boolean };
  }[];
  tool_choice?: "none" | "auto" | "required" | { type: "function"; function: { name: string } };
  response_format?:
    | { type: "text" }
    | { type: "json_object" }
    | {
        type: "json_schema";
        json_schema: { name: string; description?: string; schema?: JsonSchema; strict?: boolean };
      };
  temperature?: number;
  top_p?: number;
  max_completion_tokens?: number;
  stop?: string[];
  seed?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  parallel_tool_calls?: boolean;
  reasoning_effort?: "minimal" | "low" | "medium" | "high";
  verbosity?: "low" | "medium" | "high";
  user?: string;
}

type OpenAiInputPart =
  | { type: "input_text"; text: string }
  | { type: "input_image"; image_url: string; detail: "auto" };

/** An item of OpenAI's responses. */
export type OpenAiInputItem =
  | { role: "system" | "developer" | "user"; content: string | OpenAiInputPart[] }
  | { role: "assistant"; content: string }
  | { type: "function_call"; call_id: string; name: string; arguments: string }
  | { type: "function_call_output"; call_id: string; output: string | OpenAiInputPart[] };

/** For `openai.responses.create`. */
export interface OpenAiResponsesBody {
  model: string;
  input: OpenAiInputItem[];
  tools?: { type: "function"; name: string; description?: string; parameters: JsonSchema | null; strict: boolean }[];
  tool_choice?: "none" | "auto" | "required" | { type: "function"; name: string };
  text?: {
    format?:
      | { type: "text" }
      | { type: "json_object" }
      | { type: "json_schema"; name: string; description?: string; schema: JsonSchema; strict?: boolean };
    verbosity?: "low" | "medium" | "high";
  };
  temperature?: number;
  top_p?: number;
  max_output_tokens?: number;
  parallel_tool_calls?: boolean;
  reasoning?: { effort?: "minimal" | "low" | "medium" | "high" };
  user?: string;
}

type AnthropicImage = {
  type: "image";
  source:
    | { type: "base64"; media_type: "image/jpeg" | "image/png" | "image/gif" | "image/webp"; data: string }
    | { type: "url"; url: string };
};

/** A message of Anthropic's. */
export type AnthropicMessage =
  | {
      role: "user";
      content:
        | string
        | (
            | TextPart
            | AnthropicImage
            | { type: "tool_result"; tool_use_id: string; content: (TextPart | AnthropicImage)[] }
          )[];
    }
  | {
      role: "assistant";
      content: string | (TextPart | { type: "tool_use"; id: string; name: string; input: Record<string, Json> })[];
    };

/** For `anthropic.messages.create`. */
export interface AnthropicBody {
  model: string;
  max_tokens: number;
  messages: AnthropicMessage[];
  system?: string | TextPart[];
  tools?: {
    name: string;
    description?: string;
    strict?: boolean;
    input_schema: { type: "object"; [keyword: string]: unknown };
  }[];
  tool_choice?:
    | { type: "auto" | "any"; disable_parallel_tool_use?: boolean }
    | { type: "tool"; name: string; disable_parallel_tool_use?: boolean }
    | { type: "none" };
  output_config?: {
    format?: { type: "json_schema"; schema: Record<string, unknown> };
    effort?: "low" | "medium" | "high" | "xhigh" | "max";
  };
  temperature?: number;
  top_p?: number;
  top_k?: number;
  stop_sequences?: string[];
  metadata?: { user_id?: string };
}

interface GeminiContent {
  role: "user" | "model";
  parts: {
    text?: string;
    inlineData?: { mimeType: string; data: string };
    fileData?: { fileUri: string; mimeType?: string };
    functionCall?: { id: string; name: string; args: Record<string, unknown> };
    functionResponse?: { id: string; name: string; response: Record<string, unknown> };
  }[];
}

interface GeminiGeneration {
  temperature?: number;
  topP?: number;
  topK?: number;
  maxOutputTokens?: number;
  stopSequences?: string[];
  seed?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  responseMimeType?: string;
  responseJsonSchema?: unknown;
  /** `{ thinkingLevel: "LOW" }`; the SDK has an enum for it, which no text is assignable to. */
  thinkingConfig?: object;
}

interface GeminiTools {
  systemInstruction?: { parts: { text: string }[] };
  tools?: { functionDeclarations: { name: string; description?: string; parametersJsonSchema?: unknown }[] }[];
  /** `{ functionCallingConfig: { mode: "ANY", … } }`; the SDK has an enum for the mode. */
  toolConfig?: object;
}

/** For `ai.models.generateContent` of `@google/genai`. */
export interface GeminiBody {
  model: string;
  contents: GeminiContent[];
  config: GeminiGeneration & GeminiTools;
}

/** For `POST /v1beta/models/{model}:generateContent`. */
export interface GeminiRestBody extends GeminiTools {
  contents: GeminiContent[];
  generationConfig?: GeminiGeneration;
}
