/** The author's own draft of one prompt: every change is kept in this browser at once and saved on the server soon
 * after; a draft that somebody else saved meanwhile is set beside it, never over it. */
import { batch, computed, signal } from "@preact/signals";
import type { Document } from "cuecard";

import { ApiError } from "../api/client.ts";
import * as store from "../api/store.ts";
import type { Draft } from "cuecard/admin";
import { content, same } from "../document/content.ts";
import * as backup from "./backup.ts";
import { describe } from "./notices.ts";
import { api, author, isRefused, self } from "./session.ts";

export type DraftStatus =
  /** No draft exists. */
  | "none"
  | "saved"
  /** Changed, and about to be saved. */
  | "changed"
  | "saving"
  /** The server refused it or did not answer: `problem` has the reason. */
  | "failed"
  /** Somebody else saved `theirs` meanwhile. */
  | "conflict";

const SAVE_AFTER = 600;
const KEEP_AFTER = 150;
const LONGEST_WAIT = 30_000;
/** The longest `Retry-After` that is obeyed. */
const MOST_PATIENCE = 300_000;
const ONE_CHANGE = 700;
const MOST_CHANGES = 200;

export class DraftKeeper {
  readonly document = signal<Document | undefined>(undefined);
  readonly raw = signal<string | undefined>(undefined);
  readonly base = signal<number | undefined>(undefined);
  readonly status = signal<DraftStatus>("none");
  readonly problem = signal("");
  readonly theirs = signal<Draft | undefined>(undefined);
  readonly savedAt = signal<string | undefined>(undefined);
  readonly exists = computed(() => this.document.value !== undefined);
  /** Whether the last save failed, also during a retry. */
  readonly isAmiss = computed(
    () => this.problem.value !== "" && ["changed", "saving", "failed"].includes(this.status.value),
  );
  /** The server's state, as far as this page knows. */
  revision: number | undefined;

  /** Documents for undo and for redo. */
  private past: Document[] = [];
  private future: Document[] = [];
  private changedAt = -Infinity;

  private saveTimer: ReturnType<typeof setTimeout> | undefined;
  private keepTimer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | undefined;
  private wait = 2_000;
  private isClosed = false;
  /** Sent documents without an answer: the server may have them. */
  private unanswered: Document[] = [];
  /** Whether this browser has no room for the draft, so that only the server keeps it. */
  private isFull = false;

  constructor(
    readonly slug: string,
    private readonly told: {
      /** The server has no place for the draft: the prompt may be gone. */
      readonly refused: () => void;
      /** Its author committed or discarded it elsewhere; `back` restores it. */
      readonly ended: (back: () => void) => void;
    },
  ) {}

  /** Loads the draft from the server and from this browser's backup. */
  load(saved: Draft | undefined): void {
    const kept = backup.kept(this.slug);
    batch(() => {
      if (saved) this.adopt(saved);
      if (!kept || (saved && same(kept.document, content(saved)) && kept.raw === undefined)) return;
      this.document.value = kept.document;
      this.raw.value = kept.raw;
      this.base.value = kept.base ?? this.base.value;
      this.revision = kept.revision;
      if (saved?.revision === kept.revision) this.status.value = "changed";
      else this.meet(saved);
    });
    if (this.status.value === "changed") this.schedule(0);
  }

  /** Changes the draft, and begins it where there is none. `base`: the version that it begins from, and `before` what
   * that says. */
  edit(document: Document, base?: number, before = this.document.value): void {
    this.remember(before);
    this.replace(document, base);
  }

  /** Undoes the last change; changes in quick succession are one. */
  undo(): boolean {
    return this.step(this.past, this.future);
  }

  redo(): boolean {
    return this.step(this.future, this.past);
  }

  private step(from: Document[], to: Document[]): boolean {
    const now = this.document.value;
    const next = from.pop();
    if (!now || !next) return false;
    to.push(now);
    this.changedAt = -Infinity;
    this.replace(next, this.base.value);
    return true;
  }

  private remember(before: Document | undefined): void {
    const now = performance.now();
    if (before && now - this.changedAt > ONE_CHANGE) this.past = [...this.past.slice(-MOST_CHANGES), before];
    this.changedAt = now;
    this.future = [];
  }

