/** Unsaved text, kept in this browser until it is saved. */
import type { Document, JsonObject } from "cuecard";

import type { KeySelf } from "cuecard/admin";
import { parseJson } from "../document/exact.ts";
import { author, self } from "./session.ts";

export interface Backup {
  readonly document: Document;
  /** Text of the JSON view that is not valid JSON yet. */
  readonly raw?: string;
  readonly base?: number;
  /** The draft's revision that it was typed over. */
  readonly revision?: number;
}

const KINDS = ["draft", "inputs", "case"] as const;
type BackupKind = (typeof KINDS)[number];
type Owner = Pick<KeySelf, "organization" | "project" | "key">;

const place = (
  kind: BackupKind,
  slug: string,
  of: Owner = self.value ?? { organization: "", project: "", key: "" },
): string => `cuecard-${kind}:${of.organization}/${of.project}/${author.value || of.key}:${slug}`;

/** Whether it could be kept: browsers limit a page's storage. */
export function keep(slug: string, backup: Backup): boolean {
  return write(place("draft", slug), backup);
}

export const kept = (slug: string): Backup | undefined => read(place("draft", slug));

export const drop = (slug: string): void => localStorage.removeItem(place("draft", slug));

/** Values of the form outside of any case. */
export const keepInputs = (slug: string, inputs: object): boolean => write(place("inputs", slug), inputs);

export const keptInputs = (slug: string): Record<string, unknown> | undefined => read(place("inputs", slug));

/** The unsaved values of a case. */
export interface EditedCase {
  readonly values: JsonObject;
  /** The case's revision at the first edit. */
  readonly revision?: number;
}

/** `at`: the prompt and the case. */
export const keepCase = (at: string, edited: EditedCase): boolean => write(place("case", at), edited);

export const keptCase = (at: string): EditedCase | undefined => read(place("case", at));

export const dropCase = (at: string): void => localStorage.removeItem(place("case", at));

/** Moves the text typed under a key that stopped working to the next key, if that has none of its own. */
export function inherit(before: Owner, own: Owner): void {
  for (const kind of KINDS) {
    const [from, to] = [place(kind, "", before), place(kind, "", own)];
    if (from === to) continue;
    for (const name of Object.keys(localStorage).filter((name) => name.startsWith(from))) {
      const target = to + name.slice(from.length);
      const value = read<Record<string, unknown>>(name);
      if (value === undefined || localStorage.getItem(target) !== null) continue;
      // The revision is of the other key's draft.
      if (kind === "draft") delete value["revision"];
      if (write(target, value)) localStorage.removeItem(name);
    }
  }
}

function write(name: string, value: unknown): boolean {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function read<T>(name: string): T | undefined {
  try {
    return (parseJson(localStorage.getItem(name) ?? "null") as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}
