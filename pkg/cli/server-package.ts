/** The package `cuecard-server`: the project's own, or npm's of this version. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { ChildProgram } from "./program.ts";

/** How to call the command `cuecard-server`. */
export function serverProgram(root: string, env: NodeJS.ProcessEnv): ChildProgram {
  const folder = find(root);
  return folder === undefined
    ? ChildProgram.npx(`cuecard-server@${ownVersion()}`, env)
    : new ChildProgram(process.execPath, [join(folder, "dist", "main.js")]);
}

/** The folder of the package, with the built Worker in it. */
export async function serverFolder(root: string, env: NodeJS.ProcessEnv): Promise<string> {
  return find(root) ?? (await serverProgram(root, env).read(["folder"], { cwd: root, env })).trim();
}

export function ownVersion(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

function find(root: string): string | undefined {
  for (const from of [join(root, "package.json"), import.meta.url]) {
    try {
      const folder = dirname(createRequire(from).resolve("cuecard-server/package.json"));
      if (existsSync(join(folder, "dist", "main.js"))) return folder;
    } catch {
      // Not there.
    }
  }
  return undefined;
}
