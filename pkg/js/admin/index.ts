/**
 * `cuecard/admin`: the API with its types, for a key with the role `write` or `admin`. Every change is idempotent by itself: it is sent
 * again when its answer is lost, and happens once. It has no engine in it: who only reads takes `cuecard`.
 *
 * @packageDocumentation
 */
import { PromptError } from "../error.ts";
import type { Document } from "../types.ts";
import type {
  CommittedVersion,
  Diff,
  Draft,
  DraftInfo,
  DraftList,
  Event,
  EventList,
  HistoryEntry,
  Move,
  MoveList,
  Operations,
  PromptChange,
  PromptInfo,
  PromptList,
  ResolvedVersion,
  Snapshot,
  Tag,
  VersionList,
} from "./api.ts";
import { Pages } from "./pages.ts";
import { type CallOptions, type Fetch, type Request, type Target, send } from "./send.ts";

export { PromptError } from "../error.ts";
export { Pages } from "./pages.ts";
export type * from "./api.ts";
export type { CallOptions, Request } from "./send.ts";

/** Where the API is, and who asks. */
export interface AdminOptions {
  /** Of the Worker: `https://prompts.example.com`. */
  readonly url: string | URL;
  /** A key with the role `write`, or `admin` for keys and projects. */
  readonly key: string;
  /** How long one try waits for an answer, in milliseconds. Default 10,000. */
  readonly timeout?: number;
  /** In place of the runtime's `fetch`. */
  readonly fetch?: Fetch;
}

/** What a commit says beside the content. */
export interface CommitOptions extends CallOptions {
  readonly message?: string;
  /** Left out: the key's name. */
  readonly author?: string;
  /** Tags that move to the version in the same step. */
  readonly tags?: readonly string[];
  /** Whether content that the newest version has makes a version, too. */
  readonly always?: boolean;
}

/** How many a page has, and where it begins. */
export interface PageOptions {
  /** From 1 to 100. Default 50. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  readonly signal?: AbortSignal;
}

/** A version, a tag or `latest`. */
export type Side = number | string;

/** Writes prompts, and reads what writers need. */
export class Cuecard {
  readonly #target: Target;

  /** @throws PromptError `query_invalid`, `key_missing` */
  constructor({ url, key, timeout = 10_000, fetch = globalThis.fetch.bind(globalThis) }: AdminOptions) {
    if (typeof key !== "string" || key === "")
      throw new PromptError("key_missing", "a client needs a `key`", { status: 401 });
    this.#target = { url: base(url), key, timeout, fetch };
  }

