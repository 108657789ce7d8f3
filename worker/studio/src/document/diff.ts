/** The difference between two documents: messages by word, everything else by field. */
import { diffArrays, diffWordsWithSpace } from "diff";
import type { Document, JsonObject, Message, RenderedMessage } from "cuecard";

import { texts } from "../texts.ts";
import { isEditable, partsOf, same } from "./content.ts";

export interface DiffPiece {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

export interface MessageDiff {
  readonly kind: "same" | "added" | "removed" | "changed";
  readonly role: string;
  readonly roleBefore?: string;
  readonly pieces: readonly DiffPiece[];
}

export interface FieldDiff {
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface DocumentDiff {
  readonly isSame: boolean;
  readonly messages: readonly MessageDiff[];
  readonly fields: readonly FieldDiff[];
}

/** Beyond this many changes, or this time, a text counts as replaced. */
const BOUNDS = { maxEditLength: 4000, timeout: 200 };

export function diffText(before: string, after: string): DiffPiece[] {
  if (before === after) return before === "" ? [] : [{ kind: "same", text: before }];
  const changes = diffWordsWithSpace(before, after, BOUNDS);
  if (changes === undefined)
    return [
      { kind: "removed", text: before },
      { kind: "added", text: after },
    ];
  return changes.map(({ value, added, removed }) => ({
    kind: added ? "added" : removed ? "removed" : "same",
    text: value,
  }));
}

export type Texts = readonly {
  readonly role: string;
  readonly name?: string;
  readonly content: RenderedMessage["content"] | Message["content"];
}[];

/** Messages of two documents or renders, side by side: equal ones are paired first, the others between them by order. */
export function diffMessages(before: Texts, after: Texts): MessageDiff[] {
  const parts = diffArrays([...before], [...after], { comparator: same });
  const diffs: MessageDiff[] = [];
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at];
    if (part === undefined) continue;
    const next = parts[at + 1];
    if (part.removed && next?.added) {
      const count = Math.max(part.value.length, next.value.length);
      for (let i = 0; i < count; i++) diffs.push(diffMessage(part.value[i], next.value[i]));
      at++;
    } else {
      for (const message of part.value)
        diffs.push(
          part.added ? diffMessage(undefined, message) : diffMessage(message, part.removed ? undefined : message),
        );
    }
  }
  return diffs;
}

function diffMessage(before: Texts[number] | undefined, after: Texts[number] | undefined): MessageDiff {
  const kind = !before ? "added" : !after ? "removed" : same(before, after) ? "same" : "changed";
  const pieces = diffText(before ? text(before) : "", after ? text(after) : "");
  const role = heading(after ?? before);
  const roleBefore = heading(before);
  return { kind, role, ...(before && after && role !== roleBefore && { roleBefore }), pieces };
}

const heading = (message: Texts[number] | undefined): string =>
  message ? (message.name ? `${message.role} (${message.name})` : message.role) : "";

export const text = (message: Pick<Texts[number], "content">): string =>
  partsOf(message)
    .map((part) => (part.type === "text" ? part.text : texts.diff.image(part.image)))
    .join("\n");

export function diffDocuments(before: Document, after: Document): DocumentDiff {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => name !== "messages");
  const fields = names.flatMap((field) =>
    diffField(field, before[field as keyof Document], after[field as keyof Document]),
  );
  const messages = diffMessages(listOf(before), listOf(after));
  return { isSame: fields.length === 0 && messages.every(({ kind }) => kind === "same"), messages, fields };
}

/** The same of two sets of values. */
export function diffValues(before: JsonObject, after: JsonObject): DocumentDiff {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const fields = names.flatMap((name) => (same(before[name], after[name]) ? [] : [fieldOf(name, before, after)]));
  return { isSame: fields.length === 0, messages: [], fields };
}

const fieldOf = (field: string, before: JsonObject, after: JsonObject): FieldDiff => ({
  field,
  ...(Object.hasOwn(before, field) && { before: before[field] }),
  ...(Object.hasOwn(after, field) && { after: after[field] }),
});

/** The messages, where they are a list of messages: a draft may hold anything. */
const listOf = ({ messages }: Document): Texts => (isEditable({ messages }) ? messages : []);

/** Named items, such as inputs and columns, are matched by name; objects by key. */
function diffField(field: string, before: unknown, after: unknown): FieldDiff[] {
  if (same(before, after)) return [];
  const [one, two] = [members(before), members(after)];
  if (!one || !two || field.split(".").length > 2)
    return [{ field, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
  const names = [...new Set([...one.keys(), ...two.keys()])];
  const inner = names.flatMap((name) => diffField(`${field}.${name}`, one.get(name), two.get(name)));
  // The same members in another order.
  return inner.length > 0 ? inner : [{ field, before, after }];
}

function members(value: unknown): Map<string, unknown> | undefined {
  if (value === undefined) return new Map();
  if (Array.isArray(value)) {
    const names = value.map((item) => (item as { name?: unknown; id?: unknown } | null)?.name ?? item?.id);
    if (value.length === 0 || names.some((name) => typeof name !== "string")) return undefined;
    return new Map(value.map((item, at) => [names[at] as string, item]));
  }
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
}
