/** The project's prompts and drafts, for the tree and the palette. */
import { batch, computed, signal } from "@preact/signals";

import * as store from "../api/store.ts";
import type { DraftInfo, PromptInfo } from "cuecard/admin";
import { text } from "../document/diff.ts";
import { describe } from "./notices.ts";
import { api, mayWrite } from "./session.ts";

export const prompts = signal<readonly PromptInfo[]>([]);
export const drafts = signal<readonly Pick<DraftInfo, "slug">[]>([]);
export const state = signal<"loading" | "ready" | "failed">("loading");
export const problem = signal("");
export const filter = signal("");

export interface ListEntry {
  readonly slug: string;
  readonly info?: PromptInfo;
  readonly hasDraft: boolean;
}

/** Prompts, and drafts of prompts that have no version yet, by slug. */
export const entries = computed<readonly ListEntry[]>(() => {
  const drafted = new Set(drafts.value.map(({ slug }) => slug));
  const known = new Set(prompts.value.map(({ slug }) => slug));
  const all: ListEntry[] = prompts.value.map((info) => ({ slug: info.slug, info, hasDraft: drafted.has(info.slug) }));
  for (const slug of drafted) if (!known.has(slug)) all.push({ slug, hasDraft: true });
  return all.toSorted((a, b) => (a.slug < b.slug ? -1 : 1));
});

export async function load(): Promise<void> {
  try {
    const [all, open] = await Promise.all([
      store.prompts(api(), (some) => {
        if (state.value === "loading") prompts.value = [...some];
      }),
      mayWrite.value ? store.drafts(api()) : [],
    ]);
    batch(() => {
      prompts.value = all;
      drafts.value = open;
      state.value = "ready";
    });
    texts = undefined;
  } catch (error) {
    problem.value = describe(error);
    state.value = "failed";
  }
}

/** Results of a search in texts, by slug: a line around the words. */
export const found = signal<ReadonlyMap<string, string>>(new Map());
export const isSearching = signal(false);
export const searchProblem = signal("");
let texts: Promise<readonly { slug: string; text: string }[]> | undefined;

/** Entries whose slug, name or description has all the words. */
export function matches(query: string): readonly ListEntry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries.value;
  return entries.value.filter(({ slug, info }) => {
    const hay = `${slug} ${info?.name ?? ""} ${info?.description ?? ""}`.toLowerCase();
    return words.every((word) => hay.includes(word)) || found.value.has(slug);
  });
}

/** Searches for the words in the texts of production. */
export async function search(query: string): Promise<void> {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.join("").length < 3) {
    found.value = new Map();
    return;
  }
  isSearching.value = true;
  try {
    texts ??= store
      .snapshot(api(), "latest")
      .then(({ prompts: all }) => all.map(({ slug, messages }) => ({ slug, text: messages.map(text).join("\n") })));
    const hits = (await texts).flatMap(({ slug, text: body }) => {
      const hay = body.toLowerCase();
      if (!words.every((word) => hay.includes(word))) return [];
      const at = hay.indexOf(words[0] ?? "");
      return [[slug, body.slice(Math.max(0, at - 30), at + 60).replace(/\s+/g, " ")] as const];
    });
    if (filter.value === query) found.value = new Map(hits);
    searchProblem.value = "";
  } catch (error) {
    texts = undefined;
    searchProblem.value = describe(error);
  } finally {
    isSearching.value = false;
  }
}

export interface ListRow {
  readonly kind: "folder" | "prompt";
  readonly path: string;
  readonly label: string;
  readonly depth: number;
  readonly isOpen?: boolean;
  readonly entry?: ListEntry;
  readonly count?: number;
}

export const closed = signal<ReadonlySet<string>>(new Set());

export function toggle(folder: string, isOpen: boolean): void {
  const next = new Set(closed.value);
  if (isOpen) next.delete(folder);
  else next.add(folder);
  closed.value = next;
}

/** The tree as rows: folders from `/`, each before its contents. */
export function rows(list: readonly ListEntry[], isFiltered: boolean): ListRow[] {
  const counts = new Map<string, number>();
  for (const { slug } of list)
    for (let at = slug.indexOf("/"); at !== -1; at = slug.indexOf("/", at + 1)) {
      const folder = slug.slice(0, at);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
  const made: ListRow[] = [];
  const begun = new Set<string>();
  for (const entry of list) {
    const parts = entry.slug.split("/");
    let isHidden = false;
    for (let depth = 0; depth < parts.length - 1; depth++) {
      const path = parts.slice(0, depth + 1).join("/");
      const isOpen = isFiltered || !closed.value.has(path);
      if (!begun.has(path)) {
        begun.add(path);
        if (!isHidden)
          made.push({ kind: "folder", path, label: parts[depth] ?? "", depth, isOpen, count: counts.get(path) ?? 0 });
      }
      if (!isOpen) isHidden = true;
    }
    if (!isHidden)
      made.push({ kind: "prompt", path: entry.slug, label: parts.at(-1) ?? "", depth: parts.length - 1, entry });
  }
  return made;
}
