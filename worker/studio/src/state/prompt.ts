/** The open prompt: its versions, tags, drafts and cases, and the shown content. */
import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { Document } from "cuecard";

import { ApiError } from "../api/client.ts";
import * as store from "../api/store.ts";
import type { Case, Draft, DraftInfo, HistoryEntry, PromptInfo, TagInfo, Version } from "cuecard/admin";
import { content, EMPTY } from "../document/content.ts";
import { change, go, route } from "../route.ts";
import * as backup from "./backup.ts";
import { DraftKeeper } from "./draft.ts";
import * as list from "./list.ts";
import { describe, tell } from "./notices.ts";
import { api, author, isRefused, mayWrite, predecessor, self } from "./session.ts";
import { texts } from "../texts.ts";

/** The fate of a prompt that has gone: deleted and restorable, renamed, or unknown. */
export interface Gone {
  readonly isDeleted: boolean;
  readonly slug?: string;
}

export class OpenPrompt {
  readonly state = signal<"loading" | "ready" | "missing" | "failed">("loading");
  readonly problem = signal("");
  readonly info = signal<PromptInfo | undefined>(undefined);
  readonly tags = signal<readonly TagInfo[]>([]);
  readonly history = signal<readonly HistoryEntry[]>([]);
  readonly olderCursor = signal<string | undefined>(undefined);
  readonly drafts = signal<readonly DraftInfo[]>([]);
  readonly cases = signal<readonly Case[]>([]);
  /** Set when the prompt has gone. */
  readonly gone = signal<Gone | undefined>(undefined);
  readonly draft: DraftKeeper;
  /** The key and the author of the session that it is open in. */
  key = self.peek()?.key;
  readonly author = author.peek();

  constructor(readonly slug: string) {
    this.draft = new DraftKeeper(slug, {
      refused: () => void this.reload().catch(() => undefined),
      ended: (back) => void this.endDraft(back).catch(() => undefined),
    });
  }

  get latest(): number | undefined {
    return this.history.value[0]?.version;
  }

  async load(): Promise<void> {
    try {
      await this.reload();
      const isThereOne = this.drafts.value.some((info) => isOwn(info.author));
      this.draft.load(isThereOne ? await this.ownDraft() : undefined);
      // Only this browser's backup shows that there was one.
      if (this.history.value.length === 0 && this.draft.base.value !== undefined)
        this.gone.value = await this.whereTo();
      const isThere = this.history.value.length > 0 || this.draft.exists.value || this.drafts.value.length > 0;
      this.state.value = isThere ? "ready" : "missing";
    } catch (error) {
      batch(() => {
        this.problem.value = describe(error);
        this.state.value = "failed";
      });
    }
  }

  /** Reloads everything but the author's own draft. */
  async reload(): Promise<void> {
    const none = (error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    };
    const [info, tags, history, drafts, cases] = await Promise.all([
      store.prompt(api(), this.slug),
      store.tags(api(), this.slug).catch(none),
      store.history(api(), this.slug).catch(none),
      mayWrite.value ? store.draftsOf(api(), this.slug).catch(none) : undefined,
      mayWrite.value ? store.cases(api(), this.slug).catch(none) : undefined,
    ]);
    const wasThere = this.history.value.length > 0 || this.draft.base.value !== undefined;
    if (history === undefined && wasThere) {
      // Its known state and the typed text stay in view.
      this.gone.value = await this.whereTo();
      return;
    }
    batch(() => {
      this.gone.value = undefined;
      this.info.value = info;
      this.tags.value = tags ?? [];
      this.history.value = history?.versions ?? [];
      this.olderCursor.value = history?.nextCursor;
      this.drafts.value = drafts ?? [];
      this.cases.value = cases ?? [];
    });
  }

  private async endDraft(back: () => void): Promise<void> {
    tell(texts.save.ended, {
      action: { label: texts.undo, run: () => this.revive(back) },
      isCurrent: () => open.value === this,
    });
    if (open.peek() === this && route.peek().ref === "draft") change({ ref: "", author: undefined }, { replace: true });
    await this.reload();
    if (this.history.value.length === 0) this.state.value = "missing";
  }

  /** Restores a discarded draft, which may have been all of the prompt. */
  revive(back: () => void): void {
    batch(() => {
      back();
      this.state.value = "ready";
    });
  }

