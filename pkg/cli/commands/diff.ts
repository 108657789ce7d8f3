import { compile, type Document, type Prompt, PromptError } from "cuecard";

import { readCases, serverCases, textOf } from "../cases.ts";
import { compare } from "../compare.ts";
import { command } from "../command.ts";
import { documentOf } from "../content.ts";
import { lines, unified } from "../difference.ts";
import { no, wrongUse } from "../failure.ts";
import type { PromptFile } from "../files/prompt.ts";
import type { Server } from "../server.ts";
import type { Session } from "../session.ts";
import { INPUT_OPTIONS, inputsOf } from "./render.ts";

/** One side of a comparison. */
interface DiffSide {
  readonly name: string;
  /** `undefined` if it has no such prompt. */
  readonly document: Document | undefined;
}

interface DiffPair {
  readonly slug: string;
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** The file whose order and comments both sides take. */
  readonly file: PromptFile | undefined;
}

interface Difference {
  readonly slug: string;
  /** The inputs, if it is a rendering. */
  readonly case?: string;
  readonly diff: string;
}

export const diff = command({
  name: "diff",
  about: "Shows what differs between the files and the server, or between two versions of a prompt.",
  takes: "[slug]…",
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    tag: {
      type: "string",
      value: "TAG",
      about: "compare the files with the versions under this tag, in place of the newest",
    },
    from: {
      type: "string",
      value: "VERSION",
      about: "with --to: a number, a tag or `latest`; compares two versions of one prompt",
    },
    to: { type: "string", value: "VERSION", about: "default: latest" },
    rendered: {
      type: "boolean",
      about: "what they render, for each case of the file and the server, or for the inputs that are given",
    },
    ...INPUT_OPTIONS,
    "exit-code": { type: "boolean", about: "end with 1 where something differs" },
  },
  async run({ words, options, session }) {
    const { terminal } = session;
    const server = session.server();
    const given = options.input.length > 0 || options.inputs !== undefined || options.case !== undefined;
    if (given && !options.rendered) throw wrongUse("inputs are for --rendered");
    const pairs =
      options.from === undefined && options.to === undefined
        ? await filesAndServer(session, server, words, options.tag)
        : [await twoVersions(server, words, options.from, options.to)];
    const found: Difference[] = [];
    for (const pair of pairs) {
      if (!options.rendered) {
        const [before, after] = [pair.before, pair.after].map(({ document }) =>
          document === undefined ? "" : lines(document, pair.file),
        );
        found.push({
          slug: pair.slug,
          diff: unified(terminal, [pair.before.name, pair.after.name], before ?? "", after ?? ""),
        });
        continue;
      }
      const [before, after] = [compiled(pair.before), compiled(pair.after)];
      const cases = given
        ? [
            {
              name: options.case ?? "inputs",
              inputs: await inputsOf(session, pair.slug, options, after ?? { inputs: [] }),
            },
          ]
        : await casesOf(session, server, pair.slug);
      for (const { name, inputs } of cases) {
        const names = [`${pair.before.name}, ${name}`, `${pair.after.name}, ${name}`] as const;
        const diff = unified(terminal, names, rendered(before, inputs), rendered(after, inputs));
        found.push({ slug: pair.slug, case: name, diff });
      }
    }
    const differing = found.filter(({ diff }) => diff !== "");
    for (const { diff } of differing) terminal.print(diff);
    if (options.rendered && found.length === 0 && pairs.length > 0)
      terminal.note("nothing was rendered: there are no cases; --input and --inputs take inputs");
    return {
      exit: differing.length > 0 && options["exit-code"] ? 1 : 0,
      data: { differences: differing, ...(options.rendered && { compared: found.length }) },
    };
  },
});

async function filesAndServer(
  session: Session,
  server: Server,
  wanted: readonly string[],
  tag: string | undefined,
): Promise<DiffPair[]> {
  const compared = await compare(session, server, { wanted, all: true, tag });
  return compared
    .filter(({ state }) => state !== "same")
    .map(({ slug, file, head }) => ({
      slug,
      before: {
        name: head === undefined ? "nothing" : `${slug}@${head.version.version}`,
        document: head === undefined ? undefined : documentOf(head.version),
      },
      after: { name: file?.name ?? "nothing", document: file?.document },
      file,
    }));
}

async function twoVersions(
  server: Server,
  [slug, ...more]: readonly string[],
  from = "production",
  to = "latest",
): Promise<DiffPair> {
  if (slug === undefined || more.length > 0) throw wrongUse("--from and --to compare versions of one prompt: name it");
  const [before, after] = [await version(server, slug, from), await version(server, slug, to)];
  return {
    slug,
    before: { name: `${slug}@${from}`, document: before },
    after: { name: `${slug}@${to}`, document: after },
    file: undefined,
  };
}

async function version(server: Server, slug: string, selector: string): Promise<Document> {
  const chosen = /^\d+$/.test(selector) ? { version: Number(selector) } : { tag: selector };
  const head = await server.head(slug, chosen);
  if (head === undefined) throw no("version_not_found", `there is no ${slug}@${selector}`);
  return documentOf(head.version);
}

async function casesOf({ project }: Session, server: Server, slug: string) {
  const here = readCases(project, slug);
  return [...here, ...(await serverCases(server, slug, here))];
}

function compiled({ document }: DiffSide): Prompt | undefined {
  return document === undefined ? undefined : compile(document);
}

/** The rendering as lines, or its error, which may be the difference. */
function rendered(prompt: Prompt | undefined, inputs: Record<string, unknown>): string {
  if (prompt === undefined) return "";
  try {
    return prompt
      .render(inputs)
      .messages.map((message) => `${message.role}:\n${textOf(message)}\n`)
      .join("\n");
  } catch (error) {
    if (!(error instanceof PromptError)) throw error;
    return `error: ${error.message}\n`;
  }
}
