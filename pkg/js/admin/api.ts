// Written by `UPDATE_CONTRACT=1 cargo test -p cuecard-worker api` from the API's own description, `/openapi.json`.
import type { Document, Issue, Json, JsonObject, Problem, RenderedPrompt } from "../types.ts";

export type Slug = string;

export type TagName = string;

export type VersionNumber = number;

export type Id = string;

export type ProjectSlug = string;

export type ConnectionName = string;

export type ExecutionId = string;

export type CaseName = string;

export type KeyRole = "read" | "run" | "write" | "admin";

export type Scope = "project" | "organization";

export type WrittenDocument = Omit<Document, "messages"> & Partial<Pick<Document, "messages">> & { readonly prompt?: string };

export type Commit = Omit<Document, "messages"> & Partial<Pick<Document, "messages">> & { readonly prompt?: string; readonly commitMessage?: string; readonly author?: string; readonly tags?: readonly (TagName)[]; readonly about?: PromptChange };

export type CommitDraft = { readonly commitMessage?: string; readonly author?: string; readonly tags?: readonly (TagName)[] };

export type Version = Document & { readonly slug: Slug; readonly version: VersionNumber; readonly id: string; readonly hash: string; readonly commitMessage?: string; readonly author?: string; readonly createdAt: string };

export type CommittedVersion = Document & { readonly slug: Slug; readonly version: VersionNumber; readonly id: string; readonly hash: string; readonly commitMessage?: string; readonly author?: string; readonly createdAt: string; readonly created: boolean; readonly revision: number; readonly warnings: readonly (Issue)[] };

export type HistoryEntry = Document & { readonly slug: Slug; readonly version: VersionNumber; readonly id: string; readonly hash: string; readonly commitMessage?: string; readonly author?: string; readonly createdAt: string; readonly tags: readonly (TagName)[]; readonly revision: number };

export type ForeignPrompt = JsonObject;

export type ImportedVersion = Document & { readonly slug: Slug; readonly version: VersionNumber; readonly id: string; readonly hash: string; readonly commitMessage?: string; readonly author?: string; readonly createdAt: string; readonly created: boolean; readonly revision: number; readonly warnings: readonly (Issue)[]; readonly lost: readonly (Issue)[] };

export type History = { readonly versions: readonly ({ readonly version: VersionNumber; readonly document: JsonObject; readonly commitMessage?: string; readonly author?: string; readonly createdAt?: string })[]; readonly tags?: JsonObject; readonly description?: string; readonly dryRun?: boolean };

export type TakenHistory = { readonly added: readonly (VersionNumber)[]; readonly kept: readonly (VersionNumber)[]; readonly removed: readonly (VersionNumber)[]; readonly tags: readonly (TagName)[]; readonly versions: readonly ({ readonly version: VersionNumber; readonly document?: WrittenDocument; readonly lost: readonly (Issue)[] })[] };

export type Exported = { readonly slug: Slug; readonly version: VersionNumber; readonly prompt: JsonObject; readonly lost: readonly (Issue)[] };

export type VersionList = { readonly versions: readonly (HistoryEntry)[]; readonly nextCursor?: string };

export type DraftInfo = { readonly slug: Slug; readonly author: string; readonly base?: VersionNumber; readonly revision: number; readonly updatedAt: string; readonly updatedBy?: string };

export type DraftList = { readonly drafts: readonly (DraftInfo)[]; readonly nextCursor?: string };

export type Draft = Document & { readonly slug: Slug; readonly author: string; readonly base?: VersionNumber; readonly revision: number; readonly updatedAt: string; readonly updatedBy?: string };

export type SnapshotPrompt = Document & { readonly slug: Slug; readonly version: VersionNumber; readonly id: string; readonly hash: string; readonly commitMessage?: string; readonly author?: string; readonly createdAt: string; readonly resolved: { readonly tag?: TagName; readonly revision: number; readonly plan?: JsonObject }; readonly about?: PromptInfo };

