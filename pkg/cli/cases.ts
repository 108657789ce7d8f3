/** Cases: named inputs of a prompt with checks, in `<slug>.cases.yaml` beside its file. */
import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { PromptError, type Prompt, type RenderedMessage } from "cuecard";

import { no } from "./failure.ts";
import type { PromptFile } from "./files/prompt.ts";
import { fileOf } from "./files/slug.ts";
import { readText } from "./files/text.ts";
import { Yaml } from "./files/yaml.ts";
import type { ProjectFolder } from "./project.ts";
import { path as pathOf, type Server } from "./server.ts";
import type { Session } from "./session.ts";

export interface FileCase {
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  readonly checks: readonly CaseCheck[];
}

/** Checks of a rendering; each is one member. */
type CaseCheck = { readonly contains: string } | { readonly notContains: string } | { readonly maxCharacters: number };

export interface CaseResult {
  readonly slug: string;
  readonly name: string;
  readonly passed: boolean;
  readonly failures: readonly string[];
}

/** A `<slug>.cases.yaml`, parsed. */
export interface CaseFile {
  readonly path: string;
  readonly text: string;
  readonly yaml: Yaml;
  readonly cases: readonly FileCase[];
}

const SUFFIX = ".cases.yaml";

/** The file for a prompt's cases, whether it exists or not. */
export function casePath(project: ProjectFolder, slug: string): string {
  return join(project.prompts, ...fileOf(slug, SUFFIX).split("/"));
}

/** @throws Failure with line and column for a file that is none */
export function readCases(project: ProjectFolder, slug: string): readonly FileCase[] {
  return readCaseFile(project, slug)?.cases ?? [];
}

/** The file of a prompt's cases, if there is one.
 *
 * @throws Failure with line and column for a file that is none
 */
export function readCaseFile(project: ProjectFolder, slug: string): CaseFile | undefined {
  const path = casePath(project, slug);
  if (!existsSync(path)) return undefined;
  const file = relative(project.root, path).split(sep).join("/");
  const text = readText(path, file);
  const yaml = Yaml.parse(text, file);
  return { path, text, yaml, cases: casesIn(yaml, file) };
}

function casesIn(yaml: Yaml, file: string): FileCase[] {
  const wrong = (at: readonly string[], message: string) => {
    const { line, column } = yaml.place(at);
    return no("cases_invalid", `${file}:${line}:${column}: ${message}`);
  };
  if (yaml.value === null) return [];
  if (!isObject(yaml.value)) throw wrong([], "cases are an object: name → { inputs, checks }");
  return Object.entries(yaml.value).map(([name, value]) => {
    if (!isObject(value)) throw wrong([name], `\`${name}\` is not an object with \`inputs\``);
    const { inputs = {}, checks = [], ...more } = value;
    const unknown = Object.keys(more)[0];
    if (unknown !== undefined) throw wrong([name, unknown], `a case has inputs and checks, no \`${unknown}\``);
    if (!isObject(inputs)) throw wrong([name, "inputs"], "`inputs` is an object");
    if (!Array.isArray(checks)) throw wrong([name, "checks"], "`checks` is a list");
    for (const check of checks) {
      if (!isCheck(check))
        throw wrong([name, "checks"], "a check is { contains }, { notContains } or { maxCharacters }");
    }
    return { name, inputs, checks };
  });
}

/** The cases of the server, whose names may differ from the file's. */
export async function serverCases(server: Server, slug: string, known: readonly FileCase[]): Promise<FileCase[]> {
  const others = (await server.cases(slug)).filter(({ name }) => !known.some((one) => one.name === name));
  return others.map(({ name, inputs }) => ({ name, inputs, checks: [] }));
}

/** The inputs of a case: the file's, or else the server's.
 *
 * @throws Failure where neither has it
 */
export async function caseInputs(session: Session, slug: string, name: string): Promise<Record<string, unknown>> {
  const here = readCases(session.project, slug).find((one) => one.name === name);
  if (here !== undefined) return here.inputs;
  const route = `${pathOf(slug)}/cases/${encodeURIComponent(name)}`;
  const { status, value } = await session.server().call<{ inputs: Record<string, unknown> }>(route, { allow: [404] });
  if (status === 404) throw no("case_not_found", `${slug} has no case \`${name}\`, neither here nor on the server`);
  return value.inputs;
}

/** Renders a case and checks the result. */
export function runCase(file: PromptFile, prompt: Prompt, { name, inputs, checks }: FileCase): CaseResult {
  const failures: string[] = [];
  try {
    const text = prompt.render(inputs).messages.map(textOf).join("\n");
    for (const check of checks) {
      if ("contains" in check && !text.includes(check.contains))
        failures.push(`contains no ${JSON.stringify(check.contains)}`);
      if ("notContains" in check && text.includes(check.notContains))
        failures.push(`contains ${JSON.stringify(check.notContains)}`);
      if ("maxCharacters" in check && [...text].length > check.maxCharacters)
        failures.push(`has ${[...text].length} characters, more than ${check.maxCharacters}`);
    }
  } catch (error) {
    if (!(error instanceof PromptError)) throw error;
    failures.push(error.message);
  }
  return { slug: file.slug, name, passed: failures.length === 0, failures };
}

/** The text of a message, for people. */
export function textOf({ content }: RenderedMessage): string {
  if (typeof content === "string") return content;
  const text = (part: (typeof content)[number]) => {
    if (part.type === "text") return part.text;
    return part.type === "image" ? `[image ${part.image}]` : `[${part.type}]`;
  };
  return content.map(text).join("\n");
}

function isCheck(check: unknown): check is CaseCheck {
  if (!isObject(check) || Object.keys(check).length !== 1) return false;
  const [[name, value]] = Object.entries(check) as [[string, unknown]];
  return name === "maxCharacters"
    ? Number.isInteger(value)
    : ["contains", "notContains"].includes(name) && typeof value === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
