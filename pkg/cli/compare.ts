/** Three sides of a prompt: the file's base version, the file, and the server's newest version. */
import type { Document } from "cuecard";

import { contentHash, documentOf, pushedFrom } from "./content.ts";
import { compileFile, type PromptFile, readPrompt, slugs } from "./files/prompt.ts";
import { Yaml } from "./files/yaml.ts";
import { no } from "./failure.ts";
import { Git } from "./git.ts";
import type { PromptInfo } from "../js/admin/api.ts";
import type { HeadVersion, Server } from "./server.ts";
import type { Session } from "./session.ts";

export type State =
  | "same"
  /** Only the file has changed. */
  | "changed_here"
  /** Only the server has changed. */
  | "changed_there"
  /** Both, in different ways. */
  | "conflict"
  /** The server has no such prompt yet. */
  | "only_here"
  /** There is no file yet. */
  | "only_there"
  /** The server had it, and it is gone. */
  | "deleted_there";

export interface Compared {
  readonly slug: string;
  readonly state: State;
  readonly file: PromptFile | undefined;
  readonly head: HeadVersion | undefined;
  readonly base: number | undefined;
}

export interface CompareOptions {
  readonly wanted: readonly string[];
  /** Also prompts without a file. */
  readonly all: boolean;
  /** In place of the newest version. */
  readonly tag?: string | undefined;
}

/** Compares files with the server.
 *
 * @throws Failure for the first file that does not compile
 */
export async function compare(session: Session, server: Server, options: CompareOptions): Promise<Compared[]> {
  const { project, terminal } = session;
  const { wanted, all, tag = "latest" } = options;
  const known = new Map((await server.prompts()).map((prompt) => [prompt.slug, prompt]));
  const here = slugs(project).filter((slug) => wanted.length === 0 || wanted.includes(slug));
  for (const slug of wanted) {
    if (!here.includes(slug) && !(all && known.has(slug)))
      throw no("prompt_not_found", `there is neither a file nor a prompt \`${slug}\``);
  }
  const files = new Map(here.map((slug) => [slug, readPrompt(project, slug)]));
  for (const file of files.values()) compileFile(file);
  const there = all ? [...known.keys()].filter((slug) => wanted.length === 0 || wanted.includes(slug)) : [];
  const names = [...new Set([...here, ...there])].sort();
  const git = new Git(project.root, session.env);
  const compared = await terminal.each("compared", names, async (slug) => {
    const head = known.has(slug) ? await server.head(slug, { tag }) : undefined;
    return judge(slug, files.get(slug), head, known.get(slug), server, git);
  });
  return compared.filter((one) => one !== undefined);
}

async function judge(
  slug: string,
  file: PromptFile | undefined,
  head: HeadVersion | undefined,
  info: PromptInfo | undefined,
  server: Server,
  git: Git,
): Promise<Compared | undefined> {
  const as = (state: State, base = file?.base): Compared => ({ slug, state, file, head, base });
  if (file === undefined) return head === undefined ? undefined : as("only_there");
  if (head === undefined) {
    // A prompt without the tag that was asked for has nothing to compare with.
    if (info !== undefined) return undefined;
    return as(file.base === undefined ? "only_here" : "deleted_there");
  }
  const [mine, theirs] = [contentHash(file.document), contentHash(documentOf(head.version))];
  if (mine === theirs) return as("same", head.version.version);
  const { base } = file;
  if (base === head.version.version || isOurs(file, head, theirs, git)) return as("changed_here", head.version.version);
  const began = await baseDocument(server, slug, base);
  return as(began !== undefined && contentHash(began) === mine ? "changed_there" : "conflict");
}

/** The file's base version, if the server still has it. */
export async function baseDocument(
  server: Server,
  slug: string,
  base: number | undefined,
): Promise<Document | undefined> {
  const head = base === undefined ? undefined : await server.head(slug, { version: base });
  return head === undefined ? undefined : documentOf(head.version);
}

/** Whether the newest version was pushed from a commit that this work tree comes from, with this file as it was there.
 * Then nobody else has changed it, though the file does not say so: a CI that pushes does not commit. */
function isOurs(file: PromptFile, { version }: HeadVersion, theirs: string, git: Git): boolean {
  const pushed = pushedFrom(version);
  if (pushed === undefined || pushed.dirty === true) return false;
  const text = git.ancestor(pushed.commit, file.path);
  if (text === undefined) return false;
  try {
    return contentHash(Yaml.parse(text, file.name).value as Document) === theirs;
  } catch {
    return false;
  }
}