export type ExportedPrompt = { readonly slug: Slug; readonly version: VersionNumber; readonly id: string; readonly hash: string; readonly commitMessage?: string; readonly author?: string; readonly createdAt: string; readonly prompt: ForeignPrompt; readonly resolved: { readonly tag?: TagName; readonly revision: number; readonly plan?: JsonObject }; readonly about: PromptInfo };

export type ResolvedVersion = Document & { readonly slug: Slug; readonly version: VersionNumber; readonly id: string; readonly hash: string; readonly commitMessage?: string; readonly author?: string; readonly createdAt: string; readonly resolved: { readonly tag?: TagName; readonly revision: number; readonly plan?: JsonObject } };

export type RenderRequest = { readonly inputs: JsonObject; readonly now?: string };

export type RenderedAnswer = RenderedPrompt & { readonly resolved: { readonly slug: Slug; readonly version: VersionNumber; readonly hash: string; readonly tag?: TagName; readonly revision: number } };

export type RenderedPayload = { readonly model?: string; readonly body: JsonObject; readonly losses: readonly (Issue)[]; readonly resolved: { readonly slug: Slug; readonly version: VersionNumber; readonly hash: string; readonly tag?: TagName; readonly revision: number } };

export type RenderAnswer = RenderedAnswer | RenderedPayload;

export type TagInfo = { readonly tag: TagName; readonly version: VersionNumber; readonly revision: number; readonly updatedAt: string; readonly updatedBy?: string };

export type TagList = { readonly tags: readonly (TagInfo)[]; readonly scope: Scope; readonly sharedAs?: Slug };

export type TagSet = { readonly version: VersionNumber; readonly reason?: string };

export type TagRollback = { readonly reason?: string };

export type TagNameInfo = { readonly tag: TagName; readonly createdAt: string };

export type TagNameList = { readonly tags: readonly (TagNameInfo)[] };

export type Move = { readonly revision: number; readonly kind: "commit" | "set" | "rollback" | "delete"; readonly from?: VersionNumber; readonly to?: VersionNumber; readonly at: string; readonly by?: string; readonly reason?: string };

export type MoveList = { readonly moves: readonly (Move)[]; readonly nextCursor?: string };

export type CaseInputs = { readonly inputs: JsonObject };

export type Case = { readonly name: CaseName; readonly inputs: JsonObject; readonly revision: number; readonly updatedAt: string; readonly updatedBy?: string };

export type CaseList = { readonly cases: readonly (Case)[] };

export type PromptInfo = { readonly slug: Slug; readonly id: string; readonly project: ProjectSlug; readonly name?: string; readonly description?: string; readonly labels?: JsonObject; readonly was?: Slug; readonly scope: Scope; readonly sharedAs?: Slug; readonly latest: VersionNumber; readonly removed?: readonly (VersionNumber)[]; readonly tags: readonly ({ readonly tag: TagName; readonly version: VersionNumber })[]; readonly revision: number; readonly createdAt: string; readonly updatedAt: string; readonly deletedAt?: string };

export type PromptList = { readonly prompts: readonly (PromptInfo)[]; readonly nextCursor?: string };

export type PromptChange = { readonly name?: string | null; readonly description?: string | null; readonly scope?: Scope; readonly labels?: JsonObject; readonly slug?: Slug };

export type Duplicate = { readonly slug: Slug; readonly tag?: TagName | "latest"; readonly version?: VersionNumber };

export type Diff = { readonly slug: Slug; readonly from: VersionNumber; readonly to: VersionNumber; readonly equal: boolean; readonly summary: string; readonly fields: readonly ({ readonly field: string; readonly kind: "same" | "added" | "removed" | "changed"; readonly before?: Json; readonly after?: Json })[]; readonly messages: readonly ({ readonly kind: "same" | "added" | "removed" | "changed"; readonly role: string; readonly before?: number; readonly after?: number; readonly fields?: readonly ({ readonly field: string; readonly kind: "same" | "added" | "removed" | "changed"; readonly before?: Json; readonly after?: Json })[]; readonly lines?: readonly ({ readonly kind: "same" | "added" | "removed" | "changed"; readonly text: string })[] })[]; readonly truncated?: boolean };

