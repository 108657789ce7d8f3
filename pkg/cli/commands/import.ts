import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Document } from "cuecard";

import type { TakenHistory } from "../../js/admin/api.ts";
import { importInParts } from "../../js/admin/parts.ts";
import { command } from "../command.ts";
import { EXIT, CommandFailure, no, wrongUse } from "../failure.ts";
import { pathOf, textOf, writeFiles } from "../files/prompt.ts";
import { checkCase } from "../files/slug.ts";
import { readText } from "../files/text.ts";
import type { ForeignHistory, ProjectCopy, ForeignSystem } from "../import/foreign.ts";
import { SOURCES } from "../import/index.ts";
import { inEachProject } from "../projects.ts";
import { type Server, path } from "../server.ts";
import type { Session } from "../session.ts";

const NAMES = Object.keys(SOURCES).join(", ");

export const importCommand = command({
  name: "import",
  about:
    "Takes over prompts of another system with their numbers, dates, authors, messages and tags. Run again, it only adds.",
  takes: "[file or folder]…",
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    from: { type: "string", value: "SYSTEM", about: NAMES },
    url: { type: "string", value: "URL", about: "of that system's API, where it is not the vendor's own" },
    key: {
      type: "string",
      value: "KEY",
      about: "that system's key, for its API; better in its usual environment variable",
    },
    prefix: { type: "string", value: "PATH", about: "put before every slug" },
    "dry-run": { type: "boolean", about: "say what would be taken over and what would be lost, and do nothing" },
    files: { type: "boolean", about: "write the newest versions into files, and nothing to the server" },
  },
  more: `Without files it asks that system's API: LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, LANGWATCH_API_KEY, BASALT_API_KEY or
ATHINA_API_KEY; --key takes Langfuse's as public:secret. Takes a key of Cuecard with the role admin. Each prompt is one transaction,
and all are tried before the first is written.`,
  async run({ words, options, session }) {
    const { from, prefix } = options;
    const source = from === undefined ? undefined : SOURCES[from];
    if (source === undefined) throw wrongUse(`--from takes one of ${NAMES}`);
    const found =
      words.length > 0 ? words.flatMap((word) => readAll(source, word)) : await fetchAll(session, source, options);
    const prompts = merged(found).map((one) =>
      prefix === undefined ? one : { ...one, slug: `${prefix.replace(/\/+$/, "")}/${one.slug}` },
    );
    if (prompts.length === 0) throw no("nothing_found", "there are no prompts to import");
    // An export of Cuecard is restored unchanged.
    if (from !== "cuecard" || options.files) checkCase(prompts.map(({ slug }) => slug));
    if (options.files && prompts.every(({ from }) => from === undefined))
      return toFiles(session, prompts, prompts.map(newestOf), options["dry-run"]);

    const projects = new Set(prompts.flatMap(({ project }) => project?.slug ?? []));
    if (projects.size > 1 && !options.files) return restoreAll(session, prompts, options["dry-run"]);
    const server = session.server();
    const tried = await trial(session, server, prompts);
    if (options.files)
      return toFiles(
        session,
        prompts,
        tried.map(({ versions }) => versions.at(-1)?.document as Document | undefined),
        options["dry-run"],
      );
    const results = await take(session, server, prompts, options["dry-run"] ? tried : undefined);
    return { data: { dryRun: options["dry-run"], prompts: results } };
  },
});

