/** What was typed and is not yet saved, kept in this browser until it is. */
import type { Document } from "cuecard";

import { author, self } from "./session.ts";

export interface Backup {
  readonly document: Document;
  /** Text of the JSON view that is no JSON yet. */
  readonly raw?: string;
  readonly base?: number;
  /** The draft's revision that it was typed over. */
  readonly revision?: number;
}

const place = (kind: string, slug: string): string => {
  const { organization = "", project = "", key = "" } = self.value ?? {};
  return `cuecard-${kind}:${organization}/${project}/${author.value || key}:${slug}`;
};

/** Whether it could be kept: a browser gives a page only so much room. */
export function keep(slug: string, backup: Backup): boolean {
  return write(place("draft", slug), backup);
}

export const kept = (slug: string): Backup | undefined => read(place("draft", slug));

export const drop = (slug: string): void => localStorage.removeItem(place("draft", slug));

/** Values in the form that belong to no case. */
export const keepInputs = (slug: string, inputs: object): boolean => write(place("inputs", slug), inputs);

export const keptInputs = (slug: string): Record<string, unknown> | undefined => read(place("inputs", slug));

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
    return (JSON.parse(localStorage.getItem(name) ?? "null") as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}
