import { type Compared, baseDocument, compare } from "../compare.ts";
import { type ComparedCases, casesHere, compareAllCases, pulledFile, pushCases } from "../compare-cases.ts";
import { command } from "../command.ts";
import { documentOf, withPushed } from "../content.ts";
import { merge, threeWay } from "../difference.ts";
import { EXIT, no } from "../failure.ts";
import { type PromptFile, compileFile, readPrompt, textOf, writeFiles } from "../files/prompt.ts";
import { Git } from "../git.ts";
import type { Server } from "../server.ts";
import type { Session } from "../session.ts";

/** The result for one file. */
interface PushResult {
  readonly slug: string;
  readonly state: "pushed" | "made" | "same" | "skipped" | "taken" | "would_push";
  readonly version?: number;
}

export const push = command({
  name: "push",
  about:
    "Commits the files that have changed as new versions, and saves their cases. A change by others meanwhile is a conflict.",
  takes: "[slug]…",
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    message: { type: "string", short: "m", value: "TEXT", about: "why, for the history" },
    tag: {
      type: "string",
      value: "TAG",
      multiple: true,
      about: "also move this tag to the new versions; no tag moves otherwise",
    },
    "dry-run": { type: "boolean", about: "say what would be pushed, and push nothing" },
  },
  more: `A version's metadata says from which git commit, branch and URL it was pushed. A prompt's first version gets the tag
production from the server. Without a terminal a conflict stops everything: nothing is pushed, the exit code is 1.`,
  async run({ words, options, session }) {
    const server = session.server();
    const compared = await compare(session, server, { wanted: words, all: false });
    const slugs = compared.map(({ slug }) => slug);
    const files = casesHere(session.project, slugs).filter(({ file }) => file !== undefined);
    const cases = await compareAllCases(session.terminal, server, files);
    const plans = await settle(session, server, compared, options["dry-run"]);
    const settled = await settleCases(session, cases, options["dry-run"]);
    const git = new Git(session.project.root, session.env);
    const results: PushResult[] = [];
    for (const { one, file } of plans) {
      const { slug } = one;
      if (file === undefined) {
        results.push({ slug, state: one.state === "same" ? "same" : "skipped" });
        continue;
      }
      if (options["dry-run"]) {
        results.push({ slug, state: "would_push" });
        session.terminal.print(
          `${slug}: ${one.head === undefined ? "would be made" : `version ${one.head.version.version} would get a successor`}`,
        );
        continue;
      }
      const body = {
        ...withPushed(file.document, git.pushed(file.path)),
        ...(options.message !== undefined && { commitMessage: options.message }),
        ...(options.tag.length > 0 && { tags: options.tag }),
      };
      const condition = one.head === undefined ? { "if-none-match": "*" } : { "if-match": one.head.etag };
      const { status, value } = await server.commit(slug, body, condition);
      if (status === 412) throw no("conflict", `${slug} was changed by others just now: push again`);
      writeFiles([{ path: file.path, text: textOf(slug, file.document, value.version, file) }]);
      results.push({ slug, state: one.head === undefined ? "made" : "pushed", version: value.version });
      session.terminal.print(`${slug}: version ${value.version}${options.tag.map((tag) => `, ${tag}`).join("")}`);
    }
    const pushedCases: string[] = [];
    for (const one of settled) {
      const { slug, file, put, remove } = one;
      // A case cannot be saved without its prompt.
      if (results.find((result) => result.slug === slug)?.state === "skipped") continue;
      const text = options["dry-run"] ? undefined : await pushCases(server, one);
      if (file !== undefined && text !== undefined && text !== file.text) writeFiles([{ path: file.path, text }]);
      if (put.length + remove.length === 0) continue;
      pushedCases.push(slug);
      const count = put.length + remove.length;
      session.terminal.print(
        `${slug}: ${count} ${count === 1 ? "case" : "cases"}${options["dry-run"] ? " would be pushed" : ""}`,
      );
    }
    if (pushedCases.length === 0 && !results.some(({ state }) => state !== "same"))
      session.terminal.print("Nothing to push: the files are as the server has them.");
    const skipped = results.some(({ state }) => state === "skipped") || settled.length < cases.filter(isMine).length;
    return { exit: skipped ? EXIT.no : EXIT.done, data: { pushed: results, cases: pushedCases } };
  },
});

