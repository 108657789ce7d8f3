/** Saves files of prompts as drafts on a server while they are edited. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { contentHash, documentOf } from "./content.ts";
import { CommandFailure } from "./failure.ts";
import { inspect, nameOf, readPrompt } from "./files/prompt.ts";
import { SUFFIX, unfit } from "./files/slug.ts";
import type { ProjectFolder } from "./project.ts";
import type { Server } from "./server.ts";
import type { Terminal } from "./terminal.ts";

/** Checking the times of a few hundred files costs a millisecond, and works the same on every platform and file
 * system. */
const INTERVAL = 300;

export class Watch {
  readonly #project: ProjectFolder;
  readonly #server: Server;
  readonly #terminal: Terminal;
  readonly #seen = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(project: ProjectFolder, server: Server, terminal: Terminal) {
    this.#project = project;
    this.#server = server;
    this.#terminal = terminal;
  }

  start(): void {
    const look = async () => {
      await this.#look();
      if (!this.#stopped) this.#timer = setTimeout(look, INTERVAL);
    };
    void look();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    for (const [slug, state] of this.#files()) {
      if (this.#seen.get(slug) === state) continue;
      this.#seen.set(slug, state);
      try {
        await this.#draft(slug);
      } catch (error) {
        const { message } = error as Error;
        if (!this.#stopped) this.#terminal.note(`${this.#terminal.paint("red", "error:")} ${message}`);
        if (!(error instanceof CommandFailure)) this.#seen.delete(slug);
      }
    }
  }

  /** The slug and the state of each file. */
  #files(): [string, string][] {
    const { prompts } = this.#project;
    if (!existsSync(prompts)) return [];
    return readdirSync(prompts, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(SUFFIX))
      .flatMap((file): [string, string][] => {
        const slug = file.slice(0, -SUFFIX.length).replaceAll("\\", "/");
        const stat = statSync(join(prompts, file), { throwIfNoEntry: false });
        return stat === undefined ? [] : [[slug, `${stat.mtimeMs} ${stat.size}`]];
      });
  }

  async #draft(slug: string): Promise<void> {
    const reason = unfit(slug);
    if (reason !== undefined) return this.#terminal.note(`${slug}${SUFFIX} is not a prompt file: ${reason}`);
    const file = readPrompt(this.#project, slug);
    const { prompt, findings } = inspect(file);
    for (const { level, place, message } of findings)
      this.#terminal.note(`${file.name}:${place.line}:${place.column}: ${level}: ${message}`);
    if (prompt === undefined) return;
    const head = await this.#server.head(slug);
    if (head !== undefined && contentHash(documentOf(head.version)) === contentHash(file.document)) return;
    await this.#server.putDraft(slug, file.document);
    this.#terminal.print(`  draft  ${nameOf(this.#project, slug)}`);
  }
}
