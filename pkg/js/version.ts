/** Versions as the API answers them. */
import type { Document, ResolvedVersion } from "./types.ts";

/** The members that are not the version's own are its document. */
export function documentOf({
  slug,
  version,
  id,
  hash,
  commitMessage,
  author,
  createdAt,
  resolved,
  ...document
}: ResolvedVersion): Document {
  return document;
}
