import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, type Input, type Prompt } from "cuecard";

import { refusals } from "../accepts.ts";
import { type FileCase, readCases, runCase } from "../cases.ts";
import { command } from "../command.ts";
import { documentOf } from "../content.ts";
import { EXIT, CommandFailure } from "../failure.ts";
import { type Finding, inspect, type PromptFile, readPrompt, slugs } from "../files/prompt.ts";
import { lockText, makeLock, readLock } from "../lock.ts";
import type { Session } from "../session.ts";
import { placeOf, type Typed } from "../types.ts";
import { current, DEFAULT, sourceOf, typed } from "./types.ts";

export const check = command({
  name: "check",
  about:
    "For CI: files compile, cases pass, types and lock are current, and every tag's version takes the inputs of the types.",
  takes: "",
  words: [0, 0],
  options: {
    github: { type: "boolean", about: "annotate the files of a pull request on GitHub" },
    offline: { type: "boolean", about: "leave out what only the server can tell" },
    types: {
      type: "string",
      value: "FILE",
      multiple: true,
      about: "a file of types (default cuecard.d.ts, where it is there)",
    },
  },
  async run({ options, session }) {
    const { terminal } = session;
    const { files, findings } = readAll(session);
    const compiled = new Map<PromptFile, Prompt>();
    for (const file of files) {
      const inspected = inspect(file);
      findings.push(...inspected.findings);
      if (inspected.prompt !== undefined) compiled.set(file, inspected.prompt);
    }
    const whole = compiled.size === files.length && findings.every(({ level }) => level !== "error");
    for (const [file, prompt] of compiled) findings.push(...cases(session, file, prompt));
    const typeFiles = typesFiles(session, options.types);
    const make = once((source: string) => typed(session, source));
    if (whole) findings.push(...(await types(make, typeFiles)));
    const online = !options.offline && session.url !== undefined;
    if (online)
      findings.push(...(await lock(session)), ...(await tags(session, await typing(make, typeFiles, compiled))));

    for (const finding of findings) (options.github ? annotate : show)(session, finding);
    const errors = findings.filter(({ level }) => level === "error").length;
    const checked = `${files.length} ${files.length === 1 ? "file" : "files"}${online ? "" : ", without the server"}`;
    terminal.print(
      errors === 0
        ? `${terminal.paint("green", "good:")} ${checked}`
        : `${terminal.paint("red", "failed:")} ${errors} in ${checked}`,
    );
    return { exit: errors > 0 ? EXIT.no : EXIT.done, data: { files: files.length, errors, online, findings } };
  },
});

const TOP = { line: 1, column: 1 };

/** The same, asked once for the same arguments. */
function once<A extends readonly unknown[], T>(ask: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (...args) => {
    const key = JSON.stringify(args);
    const answer = answers.get(key) ?? ask(...args);
    answers.set(key, answer);
    return answer;
  };
}

/** Every file that can be read, and the errors of the others. */
function readAll({ project }: Session): { files: PromptFile[]; findings: Finding[] } {
  const findings: Finding[] = [];
  const files = slugs(project).flatMap((slug) => {
    try {
      return [readPrompt(project, slug)];
    } catch (error) {
      findings.push(findingOf(error));
      return [];
    }
  });
  return { files, findings };
}

/** A failure that says file, line and column. */
function findingOf(error: unknown): Finding {
  if (!(error instanceof CommandFailure)) throw error;
  const [, file = "", line = "1", column = "1", message = error.message] =
    /^(.*?):(\d+):(\d+): (.*)$/s.exec(error.message) ?? [];
  const place = { line: Number(line), column: Number(column) };
  return { level: "error", file, place, code: error.code, message };
}

function cases({ project }: Session, file: PromptFile, prompt: Prompt): Finding[] {
  let all: readonly FileCase[];
  try {
    all = readCases(project, file.slug);
  } catch (error) {
    return [findingOf(error)];
  }
  const results = all.map((one) => runCase(file, prompt, one));
  return results
    .filter(({ passed }) => !passed)
    .map(({ name, failures }) => ({
      level: "error",
      file: file.name,
      place: TOP,
      code: "case_failed",
      message: `case ${name}: ${failures.join("; ")}`,
    }));
}

