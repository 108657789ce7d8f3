/** Inputs that are examined as a whole before a plan runs. */
import { more } from "../plan/extra.ts";
import { stop } from "../plan/python.ts";
import type { Input, RenderedMessage } from "../types.ts";
import { Reader } from "./reader.ts";
import { fitInput } from "./typed.ts";

/** The most steps of a check; the engine, which is faster, does longer ones. */
const MAX_WORK = 60_000;

/** Whether a value has the type of an input, and fits its schema; `spend` is told the steps of finding out. */
export function fitsInput(input: Input, value: unknown, spend: (steps: number) => void): boolean {
  const reader = new Reader(1);
  fitInput(reader, input, value, "");
  if (reader.worked > MAX_WORK) stop();
  spend(reader.worked);
  return reader.issues.length === 0;
}

/** The messages of a conversation, if none is faulty. */
export function conversationOf(items: unknown): RenderedMessage[] | undefined {
  if (!Array.isArray(items)) return undefined;
  const reader = new Reader();
  const messages = (more() ?? stop()).readTurns(reader, items, "");
  return reader.issues.length === 0 ? messages : undefined;
}