export type Snapshot = { readonly format: 1; readonly project: ProjectSlug; readonly revision: number; readonly tag: string; readonly createdAt: string; readonly prompts: readonly (SnapshotPrompt)[] };

export type Exports = { readonly format: 1; readonly project: ProjectSlug; readonly revision: number; readonly tag: string; readonly createdAt: string; readonly prompts: readonly (ExportedPrompt)[] };

export type LogEntry = { readonly revision: number; readonly at: string; readonly key?: string; readonly actor?: string; readonly requestId?: string; readonly action: string; readonly slug?: Slug; readonly detail: JsonObject };

export type EventList = { readonly events: readonly (LogEntry)[]; readonly nextCursor?: string };

export type KeySelf = { readonly organization: Id; readonly project: ProjectSlug; readonly key: Id; readonly name?: string; readonly role: KeyRole; readonly expiresAt?: string; readonly allowedOrigins: readonly (string)[]; readonly revision: number; readonly bindings: string; readonly number?: number; readonly keysRevision?: string; readonly store?: string; readonly limits?: { readonly runsPerMinute?: number; readonly tokensPerDay?: number } };

export type Standing = { readonly number: number; readonly revision: string; readonly bindings: string; readonly keysRevision: string };

export type Revisions = { readonly newest: string; readonly projects: readonly (Standing)[] };

export type KeyInfo = { readonly id: Id; readonly project: ProjectSlug; readonly role: KeyRole; readonly name?: string; readonly createdAt: string; readonly createdBy?: string; readonly expiresAt?: string; readonly revokedAt?: string; readonly limits?: { readonly runsPerMinute?: number; readonly tokensPerDay?: number } };

export type KeyList = { readonly keys: readonly (KeyInfo)[]; readonly nextCursor?: string };

export type NewKey = { readonly id: Id; readonly project: ProjectSlug; readonly role: KeyRole; readonly name?: string; readonly createdAt: string; readonly createdBy?: string; readonly expiresAt?: string; readonly revokedAt?: string; readonly limits?: { readonly runsPerMinute?: number; readonly tokensPerDay?: number }; readonly key?: string };

export type KeyCreate = { readonly role: KeyRole; readonly project?: ProjectSlug; readonly name?: string; readonly expiresAt?: string; readonly limits?: { readonly runsPerMinute?: number; readonly tokensPerDay?: number } };

export type KeyChange = { readonly limits: { readonly runsPerMinute?: number; readonly tokensPerDay?: number } };

export type ProjectInfo = { readonly slug: ProjectSlug; readonly name?: string; readonly allowedOrigins: readonly (string)[]; readonly recording: { readonly mode?: "off" | "usage" | "full"; readonly days?: number }; readonly revision: number; readonly createdAt: string; readonly updatedAt: string; readonly deletedAt?: string };

export type ProjectList = { readonly projects: readonly (ProjectInfo)[] };

export type ProjectCreate = { readonly slug: ProjectSlug; readonly name?: string; readonly allowedOrigins?: readonly (string)[]; readonly recording?: { readonly mode?: "off" | "usage" | "full"; readonly days?: number } };

export type ProjectChange = { readonly name?: string | null; readonly allowedOrigins?: readonly (string)[]; readonly recording?: { readonly mode?: "off" | "usage" | "full"; readonly days?: number } };

export type RunRequest = { readonly inputs: JsonObject; readonly document?: WrittenDocument; readonly model?: string; readonly parameters?: JsonObject; readonly connection?: string; readonly stream?: boolean; readonly record?: "off" | "usage" | "full"; readonly metadata?: JsonObject };

export type RunAnswer = { readonly execution: string | null; readonly output: Json; readonly toolCalls?: readonly ({ readonly id?: string; readonly name: string; readonly arguments: Json })[]; readonly finishReason?: string; readonly issues?: readonly (Issue)[]; readonly losses?: readonly (Issue)[]; readonly usage: Usage | null; readonly cost: number | null; readonly connection?: string; readonly model?: string; readonly startedAt?: string; readonly endedAt?: string; readonly resolved: JsonObject };

