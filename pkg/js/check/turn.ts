/** Messages of a conversation, in our shape or as the SDKs give them back: `crates/prompt/src/turn`. */
import { type Dict, isDict, stop } from "../plan/python.ts";
import type { Json, JsonObject, OtherPart, Part, RenderedMessage, Role, ToolCall } from "../types.ts";
import { copy, isImage, json } from "./data.ts";
import { type Reader, below } from "./reader.ts";

const SPEAKERS = ["user", "assistant", "tool"];

/** Members of SDK messages that are not part of the conversation. */
const BESIDE = new Set(
  `_request_id container created_at diagnostics id index logprobs model object parsed parsed_arguments parsed_output status
  stop_details stop_reason stop_sequence timestamp type usage`.split(/\s+/),
);
const READ = ["role", "content", "name", "refusal", "leftOut"];

/** What the AI SDK calls an answer of a tool that is none. */
const FAILED = ["error-text", "error-json", "execution-denied"];

type Parts = (Part | OtherPart)[];
type Content = RenderedMessage["content"];

/** The content of one incoming message. */
interface Said {
  text: string | undefined;
  isList: boolean;
  readonly parts: Parts;
  readonly calls: ToolCall[];
  readonly results: RenderedMessage[];
  readonly leftOut: string[];
}

/** Reads a conversation; every faulty message is reported. */
export function readTurns(reader: Reader, items: readonly unknown[], at: string): RenderedMessage[] {
  const messages: RenderedMessage[] = [];
  items.forEach((item, i) => {
    const place = below(at, i);
    const members = reader.object(item, place);
    if (members === undefined) return;
    const type = itemType(members);
    if (type !== undefined) readItem(reader, messages, type, members, place);
    else messages.push(...readMessage(reader, members, place));
  });
  return messages;
}

/** The type of an item of OpenAI's responses that is not a message. A reference to an item has an `id` alone. */
function itemType(members: Dict): string | undefined {
  const { type } = members;
  if (has(members, "role") || type === "message") return undefined;
  if (typeof type === "string") return type;
  const isReference = (type ?? null) === null && has(members, "id") && Object.keys(members).length <= 2;
  return isReference ? "item_reference" : undefined;
}

/** An item of OpenAI's responses that is not a message. The calls of one turn go into one message. */
function readItem(reader: Reader, messages: RenderedMessage[], type: string, members: Dict, at: string): void {
  if (type === "function_call") {
    const known = ["call_id", "name", "arguments"] as const;
    const call = readCall(reader, members, at, known);
    const last = messages.at(-1)?.role === "assistant" ? messages.pop() : undefined;
    const { content, toolCalls = [], leftOut = [], name } = last ?? message("assistant", "");
    const place = below("/toolCalls", toolCalls.length);
    const more = {
      name,
      toolCalls: call === undefined ? toolCalls : [...toolCalls, call],
      leftOut: [...leftOut, ...unread(members, known, place)],
    };
    messages.push(message("assistant", content, more));
  } else if (type === "function_call_output") {
    messages.push(...readAnswer(reader, members, at, "call_id", "output", ""));
  } else {
    messages.push(message("assistant", [other({ ...members, type })]));
  }
}

/** The members that carry content and have no place in a rendered message, as pointers below `at`. */
function unread(members: Dict, known: readonly string[], at: string): string[] {
  const left = Object.entries(members).filter(
    ([key, value]) => !known.includes(key) && !BESIDE.has(key) && says(value) && !isDirect(key, value),
  );
  return left.map(([key]) => below(at, key));
}

/** A model calls a tool by itself, where nothing else is said. */
function isDirect(key: string, value: unknown): boolean {
  return key === "caller" && isDict(value) && value["type"] === "direct";
}

