import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { command } from "../command.ts";
import { EXIT, CommandFailure } from "../failure.ts";
import { slugs } from "../files/prompt.ts";
import { openPage } from "../open.ts";
import { Server } from "../server.ts";
import { serverProgram } from "../server-package.ts";
import type { Session } from "../session.ts";
import { Watch } from "../watch.ts";

interface Ready {
  readonly url: string;
  readonly key?: string;
  readonly dir: string;
}

/** The first prompts of a new store. */
const SAMPLE = 'sales/email -i name=Ada -i company="Analytical Engines"';

export const dev = command({
  name: "dev",
  about: "Serves a Cuecard here, with its store in .cuecard/. A saved file of prompts/ is a draft at once.",
  takes: "",
  words: [0, 0],
  options: {
    port: { type: "string", value: "N", about: "default 8787" },
    host: { type: "string", value: "HOST", about: "the interface to listen on; default localhost" },
    dir: { type: "string", value: "DIR", about: "folder of the store; default .cuecard" },
    origin: { type: "string", value: "URL", about: "be an edge before another Cuecard, without a store" },
    "no-samples": { type: "boolean", about: "start a new store without prompts" },
    open: { type: "boolean", about: "open the page in a browser" },
  },
  more: "Ctrl-C stops it; the store stays. With --json the first line says where it is, and it runs on.",
  async run({ options, session }) {
    const { project, env, terminal } = session;
    const dir = options.dir === undefined ? join(project.root, ".cuecard") : resolve(session.cwd, options.dir);
    const args = ["--json", "--dir", dir];
    for (const name of ["port", "host", "origin"] as const)
      if (options[name] !== undefined) args.push(`--${name}`, options[name]);
    // A new store starts with a few prompts if the folder has none.
    if (options["no-samples"] || slugs(project).length > 0) args.push("--no-samples");
    const child = serverProgram(project.root, env).start(args, { cwd: project.root, env }, ["pipe", "pipe", "pipe"]);
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (said.length < 10_000) said += text;
      if (ready !== undefined) process.stderr.write(text);
    });
    const ended = new Promise<number>((resolve) => {
      child.once("error", () => resolve(1));
      child.once("exit", (code) => resolve(code ?? 0));
    });
    let ready: Ready | undefined;
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    ready = await Promise.race([
      new Promise<Ready>((resolve) => lines.once("line", (line) => resolve(JSON.parse(line) as Ready))),
      ended.then((code) => {
        const [first = "the server ended before it was ready", ...more] = said.trim().split("\n");
        throw new CommandFailure(
          code === EXIT.usage ? EXIT.usage : EXIT.no,
          "not_served",
          first.replace(/^error: /, ""),
          more.join("\n"),
        );
      }),
    ]);
    const stop = () => child.stdin?.end();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
    // npx does not pass its signal on to the program that it runs.
    const parent = process.ppid;
    const orphaned = setInterval(() => process.ppid !== parent && stop(), 500);
    const watch =
      options.origin === undefined && ready.key !== undefined ? begin(session, ready.url, ready.key) : undefined;
    tell(session, ready, options.origin);
    if (options.open) openPage(pageOf(ready), (line) => terminal.note(line));
    const code = await ended;
    clearInterval(orphaned);
    watch?.stop();
    if (code !== 0) throw new CommandFailure(EXIT.no, "not_served", `the server ended (${code})`);
    return { data: undefined };
  },
});

function begin({ project, terminal }: Session, url: string, key: string): Watch {
  mkdirSync(project.prompts, { recursive: true });
  const watch = new Watch(project, new Server(url, key, undefined), terminal);
  watch.start();
  return watch;
}

function pageOf({ url, key }: Ready): string {
  return key === undefined ? url : `${url}/#key=${key}`;
}

function tell({ terminal, project, env }: Session, ready: Ready, origin: string | undefined): void {
  const { url, key, dir } = ready;
  terminal.json(ready);
  terminal.print(`\n  ${terminal.paint("bold", "Cuecard is ready:")} ${terminal.paint("cyan", url)}\n`);
  if (origin !== undefined) {
    terminal.print(`  It stands before ${origin}; the keys are those of that store.`);
  } else {
    terminal.print(`  page   ${pageOf(ready)}`);
    terminal.print(`  key    ${key}`);
    terminal.print(`  store  ${dir}`);
    terminal.print(`  files  ${project.prompts} (a saved file is a draft at once)\n`);
    terminal.print("  Render a prompt, from another terminal in this folder:\n");
    terminal.print(`  ${env["npm_execpath"] === undefined ? "" : "npx "}cuecard render ${slugs(project)[0] ?? SAMPLE}`);
  }
  terminal.print("\n  Ctrl-C stops it.");
}
