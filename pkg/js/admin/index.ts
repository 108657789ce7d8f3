/**
 * `cuecard/admin`: the API with its types, for a key with the role `write` or `admin`. Every change is idempotent by
 * itself: it is sent again when its answer is lost, and happens once. It has no engine in it: who only reads takes
 * `cuecard`.
 *
 * @packageDocumentation
 */
import { PromptError } from "../error.ts";
import type { Fetch } from "../fetch.ts";
import type { Document, JsonObject } from "../types.ts";
import type {
  Case,
  CommittedVersion,
  Connection,
  ConnectionSet,
  Diff,
  Draft,
  DraftInfo,
  DraftList,
  LogEntry,
  EventList,
  Execution,
  ExecutionList,
  ExecutionListed,
  Exported,
  Exports,
  ForeignPrompt,
  Health,
  History,
  HistoryEntry,
  ImportedVersion,
  KeyInfo,
  KeyChange,
  KeyCreate,
  KeyList,
  KeySelf,
  Move,
  MoveList,
  NewKey,
  Openapi,
  Operations,
  ProjectInfo,
  ProjectChange,
  ProjectCreate,
  PromptChange,
  PromptInfo,
  PromptList,
  RenderAnswer,
  ResolvedVersion,
  Revisions,
  RunAnswer,
  RunRequest,
  RunSettings,
  Snapshot,
  TagInfo,
  TagNameInfo,
  TakenHistory,
  Version,
  VersionList,
} from "./api.ts";
import { Pages } from "./pages.ts";
import { importInParts } from "./parts.ts";
import { type ApiTarget, type CallOptions, type OperationRequest, send } from "./send.ts";

export { PromptError } from "../error.ts";
export { Pages } from "./pages.ts";
export type * from "./api.ts";
export type { CallOptions, OperationRequest } from "./send.ts";

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

/** The members of a commit beside the content. */
export interface CommitOptions extends CallOptions {
  readonly message?: string;
  /** By default the key's name. */
  readonly author?: string;
  /** Tags that move to the version in the same step. */
  readonly tags?: readonly string[];
  /** Whether to make a version even if the content equals the newest one's. */
  readonly always?: boolean;
  /** Whether to make a new prompt if the one of this slug is deleted. */
  readonly anew?: boolean;
  /** Whether the project may have another prompt of this name in the other scope. */
  readonly beside?: boolean;
  /** Changes of the prompt as a whole in the same step. */
  readonly about?: Operations["updatePrompt"]["body"];
}

