/** `cuecard/ai-sdk`: a rendered prompt as the arguments of the AI SDK's `generateText`, `streamText`, `generateObject`
 * and `streamObject`, in its versions 5, 6 and 7. */
import { PromptError } from "./error.ts";
import type { Issue, Json, JsonObject, OtherPart, Part, RenderedMessage, RenderedPrompt } from "./types.ts";

type AiText = { type: "text"; text: string };
type File = { type: "file"; mediaType: string; data: string | URL };
type Reasoning = { type: "reasoning"; text: string };
type AiToolCall = { type: "tool-call"; toolCallId: string; toolName: string; input: unknown };
type AiToolResult = {
  type: "tool-result";
  toolCallId: string;
  toolName: string;
  output: { type: "text"; value: string };
};

/** A message in the form that all three versions accept. */
export type AiSdkMessage =
  | { role: "user"; content: string | (AiText | File)[] }
  | { role: "assistant"; content: string | (AiText | File | Reasoning | AiToolCall)[] }
  | { role: "tool"; content: AiToolResult[] };

/** A tool that the caller runs, or that ends the model's answer. */
export interface AiSdkTool {
  description?: string;
  /** The AI SDK's own wrapper of a JSON Schema, which only it can name. */
  inputSchema: never;
}

/** The arguments of `generateText` and `streamText` beside the model. */
export interface AiSdkCall {
  /** A text, as 5 and 6 ignore `instructions` in silence. */
  system?: string;
  messages: AiSdkMessage[];
  tools?: Record<string, AiSdkTool>;
  toolChoice?: "auto" | "none" | "required" | { type: "tool"; toolName: string };
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  stopSequences?: string[];
  seed?: number;
  providerOptions?: { openai: Record<string, string | boolean> };
}

/** The arguments of `generateObject` and `streamObject` beside the model. */
export type AiSdkObjectCall = Omit<AiSdkCall, "tools" | "toolChoice"> & {
  output: "object";
  /** The AI SDK's own wrapper of a JSON Schema, which only it can name. */
  schema: never;
  schemaName?: string;
  schemaDescription?: string;
};

/** Parts of the prompt that the AI SDK has no place for. Not enumerable, so that it is not spread into the call. */
export interface Losses {
  readonly losses: readonly Issue[];
}

export interface AiSdkOptions {
  /** Whether a loss is an error. */
  readonly strict?: boolean;
}

/** The AI SDK's `Output`, from which the answer's format is made. */
export interface AiSdkOutput<T> {
  readonly object: (options: { schema: never; name?: string; description?: string }) => T;
}

/** The format as versions 6 and 7 call it, and as 5 does. */
export interface AiSdkFormat<T> {
  output: T;
  experimental_output: T;
}

/** The arguments of a call that gives a text: `generateText({ model, ...aiSdk(rendered) })`. With the AI SDK's `Output` the text has
 * the prompt's format, beside tools and in streams, too: `generateText({ model, ...aiSdk(rendered, { output: Output }) })`.
 *
 * @throws PromptError `payload_unsupported`: the AI SDK would refuse it or take it for something else, or, with `strict`, a loss
 */
export function aiSdk(rendered: RenderedPrompt, options?: AiSdkOptions): AiSdkCall & Losses;
export function aiSdk<T>(
  rendered: RenderedPrompt,
  options: AiSdkOptions & { readonly output: AiSdkOutput<T> },
): AiSdkCall & AiSdkFormat<T> & Losses;
export function aiSdk<T>(
  rendered: RenderedPrompt,
  options: AiSdkOptions & { readonly output?: AiSdkOutput<T> } = {},
): AiSdkCall & Losses {
  const writer = new AiSdkWriter(rendered);
  const call = { ...writer.call(), ...writer.tools() };
  if (options.output !== undefined) {
    const output = options.output.object(writer.format());
    return writer.finish({ ...call, output, experimental_output: output }, options);
  }
  if (rendered.responseFormat !== undefined && typeOf(rendered.responseFormat) !== "text")
    writer.lose(
      "/responseFormat",
      "a text has no format without the AI SDK's `Output`: `aiSdk(rendered, { output: Output })`",
    );
  return writer.finish(call, options);
}

/** The arguments of a call that gives an object: `generateObject({ model, ...aiSdkObject(rendered) })`.
 *
 * @throws PromptError as `aiSdk`, and where the prompt has no schema of an object
 */
export function aiSdkObject(rendered: RenderedPrompt, options: AiSdkOptions = {}): AiSdkObjectCall & Losses {
  const writer = new AiSdkWriter(rendered);
  const { schema, name, description } = writer.format();
  if (rendered.tools !== undefined && rendered.tools.length > 0)
    writer.lose("/tools", "a call that gives an object has no tools");
  const call = {
    ...writer.call(),
    output: "object" as const,
    schema,
    ...(name !== undefined && { schemaName: name }),
    ...(description !== undefined && { schemaDescription: description }),
  };
  return writer.finish(call, options);
}

/** In the form that the AI SDK's `jsonSchema` makes; its symbols are registered, so they are the same in every
 * version. */