/** The cases to push, decided before anything is pushed. */
async function settleCases(session: Session, cases: readonly ComparedCases[], dry: boolean): Promise<ComparedCases[]> {
  const { terminal, project } = session;
  const clashing = cases.filter(({ state }) => state === "conflict");
  if (clashing.length > 0 && (!terminal.canAsk || dry)) {
    const names = clashing.map(({ slug }) => slug).join(", ");
    throw no(
      "conflict",
      `cases changed here and on the server, nothing was pushed: ${names} (pull --force takes theirs)`,
    );
  }
  const settled: ComparedCases[] = [];
  for (const one of cases.filter(isMine)) {
    if (one.state !== "conflict") {
      settled.push(one);
      continue;
    }
    const answer = await terminal.choose(`${one.slug}: which cases?`, [
      { value: "mine", label: "mine: push the file's over them" },
      { value: "theirs", label: "theirs: replace the file's by the server's" },
      { value: "skip", label: "skip: leave both as they are" },
    ]);
    const taken = answer === "theirs" ? pulledFile(project, one, true) : undefined;
    if (taken !== undefined) writeFiles([taken]);
    if (answer === "mine") settled.push(one);
  }
  return settled;
}

function isMine({ state }: ComparedCases): boolean {
  return state !== "changed_there";
}

interface PushPlan {
  readonly one: Compared;
  /** The content to push; `undefined` if there is nothing to push. */
  readonly file: PromptFile | undefined;
}

/** Decides what to do with each file before anything is pushed. */
async function settle(
  session: Session,
  server: Server,
  compared: readonly Compared[],
  dry: boolean,
): Promise<PushPlan[]> {
  const conflicts = compared.filter(({ state }) => ["conflict", "changed_there", "deleted_there"].includes(state));
  const blocking = conflicts.filter(({ state }) => state !== "changed_there");
  if (blocking.length > 0 && (!session.terminal.canAsk || dry)) {
    const shown = await Promise.all(blocking.map((one) => describe(session, server, one)));
    const names = blocking.map(({ slug }) => slug).join(", ");
    throw no("conflict", `changed here and on the server, nothing was pushed: ${names}`, shown.join("\n\n"));
  }
  const plans: PushPlan[] = [];
  for (const one of compared) {
    if (one.state === "changed_here" || one.state === "only_here") plans.push({ one, file: one.file });
    else if (one.state === "conflict" || one.state === "deleted_there")
      plans.push({ one, file: await askFor(session, server, one) });
    else if (one.state === "changed_there") {
      session.terminal.note(
        `${one.slug}: the server has a newer version, and the file no change: \`cuecard pull\` takes it`,
      );
      plans.push({ one: { ...one, state: "same" }, file: undefined });
    } else {
      keepBase(one);
      plans.push({ one, file: undefined });
    }
  }
  return plans;
}

/** A file equal to the newest version has that as its base from now on. */
function keepBase({ file, head, slug }: Compared): void {
  if (file === undefined || head === undefined || file.base === head.version.version) return;
  writeFiles([{ path: file.path, text: textOf(slug, file.document, head.version.version, file) }]);
}

async function describe(session: Session, server: Server, one: Compared): Promise<string> {
  const { slug, file, head } = one;
  if (file === undefined || head === undefined)
    return `${slug} was deleted on the server; the file began from version ${one.base}`;
  const base = await baseDocument(server, slug, file.base);
  const began =
    file.base === undefined ? "does not name the version that it began from" : `began from version ${file.base}`;
  const { version, author } = head.version;
  const by = author === undefined ? "" : ` by ${author}`;
  return `${slug}: the file ${began}, the server has version ${version}${by}\n${threeWay(session.terminal, file, base, documentOf(head.version))}`;
}

/** The menu of a conflict; returns the content to push. */
async function askFor(session: Session, server: Server, one: Compared): Promise<PromptFile | undefined> {
  const { slug, file, head } = one;
  const { terminal, project } = session;
  if (file === undefined) return undefined;
  terminal.print(await describe(session, server, one));
  const base = await baseDocument(server, slug, file.base);
  const answer = await terminal.choose(`${slug}: which one?`, [
    { value: "mine", label: "mine: push the file over it" },
    ...(head === undefined ? [] : [{ value: "theirs", label: "theirs: replace the file by the server's" }]),
    ...(head === undefined || base === undefined ? [] : [{ value: "merge", label: "merge: both changes in one file" }]),
    { value: "skip", label: "skip: leave both as they are" },
  ]);
  if (answer === "mine") return file;
  if (answer === "skip" || head === undefined) return undefined;
  const { version } = head.version;
  const theirs = documentOf(head.version);
  if (answer === "theirs") {
    writeFiles([{ path: file.path, text: textOf(slug, theirs, version, file) }]);
    return undefined;
  }
  if (base === undefined) return undefined;
  const { text, clean } = merge(file, base, theirs);
  writeFiles([{ path: file.path, text: `# cuecard: ${slug}@${version}\n${text}` }]);
  if (!clean) throw no("conflict", `${file.name} has both changes where they meet: choose there, and push again`);
  const merged = readPrompt(project, slug);
  compileFile(merged);
  return merged;
}