export type Usage = { readonly input: number | null; readonly inputCached: number | null; readonly inputCacheWrite: number | null; readonly output: number | null; readonly reasoning: number | null };

export type Execution = { readonly id: ExecutionId; readonly prompt?: Slug; readonly version?: VersionNumber; readonly hash?: string; readonly tag?: string; readonly connection: string; readonly model?: string; readonly key: string; readonly status: "running" | "completed" | "failed" | "cancelled" | "interrupted"; readonly startedAt: string; readonly firstTokenAt?: string; readonly endedAt?: string; readonly usage: Usage | null; readonly cost: number | null; readonly issues?: readonly (Issue)[]; readonly error?: { readonly code: string; readonly detail: string; readonly upstreamStatus?: number }; readonly metadata?: JsonObject; readonly inputs?: Json; readonly messages?: Json; readonly output?: Json; readonly leftOut?: readonly (string)[] };

export type ExecutionListed = { readonly id: ExecutionId; readonly prompt?: Slug; readonly version?: VersionNumber; readonly hash?: string; readonly tag?: string; readonly connection: string; readonly model?: string; readonly key: string; readonly status: "running" | "completed" | "failed" | "cancelled" | "interrupted"; readonly startedAt: string; readonly firstTokenAt?: string; readonly endedAt?: string; readonly usage: Usage | null; readonly cost: number | null; readonly issues?: readonly (Issue)[]; readonly error?: { readonly code: string; readonly detail: string; readonly upstreamStatus?: number }; readonly metadata?: JsonObject };

export type ExecutionList = { readonly executions: readonly (ExecutionListed)[]; readonly nextCursor?: string };

export type Connection = { readonly name: ConnectionName; readonly kind: "openai_chat" | "openai_responses" | "anthropic" | "gemini" | "workers_ai"; readonly baseUrl?: string; readonly secret?: string; readonly secretHeader?: string; readonly models?: readonly ({ readonly name: string; readonly prices?: { readonly input?: number; readonly inputCached?: number; readonly inputCacheWrite?: number; readonly output?: number } })[]; readonly default?: boolean };

export type ConnectionSet = { readonly name?: ConnectionName; readonly kind: "openai_chat" | "openai_responses" | "anthropic" | "gemini" | "workers_ai"; readonly baseUrl?: string; readonly secret?: string; readonly secretHeader?: string; readonly models?: readonly ({ readonly name: string; readonly prices?: { readonly input?: number; readonly inputCached?: number; readonly inputCacheWrite?: number; readonly output?: number } })[]; readonly default?: boolean };

export type ConnectionList = { readonly connections: readonly (Connection)[] };

export type RunSettings = { readonly connections: readonly (Connection)[]; readonly recording: { readonly mode: "off" | "usage" | "full"; readonly days: number }; readonly aliases: JsonObject };

export type Health = { readonly status: "ok" };

export type Openapi = JsonObject;