  /** Any operation of the API by its name in `/openapi.json`.
   *
   * @throws PromptError what the API says; `origin_unavailable`, `origin_bad_response`, `timeout`, `aborted`
   */
  call<O extends keyof Operations>(operation: O, request: Request<O> = {}): Promise<Operations[O]["answer"]> {
    return send(this.#target, operation, request);
  }

  /** Commits a document; the first makes the prompt, version 1 and the tag `production`. `created` is `false` where the newest version
   * has this content already. */
  commit(slug: string, document: Document, options: CommitOptions = {}): Promise<CommittedVersion> {
    const { message, author, tags, always, ...rest } = options;
    const note = {
      ...(message !== undefined && { commitMessage: message }),
      ...(author !== undefined && { author }),
      ...(tags !== undefined && { tags }),
    };
    const query = { ...(always !== undefined && { always }) };
    return this.call("commitVersion", { path: { slug }, query, body: { ...document, ...note }, ...rest });
  }

  /** Points a tag at a version. */
  move(slug: string, tag: string, version: number, options: CallOptions = {}): Promise<Tag> {
    return this.call("putTag", { path: { slug, tag }, body: { version }, ...options });
  }

  /** Points a tag back to where it was before its last move that is not undone yet. */
  rollback(slug: string, tag: string, options: CallOptions = {}): Promise<Tag> {
    return this.call("rollBackTag", { path: { slug, tag }, ...options });
  }

  /** Removes a tag; its history stays. */
  async untag(slug: string, tag: string, options: CallOptions = {}): Promise<void> {
    await this.call("deleteTag", { path: { slug, tag }, ...options });
  }

  /** Where the tags of a prompt point. */
  async tags(slug: string, options: CallOptions = {}): Promise<readonly Tag[]> {
    return (await this.call("listTags", { path: { slug }, ...options })).tags;
  }

  /** The moves of a tag, newest first. */
  moves(slug: string, tag: string, options: PageOptions = {}): Pages<MoveList, Move> {
    return this.#pages("listMoves", { path: { slug, tag } }, options, ({ moves }) => moves);
  }

  /** A draft, read. */
  draft(slug: string): Promise<Draft>;
  /** A draft, saved. */
  draft(slug: string, document: Document, options?: DraftOptions & { readonly base?: number }): Promise<DraftInfo>;
  draft(
    slug: string,
    document?: Document,
    options: DraftOptions & { readonly base?: number } = {},
  ): Promise<DraftInfo> {
    if (document === undefined) return this.call("getDraft", { path: { slug } });
    const { author, base, ...rest } = options;
    const query = { ...(author !== undefined && { author }), ...(base !== undefined && { base }) };
    return this.call("putDraft", { path: { slug }, query, body: document, ...rest });
  }

  /** A draft becomes a version and is gone. */
  commitDraft(slug: string, options: CommitOptions & { readonly draft?: string } = {}): Promise<CommittedVersion> {
    const { message, author, tags, always: _, draft, ...rest } = options;
    const body = {
      ...(message !== undefined && { commitMessage: message }),
      ...(author !== undefined && { author }),
      ...(tags !== undefined && { tags }),
    };
    const query = { ...(draft !== undefined && { author: draft }) };
    return this.call("commitDraft", { path: { slug }, query, body, ...rest });
  }

  /** Throws a draft away. */
  async discardDraft(slug: string, options: DraftOptions = {}): Promise<void> {
    const { author, ...rest } = options;
    await this.call("deleteDraft", { path: { slug }, query: { ...(author !== undefined && { author }) }, ...rest });
  }

  /** The drafts of the project. */
  drafts(options: PageOptions = {}): Pages<DraftList, DraftInfo> {
    return this.#pages("listDrafts", {}, options, ({ drafts }) => drafts);
  }

  /** The prompts of the project, by slug. */
  list(options: ListOptions = {}): Pages<PromptList, PromptInfo> {
    const { prefix, tag, deleted, ...page } = options;
    const query = {
      ...(prefix !== undefined && { prefix }),
      ...(tag !== undefined && { tag }),
      ...(deleted !== undefined && { deleted }),
    };
    return this.#pages("listPrompts", { query }, page, ({ prompts }) => prompts);
  }

  /** The versions of a prompt, newest first. */
  history(slug: string, options: PageOptions = {}): Pages<VersionList, HistoryEntry> {
    return this.#pages("listVersions", { path: { slug } }, options, ({ versions }) => versions);
  }

  /** What differs between two sides. Left out: from `production` to `latest`. */
  diff(slug: string, from?: Side, to?: Side, options: CallOptions = {}): Promise<Diff> {
    const query = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    return this.call("diffVersions", { path: { slug }, query, ...options });
  }

  /** A version as it is stored, past every cache of a reader. */
  resolve(slug: string, at: Side = "production", options: CallOptions = {}): Promise<ResolvedVersion> {
    const query = typeof at === "number" ? { version: at } : { tag: at };
    return this.call("resolvePrompt", { path: { slug }, query, ...options });
  }

  /** Name, description and scope. */
  describe(slug: string, change: PromptChange, options: CallOptions = {}): Promise<PromptInfo> {
    return this.call("updatePrompt", { path: { slug }, body: change, ...options });
  }

  /** Deletes a prompt; `restore` brings it back. */
  async delete(slug: string, options: CallOptions = {}): Promise<void> {
    await this.call("deletePrompt", { path: { slug }, ...options });
  }

  /** Brings a deleted prompt back with all that it had. */
  restore(slug: string, options: CallOptions = {}): Promise<PromptInfo> {
    return this.call("restorePrompt", { path: { slug }, ...options });
  }

  /** Makes a new prompt from a version of this one. */
  duplicate(slug: string, to: string, at: Side = "latest", options: CallOptions = {}): Promise<CommittedVersion> {
    const from = typeof at === "number" ? { version: at } : { tag: at };
    return this.call("duplicatePrompt", { path: { slug }, body: { slug: to, ...from }, ...options });
  }

  /** Every prompt of the project under a tag. */
  snapshot(tag = "production", options: CallOptions = {}): Promise<Snapshot> {
    return this.call("getSnapshot", { query: { tag }, ...options });
  }

  /** The audit log after a revision, oldest first. */
  events(after = 0, options: PageOptions = {}): Pages<EventList, Event> {
    return new Pages<EventList, Event>(
      (cursor) => {
        const { limit, signal } = options;
        const query = { after: Number(cursor ?? after), ...(limit !== undefined && { limit }) };
        return this.call("listEvents", { query, ...(signal !== undefined && { signal }) });
      },
      ({ events }) => events,
    );
  }

  #pages<O extends keyof Operations, Item>(
    operation: O,
    request: Request<O>,
    { limit, cursor: first, signal }: PageOptions,
    items: (page: Operations[O]["answer"]) => readonly Item[],
  ): Pages<Operations[O]["answer"] & { readonly nextCursor?: string }, Item> {
    type Page = Operations[O]["answer"] & { readonly nextCursor?: string };
    return new Pages<Page, Item>((cursor = first) => {
      const query = {
        ...request.query,
        ...(limit !== undefined && { limit }),
        ...(cursor !== undefined && { cursor }),
      };
      return this.call(operation, { ...request, query, ...(signal !== undefined && { signal }) }) as Promise<Page>;
    }, items);
  }
}

/** Whose draft. */
export interface DraftOptions extends CallOptions {
  /** Any name; left out: the key's own. */
  readonly author?: string;
}

/** Which prompts. */
export interface ListOptions extends PageOptions {
  readonly prefix?: string;
  readonly tag?: string;
  /** The deleted ones instead. */
  readonly deleted?: boolean;
}

/** The URL without a slash at its end. */
function base(url: string | URL): string {
  try {
    const { protocol, origin, pathname, username } = new URL(url);
    if (/^https?:$/.test(protocol) && username === "") return origin + pathname.replace(/\/+$/, "");
  } catch {
    // said below
  }
  throw new PromptError("query_invalid", "`url` is not an http or https URL", { status: 400 });
}
