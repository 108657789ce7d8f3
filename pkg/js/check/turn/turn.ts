/** Messages of a conversation, in our shape or as the SDKs give them back: `crates/prompt/src/turn`. */
import { type Dict, isDict } from "../../plan/python.ts";
import type { OtherPart, Part, RenderedMessage, Role } from "../../types.ts";
import { type Reader, below } from "../reader.ts";
import { type Content, type Said, has, message, other, says, unread } from "./message.ts";
import { readParts } from "./parts.ts";
import { readAnswer, readCall, readCalls } from "./tool.ts";

const SPEAKERS = ["user", "assistant", "tool"];
const READ = ["role", "content", "name", "refusal", "leftOut"];

/** Reads a conversation; every faulty message is reported. */
export function readTurns(reader: Reader, items: readonly unknown[], at: string): RenderedMessage[] {
  const messages: RenderedMessage[] = [];
  items.forEach((item, i) => {
    if (reader.isFull) return;
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
    if (call !== undefined) toolCalls.push(call);
    leftOut.push(...unread(members, known, place));
    messages.push(message("assistant", content, { name, toolCalls, leftOut }));
  } else if (type === "function_call_output") {
    messages.push(...readAnswer(reader, members, at, "call_id", "output", ""));
  } else {
    messages.push(message("assistant", [other({ ...members, type })]));
  }
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

function isOtherPart(part: Part | OtherPart): boolean {
  return part.type !== "text" && !(part.type === "image" && typeof (part as { image?: unknown }).image === "string");
}
