/** The content of a message, and the members that it leaves out. */
import { type Dict, isDict } from "../../plan/python.ts";
import type { Json, OtherPart, Part, RenderedMessage, Role, ToolCall } from "../../types.ts";
import { below } from "../reader.ts";

/** Members of SDK messages that are not part of the conversation. */
const BESIDE = new Set(
  `_request_id container created_at diagnostics id index logprobs model object parsed parsed_arguments parsed_output status
  stop_details stop_reason stop_sequence timestamp type usage`.split(/\s+/),
);

export type Parts = (Part | OtherPart)[];
export type Content = RenderedMessage["content"];

/** The content of one incoming message. */
export interface Said {
  text: string | undefined;
  isList: boolean;
  readonly parts: Parts;
  readonly calls: ToolCall[];
  readonly results: RenderedMessage[];
  readonly leftOut: string[];
}

/** A message, in the order of its members in Rust. */
export function message(role: Role, content: Content, more: Partial<RenderedMessageMore> = {}): RenderedMessage {
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

export interface RenderedMessageMore {
  readonly name: string | undefined;
  readonly toolCalls: ToolCall[];
  readonly toolCallId: string | undefined;
  readonly leftOut: string[];
}

/** The members that carry content and have no place in a rendered message, as pointers below `at`. */
export function unread(members: Dict, known: readonly string[], at: string): string[] {
  const left = Object.entries(members).filter(
    ([key, value]) => !known.includes(key) && !BESIDE.has(key) && says(value) && !isDirect(key, value),
  );
  return left.map(([key]) => below(at, key));
}

/** A model calls a tool by itself, where nothing else is said. */
function isDirect(key: string, value: unknown): boolean {
  return key === "caller" && isDict(value) && value["type"] === "direct";
}

/** Whether a member carries anything: `null` and empty values do not. */
export function says(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isDict(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false && value !== "";
}

export function has(members: Dict, key: string): boolean {
  return Object.hasOwn(members, key);
}

export function other(members: Dict): OtherPart {
  return members as { readonly [key: string]: Json } as OtherPart;
}
