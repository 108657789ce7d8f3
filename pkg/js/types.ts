/** The shapes of documents, rendered prompts and errors. `js/contract.ts`, which Rust writes, holds them in step with
 * it. */
import type { Code } from "./codes.ts";

export type { Code };

/** A place in a template. */
export interface At {
  /** Index into the document's `messages`, from 0. */
  readonly message?: number;
  /** From 1. */
  readonly line: number;
  /** In characters, from 1. */
  readonly column: number;
}

/** One problem of a document or of inputs. */
export interface Issue {
  /** `missing_input`, `unknown_input`, `wrong_type`, … */
  readonly code: string;
  /** RFC 6901 pointer into the given value: `/customer/name`. */
  readonly pointer: string;
  /** A sentence for people; names and types only, never a value. */
  readonly message: string;
  /** The accepted values. */
  readonly expected?: string;
  /** The type of the given value. */
  readonly received?: string;
  /** The nearest known name, for an unknown one. */
  readonly suggestion?: string;
  /** The place in a template, for problems that the compile-time check finds. */
  readonly at?: At;
}

/** RFC 9457 problem details with the members `code`, `at` and `issues`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: Code;
  readonly detail: string;
  readonly at?: At;
  readonly issues?: readonly Issue[];
}

/** JSON as it is read. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** The type of an input. */
export type InputType =
  | "str"
  | "int"
  | "float"
  | "bool"
  | "image"
  | "list"
  | "list[str]"
  | "list[int]"
  | "list[float]"
  | "list[bool]"
  | "dict"
  | "messages"
  | "any"
  | "string"
  | "number"
  | "integer"
  | "boolean"
  | "object"
  | "array";

/** A declared input. */
export interface Input {
  readonly name: string;
  readonly type: InputType;
  readonly required?: boolean;
  readonly default?: Json;
  readonly description?: string;
  readonly enum?: readonly Json[];
  readonly schema?: JsonObject;
}

/** A part of a message. */
export type Part =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly image: string };

/** The author of a message. */
export type Role = "system" | "developer" | "user" | "assistant" | "tool";

/** One message of a document. Of a placeholder, `content` names the input that its messages come from. */
export interface Message {
  readonly role: Role | "placeholder";
  readonly content: string | readonly Part[];
  /** Tells participants of one role apart. */
  readonly name?: string;
}

/** An output that the model must produce. */
export interface Output {
  readonly name: string;
  readonly type: "str" | "float" | "bool" | "json_schema";
  readonly schema?: JsonObject;
}

/** A column of the few-shot table; its id is the name of an input or output. */
export interface Column {
  readonly id: string;
  readonly name?: string;
  readonly type: InputType;
}

/** The few-shot table. */
export interface Demonstrations {
  readonly columns: readonly Column[];
  /** Column id → value; `id` names the row. */
  readonly rows: readonly JsonObject[];
}

/** How templates are read; the defaults are strict and otherwise Jinja2's own. */
export interface TemplateOptions {
  /** `text`: no templates, the output is the content byte for byte. */
  readonly language?: "jinja2" | "text";
  /** `huggingface`: chat templates as the `apply_chat_template` of `transformers` renders them. */
  readonly dialect?: "jinja2" | "huggingface";
  readonly undefined?: "strict" | "lenient";
  readonly trimBlocks?: boolean;
  readonly lstripBlocks?: boolean;
  readonly keepTrailingNewline?: boolean;
}