  private async whereTo(): Promise<Gone> {
    const { id } = this.info.value ?? {};
    const isDeleted = await store.isDeleted(api(), this.slug).catch(() => false);
    await list.load();
    const other = id && list.prompts.value.find((info) => info.id === id && info.slug !== this.slug)?.slug;
    return { isDeleted, ...(other && { slug: other }) };
  }

  /** A new version is known before the server is asked again. */
  add(made: Version): void {
    if (this.history.value.some(({ version }) => version === made.version)) return;
    this.history.value = [{ ...made, tags: [], revision: 0 }, ...this.history.value];
  }

  async older(): Promise<void> {
    if (!this.olderCursor.value) return;
    const { versions, nextCursor } = await store.history(api(), this.slug, this.olderCursor.value);
    batch(() => {
      this.history.value = [...this.history.value, ...versions];
      this.olderCursor.value = nextCursor;
    });
  }

  /** A version by number: from the history, else asked for. */
  async version(number: number): Promise<Version> {
    const known = this.history.value.find((entry) => entry.version === number) ?? this.others.get(number);
    if (known) return known;
    const version = await store.version(api(), this.slug, number);
    this.others.set(number, version);
    return version;
  }
  private readonly others = new Map<number, Version>();

  /** The meaning of a reference: a draft, or the number of a version. */
  resolve(ref: string): "draft" | number | undefined {
    if (ref === "draft") return "draft";
    if (/^[0-9]+$/.test(ref)) return Number(ref);
    if (ref === "latest") return this.latest;
    if (ref !== "") return this.tags.value.find(({ tag }) => tag === ref)?.version;
    if (this.draft.exists.value) return "draft";
    return this.tags.value.find(({ tag }) => tag === "production")?.version ?? this.latest;
  }

  /** Stays open in the next session. */
  async goOn(): Promise<void> {
    this.key = self.peek()?.key;
    if (this.state.value !== "ready") return this.load();
    await this.draft.goOn();
    await this.reload();
  }

