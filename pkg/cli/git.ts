/** The project's git repository, if there is one. */
import { execFileSync } from "node:child_process";

import type { PushedFrom } from "./content.ts";

export class Git {
  readonly #root: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(root: string, env: NodeJS.ProcessEnv) {
    this.#root = root;
    this.#env = env;
  }

  /** The commit that a file is pushed from; `undefined` outside a repository and before its first commit. */
  pushed(path: string): PushedFrom | undefined {
    const commit = this.#run("rev-parse", "HEAD");
    if (!commit) return undefined;
    const env = this.#env;
    const branch = this.#run("branch", "--show-current") || env["GITHUB_HEAD_REF"] || env["GITHUB_REF_NAME"];
    const url = withoutSecrets(this.#run("config", "--get", "remote.origin.url"));
    const dirty = this.#run("status", "--porcelain", "--", path) !== "";
    return { commit, ...(branch && { branch }), ...(url && { url }), ...(dirty && { dirty }) };
  }

  /** A file's text at a commit that the work tree comes from; `undefined` for other commits. */
  ancestor(commit: string, path: string): string | undefined {
    if (!/^[0-9a-f]{40,64}$/.test(commit) || this.#run("merge-base", "--is-ancestor", commit, "HEAD") === undefined)
      return undefined;
    const name = this.#run("ls-files", "--full-name", "--", path);
    return name ? this.#run("show", `${commit}:${name}`) : undefined;
  }

  #run(...args: string[]): string | undefined {
    try {
      const stdio = ["ignore", "pipe", "ignore"] as const;
      return execFileSync("git", args, { cwd: this.#root, env: this.#env, encoding: "utf8", stdio: [...stdio] }).trim();
    } catch {
      return undefined;
    }
  }
}

function withoutSecrets(remote: string | undefined): string | undefined {
  if (remote === undefined || !URL.canParse(remote)) return remote;
  const url = new URL(remote);
  url.username = "";
  url.password = "";
  return url.href;
}