  private replace(document: Document, base?: number): void {
    batch(() => {
      if (!this.exists.value) this.base.value = base;
      this.document.value = document;
      this.raw.value = undefined;
      if (this.status.value !== "conflict") this.status.value = "changed";
    });
    this.keepSoon();
    if (this.status.value !== "conflict") this.schedule(SAVE_AFTER);
  }

  /** Text of the JSON view that is not valid JSON yet. */
  editRaw(raw: string, standing: Document, base?: number): void {
    batch(() => {
      if (!this.exists.value) {
        this.base.value = base;
        this.document.value = standing;
      }
      this.raw.value = raw;
    });
    this.keepSoon();
  }

  /** Saves now, and waits for the result. */
  async flush(): Promise<void> {
    clearTimeout(this.saveTimer);
    await this.running;
    if (this.status.value === "changed" || this.status.value === "failed") await this.save();
  }

  /** The author has seen this version: the draft stands on it from now on. */
  async rebase(version: number): Promise<void> {
    this.base.value = version;
    if (this.status.value === "saved") this.status.value = "changed";
    await this.flush();
  }

  /** Keeps mine: theirs, which was shown, is on the server until then. */
  keepMine(): void {
    this.revision = this.theirs.value?.revision;
    this.theirs.value = undefined;
    this.status.value = "changed";
    this.schedule(0);
  }

  /** Takes theirs; returns the undo. */
  takeTheirs(): (() => void) | undefined {
    const back = this.wayBack();
    const theirs = this.theirs.value;
    batch(() => {
      this.theirs.value = undefined;
      this.raw.value = undefined;
      if (theirs) this.adopt(theirs);
      else this.clear();
    });
    backup.drop(this.slug);
    return back;
  }

  /** Restores the draft as it is now. */
  private wayBack(): (() => void) | undefined {
    const document = this.document.value;
    const raw = this.raw.value;
    const base = this.base.value;
    if (document === undefined) return undefined;
    return () => {
      this.edit(document, base);
      if (raw !== undefined) this.editRaw(raw, document, base);
    };
  }

  /** Discards the draft, here and on the server; returns the undo. */
  async discard(): Promise<(() => void) | undefined> {
    clearTimeout(this.saveTimer);
    await this.running;
    const back = this.wayBack();
    if (this.revision !== undefined) {
      await store.deleteDraft(api(), this.slug, author.value, this.revision).catch((error: unknown) => {
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      });
    }
    this.clear();
    return back;
  }

  /** The draft has ended: it was committed or discarded. */
  clear(): void {
    clearTimeout(this.saveTimer);
    clearTimeout(this.keepTimer);
    batch(() => {
      this.document.value = undefined;
      this.raw.value = undefined;
      this.base.value = undefined;
      this.theirs.value = undefined;
      this.problem.value = "";
      this.status.value = "none";
    });
    this.revision = undefined;
    backup.drop(this.slug);
  }

  /** Checks for saves by others when a person returns to the page. */
  async refresh(): Promise<void> {
    if (!["saved", "none"].includes(this.status.value) || this.running) return;
    const saved = await this.fetch();
    if (saved?.revision === this.revision || !["saved", "none"].includes(this.status.value)) return;
    if (saved === undefined && this.status.value === "saved" && this.raw.value === undefined) {
      const back = this.wayBack();
      this.clear();
      if (back) this.told.ended(back);
    } else if (saved && (!this.exists.value || same(content(saved), this.document.value))) this.adopt(saved);
    else this.meet(saved);
  }

  /** The page closes, or another prompt opens: the text stays in this browser, and is still saved. */
  close(): void {
    this.isClosed = true;
    if (this.keepTimer !== undefined) this.keepNow();
    void this.flush();
  }

  /** The next key goes on where the last one stopped working: the text stays as it is. With a draft of that key's own
   * it is a conflict, as with one that was saved elsewhere. */
  async goOn(): Promise<void> {
    if (!author.value) {
      this.revision = undefined;
      this.theirs.value = undefined;
    }
    this.problem.value = "";
    if (this.exists.value && this.theirs.value === undefined) this.status.value = "changed";
    await this.flush();
  }

  /** Another session has begun, perhaps of another project: nothing here may be saved with its key. */
  abandon(): void {
    this.isClosed = true;
    clearTimeout(this.saveTimer);
    clearTimeout(this.keepTimer);
  }