  private async ownDraft(): Promise<Draft | undefined> {
    try {
      return await store.draft(api(), this.slug, author.value);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }
}

export const open = signal<OpenPrompt | undefined>(undefined);

export interface Shown {
  readonly kind: "draft" | "version" | "other";
  readonly document: Document;
  readonly version?: Version;
  /** Of another author's draft. */
  readonly draft?: Draft;
  readonly mayEdit: boolean;
}

const fetched = signal<{ readonly key: string; readonly shown?: Shown; readonly problem?: string } | undefined>(
  undefined,
);

/** The key of what is asked for and is not the author's own draft. */
const wanted = computed(() => {
  const prompt = open.value;
  if (prompt?.state.value !== "ready") return undefined;
  const { ref, params } = route.value;
  if (ref === "draft" && params["author"] && !isOwn(params["author"])) return { prompt, author: params["author"] };
  const number = prompt.resolve(ref);
  if (number === "draft" || number === undefined) return undefined;
  return { prompt, number };
});

/** The document in the editor and the preview; `undefined` while it loads, or without one. */
export const shown = computed((): Shown | undefined => {
  const prompt = open.value;
  if (prompt?.state.value !== "ready") return undefined;
  const ask = wanted.value;
  if (ask === undefined) {
    const document = prompt.draft.document.value;
    return document && { kind: "draft", document, mayEdit: mayWrite.value };
  }
  const mayEdit = mayWrite.value && !prompt.draft.exists.value && ask.number !== undefined;
  const known = ask.number && prompt.history.value.find(({ version }) => version === ask.number);
  if (known) return { kind: "version", version: known, document: contentOf(known), mayEdit };
  return fetched.value?.key === keyOf(ask) && fetched.value.shown ? { ...fetched.value.shown, mayEdit } : undefined;
});

/** The reason why nothing is shown. */
export const shownProblem = computed(() => {
  const ask = wanted.value;
  return ask && fetched.value?.key === keyOf(ask) ? fetched.value.problem : undefined;
});

const contents = new WeakMap<Version, Document>();
/** The same object for the same version, so that editors know that nothing changed. */
export function contentOf(version: Version): Document {
  const known = contents.get(version) ?? content(version);
  contents.set(version, known);
  return known;
}

export const isOwn = (name: string | undefined): boolean => name === (author.value || self.value?.key);

/** Changes the shown document; on a version this begins a draft. `isJson`: the typed JSON is valid now. */
export function edit(make: (document: Document) => Document, { isJson = false } = {}): void {
  const prompt = open.peek();
  const now = shown.peek();
  if (!prompt || !now?.mayEdit) return;
  const raw = prompt.draft.raw.peek();
  prompt.draft.edit(make(now.document), now.version?.version, now.document);
  toDraft();
  if (raw === undefined || isJson) return;
  tell(texts.json.dropped, {
    action: { label: texts.undo, run: () => prompt.draft.editRaw(raw, now.document) },
    isCurrent: () => open.value === prompt,
  });
}

export function editRaw(text: string): void {
  const prompt = open.peek();
  const now = shown.peek();
  if (!prompt || !now?.mayEdit) return;
  prompt.draft.editRaw(text, now.document, now.version?.version);
  toDraft();
}

export function undo(): void {
  if (shown.peek()?.kind === "draft") open.peek()?.draft.undo();
}

export function redo(): void {
  if (shown.peek()?.kind === "draft") open.peek()?.draft.redo();
}

export function toDraft(): void {
  if (route.peek().ref !== "draft" || route.peek().params["author"])
    change({ ref: "draft", author: undefined }, { replace: true });
}

/** Moves the typed text to the prompt's new name. */
export function followTo(slug: string): void {
  const { draft } = open.peek() ?? {};
  const document = draft?.document.peek();
  if (!draft || !document) return go({ slug });
  const raw = draft.raw.peek();
  const base = draft.base.peek();
  draft.abandon();
  const moved = { document, ...(raw !== undefined && { raw }), ...(base !== undefined && { base }) };
  if (backup.keep(slug, moved)) backup.drop(draft.slug);
  go({ slug, ref: "draft" });
}

/** Begins a new prompt: a draft without versions. */
export function begin(slug: string, document: Document = EMPTY): OpenPrompt {
  const prompt = new OpenPrompt(slug);
  prompt.state.value = "ready";
  prompt.draft.edit(document);
  void prompt.draft.flush();
  open.peek()?.draft.close();
  open.value = prompt;
  return prompt;
}

/** Opens the route's prompt, and fetches the shown content. */
export function follow(): void {
  effect(() => {
    const { slug } = route.value;
    const session = self.value;
    const name = author.value;
    untracked(() => {
      const before = open.value;
      if (!session) return;
      const from = predecessor.value;
      predecessor.value = undefined;
      if (from) backup.inherit(from, session);
      if (from && before?.slug === slug && before.author === name && mayWrite.value)
        return void before.goOn().catch(() => undefined);
      if (before && (before.key !== session.key || before.author !== name)) before.draft.abandon();
      else if (before?.slug === slug) return void before.draft.flush();
      else before?.draft.close();
      const next = slug ? new OpenPrompt(slug) : undefined;
      open.value = next;
      void next?.load();
    });
  });
  effect(() => {
    const ask = wanted.value;
    if (!ask) return;
    const key = keyOf(ask);
    untracked(() => {
      if (fetched.value?.key === key && !fetched.value.problem) return;
      if (ask.number && ask.prompt.history.value.some(({ version }) => version === ask.number)) return;
      fetched.value = { key };
      void load(ask).then(
        (found) => {
          if (fetched.value?.key === key) fetched.value = { key, shown: found };
        },
        (error: unknown) => {
          if (fetched.value?.key === key) fetched.value = { key, problem: describe(error) };
        },
      );
    });
  });
  window.addEventListener("beforeunload", (event) => {
    if (open.value?.draft.keepNow() === false) event.preventDefault();
  });
  window.addEventListener("pagehide", () => open.value?.draft.keepNow());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) open.value?.draft.keepNow();
    else if (mayWrite.value && !isRefused.value) void open.value?.draft.refresh().catch(() => undefined);
  });
  window.addEventListener("online", () => void open.value?.draft.flush());
}

interface Ask {
  readonly prompt: OpenPrompt;
  readonly number?: number;
  readonly author?: string;
}

const keyOf = ({ prompt, number, author: of }: Ask): string => `${prompt.slug}@${number ?? `draft/${of}`}`;

async function load({ prompt, number, author: of }: Ask): Promise<Shown> {
  if (number !== undefined) {
    const version = await prompt.version(number);
    return { kind: "version", version, document: contentOf(version), mayEdit: false };
  }
  const draft = await store.draft(api(), prompt.slug, of);
  return { kind: "other", draft, document: content(draft), mayEdit: false };
}
