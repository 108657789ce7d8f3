/** References: `slug`, `slug@tag`, `slug@latest` or `slug@7`, read as `crates/prompt/src/reference.rs` does. */
import { type PromptError, fromProblem } from "./error.ts";
import type { Code } from "./types.ts";

/** A slug, and the version, if the reference names one. */
export interface Reference {
  readonly slug: string;
  readonly tag?: string;
  readonly version?: number;
}

const SLUG = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
const TAG = /^[a-z][a-z0-9_-]{0,63}$/;

/** @throws PromptError `slug_invalid`, `tag_invalid`, `version_invalid` */
export function parseReference(text: string): Reference {
  const at = text.indexOf("@");
  const selected = at < 0 ? {} : parseSelector(text.slice(at + 1));
  const slug = at < 0 ? text : text.slice(0, at);
  if (slug.length <= 200 && SLUG.test(slug)) return { slug, ...selected };
  throw invalid(
    "slug_invalid",
    "The slug is not valid",
    "a slug is letters, digits, `.`, `_` and `-`, each part between `/` starting with a letter or digit, at most 200 bytes",
  );
}

function parseSelector(text: string): { readonly tag?: string; readonly version?: number } {
  if (/^\d+$/.test(text)) {
    const version = Number(text);
    if (!text.startsWith("0") && version <= 0xffff_ffff) return { version };
    throw invalid("version_invalid", "The version is not valid", "a version is a whole number from 1");
  }
  // The reader's spelling.
  const tag = text === "live" ? "production" : text;
  if (TAG.test(tag)) return { tag };
  throw invalid(
    "tag_invalid",
    "The tag is not valid",
    "a tag is a lower-case letter, then lower-case letters, digits, `_` and `-`, at most 64 bytes",
  );
}

function invalid(code: Code, title: string, detail: string): PromptError {
  return fromProblem({ type: `urn:cuecard:error:${code}`, title, status: 400, code, detail });
}