/** Parameters of a model. Unknown names are passed on unchanged. */
export interface Parameters {
  /** From 0 to 2. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly maxTokens?: number;
  readonly stop?: string | readonly string[];
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly repetitionPenalty?: number;
  readonly parallelToolCalls?: boolean;
  readonly reasoningEffort?: string;
  readonly verbosity?: string;
  readonly user?: string;
  readonly [other: string]: Json | undefined;
}

/** Settings of a render that the host decides. */
export interface RenderOptions {
  /** The time for `strftime_now`, in the host's time zone; by default now. */
  readonly now?: Date;
  /** The limit of work, in units, instead of 300,000; at most 10,000,000. A value below 1 allows none. */
  readonly work?: number;
}

/** The content of a prompt. */
export interface Document {
  readonly messages: readonly Message[];
  /** By default inferred from the templates. */
  readonly inputs?: readonly Input[];
  readonly outputs?: readonly Output[];
  /** `openai/gpt-4o-mini` */
  readonly model?: string;
  readonly provider?: string;
  readonly parameters?: Parameters;
  readonly tools?: readonly JsonObject[];
  readonly toolChoice?: Json;
  readonly responseFormat?: Json;
  readonly demonstrations?: Demonstrations;
  readonly promptingTechnique?: "few_shot" | "in_context" | "chain_of_thought";
  readonly template?: TemplateOptions;
  readonly metadata?: JsonObject;
}

/** A call of a tool. */
export interface ToolCall {
  id: string;
  name: string;
  arguments: JsonObject;
}

/** A part of another kind, unchanged from a `messages` input: reasoning, a refusal, audio, a file. */
export interface OtherPart {
  /** None of a word alone but these, so that `type === "text"` tells a text. */
  readonly type:
    | "custom"
    | "document"
    | "file"
    | "reasoning"
    | "refusal"
    | "thinking"
    | `${string}_${string}`
    | `${string}-${string}`;
  readonly [member: string]: Json;
}

/** One rendered message. */
export interface RenderedMessage {
  role: Role;
  content: string | (Part | OtherPart)[];
  name?: string;
  /** Only in messages of a `messages` input. */
  toolCalls?: ToolCall[];
  /** Only in messages of a `messages` input. */
  toolCallId?: string;
  /** Pointers to members of a message in a `messages` input that have no place here; payloads list them among their
   * losses. */
  leftOut?: string[];
}

/** The parts of a rendered prompt that go to a model: plain data, as the API answers it. */
export interface RenderedPrompt {
  messages: RenderedMessage[];
  model?: string;
  provider?: string;
  parameters?: Parameters;
  tools?: JsonObject[];
  toolChoice?: Json;
  responseFormat?: Json;
}

/** A version as the API answers it. */
export interface ResolvedVersion extends Document {
  readonly slug: string;
  readonly version: number;
  readonly id: string;
  readonly hash: string;
  readonly commitMessage?: string;
  readonly author?: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly resolved: {
    readonly tag?: string;
    readonly revision: number | string;
    /** For `cuecard/client`, which renders the version without the engine where possible; opaque to anyone else. */
    readonly plan?: object;
  };
}

/** Prompts by slug, written by `cuecard types`: with it `get` and `render` know the inputs.
 *
 * ```ts
 * declare module "cuecard" {
 *   interface Prompts {
 *     "support/bot": { inputs: { readonly ticket: string }; outputs: string; tags: "production" };
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be filled
export interface Prompts {}

/** A snapshot as TypeScript sees it when it is imported from a `.json` file. */
export interface SnapshotJson {
  readonly format: number;
  readonly tag: string;
  readonly createdAt: string;
  readonly prompts: readonly object[];
}

/** Every prompt of a project under one tag, in one file that an app ships for an outage. */
export interface Snapshot {
  readonly format: 1;
  readonly project: string;
  readonly revision: number | string;
  readonly tag: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly prompts: readonly ResolvedVersion[];
}

/** The version of a tag. */
export interface LockedVersion {
  readonly version: number;
  readonly hash: string;
}

/** The output of `cuecard lock`. */
export interface Lock {
  readonly format: 1;
  /** Slug → tag → version. */
  readonly prompts: Readonly<Record<string, Readonly<Record<string, LockedVersion>>>>;
  readonly snapshot: Snapshot;
}

/** A lock as TypeScript sees it when it is imported from a `.json` file. */
export interface LockJson {
  readonly format: number;
  readonly prompts: object;
  readonly snapshot: SnapshotJson;
}

/** The source of a prompt. */
export interface Source {
  /** `fresh`: confirmed by the origin within `freshFor`, or pinned to a version. `stale`: confirmed earlier.
   * `snapshot`: from the file. */
  readonly state: "fresh" | "stale" | "snapshot";
  /** Since the origin confirmed it, or since the snapshot was made, in milliseconds. */
  readonly age: number;
  /** The error code of the origin's failure, if that is why it is not fresh. */
  readonly reason?: Code;
}
