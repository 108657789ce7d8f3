/** Calls of tools, and their results. */
import { type Dict, isDict, stop } from "../../plan/python.ts";
import type { JsonObject, RenderedMessage, ToolCall } from "../../types.ts";
import { copy, json } from "../data.ts";
import { type Reader, below } from "../reader.ts";
import { type Content, type Parts, type Said, has, message, other, unread } from "./message.ts";
import { readPart } from "./part.ts";

/** What the AI SDK calls an answer of a tool that is none. */
const FAILED = ["error-text", "error-json", "execution-denied"];

/** `{id, name, arguments: {…}}`, or OpenAI's `{id, type, function: {name, arguments: "…"}}`. Another kind is kept
 * unchanged. */
export function readCalls(reader: Reader, calls: unknown, at: string, said: Said): void {
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
export function readCall(
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
  reader.reads(text.length);
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
export function readAnswer(
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
export function readSdkResult(reader: Reader, members: Dict, at: string, part: string): RenderedMessage[] {
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