/** A message; the answers of tools in it are messages of their own, before it. */
function readMessage(reader: Reader, members: Dict, at: string): RenderedMessage[] {
  const given = reader.member(members, "role", at);
  const role = given === undefined ? undefined : reader.oneOf(given, below(at, "role"), SPEAKERS);
  if (role === undefined) return [];
  const callsKey = spelling(reader, members, at, "toolCalls", "tool_calls");
  const said: Said = { text: undefined, isList: false, parts: [], calls: [], results: [], leftOut: [] };
  if (says(members[callsKey])) {
    const place = below(at, callsKey);
    if (!reader.check(role === "assistant", place, "no tool calls: only an assistant calls tools")) return [];
    readCalls(reader, members[callsKey], place, said);
  }
  const { content, refusal } = members;
  if (typeof content === "string") said.text = content;
  else if (Array.isArray(content)) {
    said.isList = true;
    readParts(reader, content, role, below(at, "content"), said);
  } else if (content === undefined || content === null) {
    // A model's message that was cut off, or that has only tool calls or audio.
    const isSilent = role === "assistant" && (content === null || Object.keys(members).length > 1);
    if (!isSilent) {
      if (content === undefined) reader.member(members, "content", at);
      else reader.wrongType(below(at, "content"), "str or list of parts", content);
    }
  } else reader.wrongType(below(at, "content"), "str or list of parts", content);
  if (typeof refusal === "string" && refusal !== "") said.parts.push({ type: "refusal", refusal });
  const idKey = spelling(reader, members, at, "toolCallId", "tool_call_id");
  const id = optionalText(reader, members, idKey, at);
  const isOther = said.parts.length > 0 && said.parts.every(isOtherPart);
  if (role === "tool" && !has(members, idKey) && said.results.length === 0 && !isOther)
    reader.issue("missing_field", below(at, "toolCallId"), "a tool message names the call that it answers");
  said.leftOut.push(...unread(members, [...READ, callsKey, idKey], ""));
  const { leftOut } = members;
  if (Array.isArray(leftOut)) said.leftOut.push(...leftOut.filter((one) => typeof one === "string"));
  return messagesOf(said, role as Role, optionalText(reader, members, "name", at), id);
}

/** The results of tools first, then the rest. */
function messagesOf(
  said: Said,
  role: Role,
  name: string | undefined,
  toolCallId: string | undefined,
): RenderedMessage[] {
  const { text, isList, parts, calls, results, leftOut } = said;
  let content: Content = "";
  if (parts.length > 0) content = text === undefined || text === "" ? parts : [{ type: "text", text }, ...parts];
  else if (text !== undefined) content = text;
  else if (isList && calls.length === 0 && results.length === 0) content = [];
  const last = results.at(-1);
  if (content === "" && calls.length === 0 && last !== undefined) {
    if (leftOut.length > 0) last.leftOut = [...(last.leftOut ?? []), ...leftOut];
    return results;
  }
  return [...results, message(role, content, { name, toolCalls: calls, toolCallId, leftOut })];
}

/** A message, in the order of its members in Rust. */
function message(role: Role, content: Content, more: Partial<RenderedMessageMore> = {}): RenderedMessage {
  const { name, toolCalls = [], toolCallId, leftOut = [] } = more;
  return {
    role,
    content,
    ...(name !== undefined && { name }),
    ...(toolCalls.length > 0 && { toolCalls }),
    ...(toolCallId !== undefined && { toolCallId }),
    ...(leftOut.length > 0 && { leftOut }),
  };
}

interface RenderedMessageMore {
  readonly name: string | undefined;
  readonly toolCalls: ToolCall[];
  readonly toolCallId: string | undefined;
  readonly leftOut: string[];
}

/** Reads the parts of a message of this role. */
function readParts(reader: Reader, parts: readonly unknown[], role: string, at: string, said: Said): void {
  parts.forEach((part, i) => {
    const place = below(at, i);
    const members = reader.object(part, place);
    if (members === undefined) return;
    const type = reader.memberText(members, "type", place);
    if (type === undefined) return;
    const known = readOne(reader, type, members, role, place, below("/content", i), said);
    if (known === undefined || known.length === 0) return; // wrong, or kept unchanged
    said.leftOut.push(...unread(members, known, below("/content", i)));
  });
}