/** What each operation takes and gives. */
export interface Operations {
  getHealth: { path: object; query: object; body: undefined; answer: Health };
  getOpenapi: { path: object; query: object; body: undefined; answer: Openapi };
  listPrompts: { path: object; query: { prefix?: string; tag?: string | "latest" | "live"; deleted?: boolean; limit?: number; cursor?: string }; body: undefined; answer: PromptList };
  resolvePrompt: { path: { slug: string }; query: { tag?: string | "latest" | "live"; version?: number }; body: undefined; answer: ResolvedVersion };
  updatePrompt: { path: { slug: string }; query: object; body: PromptChange; answer: PromptInfo };
  deletePrompt: { path: { slug: string }; query: object; body: undefined; answer: undefined };
  restorePrompt: { path: { slug: string }; query: object; body: undefined; answer: PromptInfo };
  purgePrompt: { path: { slug: string }; query: object; body: undefined; answer: undefined };
  duplicatePrompt: { path: { slug: string }; query: object; body: Duplicate; answer: CommittedVersion };
  renderPrompt: { path: { slug: string }; query: { tag?: string | "latest" | "live"; version?: number; payload?: "openai_chat" | "openai_responses" | "anthropic" | "gemini" }; body: RenderRequest; answer: RenderAnswer };
  commitVersion: { path: { slug: string }; query: { always?: boolean; anew?: boolean; beside?: boolean }; body: Commit; answer: CommittedVersion };
  listVersions: { path: { slug: string }; query: { limit?: number; cursor?: number }; body: undefined; answer: VersionList };
  getVersion: { path: { slug: string; version: number }; query: object; body: undefined; answer: Version };
  removeVersion: { path: { slug: string; version: number }; query: object; body: undefined; answer: undefined };
  diffVersions: { path: { slug: string }; query: { from?: number | string | "latest" | "live"; to?: number | string | "latest" | "live" }; body: undefined; answer: Diff };
  importPrompt: { path: { slug: string }; query: { from?: "athina" | "basalt" | "langwatch" | "openai" }; body: ForeignPrompt; answer: ImportedVersion };
  importHistory: { path: { slug: string }; query: { from?: "athina" | "basalt" | "langwatch" | "openai" }; body: History; answer: TakenHistory };
  exportPrompt: { path: { slug: string }; query: { to: "athina" | "basalt" | "langwatch"; tag?: string | "latest" | "live"; version?: number }; body: undefined; answer: Exported };
  listDrafts: { path: object; query: { limit?: number; cursor?: string }; body: undefined; answer: DraftList };
  listPromptDrafts: { path: { slug: string }; query: { limit?: number; cursor?: string }; body: undefined; answer: DraftList };
  getDraft: { path: { slug: string }; query: { author?: string }; body: undefined; answer: Draft };
  putDraft: { path: { slug: string }; query: { author?: string; base?: number }; body: WrittenDocument; answer: Draft };
  deleteDraft: { path: { slug: string }; query: { author?: string }; body: undefined; answer: undefined };
  commitDraft: { path: { slug: string }; query: { author?: string }; body: CommitDraft | undefined; answer: CommittedVersion };
  listCases: { path: { slug: string }; query: object; body: undefined; answer: CaseList };
  getCase: { path: { slug: string; case: string }; query: object; body: undefined; answer: Case };
  putCase: { path: { slug: string; case: string }; query: object; body: CaseInputs; answer: Case };
  deleteCase: { path: { slug: string; case: string }; query: object; body: undefined; answer: undefined };
  listTags: { path: { slug: string }; query: object; body: undefined; answer: TagList };
  getTag: { path: { slug: string; tag: string | "live" }; query: object; body: undefined; answer: TagInfo };
  putTag: { path: { slug: string; tag: string }; query: object; body: TagSet; answer: TagInfo };
  deleteTag: { path: { slug: string; tag: string }; query: object; body: undefined; answer: undefined };
  listMoves: { path: { slug: string; tag: string | "live" }; query: { limit?: number; cursor?: number }; body: undefined; answer: MoveList };
  rollBackTag: { path: { slug: string; tag: string }; query: object; body: TagRollback | undefined; answer: TagInfo };
  listTagNames: { path: object; query: { used?: boolean }; body: undefined; answer: TagNameList };
  putTagName: { path: { tag: string }; query: object; body: undefined; answer: TagNameInfo };
  deleteTagName: { path: { tag: string }; query: object; body: undefined; answer: undefined };
  getSnapshot: { path: object; query: { tag?: string | "latest" | "live"; about?: boolean }; body: undefined; answer: Snapshot };
  getExports: { path: object; query: { tag?: string | "latest" | "live"; to: "athina" | "basalt" | "langwatch" }; body: undefined; answer: Exports };
  runPrompt: { path: { slug: string }; query: { tag?: string | "latest" | "live"; version?: number }; body: RunRequest; answer: RunAnswer };
  listExecutions: { path: object; query: { prompt?: string; version?: number; tag?: string | "latest" | "live"; status?: "running" | "completed" | "failed" | "cancelled" | "interrupted"; after?: string; before?: string; metadata?: string; limit?: number; cursor?: string }; body: undefined; answer: ExecutionList };
  getExecution: { path: { execution: string }; query: object; body: undefined; answer: Execution };
  deleteExecution: { path: { execution: string }; query: object; body: undefined; answer: undefined };
  getRunSettings: { path: object; query: object; body: undefined; answer: RunSettings };
  listConnections: { path: object; query: object; body: undefined; answer: ConnectionList };
  createConnection: { path: object; query: object; body: Connection; answer: Connection };
  getConnection: { path: { connection: string }; query: object; body: undefined; answer: Connection };
  putConnection: { path: { connection: string }; query: object; body: ConnectionSet; answer: Connection };
  deleteConnection: { path: { connection: string }; query: object; body: undefined; answer: undefined };
  listEvents: { path: object; query: { after?: number; limit?: number }; body: undefined; answer: EventList };
  getSelf: { path: object; query: object; body: undefined; answer: KeySelf };
  getRevisions: { path: object; query: object; body: undefined; answer: Revisions };
  listKeys: { path: object; query: { project?: string; limit?: number; cursor?: string }; body: undefined; answer: KeyList };
  createKey: { path: object; query: object; body: KeyCreate; answer: NewKey };
  getKey: { path: { key: string }; query: object; body: undefined; answer: KeyInfo };
  updateKey: { path: { key: string }; query: object; body: KeyChange; answer: KeyInfo };
  revokeKey: { path: { key: string }; query: object; body: undefined; answer: undefined };
  listProjects: { path: object; query: object; body: undefined; answer: ProjectList };
  createProject: { path: object; query: object; body: ProjectCreate; answer: ProjectInfo };
  getProject: { path: { project: string }; query: object; body: undefined; answer: ProjectInfo };
  updateProject: { path: { project: string }; query: object; body: ProjectChange; answer: ProjectInfo };
  deleteProject: { path: { project: string }; query: object; body: undefined; answer: undefined };
  restoreProject: { path: { project: string }; query: object; body: undefined; answer: ProjectInfo };
}

