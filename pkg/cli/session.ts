/** The context of a command: the folder, the environment, the terminal; the project and its server on demand. */
import { Credentials } from "./credentials.ts";
import { wrongUse } from "./failure.ts";
import { isUrl, ProjectFolder } from "./project.ts";
import { Server } from "./server.ts";
import type { Terminal } from "./terminal.ts";

export class Session {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly credentials: Credentials;
  #project: ProjectFolder | undefined;
  #server: Server | undefined;

  constructor(cwd: string, env: NodeJS.ProcessEnv, terminal: Terminal) {
    this.cwd = cwd;
    this.env = env;
    this.terminal = terminal;
    this.credentials = new Credentials(env);
  }

  /** @throws Failure for a `cuecard.json` that is none */
  get project(): ProjectFolder {
    this.#project ??= ProjectFolder.find(this.cwd);
    return this.#project;
  }

  /** The server's URL: from the environment, from `cuecard.json`, or of the `cuecard dev` that runs in this folder.
   *
   * @throws Failure where the environment names no URL
   */
  get url(): string | undefined {
    const named = this.env["CUECARD_URL"];
    if (named && !isUrl(named)) throw wrongUse(`\`${named}\` is not an http(s) URL`);
    return named?.replace(/\/+$/, "") || this.project.url || this.project.served?.url;
  }

  /** The key for a URL, if there is one. */
  keyFor(url: string): string | undefined {
    const { served } = this.project;
    return this.env["CUECARD_KEY"] || this.credentials.find(url) || (served?.url === url ? served.key : undefined);
  }

  /** @throws Failure if the server or the key is not known */
  server(): Server {
    if (this.#server !== undefined) return this.#server;
    const { url } = this;
    if (url === undefined)
      throw wrongUse("no server is named: run `cuecard dev`, or `cuecard init --url URL`, or set CUECARD_URL");
    const key = this.keyFor(url);
    if (key === undefined) throw wrongUse(`no key for ${url}: run \`cuecard login\`, or set CUECARD_KEY`);
    this.#server = new Server(url, key, this.project.project);
    return this.#server;
  }
}
