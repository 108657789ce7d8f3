/** Systems whose versions the server turns into documents: the fields beside the document are separated here. */
import {
  byName,
  type ForeignHistory,
  type ForeignVersion,
  given,
  isObject,
  LossList,
  slugOf,
  tagOf,
  text,
  time,
} from "./foreign.ts";

/** A version as the system writes it. */
export type WrittenVersion = Record<string, unknown>;

/** How one system writes its versions. */
export interface HistoryFormat {
  readonly from: "athina" | "basalt" | "langwatch";
  /** Fields that are no part of the document. */
  readonly beside: readonly string[];
  nameOf(version: WrittenVersion): string | undefined;
  /** The versions of one prompt, in their order. */
  sorted(versions: readonly WrittenVersion[]): readonly WrittenVersion[];
  /** The number of the version at a place of that order. */
  number(version: WrittenVersion, at: number, losses: LossList): number;
  /** The labels of a version. */
  labels(version: WrittenVersion): readonly unknown[];
  note(version: WrittenVersion): { readonly [K in "commitMessage" | "author" | "createdAt"]?: unknown };
  /** The fields of the prompt as a whole, and the lost ones. */
  about?(versions: readonly WrittenVersion[], losses: LossList): { readonly description?: string | undefined };
}

/** The prompts that these versions are of. `fallback` is the name where a version says none. */
export function histories(shape: HistoryFormat, versions: readonly unknown[], fallback: string): ForeignHistory[] {
  const named = byName(versions.filter(isObject), (version) => shape.nameOf(version) ?? fallback);
  return [...named].map(([name, group]) => {
    const losses = new LossList();
    const sorted = shape.sorted(group);
    const tags: Record<string, number> = {};
    const taken = sorted.map((one, at): ForeignVersion => {
      const version = shape.number(one, at, losses);
      for (const label of shape.labels(one)) {
        const tag = typeof label === "string" ? tagOf(label, losses) : undefined;
        if (tag !== undefined) tags[tag] = version;
      }
      const { commitMessage, author, createdAt } = shape.note(one);
      const note = { commitMessage: text(commitMessage), author: text(author), createdAt: time(createdAt) };
      const document = Object.fromEntries(Object.entries(one).filter(([field]) => !shape.beside.includes(field)));
      return { version, document, ...given(note) };
    });
    const about = shape.about?.(sorted, losses) ?? {};
    return {
      slug: slugOf(name, losses),
      from: shape.from,
      ...given(about),
      versions: taken,
      tags,
      losses: losses.list,
    };
  });
}

/** By their numbers; those without one in the order in which they came. */
export function byNumber(versions: readonly WrittenVersion[]): readonly WrittenVersion[] {
  return versions
    .map((one, at) => ({ one, number: Number(one["version"] ?? at + 1) }))
    .sort((a, b) => a.number - b.number)
    .map(({ one }) => one);
}

/** The number of a version, or else its place. */
export function ownNumber(version: WrittenVersion, at: number): number {
  return Number(version["version"] ?? at + 1);
}