/** The size and start of a page. */
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
  readonly #target: ApiTarget;

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
  call<O extends keyof Operations>(operation: O, request: OperationRequest<O> = {}): Promise<Operations[O]["answer"]> {
    return send(this.#target, operation, request);
  }

  /** Commits a document; the first makes the prompt, version 1 and the tag `production`. `created` is `false` if the
   * newest version has this content already. */
  commit(slug: string, document: Document, options: CommitOptions = {}): Promise<CommittedVersion> {
    const { message, author, tags, always, anew, beside, about, ...rest } = options;
    const note = {
      ...(message !== undefined && { commitMessage: message }),
      ...(author !== undefined && { author }),
      ...(tags !== undefined && { tags }),
      ...(about !== undefined && { about }),
    };
    const query = {
      ...(always !== undefined && { always }),
      ...(anew !== undefined && { anew }),
      ...(beside !== undefined && { beside }),
    };
    return this.call("commitVersion", { path: { slug }, query, body: { ...document, ...note }, ...rest });
  }

  /** One version. */
  version(slug: string, version: number, options: CallOptions = {}): Promise<Version> {
    return this.call("getVersion", { path: { slug, version }, ...options });
  }

  /** Removes a version that no tag points to; its number stays used. */
  async removeVersion(slug: string, version: number, options: CallOptions = {}): Promise<void> {
    await this.call("removeVersion", { path: { slug, version }, ...options });
  }

  /** Points a tag at a version. */
  move(slug: string, tag: string, version: number, options: MoveOptions = {}): Promise<TagInfo> {
    const { reason, ...rest } = options;
    return this.call("putTag", {
      path: { slug, tag },
      body: { version, ...(reason !== undefined && { reason }) },
      ...rest,
    });
  }

  /** Points a tag back to its version before its last move that is not undone yet. */
  rollback(slug: string, tag: string, options: CallOptions = {}): Promise<TagInfo> {
    return this.call("rollBackTag", { path: { slug, tag }, ...options });
  }

  /** Removes a tag; its history stays. */
  async untag(slug: string, tag: string, options: CallOptions = {}): Promise<void> {
    await this.call("deleteTag", { path: { slug, tag }, ...options });
  }

  /** The tags of a prompt with their versions. */
  async tags(slug: string, options: CallOptions = {}): Promise<readonly TagInfo[]> {
    return (await this.call("listTags", { path: { slug }, ...options })).tags;
  }

  /** A tag with its version. */
  tag(slug: string, tag: string, options: CallOptions = {}): Promise<TagInfo> {
    return this.call("getTag", { path: { slug, tag }, ...options });
  }

  /** The project's names for tags, which need no prompt that has them. */
  async tagNames(options: CallOptions = {}): Promise<readonly TagNameInfo[]> {
    return (await this.call("listTagNames", options)).tags;
  }

  /** Adds a name for tags. */
  addTagName(tag: string, options: CallOptions = {}): Promise<TagNameInfo> {
    return this.call("putTagName", { path: { tag }, ...options });
  }

  /** Removes a name for tags, and the tag from every prompt. */
  async removeTagName(tag: string, options: CallOptions = {}): Promise<void> {
    await this.call("deleteTagName", { path: { tag }, ...options });
  }

  /** The moves of a tag, newest first. */
  moves(slug: string, tag: string, options: PageOptions = {}): Pages<MoveList, Move> {
    return this.#pages("listMoves", { path: { slug, tag } }, options, ({ moves }) => moves);
  }

  /** Reads a draft. */
  draft(slug: string, document?: undefined, options?: DraftOptions): Promise<Draft>;
  /** Saves a draft. */
  draft(slug: string, document: Document, options?: DraftOptions & { readonly base?: number }): Promise<DraftInfo>;
  draft(
    slug: string,
    document?: Document,
    options: DraftOptions & { readonly base?: number } = {},
  ): Promise<DraftInfo> {
    const { author, base, ...rest } = options;
    const whose = { ...(author !== undefined && { author }) };
    if (document === undefined) return this.call("getDraft", { path: { slug }, query: whose, ...rest });
    const query = { ...whose, ...(base !== undefined && { base }) };
    return this.call("putDraft", { path: { slug }, query, body: document, ...rest });
  }

  /** Commits a draft and deletes it. */
  commitDraft(slug: string, options: DraftCommitOptions = {}): Promise<CommittedVersion> {
    const { message, author, tags, draft, ...rest } = options;
    const body = {
      ...(message !== undefined && { commitMessage: message }),
      ...(author !== undefined && { author }),
      ...(tags !== undefined && { tags }),
    };
    const query = { ...(draft !== undefined && { author: draft }) };
    return this.call("commitDraft", { path: { slug }, query, body, ...rest });
  }

  /** Deletes a draft. */
  async discardDraft(slug: string, options: DraftOptions = {}): Promise<void> {
    const { author, ...rest } = options;
    await this.call("deleteDraft", { path: { slug }, query: { ...(author !== undefined && { author }) }, ...rest });
  }

  /** The drafts of the project, or of one prompt. */
  drafts(options: PageOptions & { readonly slug?: string } = {}): Pages<DraftList, DraftInfo> {
    const { slug, ...page } = options;
    if (slug === undefined) return this.#pages("listDrafts", {}, page, ({ drafts }) => drafts);
    return this.#pages("listPromptDrafts", { path: { slug } }, page, ({ drafts }) => drafts);
  }

  /** The cases of a prompt: named inputs. */
  async cases(slug: string, options: CallOptions = {}): Promise<readonly Case[]> {
    return (await this.call("listCases", { path: { slug }, ...options })).cases;
  }

  /** Reads a case. */
  case(slug: string, name: string, inputs?: undefined, options?: CallOptions): Promise<Case>;
  /** Saves a case. */
  case(slug: string, name: string, inputs: JsonObject, options?: CallOptions): Promise<Case>;
  case(slug: string, name: string, inputs?: JsonObject, options: CallOptions = {}): Promise<Case> {
    const path = { slug, case: name };
    if (inputs === undefined) return this.call("getCase", { path, ...options });
    return this.call("putCase", { path, body: { inputs }, ...options });
  }

  /** Removes a case. */
  async removeCase(slug: string, name: string, options: CallOptions = {}): Promise<void> {
    await this.call("deleteCase", { path: { slug, case: name }, ...options });
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

  /** The difference between two versions; by default from `production` to `latest`. */
  diff(slug: string, from?: Side, to?: Side, options: CallOptions = {}): Promise<Diff> {
    const query = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    return this.call("diffVersions", { path: { slug }, query, ...options });
  }

  /** A version from the store, past every cache. */
  resolve(slug: string, at: Side = "production", options: CallOptions = {}): Promise<ResolvedVersion> {
    return this.call("resolvePrompt", { path: { slug }, query: selector(at), ...options });
  }

  /** Renders at the edge: the messages, or with `payload` the body of a model API. */
  render(slug: string, inputs: JsonObject, options: RenderAtOptions = {}): Promise<RenderAnswer> {
    const { at = "production", payload, now, ...rest } = options;
    const query = { ...selector(at), ...(payload !== undefined && { payload }) };
    return this.call("renderPrompt", {
      path: { slug },
      query,
      body: { inputs, ...(now !== undefined && { now }) },
      ...rest,
    });
  }

  /** Runs a prompt against one of the project's connections and waits for the answer. It is sent once, as a run
   * costs. */
  run(slug: string, request: Omit<RunRequest, "stream">, options: SideOptions = {}): Promise<RunAnswer> {
    const { at = "production", ...rest } = options;
    return this.call("runPrompt", { path: { slug }, query: selector(at), body: request, ...rest });
  }

  /** Imports a prompt of another system; `lost` lists what Cuecard has no place for. */
  import(slug: string, prompt: ForeignPrompt, options: FromOptions = {}): Promise<ImportedVersion> {
    const { from, ...rest } = options;
    const query = { ...(from !== undefined && { from }) };
    return this.call("importPrompt", { path: { slug }, query, body: prompt, ...rest });
  }

  /** Imports the whole history of a prompt of another system: in one request, or in several that each add where it is
   * more than one may cost. Run again, it only adds. */
  importHistory(slug: string, history: History, options: FromOptions = {}): Promise<TakenHistory> {
    const { from, idempotencyKey, ...rest } = options;
    const query = { ...(from !== undefined && { from }) };
    return importInParts(history, (body, index) => {
      const own = idempotencyKey !== undefined && {
        idempotencyKey: `${idempotencyKey}${index === 0 ? "" : `-${index}`}`,
      };
      return this.call("importHistory", { path: { slug }, query, body, ...rest, ...own });
    });
  }

  /** Exports a version for another system; `lost` lists what that has no place for. */
  export(slug: string, to: "athina" | "basalt" | "langwatch", options: SideOptions = {}): Promise<Exported> {
    const { at = "production", ...rest } = options;
    return this.call("exportPrompt", { path: { slug }, query: { to, ...selector(at) }, ...rest });
  }

  /** Changes name, description, scope, labels or slug of a prompt. */
  describe(slug: string, change: PromptChange, options: CallOptions = {}): Promise<PromptInfo> {
    return this.call("updatePrompt", { path: { slug }, body: change, ...options });
  }

  /** Deletes a prompt; `restore` brings it back. */
  async delete(slug: string, options: CallOptions = {}): Promise<void> {
    await this.call("deletePrompt", { path: { slug }, ...options });
  }

  /** Restores a deleted prompt with everything it had. */
  restore(slug: string, options: CallOptions = {}): Promise<PromptInfo> {
    return this.call("restorePrompt", { path: { slug }, ...options });
  }

  /** Removes a deleted prompt for good. */
  async purge(slug: string, options: CallOptions = {}): Promise<void> {
    await this.call("purgePrompt", { path: { slug }, ...options });
  }

  /** Makes a new prompt from a version of this one. */
  duplicate(slug: string, to: string, at: Side = "latest", options: CallOptions = {}): Promise<CommittedVersion> {
    return this.call("duplicatePrompt", { path: { slug }, body: { slug: to, ...selector(at) }, ...options });
  }

  /** Every prompt of the project under a tag. */
  snapshot(tag = "production", options: CallOptions = {}): Promise<Snapshot> {
    return this.call("getSnapshot", { query: { tag }, ...options });
  }

  /** Every prompt of the project under a tag, as another system writes it. */
  exports(to: "athina" | "basalt" | "langwatch", tag = "production", options: CallOptions = {}): Promise<Exports> {
    return this.call("getExports", { query: { tag, to }, ...options });
  }

  /** The audit log after a revision, oldest first. */
  events(after = 0, options: PageOptions = {}): Pages<EventList, LogEntry> {
    return new Pages<EventList, LogEntry>(
      (cursor) => {
        const { limit, signal } = options;
        const query = { after: Number(cursor ?? after), ...(limit !== undefined && { limit }) };
        return this.call("listEvents", { query, ...(signal !== undefined && { signal }) });
      },
      ({ events }) => events,
    );
  }

  /** The runs of the project, newest first. */
  executions(
    options: PageOptions & Omit<Operations["listExecutions"]["query"], "limit" | "cursor"> = {},
  ): Pages<ExecutionList, ExecutionListed> {
    const { limit: _limit, cursor: _cursor, signal: _signal, ...query } = options;
    return this.#pages("listExecutions", { query }, options, ({ executions }) => executions);
  }

  /** The record of one run. */
  execution(id: string, options: CallOptions = {}): Promise<Execution> {
    return this.call("getExecution", { path: { execution: id }, ...options });
  }

  /** Removes the record of a run. */
  async removeExecution(id: string, options: CallOptions = {}): Promise<void> {
    await this.call("deleteExecution", { path: { execution: id }, ...options });
  }

  /** How much the project keeps of runs. */
  runSettings(options: CallOptions = {}): Promise<RunSettings> {
    return this.call("getRunSettings", options);
  }

  /** The model APIs that runs go to. */
  async connections(options: CallOptions = {}): Promise<readonly Connection[]> {
    return (await this.call("listConnections", options)).connections;
  }

  /** Reads a connection; its secret is never returned. */
  connection(name: string, set?: undefined, options?: CallOptions): Promise<Connection>;
  /** Replaces a connection. */
  connection(name: string, set: ConnectionSet, options?: CallOptions): Promise<Connection>;
  connection(name: string, set?: ConnectionSet, options: CallOptions = {}): Promise<Connection> {
    const path = { connection: name };
    if (set === undefined) return this.call("getConnection", { path, ...options });
    return this.call("putConnection", { path, body: set, ...options });
  }

  /** Makes a connection. */
  createConnection(connection: Connection, options: CallOptions = {}): Promise<Connection> {
    return this.call("createConnection", { body: connection, ...options });
  }

  /** Removes a connection. */
  async removeConnection(name: string, options: CallOptions = {}): Promise<void> {
    await this.call("deleteConnection", { path: { connection: name }, ...options });
  }

  /** This client's key: its role and its project. */
  self(options: CallOptions = {}): Promise<KeySelf> {
    return this.call("getSelf", options);
  }

  /** The revisions of all projects of the organisation, for caches of their own: while a project's `revision` stays, so
   * do its prompts. */
  revisions(options: CallOptions = {}): Promise<Revisions> {
    return this.call("getRevisions", options);
  }

  /** The keys, of one project or of all, without their secrets. */
  keys(options: PageOptions & { readonly project?: string } = {}): Pages<KeyList, KeyInfo> {
    const { project, ...page } = options;
    return this.#pages("listKeys", { query: { ...(project !== undefined && { project }) } }, page, ({ keys }) => keys);
  }

  /** One key. */
  key(id: string, options: CallOptions = {}): Promise<KeyInfo> {
    return this.call("getKey", { path: { key: id }, ...options });
  }

  /** Makes a key; only this answer contains it. */
  createKey(key: KeyCreate, options: CallOptions = {}): Promise<NewKey> {
    return this.call("createKey", { body: key, ...options });
  }

  /** Changes how much a key may use. */
  changeKey(id: string, change: KeyChange, options: CallOptions = {}): Promise<KeyInfo> {
    return this.call("updateKey", { path: { key: id }, body: change, ...options });
  }

  /** Revokes a key for good. */
  async revokeKey(id: string, options: CallOptions = {}): Promise<void> {
    await this.call("revokeKey", { path: { key: id }, ...options });
  }

  /** The projects of the organisation. */
  async projects(options: CallOptions = {}): Promise<readonly ProjectInfo[]> {
    return (await this.call("listProjects", options)).projects;
  }

  /** One project. */
  project(slug: string, options: CallOptions = {}): Promise<ProjectInfo> {
    return this.call("getProject", { path: { project: slug }, ...options });
  }

  /** Makes a project. */
  createProject(project: ProjectCreate, options: CallOptions = {}): Promise<ProjectInfo> {
    return this.call("createProject", { body: project, ...options });
  }

  /** Changes a project. */
  changeProject(slug: string, change: ProjectChange, options: CallOptions = {}): Promise<ProjectInfo> {
    return this.call("updateProject", { path: { project: slug }, body: change, ...options });
  }

  /** Deletes a project; `restoreProject` brings it back. */
  async deleteProject(slug: string, options: CallOptions = {}): Promise<void> {
    await this.call("deleteProject", { path: { project: slug }, ...options });
  }

  /** Restores a deleted project. */
  restoreProject(slug: string, options: CallOptions = {}): Promise<ProjectInfo> {
    return this.call("restoreProject", { path: { project: slug }, ...options });
  }

  /** Whether the Worker is up. */
  health(options: CallOptions = {}): Promise<Health> {
    return this.call("getHealth", options);
  }

  /** The API's own description. */
  openapi(options: CallOptions = {}): Promise<Openapi> {
    return this.call("getOpenapi", options);
  }

  #pages<O extends keyof Operations, Item>(
    operation: O,
    request: OperationRequest<O>,
    { limit, cursor: first, signal }: PageOptions,
    items: (page: Operations[O]["answer"]) => readonly Item[],
  ): Pages<Operations[O]["answer"] & { readonly nextCursor?: string }, Item> {
    type OperationPage = Operations[O]["answer"] & { readonly nextCursor?: string };
    return new Pages<OperationPage, Item>((cursor = first) => {
      const query = {
        ...request.query,
        ...(limit !== undefined && { limit }),
        ...(cursor !== undefined && { cursor }),
      };
      return this.call(operation, {
        ...request,
        query,
        ...(signal !== undefined && { signal }),
      }) as Promise<OperationPage>;
    }, items);
  }
}