function wrap(schema: Json): never {
  const marks = { [Symbol.for("vercel.ai.schema")]: true, [Symbol.for("vercel.ai.validator")]: true };
  return { ...marks, _type: undefined, jsonSchema: schema, validate: undefined } as never;
}

class AiSdkWriter {
  readonly #rendered: RenderedPrompt;
  readonly #losses: Issue[] = [];
  readonly #errors: Issue[] = [];

  constructor(rendered: RenderedPrompt) {
    this.#rendered = rendered;
  }

  lose(pointer: string, message: string): void {
    this.#losses.push({ code: "not_supported", pointer, message });
  }

  fail(pointer: string, message: string): void {
    this.#errors.push({ code: "not_supported", pointer, message });
  }

  finish<T extends object>(call: T, { strict = false }: AiSdkOptions): T & Losses {
    const issues = strict ? [...this.#errors, ...this.#losses] : this.#errors;
    if (issues.length > 0) {
      const list = issues.map(({ pointer, message }) => `\n  ${pointer}: ${message}`).join("");
      throw new PromptError("payload_unsupported", `The AI SDK cannot express the prompt${list}`, {
        status: 422,
        issues,
      });
    }
    return Object.defineProperty(call, "losses", { value: this.#losses }) as T & Losses;
  }

  format(): { schema: never; name?: string; description?: string } {
    const { json_schema: format } = (this.#rendered.responseFormat ?? {}) as { json_schema?: JsonObject };
    const { schema, name, description } = format ?? {};
    if (schema === undefined) this.fail("/responseFormat", "there is no JSON Schema of an object");
    return {
      schema: wrap(schema ?? {}),
      ...(typeof name === "string" && { name }),
      ...(typeof description === "string" && { description }),
    };
  }

  call(): AiSdkCall {
    const { messages } = this.#rendered;
    const system: string[] = [];
    const turns: AiSdkMessage[] = [];
    const names = new Map<string, string>();
    for (const [index, message] of messages.entries()) {
      const at = `/messages/${index}`;
      if (message.name !== undefined) this.lose(`${at}/name`, "messages have no name here");
      for (const pointer of message.leftOut ?? []) this.lose(at + pointer, "a rendered message has no place for it");
      if (message.role === "system" || message.role === "developer") {
        if (turns.length > 0) this.lose(at, "instructions come before all messages; this one was moved there");
        system.push(this.#texts(message, at));
      } else {
        for (const { id, name } of message.toolCalls ?? []) names.set(id, name);
        // Calls of tools that are no functions have no name here.
        for (const part of typeof message.content === "string" ? [] : message.content)
          if ("custom" in part && typeof part["id"] === "string") names.set(part["id"], "");
        this.#turn(turns, message, at, names);
      }
    }
    if (turns.length === 0) {
      const where = "/messages";
      this.fail(
        where,
        "the AI SDK wants a message beside the instructions: add one with the role `user` to the prompt",
      );
    }
    const instructions = system.filter((text) => text !== "").join("\n\n");
    return { ...(instructions !== "" && { system: instructions }), messages: turns, ...this.#parameters() };
  }

  #turn(turns: AiSdkMessage[], message: RenderedMessage, at: string, names: ReadonlyMap<string, string>): void {
    const { role, content, toolCalls = [], toolCallId } = message;
    if (role === "tool") {
      const answer = (...results: AiToolResult[]): void => {
        const last = turns.at(-1);
        if (last?.role === "tool") last.content.push(...results);
        else turns.push({ role, content: results });
      };
      // Answers to requests for approval.
      if (toolCallId === undefined && typeof content !== "string" && content.every(isOwn))
        return answer(...(content as unknown as AiToolResult[]));
      const toolName = names.get(toolCallId ?? "");
      if (toolName === "") return this.lose(at, "the call that it answers cannot be sent");
      if (toolName === undefined) return this.fail(at, "a tool message needs the id of a call in a message before it");
      const output = { type: "text" as const, value: this.#texts(message, at) };
      answer({ type: "tool-result", toolCallId: toolCallId ?? "", toolName, output });
    } else if (role === "user") {
      if (typeof content === "string") turns.push({ role, content });
      else {
        const parts = this.#parts(content, at, true) as (AiText | File)[];
        if (parts.length === 0) this.lose(at, "a message without content cannot be sent");
        else turns.push({ role, content: parts });
      }
    } else if (typeof content === "string" && toolCalls.length === 0) {
      turns.push({ role: "assistant", content });
    } else {
      const said =
        typeof content === "string" ? (content === "" ? [] : [text(content)]) : this.#parts(content, at, false);
      const calls = toolCalls.map(({ id, name, arguments: input }) => {
        return { type: "tool-call" as const, toolCallId: id, toolName: name, input };
      });
      const parts = [...said, ...calls];
      if (parts.length === 0) this.lose(at, "a message without content cannot be sent");
      else turns.push({ role: "assistant", content: parts });
    }
  }

  #parts(parts: readonly (Part | OtherPart)[], message: string, isUser: boolean): (AiText | File | Reasoning)[] {
    const written: (AiText | File | Reasoning)[] = [];
    for (const [index, part] of parts.entries()) {
      const at = `${message}/content/${index}`;
      if (part.type === "text") {
        written.push(text(part.text));
      } else if (isImage(part)) {
        written.push(file(part.image));
      } else if (isOwn(part) && (part.type === "file" || !isUser)) {
        // Unchanged, with the members that the AI SDK's providers need back.
        written.push(part as unknown as File);
      } else {
        this.lose(at, `there is no part \`${part.type}\` here`);
      }
    }
    return written;
  }

  /** The texts of a message that can have nothing else. */
  #texts({ content, role }: RenderedMessage, message: string): string {
    if (typeof content === "string") return content;
    const texts = content.map((part, index) => {
      const at = `${message}/content/${index}`;
      if (part.type === "text") return part.text;
      if (isImage(part)) {
        const words = `an image cannot be in a message of role ${role}`;
        if (role === "tool") this.lose(at, words);
        else this.fail(at, words);
      } else this.lose(at, `there is no part \`${part.type}\` here`);
      return "";
    });
    return texts.join("");
  }

  tools(): Pick<AiSdkCall, "tools" | "toolChoice"> {
    const { tools = [], toolChoice } = this.#rendered;
    const written: Record<string, AiSdkTool> = {};
    for (const [index, tool] of tools.entries()) {
      const { name, description, parameters, strict } = (tool["function"] ?? {}) as JsonObject;
      if (typeof name !== "string") {
        this.lose(`/tools/${index}`, "only functions can be tools");
        continue;
      }
      if (strict === true) this.lose(`/tools/${index}/function/strict`, "functions are not strict here");
      const inputSchema = wrap(parameters ?? { type: "object", properties: {} });
      written[name] = { ...(typeof description === "string" && { description }), inputSchema };
    }
    if (Object.keys(written).length === 0) return {};
    return { tools: written, ...this.#choice(toolChoice) };
  }

  #choice(choice: Json | undefined): Pick<AiSdkCall, "toolChoice"> {
    if (choice === undefined) return {};
    if (choice === "auto" || choice === "none" || choice === "required") return { toolChoice: choice };
    const { name } = ((choice as JsonObject | null)?.["function"] ?? {}) as JsonObject;
    if (typeof name === "string") return { toolChoice: { type: "tool", toolName: name } };
    this.lose("/toolChoice", "there is no such choice");
    return {};
  }

  #parameters(): Partial<AiSdkCall> {
    const written: Record<string, Json | object> = {};
    const openai: Record<string, string | boolean> = {};
    for (const [name, value] of Object.entries(this.#rendered.parameters ?? {})) {
      const known = NAMES[name];
      const ofOpenAi = this.#rendered.model?.startsWith("openai/") === true ? OPENAI[name] : undefined;
      if (value === undefined) continue;
      if (name === "stop") written["stopSequences"] = typeof value === "string" ? [value] : (value as Json);
      else if (known !== undefined) written[known] = value;
      else if (ofOpenAi !== undefined) openai[ofOpenAi] = value as string | boolean;
      else this.lose(`/parameters/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, "there is no such parameter");
    }
    if (Object.keys(openai).length > 0) written["providerOptions"] = { openai };
    return written;
  }
}

/** Parameters by their names in the AI SDK. */
const NAMES: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  temperature: "temperature",
  topP: "topP",
  topK: "topK",
  maxTokens: "maxOutputTokens",
  seed: "seed",
  frequencyPenalty: "frequencyPenalty",
  presencePenalty: "presencePenalty",
});

/** Parameters that are options of the provider `openai` there. */
const OPENAI: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  parallelToolCalls: "parallelToolCalls",
  reasoningEffort: "reasoningEffort",
  verbosity: "textVerbosity",
  user: "user",
});

/** The AI SDK's own parts, each with a member that other SDKs' parts of the same name do not have. */
const OWN: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  custom: "kind",
  file: "mediaType",
  reasoning: "text",
  "reasoning-file": "mediaType",
  "tool-approval-request": "approvalId",
  "tool-approval-response": "approvalId",
  "tool-call": "toolCallId",
  "tool-result": "toolCallId",
});

function isOwn(part: Part | OtherPart): boolean {
  const member = OWN[part.type];
  return member !== undefined && typeof (part as Readonly<Record<string, unknown>>)[member] === "string";
}

function isImage(part: Part | OtherPart): part is { type: "image"; image: string } {
  return part.type === "image" && typeof (part as { image?: unknown }).image === "string";
}

function text(value: string): AiText {
  return { type: "text", text: value };
}

function file(image: string): File {
  const [, mediaType] = /^data:(image\/[^;]+);base64,/.exec(image) ?? [];
  // For a type with a star the AI SDK detects the rest.
  return { type: "file", mediaType: mediaType ?? "image/*", data: mediaType === undefined ? new URL(image) : image };
}

function typeOf(format: Json): unknown {
  return typeof format === "object" && format !== null && !Array.isArray(format)
    ? (format as JsonObject)["type"]
    : undefined;
}
