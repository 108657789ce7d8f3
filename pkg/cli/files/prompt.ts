/** The files of prompts: `prompts/<slug>.prompt.yaml`. */
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { compile, PromptError, type Document, type Issue, type Prompt } from "cuecard";

import { CommandFailure, no } from "../failure.ts";
import type { ProjectFolder } from "../project.ts";
import { readOtherwise } from "../readers.ts";
import { checkCase, fileOf, SUFFIX, unfit } from "./slug.ts";
import { readText } from "./text.ts";
import { type SourcePlace, toYaml, Yaml } from "./yaml.ts";

/** A parsed file. */
export interface PromptFile {
  readonly slug: string;
  /** Its path for people: relative to the project. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly yaml: Yaml;
  readonly document: Document;
  /** Its base version. */
  readonly base: number | undefined;
}

/** A mistake in a file. */
export interface Finding {
  readonly level: "error" | "warning";
  readonly file: string;
  readonly place: SourcePlace;
  readonly code: string;
  readonly message: string;
}

/** Names the file's base version; written by `pull` and `push`. */
const BASE = /^# cuecard: (\S+)@(\d+)[^\S\n]*\n?/m;

/** The slugs that have a file, or those of `wanted`, which must have one.
 *
 * @throws Failure for a file whose name is no slug, and for a slug without a file
 */
export function slugs(project: ProjectFolder, wanted: readonly string[] = []): string[] {
  if (wanted.length > 0) {
    for (const slug of wanted) {
      if (!existsSync(pathOf(project, slug))) throw no("file_missing", `there is no file ${nameOf(project, slug)}`);
    }
    return [...new Set(wanted)].sort();
  }
  if (!existsSync(project.prompts)) return [];
  const files = readdirSync(project.prompts, { recursive: true, encoding: "utf8" });
  const found = files
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length).split(sep).join("/"));
  for (const slug of found) {
    const reason = unfit(slug);
    if (reason !== undefined) throw no("slug_unfit", `${slug}${SUFFIX} is not a prompt file: ${reason}`);
  }
  checkCase(found);
  return found.sort();
}

/** @throws Failure with line and column if it is not YAML or not an object */
export function readPrompt(project: ProjectFolder, slug: string): PromptFile {
  const path = pathOf(project, slug);
  const name = nameOf(project, slug);
  const text = readText(path, name);
  const yaml = Yaml.parse(text, name);
  const { value } = yaml;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw no("yaml_invalid", `${name}:1:1: a prompt is an object with \`messages\``);
  const header = BASE.exec(text);
  const base = header?.[1] === slug ? Number(header[2]) : undefined;
  return { slug, name, path, text, yaml, document: value as Document, base };
}

/** Compiles a file.
 *
 * @throws Failure with line and column
 */
export function compileFile(file: PromptFile): Prompt {
  const { prompt, findings } = inspect(file);
  if (prompt !== undefined) return prompt;
  const [first, ...rest] = findings.map(
    ({ file, place, message }) => `${file}:${place.line}:${place.column}: ${message}`,
  );
  throw no("document_invalid", first ?? `${file.name} does not compile`, rest.join("\n"));
}

/** Compiles a file, and gives each issue its place in it. */
export function inspect(file: PromptFile): { prompt: Prompt | undefined; findings: Finding[] } {
  const finding = (level: Finding["level"], issue: Pick<Issue, "code" | "pointer" | "message" | "at">): Finding => ({
    level,
    file: file.name,
    place: placeOf(file, issue),
    code: issue.code,
    message: issue.message,
  });
  try {
    const prompt = compile(file.document);
    const warnings = [...prompt.warnings, ...readOtherwise(file.document)];
    return { prompt, findings: warnings.map((issue) => finding("warning", issue)) };
  } catch (error) {
    if (!(error instanceof PromptError)) throw error;
    const { code, message, at, issues } = error;
    const whole = { code, pointer: "", message: message.split("\n")[0] ?? code, ...(at && { at }) };
    return {
      prompt: undefined,
      findings: (issues.length > 0 ? issues : [whole]).map((issue) => finding("error", issue)),
    };
  }
}

function placeOf({ yaml, document }: PromptFile, { pointer, at }: Pick<Issue, "pointer" | "at">): SourcePlace {
  if (at !== undefined) {
    const message = at.message ?? 0;
    const content = ["messages", message, "content"];
    const parts = document.messages?.[message]?.content;
    if (typeof parts === "string") return yaml.placeIn(content, at);
    return yaml.place(content);
  }
  const path = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return yaml.place(path.map((part) => (/^\d+$/.test(part) ? Number(part) : part)));
}

/** The text of a file with this content and base version; comments and order of `before` stay. */
export function textOf(slug: string, document: Document, base: number | undefined, before?: PromptFile): string {
  const text =
    before === undefined ? toYaml(document) : same(before, document) ? before.text : before.yaml.with(document);
  const header = base === undefined ? "" : `# cuecard: ${slug}@${base}\n`;
  return header + withoutBase(text);
}

export function withoutBase(text: string): string {
  return text.replace(BASE, "");
}

function same(file: PromptFile, document: Document): boolean {
  return JSON.stringify(file.document) === JSON.stringify(document);
}

/** Replaces files atomically: concurrent readers see the old or the new text. A pipe or a device is written to. */
export function writeFiles(files: readonly { readonly path: string; readonly text: string }[]): void {
  for (const { path, text } of files) {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile()) {
      writeFileSync(path, text);
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    const file = there === undefined ? path : realpathSync(path);
    const next = `${file}.${process.pid}.tmp`;
    try {
      writeFileSync(next, text);
      renameSync(next, file);
    } catch (error) {
      rmSync(next, { force: true });
      throw error;
    }
  }
}

export function pathOf(project: ProjectFolder, slug: string): string {
  return join(project.prompts, ...fileOf(slug).split("/"));
}

export function nameOf(project: ProjectFolder, slug: string): string {
  return relative(project.root, pathOf(project, slug)).split(sep).join("/");
}

/** Reads every file, and reports the mistakes of all.
 *
 * @throws Failure
 */
export function readPrompts(project: ProjectFolder, wanted: readonly string[] = []): PromptFile[] {
  const failures: CommandFailure[] = [];
  const files = slugs(project, wanted).flatMap((slug) => {
    try {
      return [readPrompt(project, slug)];
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      failures.push(error);
      return [];
    }
  });
  const [first, ...rest] = failures;
  if (first !== undefined) throw no(first.code, first.message, rest.map(({ message }) => message).join("\n"));
  return files;
}