/** Which members say it; `undefined` where it is wrong, or its answer tells what it left out. `place` is where it
 * stands in its message. */
function readOne(
  reader: Reader,
  type: string,
  members: Dict,
  role: string,
  at: string,
  place: string,
  said: Said,
): readonly string[] | undefined {
  const answers = role === "user" || role === "tool";
  const called = (id: string, name: string, input: string) => {
    const call = readCall(reader, members, at, [id, name, input]);
    if (call !== undefined) said.calls.push(call);
  };
  if (type === "tool_use" && role === "assistant") {
    called("id", "name", "input");
    return ["id", "name", "input"];
  }
  if (type === "tool-call" && role === "assistant") {
    // A call that a provider ran stays beside its result, in the same message.
    if (members["providerExecuted"] === true) {
      said.parts.push(other(members));
      return [];
    }
    called("toolCallId", "toolName", "input");
    return ["toolCallId", "toolName", "input"];
  }
  if (type === "tool_result" && answers) {
    said.results.push(...readAnswer(reader, members, at, "tool_use_id", "content", place));
    return undefined;
  }
  if (type === "tool-result" && answers) {
    said.results.push(...readSdkResult(reader, members, at, place));
    return undefined;
  }
  const read = readPart(reader, type, members, at);
  if (read === undefined) return undefined;
  said.parts.push(read[0]);
  return read[1];
}

type ReadPart = readonly [part: Part | OtherPart, known: readonly string[]];

/** A text or an image, and the members that hold it; anything else unchanged. */
function readPart(reader: Reader, type: string, members: Dict, at: string): ReadPart | undefined {
  const text = (key: string) => (typeof members[key] === "string" ? members[key] : undefined);
  const mediaType = text("mediaType") ?? text("mimeType");
  if (type === "text" || type === "input_text" || type === "output_text") {
    const said = reader.memberText(members, "text", at);
    return said === undefined ? undefined : [{ type: "text", text: said }, ["text"]];
  }
  if (type === "image" && has(members, "source")) {
    const url = sourceOf(members["source"]);
    return url === undefined ? [other(members), []] : image(reader, url, below(at, "source"), ["source"]);
  }
  if (type === "image") {
    const value = reader.memberText(members, "image", at);
    if (value === undefined) return undefined;
    return image(reader, dataUrl(value, mediaType), below(at, "image"), ["image", "mediaType", "mimeType"]);
  }
  if ((type === "image_url" || type === "input_image") && has(members, "image_url")) {
    const place = below(at, "image_url");
    const { image_url: value } = members;
    const [given, from] = isDict(value) ? [value["url"] ?? null, below(place, "url")] : [value, place];
    const url = reader.text(given, from);
    const isAuto = ({ detail }: Dict) => typeof detail !== "string" || detail === "auto";
    let known = isAuto(members) ? ["image_url", "detail"] : ["image_url"];
    if (isDict(value) && !isAuto(value)) known = ["detail"];
    return url === undefined ? undefined : image(reader, url, from, known);
  }
  if (["file", "media", "image-data"].includes(type) && mediaType?.startsWith("image/") === true) {
    const data = fileData(members["data"]);
    if (data !== undefined)
      return image(reader, dataUrl(data, mediaType), below(at, "data"), ["data", "mediaType", "mimeType", "filename"]);
  }
  if (type === "image-url") {
    const url = reader.memberText(members, "url", at);
    return url === undefined ? undefined : image(reader, url, below(at, "url"), ["url", "mediaType"]);
  }
  return [other(members), []];
}

/** The data of a file of the AI SDK: base64 or a URL, or an object that names which. */
function fileData(data: unknown): string | undefined {
  if (!isDict(data)) return typeof data === "string" ? data : undefined;
  const { type } = data;
  const said = type === "data" || type === "url" ? data[type] : undefined;
  return typeof said === "string" ? said : undefined;
}

