/** What the API answers, as `/openapi.json` has it. */
import type { Document, Issue, JsonObject } from "cuecard";

export type Role = "read" | "run" | "write" | "admin";

/** How much a key may run. */
export interface Limits {
  readonly runsPerMinute?: number;
  readonly tokensPerDay?: number;
}

export const RECORDINGS = ["off", "usage", "full"] as const;
export interface Recording {
  readonly mode: (typeof RECORDINGS)[number];
  readonly days: number;
}

export interface KeySelf {
  readonly organization: string;
  readonly project: string;
  readonly key: string;
  readonly name?: string;
  readonly role: Role;
}

export interface TagPointer {
  readonly tag: string;
  readonly version: number;
}

export interface PromptInfo {
  readonly slug: string;
  readonly project: string;
  readonly name?: string;
  readonly description?: string;
  readonly scope: "project" | "organization";
  readonly latest: number;
  readonly tags: readonly TagPointer[];
  readonly revision: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly deletedAt?: string;
}

export interface VersionInfo {
  readonly slug: string;
  readonly version: number;
  readonly id: string;
  readonly hash: string;
  readonly commitMessage?: string;
  readonly author?: string;
  readonly createdAt: string;
}
export type Version = Document & VersionInfo;
export type HistoryEntry = Version & { readonly tags: readonly string[]; readonly revision: number };
export type Committed = Version & { readonly created?: boolean; readonly warnings?: readonly Issue[] };

export interface DraftInfo {
  readonly slug: string;
  readonly author?: string;
  readonly base?: number;
  readonly revision: number;
  readonly updatedAt: string;
  readonly updatedBy?: string;
}
export type Draft = Document & DraftInfo;

export interface Tag extends TagPointer {
  readonly revision: number;
  readonly updatedAt: string;
  readonly updatedBy?: string;
}

export interface Move {
  readonly revision: number;
  readonly kind: "commit" | "set" | "rollback" | "delete";
  readonly from?: number;
  readonly to?: number;
  readonly at: string;
  readonly by?: string;
  readonly reason?: string;
}

export interface Case {
  readonly name: string;
  readonly inputs: JsonObject;
  readonly revision: number;
  readonly updatedAt: string;
  readonly updatedBy?: string;
}

export interface Key {
  readonly id: string;
  readonly project: string;
  readonly role: Role;
  readonly name?: string;
  readonly createdAt: string;
  readonly createdBy?: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
  readonly limits?: Limits;
}

export interface Project {
  readonly slug: string;
  readonly name?: string;
  readonly allowedOrigins: readonly string[];
  readonly recording: Recording;
  readonly createdAt: string;
  readonly deletedAt?: string;
}

export interface AuditEvent {
  readonly revision: number;
  readonly at: string;
  readonly key?: string;
  readonly actor?: string;
  readonly action: string;
  readonly slug?: string;
  readonly detail: JsonObject;
}
