/** Keys of servers, in the user's own config folder; never in a project. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { no } from "./failure.ts";

export class Credentials {
  readonly file: string;

  constructor(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform) {
    const windows = platform === "win32" ? env["APPDATA"] : undefined;
    const folder = windows || env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config");
    this.file = join(folder, "cuecard", "keys.json");
  }

  find(url: string): string | undefined {
    return this.#read()[url];
  }

  save(url: string, key: string): void {
    const keys = { ...this.#read(), [url]: key };
    mkdirSync(join(this.file, ".."), { recursive: true, mode: 0o700 });
    const next = `${this.file}.${process.pid}`;
    writeFileSync(next, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
    chmodSync(next, 0o600);
    renameSync(next, this.file);
  }

  /** Whether others on this machine can read the file. */
  get exposed(): boolean {
    return process.platform !== "win32" && existsSync(this.file) && (statSync(this.file).mode & 0o077) !== 0;
  }

  #read(): Record<string, string> {
    if (!existsSync(this.file)) return {};
    try {
      return JSON.parse(readFileSync(this.file, "utf8")) as Record<string, string>;
    } catch (error) {
      throw no("config_invalid", `${this.file} cannot be read: ${(error as Error).message}`);
    }
  }
}