function image(reader: Reader, url: string, at: string, known: readonly string[]): ReadPart | undefined {
  if (!reader.check(isImage(url), at, "an https URL or a data:image/…;base64, URL")) return undefined;
  return [{ type: "image", image: url }, known];
}

/** Anthropic's source of an image as a URL; `undefined` for one that only Anthropic can read. */
function sourceOf(source: unknown): string | undefined {
  if (!isDict(source)) return undefined;
  const { type, media_type: media, data, url } = source;
  if (type === "url") return typeof url === "string" ? url : undefined;
  const isWhole = type === "base64" && typeof media === "string" && typeof data === "string";
  return isWhole ? `data:${media};base64,${data}` : undefined;
}

/** Bare base64 as a data URL of its media type. */
function dataUrl(text: string, mediaType: string | undefined): string {
  const isAlone = mediaType?.startsWith("image/") === true && !text.includes(":");
  return isAlone ? `data:${mediaType};base64,${text}` : text;
}

/** `{id, name, arguments: {…}}`, or OpenAI's `{id, type, function: {name, arguments: "…"}}`. Another kind is kept
 * unchanged. */
function readCalls(reader: Reader, calls: unknown, at: string, said: Said): void {
  if (!Array.isArray(calls)) return reader.wrongType(at, "list", calls);
  calls.forEach((call: unknown, i) => {
    const place = below(at, i);
    const members = reader.object(call, place);
    if (members === undefined) return;
    const nested = members["function"];
    if (isDict(nested)) {
      const id = reader.memberText(members, "id", place);
      const read = readFunction(reader, nested, below(place, "function"), "name", "arguments");
      const stands = below("/toolCalls", said.calls.length);
      said.leftOut.push(...unread(members, ["function"], stands));
      said.leftOut.push(...unread(nested, ["name", "arguments"], below(stands, "function")));
      if (id !== undefined && read !== undefined) said.calls.push({ id, ...read });
    } else if (nested !== undefined) {
      reader.wrongType(below(place, "function"), "dict", nested);
    } else if (has(members, "custom")) {
      said.parts.push(other(members));
    } else {
      const known = ["id", "name", "arguments"] as const;
      const read = readCall(reader, members, place, known);
      said.leftOut.push(...unread(members, known, below("/toolCalls", said.calls.length)));
      if (read !== undefined) said.calls.push(read);
    }
  });
}

/** A call whose members have these names. */
function readCall(
  reader: Reader,
  members: Dict,
  at: string,
  [idKey, name, args]: readonly [string, string, string],
): ToolCall | undefined {
  const id = reader.memberText(members, idKey, at);
  const read = readFunction(reader, members, at, name, args);
  return id === undefined || read === undefined ? undefined : { id, ...read };
}

function readFunction(
  reader: Reader,
  members: Dict,
  at: string,
  nameKey: string,
  argsKey: string,
): { readonly name: string; readonly arguments: JsonObject } | undefined {
  const name = reader.memberText(members, nameKey, at);
  const given = reader.member(members, argsKey, at);
  if (given === undefined) return undefined;
  const place = below(at, argsKey);
  const args = typeof given === "string" ? parseArguments(reader, given, place) : reader.object(given, place);
  return name === undefined || args === undefined ? undefined : { name, arguments: args as JsonObject };
}

function parseArguments(reader: Reader, text: string, at: string): Dict | undefined {
  const value = text === "" ? {} : parse(text);
  return reader.check(isDict(value), at, "a JSON object, or its text") ? (value as Dict) : undefined;
}

/** Strict JSON; `undefined` where it is none. What JavaScript would read otherwise than Rust stops. */
function parse(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const colons = text.replace(/"(?:[^"\\]|\\.)*"/g, "").split(":").length - 1;
  // A duplicate key, or a number that is written in another way.
  if (colons !== keysOf(value)) stop();
  return copy(value);
}

function keysOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const items = Object.values(value);
  return items.reduce((sum: number, item) => sum + keysOf(item), Array.isArray(value) ? 0 : items.length);
}

