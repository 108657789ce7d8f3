/** The streams of all model APIs: the only reader of their events, for `cuecard run` and for the studio. */

/** A call of a tool by the model, as far as it has arrived. */
export interface StreamedToolCall {
  readonly name: string;
  /** JSON, once it is whole. */
  readonly arguments: string;
}

/** An answer, as far as its events have arrived: of OpenAI's two APIs, of Anthropic's, of Gemini's, of Workers AI. */
export class ModelAnswer {
  text = "";
  usage: Readonly<Record<string, number>> | undefined;
  model: string | undefined;
  finishReason: string | undefined;
  /** The API's own words if it failed in the middle of an answer. */
  error: string | undefined;
  /** Whether the answer has an end. */
  hasEnded = false;
  /** By their index in the answer. */
  readonly #calls = new Map<number, StreamedToolCall>();

  get toolCalls(): readonly StreamedToolCall[] {
    return [...this.#calls.values()];
  }

  /** Reads the data of one event, or a whole answer; returns the text that it adds. */
  add(data: string): string {
    if (data === "[DONE]") {
      this.hasEnded = true;
      return "";
    }
    const event = record(parsed(data));
    const before = this.text.length;
    this.#fail(event["error"] ?? (event["type"] === "error" ? event : undefined));
    this.model = string(event["model"]) ?? string(record(event["response"])["model"]) ?? this.model;
    this.#chat(event);
    this.#workersAi(record(event["result"] ?? event));
    this.#responses(event);
    this.#anthropic(event);
    this.#gemini(event);
    return this.text.slice(before);
  }

  #chat(event: UnknownMembers): void {
    const choice = record(list(event["choices"])[0]);
    const delta = record(choice["delta"] ?? choice["message"]);
    for (const said of [delta["content"], delta["refusal"]]) this.text += string(said) ?? texts(list(said)).join("");
    for (const [place, call] of list(delta["tool_calls"]).map(record).entries()) {
      const called = record(call["function"]);
      this.#call(number(call["index"]) ?? place, called["name"], called["arguments"]);
    }
    this.#count(event["usage"], "prompt_tokens", "completion_tokens");
    // Not every server ends with `[DONE]`.
    this.#stop(choice["finish_reason"]);
  }

  #workersAi({ response, usage, tool_calls: calls }: UnknownMembers): void {
    if (typeof response !== "string") return;
    this.text += response;
    this.#count(usage, "prompt_tokens", "completion_tokens");
    for (const [place, call] of list(calls).map(record).entries()) this.#call(place, call["name"], call["arguments"]);
  }

  #responses(event: UnknownMembers): void {
    const place = number(event["output_index"]) ?? 0;
    const item = record(event["item"]);
    if (event["object"] === "response") this.#end(event);
    switch (event["type"]) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        this.text += string(event["delta"]) ?? "";
        break;
      case "response.output_item.added":
        if (item["type"] === "function_call") this.#call(place, item["name"], item["arguments"]);
        break;
      case "response.function_call_arguments.delta":
        this.#call(place, undefined, event["delta"]);
        break;
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        this.#end(record(event["response"]));
    }
  }

  /** The last event repeats the whole answer. */
  #end(response: UnknownMembers): void {
    this.#fail(response["error"]);
    const items = list(response["output"]).map(record);
    if (this.text === "") this.text = items.flatMap(({ content }) => texts(list(content))).join("");
    for (const [place, item] of items.entries())
      if (item["type"] === "function_call" && !this.#calls.has(place))
        this.#call(place, item["name"], item["arguments"]);
    this.#count(response["usage"], "input_tokens", "output_tokens");
    this.#stop(record(response["incomplete_details"])["reason"] ?? response["status"] ?? "stop");
  }

  #anthropic(event: UnknownMembers): void {
    const place = number(event["index"]) ?? 0;
    const delta = record(event["delta"]);
    const block = record(event["content_block"]);
    switch (event["type"]) {
      case "message_start":
        this.model = string(record(event["message"])["model"]) ?? this.model;
        this.#count(record(event["message"])["usage"], "input_tokens", "output_tokens");
        break;
      case "message":
        for (const [at, one] of list(event["content"]).map(record).entries()) this.#block(at, one);
        this.#count(event["usage"], "input_tokens", "output_tokens");
        this.#stop(event["stop_reason"]);
        break;
      case "content_block_start":
        this.#block(place, block);
        break;
      case "content_block_delta":
        this.text += string(delta["text"]) ?? "";
        if (delta["partial_json"] !== undefined) this.#call(place, undefined, delta["partial_json"]);
        break;
      case "message_delta":
        this.#count(event["usage"], "input_tokens", "output_tokens");
        if (string(delta["stop_reason"]) !== undefined) this.finishReason = string(delta["stop_reason"]);
        break;
      case "message_stop":
        this.hasEnded = true;
    }
  }

  #block(place: number, block: UnknownMembers): void {
    if (block["type"] === "text") this.text += string(block["text"]) ?? "";
    if (block["type"] !== "tool_use") return;
    // A stream begins with an empty object, and the pieces follow.
    const input = record(block["input"]);
    this.#call(place, block["name"], Object.keys(input).length > 0 ? input : undefined);
  }

  /** Gemini gives a call in one piece. */
  #gemini(event: UnknownMembers): void {
    const candidate = record(list(event["candidates"])[0]);
    for (const part of list(record(candidate["content"])["parts"]).map(record)) {
      if (part["thought"] !== true) this.text += string(part["text"]) ?? "";
      const called = record(part["functionCall"]);
      if (part["functionCall"] !== undefined) this.#call(this.#calls.size, called["name"], called["args"] ?? {});
    }
    this.#count(event["usageMetadata"], "promptTokenCount", "candidatesTokenCount");
    this.#stop(candidate["finishReason"] ?? record(event["promptFeedback"])["blockReason"]);
  }

  #call(place: number, name: unknown, more: unknown): void {
    const old = this.#calls.get(place) ?? { name: "", arguments: "" };
    const added = more === undefined ? "" : (string(more) ?? JSON.stringify(more));
    this.#calls.set(place, { name: string(name) || old.name, arguments: old.arguments + added });
  }

  #stop(reason: unknown): void {
    if (typeof reason !== "string") return;
    this.finishReason = reason;
    this.hasEnded = true;
  }

  #fail(error: unknown): void {
    if (error === undefined || error === null) return;
    this.error = string(record(error)["message"]) ?? string(error) ?? JSON.stringify(error);
  }

  #count(usage: unknown, input: string, output: string): void {
    const given = record(usage);
    for (const [name, count] of Object.entries({ input: number(given[input]), output: number(given[output]) }))
      if (count !== undefined) this.usage = { ...this.usage, [name]: count };
  }
}

type UnknownMembers = Readonly<Record<string, unknown>>;

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function record(value: unknown): UnknownMembers {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as UnknownMembers) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function string(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Of parts that have some. */
function texts(parts: readonly unknown[]): string[] {
  return parts.map(record).map(({ text, refusal }) => string(text) ?? string(refusal) ?? "");
}