/** Where each operation is; one that writes takes an `Idempotency-Key`. */
export const operations = {
  getHealth: { method: "GET", path: "/healthz", writes: false },
  getOpenapi: { method: "GET", path: "/openapi.json", writes: false },
  listPrompts: { method: "GET", path: "/v1/prompts", writes: false },
  resolvePrompt: { method: "GET", path: "/v1/prompts/{slug}", writes: false },
  updatePrompt: { method: "PATCH", path: "/v1/prompts/{slug}", writes: true },
  deletePrompt: { method: "DELETE", path: "/v1/prompts/{slug}", writes: true },
  restorePrompt: { method: "POST", path: "/v1/prompts/{slug}/restore", writes: true },
  purgePrompt: { method: "POST", path: "/v1/prompts/{slug}/purge", writes: true },
  duplicatePrompt: { method: "POST", path: "/v1/prompts/{slug}/duplicate", writes: true },
  renderPrompt: { method: "POST", path: "/v1/prompts/{slug}/render", writes: false },
  commitVersion: { method: "POST", path: "/v1/prompts/{slug}/versions", writes: true },
  listVersions: { method: "GET", path: "/v1/prompts/{slug}/versions", writes: false },
  getVersion: { method: "GET", path: "/v1/prompts/{slug}/versions/{version}", writes: false },
  removeVersion: { method: "DELETE", path: "/v1/prompts/{slug}/versions/{version}", writes: true },
  diffVersions: { method: "GET", path: "/v1/prompts/{slug}/diff", writes: false },
  importPrompt: { method: "POST", path: "/v1/prompts/{slug}/import", writes: true },
  importHistory: { method: "POST", path: "/v1/prompts/{slug}/history", writes: true },
  exportPrompt: { method: "GET", path: "/v1/prompts/{slug}/export", writes: false },
  listDrafts: { method: "GET", path: "/v1/drafts", writes: false },
  listPromptDrafts: { method: "GET", path: "/v1/prompts/{slug}/drafts", writes: false },
  getDraft: { method: "GET", path: "/v1/prompts/{slug}/draft", writes: false },
  putDraft: { method: "PUT", path: "/v1/prompts/{slug}/draft", writes: true },
  deleteDraft: { method: "DELETE", path: "/v1/prompts/{slug}/draft", writes: true },
  commitDraft: { method: "POST", path: "/v1/prompts/{slug}/draft/commit", writes: true },
  listCases: { method: "GET", path: "/v1/prompts/{slug}/cases", writes: false },
  getCase: { method: "GET", path: "/v1/prompts/{slug}/cases/{case}", writes: false },
  putCase: { method: "PUT", path: "/v1/prompts/{slug}/cases/{case}", writes: true },
  deleteCase: { method: "DELETE", path: "/v1/prompts/{slug}/cases/{case}", writes: true },
  listTags: { method: "GET", path: "/v1/prompts/{slug}/tags", writes: false },
  getTag: { method: "GET", path: "/v1/prompts/{slug}/tags/{tag}", writes: false },
  putTag: { method: "PUT", path: "/v1/prompts/{slug}/tags/{tag}", writes: true },
  deleteTag: { method: "DELETE", path: "/v1/prompts/{slug}/tags/{tag}", writes: true },
  listMoves: { method: "GET", path: "/v1/prompts/{slug}/tags/{tag}/history", writes: false },
  rollBackTag: { method: "POST", path: "/v1/prompts/{slug}/tags/{tag}/rollback", writes: true },
  listTagNames: { method: "GET", path: "/v1/tags", writes: false },
  putTagName: { method: "PUT", path: "/v1/tags/{tag}", writes: true },
  deleteTagName: { method: "DELETE", path: "/v1/tags/{tag}", writes: true },
  getSnapshot: { method: "GET", path: "/v1/snapshot", writes: false },
  getExports: { method: "GET", path: "/v1/exports", writes: false },
  runPrompt: { method: "POST", path: "/v1/prompts/{slug}/run", writes: false },
  listExecutions: { method: "GET", path: "/v1/executions", writes: false },
  getExecution: { method: "GET", path: "/v1/executions/{execution}", writes: false },
  deleteExecution: { method: "DELETE", path: "/v1/executions/{execution}", writes: false },
  getRunSettings: { method: "GET", path: "/v1/runs/settings", writes: false },
  listConnections: { method: "GET", path: "/v1/connections", writes: false },
  createConnection: { method: "POST", path: "/v1/connections", writes: true },
  getConnection: { method: "GET", path: "/v1/connections/{connection}", writes: false },
  putConnection: { method: "PUT", path: "/v1/connections/{connection}", writes: true },
  deleteConnection: { method: "DELETE", path: "/v1/connections/{connection}", writes: true },
  listEvents: { method: "GET", path: "/v1/events", writes: false },
  getSelf: { method: "GET", path: "/v1/keys/self", writes: false },
  getRevisions: { method: "GET", path: "/v1/revisions", writes: false },
  listKeys: { method: "GET", path: "/v1/keys", writes: false },
  createKey: { method: "POST", path: "/v1/keys", writes: true },
  getKey: { method: "GET", path: "/v1/keys/{key}", writes: false },
  updateKey: { method: "PATCH", path: "/v1/keys/{key}", writes: true },
  revokeKey: { method: "DELETE", path: "/v1/keys/{key}", writes: true },
  listProjects: { method: "GET", path: "/v1/projects", writes: false },
  createProject: { method: "POST", path: "/v1/projects", writes: true },
  getProject: { method: "GET", path: "/v1/projects/{project}", writes: false },
  updateProject: { method: "PATCH", path: "/v1/projects/{project}", writes: true },
  deleteProject: { method: "DELETE", path: "/v1/projects/{project}", writes: true },
  restoreProject: { method: "POST", path: "/v1/projects/{project}/restore", writes: true },
} as const;