  /** Backs up unsaved text in this browser. Returns whether the page can close without loss. */
  keepNow(): boolean {
    clearTimeout(this.keepTimer);
    this.keepTimer = undefined;
    const document = this.document.value;
    if (!self.value) return true;
    if (document === undefined || (this.status.value === "saved" && this.raw.value === undefined)) return true;
    const isKept = backup.keep(this.slug, {
      document,
      ...(this.raw.value !== undefined && { raw: this.raw.value }),
      ...(this.base.value !== undefined && { base: this.base.value }),
      ...(this.revision !== undefined && { revision: this.revision }),
    });
    if (!isKept && !this.isFull) this.schedule(0);
    this.isFull = !isKept;
    return isKept;
  }

  private keepSoon(): void {
    this.keepTimer ??= setTimeout(() => this.keepNow(), KEEP_AFTER);
  }

  private schedule(after: number): void {
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => void this.save(), after);
  }

  private async save(): Promise<void> {
    if (this.running) return this.running;
    this.running = this.put().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async put(): Promise<void> {
    const document = this.document.value;
    if (document === undefined || this.status.value === "conflict") return;
    if (isRefused.value) {
      this.status.value = "failed";
      this.keepNow();
      return;
    }
    this.status.value = "saving";
    try {
      const base = this.base.value;
      const saved = await store.putDraft(api(), this.slug, document, {
        author: author.value,
        base,
        revision: this.revision,
      });
      this.revision = saved.revision;
      this.unanswered = [];
      this.wait = 2_000;
      batch(() => {
        this.savedAt.value = saved.updatedAt;
        this.problem.value = "";
        if (this.document.value !== document) this.status.value = "changed";
        else this.status.value = "saved";
      });
      if (this.document.value !== document) this.schedule(SAVE_AFTER);
      else if (this.raw.value === undefined) {
        clearTimeout(this.keepTimer);
        this.keepTimer = undefined;
        backup.drop(this.slug);
      } else this.keepNow();
    } catch (error) {
      await this.failed(error, document);
    }
  }

  private async failed(error: unknown, sent: Document): Promise<void> {
    if (error instanceof ApiError && error.status === 412) {
      const found = await this.fetch().then(
        (saved) => ({ saved }),
        (failure: unknown) => ({ failure }),
      );
      return "failure" in found ? this.failed(found.failure, sent) : this.compare(found.saved);
    }
    if (error instanceof ApiError && error.isTemporary) this.unanswered = [...this.unanswered.slice(-4), sent];
    batch(() => {
      this.status.value = "failed";
      this.problem.value = describe(error);
    });
    this.keepNow();
    if (error instanceof ApiError && (error.status === 404 || error.status === 409)) this.told.refused();
    if (error instanceof ApiError && error.isTemporary && !this.isClosed) {
      this.schedule(Math.max(this.wait, Math.min(MOST_PATIENCE, (error.retryAfter ?? 0) * 1000)));
      this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
    }
  }

  /** The server has another draft than this page knows of: the same, one that it was sent and whose answer was lost, or
   * somebody else's. */
  private compare(saved: Draft | undefined): void {
    const theirs = saved && content(saved);
    if (saved && same(theirs, this.document.value)) return this.adopt(saved);
    if (!this.unanswered.some((sent) => same(theirs, sent))) return this.meet(saved);
    this.revision = saved?.revision;
    this.status.value = "changed";
    this.schedule(0);
  }

  private async fetch(): Promise<Draft | undefined> {
    try {
      return await store.draft(api(), this.slug, author.value);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  private adopt(saved: Draft): void {
    batch(() => {
      const document = content(saved);
      // Unfinished text over the same content stays.
      if (!same(document, this.document.value)) {
        this.document.value = document;
        this.raw.value = undefined;
      }
      this.base.value = saved.base;
      this.savedAt.value = saved.updatedAt;
      this.status.value = "saved";
      this.problem.value = "";
    });
    this.revision = saved.revision;
    if (this.raw.value !== undefined) this.keepNow();
  }

  /** Somebody else saved or discarded the draft since `revision`. */
  private meet(saved: Draft | undefined): void {
    if (saved === undefined) {
      // Discarded elsewhere: mine is kept, and saved anew.
      this.revision = undefined;
      this.status.value = "changed";
      this.schedule(0);
      return;
    }
    batch(() => {
      this.theirs.value = saved;
      this.status.value = "conflict";
    });
    this.keepNow();
  }
}
