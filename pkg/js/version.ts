/** Versions as the API answers them. */
import type { Document, ResolvedVersion } from "./types.ts";

/** What is not of the version itself is its document. */
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
