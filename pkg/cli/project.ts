/** `cuecard.json`, and its folder. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { no } from "./failure.ts";

export const CONFIG = "cuecard.json";

/** The members of `cuecard.json`. Never a key. */
export interface ProjectConfig {
  readonly url?: string;
  /** The project that the key must be for. */
  readonly project?: string;
  /** The default tag. */
  readonly tag?: string;
  /** Folder of the prompts. */
  readonly prompts?: string;
}

const FIELDS = ["url", "project", "tag", "prompts"] as const;

export class ProjectFolder {
  /** The folder with `cuecard.json`, or the working directory. */
  readonly root: string;
  readonly config: ProjectConfig;

  private constructor(root: string, config: ProjectConfig) {
    this.root = root;
    this.config = config;
  }

  /** The nearest one upwards.
   *
   * @throws Failure for a file that is not what it should be
   */
  static find(from: string): ProjectFolder {
    for (let folder = resolve(from); ; folder = dirname(folder)) {
      const file = join(folder, CONFIG);
      if (existsSync(file)) return new ProjectFolder(folder, parse(file));
      if (dirname(folder) === folder) return new ProjectFolder(resolve(from), {});
    }
  }

  get url(): string | undefined {
    return this.config.url?.replace(/\/+$/, "");
  }

  get project(): string | undefined {
    return this.config.project;
  }

  get tag(): string {
    return this.config.tag ?? "production";
  }

  /** Folder of the prompts. */
  get prompts(): string {
    return join(this.root, this.config.prompts ?? "prompts");
  }

  get lockFile(): string {
    return join(this.root, "cuecard.lock.json");
  }

  /** The server that `cuecard dev` runs in this folder now. */
  get served(): { readonly url: string; readonly key: string } | undefined {
    const dir = join(this.root, ".cuecard");
    try {
      const { url } = JSON.parse(readFileSync(join(dir, "serving.json"), "utf8")) as { readonly url?: string };
      return url === undefined ? undefined : { url, key: readFileSync(join(dir, "key"), "utf8").trim() };
    } catch {
      return undefined;
    }
  }
}

function parse(file: string): ProjectConfig {
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw no("config_invalid", `${CONFIG} is not JSON: ${(error as Error).message}`);
  }
  if (typeof config !== "object" || config === null || Array.isArray(config))
    throw no("config_invalid", `${CONFIG} is not an object`);
  for (const [name, value] of Object.entries(config)) {
    if (name === "key" || (typeof value === "string" && /\bcue_[a-z0-9]{12}_/.test(value)))
      throw no("config_invalid", `${CONFIG} has a key in it: take it out, and give it to \`cuecard login\``);
    if (!FIELDS.some((field) => field === name))
      throw no("config_invalid", `${CONFIG} has no field \`${name}\`: it takes ${FIELDS.join(", ")}`);
    if (typeof value !== "string" || value === "") throw no("config_invalid", `${CONFIG}: \`${name}\` is a text`);
  }
  const { url } = config as ProjectConfig;
  if (url !== undefined && !isUrl(url)) throw no("config_invalid", `${CONFIG}: \`${url}\` is not an http(s) URL`);
  return config as ProjectConfig;
}

export function isUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
