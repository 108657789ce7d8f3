/** The content of a prompt in comparisons: a version without its number and without the commit it was pushed from. */
import { compile, type Document, type JsonObject, type ResolvedVersion } from "cuecard";

/** The git commit that a version was pushed from, in its `metadata.git`. */
export interface PushedFrom {
  readonly commit: string;
  readonly branch?: string;
  readonly url?: string;
  /** Whether the file had uncommitted changes. */
  readonly dirty?: boolean;
}

/** The document of a version, in the form of a file. */
export function documentOf(version: ResolvedVersion): Document {
  const {
    slug: _s,
    version: _v,
    id: _i,
    hash: _h,
    commitMessage: _c,
    author: _a,
    createdAt: _t,
    resolved: _r,
    ...document
  } = version;
  return withoutPushed(document);
}

/** The document with a note of the git commit it was pushed from. */
export function withPushed(document: Document, pushed: PushedFrom | undefined): Document {
  if (pushed === undefined) return document;
  return { ...document, metadata: { ...document.metadata, git: pushed as unknown as JsonObject } };
}

export function pushedFrom(version: ResolvedVersion): PushedFrom | undefined {
  const git = version.metadata?.["git"] as Partial<PushedFrom> | undefined;
  return typeof git?.commit === "string" ? (git as PushedFrom) : undefined;
}

function withoutPushed(document: Document): Document {
  const { metadata, ...rest } = document;
  if (metadata === undefined) return document;
  const { git: _, ...others } = metadata;
  return Object.keys(others).length === 0 ? rest : { ...rest, metadata: others };
}

/** The same hash for equal content, whatever the order of keys and the spelling of types. */
export function contentHash(document: Document): string {
  return compile(withoutPushed(document)).hash;
}