function selector(at: Side): { version: number } | { tag: string } {
  return typeof at === "number" ? { version: at } : { tag: at };
}

/** The version; by default `production`. */
export interface SideOptions extends CallOptions {
  readonly at?: Side;
}

/** The form of the answer. */
export interface RenderAtOptions extends SideOptions {
  /** As the body of this model API. */
  readonly payload?: "openai_chat" | "openai_responses" | "anthropic" | "gemini";
  /** The time for templates, in ISO 8601. */
  readonly now?: string;
}

/** The system that it comes from; by default detected. */
export interface FromOptions extends CallOptions {
  readonly from?: "athina" | "basalt" | "langwatch" | "openai";
}

/** The reason of a tag's move. */
export interface MoveOptions extends CallOptions {
  readonly reason?: string;
}

/** The members of a draft's commit. */
export interface DraftCommitOptions extends Omit<CommitOptions, "always" | "anew" | "beside" | "about"> {
  /** The author of the draft; by default the key itself. */
  readonly draft?: string;
}

/** The author of a draft. */
export interface DraftOptions extends CallOptions {
  /** Any name; by default the key itself. */
  readonly author?: string;
}

/** Which prompts to list. */
export interface ListOptions extends PageOptions {
  readonly prefix?: string;
  readonly tag?: string;
  /** Deleted prompts instead. */
  readonly deleted?: boolean;
}

/** The URL without a slash at its end. */
function base(url: string | URL): string {
  try {
    const { protocol, origin, pathname, username } = new URL(url);
    if (/^https?:$/.test(protocol) && username === "") return origin + pathname.replace(/\/+$/, "");
  } catch {
    // reported below
  }
  throw new PromptError("query_invalid", "`url` is not an http or https URL", { status: 400 });
}