interface TypesFile {
  readonly name: string;
  /** `undefined` if it does not exist. */
  readonly text: string | undefined;
}

function typesFiles({ project }: Session, named: readonly string[]): TypesFile[] {
  const names = named.length > 0 ? named : [DEFAULT].filter((name) => existsSync(join(project.root, name)));
  return names.map((name) => {
    const path = join(project.root, name);
    return { name, text: existsSync(path) ? readFileSync(path, "utf8") : undefined };
  });
}

/** The types of a source. */
type Make = (source: string) => Promise<readonly Typed[]>;

async function types(make: Make, files: readonly TypesFile[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, text } of files) {
    if (text === undefined || (await current(make, text)) !== text)
      findings.push({
        level: "error",
        file: name,
        place: TOP,
        code: "types_stale",
        message: "is not current: run `cuecard types`",
      });
  }
  return findings;
}

/** Inputs in types, and where to change them. */
interface TypedInputs {
  readonly slug: string;
  readonly inputs: readonly Input[];
  readonly file: string;
  readonly place: Finding["place"];
}

/** The types in the files of types, whatever those were made from; without any, the types of the prompts' files. */
async function typing(
  make: Make,
  files: readonly TypesFile[],
  compiled: ReadonlyMap<PromptFile, Prompt>,
): Promise<TypedInputs[]> {
  const ofFiles: TypedInputs[] = [...compiled].map(([{ slug, name, yaml }, { inputs }]) => ({
    slug,
    inputs,
    file: name,
    place: yaml.place(["inputs"]),
  }));
  const known = files.flatMap(({ name, text }) => (text === undefined ? [] : [{ name, text }]));
  const all = known.length === 0 || known.some(({ text }) => sourceOf(text) === "files") ? ofFiles : [];
  for (const { name, text } of known) {
    const source = sourceOf(text);
    if (source === "files") continue;
    for (const { slug, inputs } of await make(source))
      all.push({ slug, inputs, file: name, place: placeOf(text, slug) ?? TOP });
  }
  return all;
}

async function lock(session: Session): Promise<Finding[]> {
  const before = readLock(session.project);
  if (before === undefined) return [];
  const now = await makeLock(session.server(), before.snapshot.tag, session.terminal, before);
  if (lockText(before) === lockText(now)) return [];
  return [
    {
      level: "error",
      file: "cuecard.lock.json",
      place: TOP,
      code: "lock_stale",
      message: "is not current: run `cuecard lock`",
    },
  ];
}

/** Code with these types must run with the version of each tag. */
async function tags(session: Session, all: readonly TypedInputs[]): Promise<Finding[]> {
  const server = session.server();
  const known = new Map((await server.prompts()).map((prompt) => [prompt.slug, prompt.tags]));
  const wanted = all.flatMap((one) => (known.get(one.slug) ?? []).map((tag) => ({ ...one, ...tag })));
  const asked = once(async (slug: string, version: number) => {
    const head = await server.head(slug, { version });
    return head && compile(documentOf(head.version)).inputs;
  });
  const found = await session.terminal.each("checked", wanted, async ({ slug, inputs, file, place, tag, version }) => {
    const takes = await asked(slug, version);
    if (takes === undefined) return [];
    return refusals(takes, inputs).map(
      (reason): Finding => ({
        level: "error",
        file,
        place,
        code: "inputs_refused",
        message: `${tag} is version ${version}: ${reason}`,
      }),
    );
  });
  return found.flat();
}

function show({ terminal }: Session, { level, file, place, message }: Finding): void {
  const word = terminal.paint(level === "error" ? "red" : "yellow", level);
  terminal.print(`${file}:${place.line}:${place.column}: ${word}: ${message}`);
}

/** A workflow command of GitHub: https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
function annotate(session: Session, { level, file, place, code, message }: Finding): void {
  const property = (text: string) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  const data = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  session.terminal.print(
    `::${level} file=${property(file)},line=${place.line},col=${place.column},title=${property(code)}::${data(message)}`,
  );
}