/** An export of several projects: each prompt into the project of its name. */
async function restoreAll(session: Session, prompts: readonly ForeignHistory[], dryRun: boolean) {
  const server = session.server();
  const projects = [
    ...new Map(prompts.flatMap(({ project }) => (project ? [[project.slug, project] as const] : []))).values(),
  ];
  const of = (slug: string) => prompts.filter(({ project }) => project?.slug === slug);
  const tried = new Map<string, TakenHistory[]>();
  // A dry run of a project that does not exist yet would create it.
  const { value } = await server.call<{ projects: ProjectCopy[] }>("/v1/projects");
  const there = projects.filter(({ slug }) => value.projects.some((one) => one.slug === slug));
  await inEachProject(server, "admin", there, async (own, { slug }) => {
    tried.set(slug, await trial(session, own, of(slug)));
  });
  const results: object[] = [];
  if (dryRun) {
    for (const { slug } of projects) {
      session.terminal.print(session.terminal.paint("bold", `${slug}:`));
      const known = tried.get(slug);
      if (known !== undefined) results.push(...(await take(session, server, of(slug), known)));
      else session.terminal.print(`  would be made, with ${of(slug).length} prompts`);
    }
  } else {
    await inEachProject(server, "admin", projects, async (own, { slug }) => {
      session.terminal.print(session.terminal.paint("bold", `${slug}:`));
      results.push(...(await take(session, own, of(slug), undefined)));
    });
  }
  return { data: { dryRun, projects: projects.map(({ slug }) => slug), prompts: results } };
}

/** Imports prompts and reports each result; after a dry run, the result to expect. */
async function take(
  session: Session,
  server: Server,
  prompts: readonly ForeignHistory[],
  tried: readonly TakenHistory[] | undefined,
) {
  const taken =
    tried ??
    (await session.terminal.each("imported", prompts, async (prompt) => {
      const one = await send(server, prompt, false);
      await sendRest(server, prompt, one);
      return one;
    }));
  return prompts.map((prompt, at) => report(session, prompt, taken[at] as TakenHistory, tried !== undefined));
}

/** The parts beside a history. An existing prompt or case stays as it is. */
async function sendRest(
  server: Server,
  { slug, name, labels, scope, cases = {} }: ForeignHistory,
  { kept }: TakenHistory,
) {
  const rest = {
    ...(name !== undefined && { name }),
    ...(labels !== undefined && { labels }),
    ...(scope !== undefined && { scope }),
  };
  if (kept.length === 0 && Object.keys(rest).length > 0) await server.call(path(slug), { method: "PATCH", body: rest });
  for (const [name, inputs] of Object.entries(cases)) {
    const route = `${path(slug)}/cases/${encodeURIComponent(name)}`;
    const headers = { "if-none-match": "*" };
    await server.call(route, { method: "PUT", body: { inputs }, headers, allow: [412] });
  }
}

/** Tries all first: one invalid version keeps every prompt from being imported. */
async function trial(session: Session, server: Server, prompts: readonly ForeignHistory[]): Promise<TakenHistory[]> {
  const failures: string[] = [];
  const tried = await session.terminal.each("tried", prompts, async (prompt) => {
    try {
      return await send(server, prompt, true);
    } catch (error) {
      if (
        !(error instanceof CommandFailure) ||
        error.exit !== EXIT.no ||
        // The error concerns the caller, not one prompt.
        /^(key_|role_|server_|wrong_project)/.test(error.code)
      )
        throw error;
      failures.push(`  ${prompt.slug}: ${error.message}${error.details === "" ? "" : `\n${error.details}`}`);
      return undefined;
    }
  });
  if (failures.length > 0)
    throw no(
      "import_refused",
      `${failures.length} of ${prompts.length} prompts cannot be taken, nothing was imported`,
      failures.sort().join("\n"),
    );
  return tried.filter((one) => one !== undefined);
}

/** One prompt: in one request, or in several that each add. */
function send(
  server: Server,
  { slug, from, description, versions, tags }: ForeignHistory,
  dryRun: boolean,
): Promise<TakenHistory> {
  const history = { versions, tags, ...(description !== undefined && { description }), ...(dryRun && { dryRun }) };
  return importInParts(history, async (body) => {
    const { value } = await server.call<TakenHistory>(`${path(slug)}/history`, {
      method: "POST",
      query: { from },
      body,
    });
    return value;
  });
}

