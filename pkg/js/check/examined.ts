/** Inputs that are examined as a whole before a plan runs. */
import { more } from "../plan/extra.ts";
import { stop } from "../plan/python.ts";
import type { Input, RenderedMessage } from "../types.ts";
import { Reader } from "./reader.ts";
import { fitInput } from "./typed.ts";

/** The most steps of a check: the engine takes them from the work of a render. */
const MAX_WORK = 60_000;

/** Whether a value has the type of an input, and fits its schema. */
export function fitsInput(input: Input, value: unknown): boolean {
  const reader = new Reader(1);
  fitInput(reader, input, value, "");
  if (reader.worked > MAX_WORK) stop();
  return reader.issues.length === 0;
}

/** The messages of a conversation, if none is faulty. */
export function conversationOf(items: unknown): RenderedMessage[] | undefined {
  if (!Array.isArray(items)) return undefined;
  const reader = new Reader();
  const messages = (more() ?? stop()).readTurns(reader, items, "");
  return reader.issues.length === 0 ? messages : undefined;
}