/** A result in OpenAI's responses, or among Anthropic's blocks; `stands` is the place of its block in the message. */
function readAnswer(
  reader: Reader,
  members: Dict,
  at: string,
  idKey: string,
  key: string,
  stands: string,
): RenderedMessage[] {
  const id = reader.memberText(members, idKey, at);
  if (id === undefined) return [];
  const value = members[key];
  const place = below(at, key);
  const leftOut = unread(members, [idKey, key], stands);
  if (value === undefined || value === null) return [answer(id, "", leftOut)];
  if (typeof value === "string") return [answer(id, value, leftOut)];
  if (Array.isArray(value))
    return [answer(id, readAnswerParts(reader, value, place, below(stands, key), leftOut), leftOut)];
  reader.wrongType(place, "str or list of parts", value);
  return [];
}

/** A result among the AI SDK's parts. */
function readSdkResult(reader: Reader, members: Dict, at: string, part: string): RenderedMessage[] {
  const id = reader.memberText(members, "toolCallId", at);
  if (id === undefined) return [];
  const given = reader.member(members, "output", at);
  if (given === undefined) return [];
  const output = reader.object(given, below(at, "output"));
  if (output === undefined) return [];
  const { type, value = null, reason } = output;
  const stands = below(part, "output");
  const leftOut = unread(members, ["toolCallId", "toolName", "output"], part);
  leftOut.push(...unread(output, ["type", "value", "reason"], stands));
  // A failure or a refusal is more than its text.
  if (typeof type === "string" && FAILED.includes(type)) leftOut.push(below(stands, "type"));
  if (type === "content" && Array.isArray(value)) {
    const place = below(below(at, "output"), "value");
    return [answer(id, readAnswerParts(reader, value, place, below(stands, "value"), leftOut), leftOut)];
  }
  if (type === "execution-denied") {
    const why = typeof reason === "string" ? reason : "The tool was not allowed to run.";
    return [answer(id, why, leftOut)];
  }
  return [answer(id, typeof value === "string" ? value : json(value), leftOut)];
}

/** The parts of a result; `stands` is their place in the incoming message. */
function readAnswerParts(
  reader: Reader,
  parts: readonly unknown[],
  at: string,
  stands: string,
  leftOut: string[],
): Parts {
  return parts.flatMap((part, i) => {
    const place = below(at, i);
    const members = reader.object(part, place);
    if (members === undefined) return [];
    const { type } = members;
    const read = readPart(reader, typeof type === "string" ? type : "", members, place);
    if (read === undefined) return [];
    if (read[1].length > 0) leftOut.push(...unread(members, read[1], below(stands, i)));
    return [read[0]];
  });
}

function answer(id: string, content: Content, leftOut: string[] = []): RenderedMessage {
  return message("tool", content, { toolCallId: id, leftOut });
}

/** The spelling that an object uses of two; both at once are a conflict. */
function spelling(reader: Reader, members: Dict, at: string, ours: string, theirs: string): string {
  if (!has(members, theirs)) return ours;
  if (!has(members, ours)) return theirs;
  const words = `\`${theirs}\` is another spelling of \`${ours}\`; give one of them`;
  reader.issue("conflict", below(at, theirs), words);
  return ours;
}

function optionalText(reader: Reader, members: Dict, key: string, at: string): string | undefined {
  const value = members[key];
  return value === undefined || value === null ? undefined : reader.memberText(members, key, at);
}

/** Whether a member carries anything: `null` and empty values do not. */
function says(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isDict(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false && value !== "";
}

function has(members: Dict, key: string): boolean {
  return Object.hasOwn(members, key);
}

function other(members: Dict): OtherPart {
  return members as { readonly [key: string]: Json } as OtherPart;
}

function isOtherPart(part: Part | OtherPart): boolean {
  return part.type !== "text" && !(part.type === "image" && typeof (part as { image?: unknown }).image === "string");
}