function report(
  { terminal }: Session,
  { slug, losses }: ForeignHistory,
  { added, kept, tags, versions }: TakenHistory,
  dry: boolean,
) {
  const lost = [
    ...losses,
    ...new Set(
      versions.flatMap(({ version, lost }) =>
        lost.map(({ pointer, message }) => `version ${version} ${pointer}: ${message}`),
      ),
    ),
  ];
  const verb = dry ? "would be added" : "added";
  const parts = [`${added.length} ${added.length === 1 ? "version" : "versions"} ${verb}`];
  if (kept.length > 0) parts.push(`${kept.length} there already`);
  if (tags.length > 0) parts.push(tags.join(", "));
  terminal.print(`${slug}: ${parts.join("; ")}`);
  for (const loss of lost) terminal.print(`  ${terminal.paint("yellow", "lost")}  ${loss}`);
  return { slug, added, kept, tags, lost };
}

function toFiles(
  session: Session,
  prompts: readonly ForeignHistory[],
  documents: readonly (Document | undefined)[],
  dry: boolean,
) {
  const { project, terminal } = session;
  const writes = prompts.flatMap(({ slug }, at) => {
    const document = documents[at];
    const path = pathOf(project, slug);
    if (existsSync(path)) throw no("file_exists", `${slug} has a file already: nothing was written`);
    return document === undefined ? [] : [{ path, text: textOf(slug, document, undefined) }];
  });
  if (!dry) writeFiles(writes);
  for (const { slug, losses } of prompts) {
    terminal.print(`${slug}: ${dry ? "would be written" : "written"}`);
    for (const loss of losses) terminal.print(`  ${terminal.paint("yellow", "lost")}  ${loss}`);
  }
  return { data: { dryRun: dry, prompts: prompts.map(({ slug, losses }) => ({ slug, lost: losses })) } };
}

function newestOf({ versions }: ForeignHistory): Document | undefined {
  return versions.at(-1)?.document as Document | undefined;
}

async function fetchAll(
  session: Session,
  source: ForeignSystem,
  { from, url, key }: { from: string | undefined; url: string | undefined; key: string | undefined },
) {
  const { env, terminal } = session;
  if (source.fetch === undefined || source.env === undefined)
    throw wrongUse(`${from} has no API to list prompts: name the files`);
  const names = source.env.key;
  const fromEnv = names.every((name) => env[name]) ? names.map((name) => env[name]).join(":") : undefined;
  const access = key ?? fromEnv;
  if (access === undefined) throw wrongUse(`set ${names.join(" and ")}, or name files`);
  const where = url ?? source.env.url.map((name) => env[name]).find((value) => value);
  return source.fetch({ url: where, key: access }, (items, work) => terminal.each("read", items, work));
}

/** Every named file, and the files in every named folder. */
function readAll(source: ForeignSystem, word: string): ForeignHistory[] {
  if (!existsSync(word)) throw wrongUse(`there is no file ${word}`);
  const isFolder = statSync(word).isDirectory();
  const files = isFolder
    ? readdirSync(word, { recursive: true, encoding: "utf8" }).filter((file) =>
        /\.(json|jsonl|ya?ml|prompt|prompty|[jt]sx?|mjs|py)$/.test(file),
      )
    : [""];
  return files.sort().flatMap((file) => {
    const path = file === "" ? word : join(word, file);
    const name = (file === "" ? basename(word) : file.replaceAll("\\", "/")).replace(/\.[^./]+$/, "");
    try {
      return source.read(name, readText(path));
    } catch (error) {
      if (error instanceof SyntaxError) throw no("source_invalid", `${path} is not JSON: ${error.message}`);
      throw error;
    }
  });
}

/** Versions of one prompt from several files are one history. */
function merged(prompts: readonly ForeignHistory[]): ForeignHistory[] {
  const bySlug = new Map<string, ForeignHistory>();
  for (const one of prompts) {
    const name = `${one.project?.slug ?? ""} ${one.slug}`;
    const other = bySlug.get(name);
    bySlug.set(
      name,
      other === undefined
        ? one
        : {
            ...other,
            versions: [...other.versions, ...one.versions].sort((a, b) => a.version - b.version),
            tags: { ...other.tags, ...one.tags },
            losses: [...new Set([...other.losses, ...one.losses])],
          },
    );
  }
  return [...bySlug.values()];
}
