import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { command } from "../command.ts";
import { no } from "../failure.ts";
import { ChildProgram } from "../program.ts";
import { serverFolder, serverProgram } from "../server-package.ts";
import type { Session } from "../session.ts";

export const deploy = command({
  name: "deploy",
  about: "Puts the Worker that `cuecard dev` serves on Cloudflare, with your own wrangler and account.",
  takes: "[-- option of wrangler deploy]…",
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    name: { type: "string", value: "NAME", about: "of the Worker (default cuecard)" },
    domain: { type: "string", value: "HOST", about: "a domain of yours that it answers at" },
    origin: { type: "string", value: "URL", about: "be an edge before another Cuecard, without a store" },
    "dry-run": { type: "boolean", about: "build and check what would be sent, and send nothing" },
  },
  more: `The first deploy makes the first admin key: it is kept as by \`cuecard login\`, and as the Worker's secret BOOTSTRAP_KEY.
What wrangler itself asks or needs (CLOUDFLARE_API_TOKEN in a CI) is wrangler's. To upgrade, deploy again.`,
  async run({ words, options, session }) {
    const { project, env, terminal } = session;
    const folder = await serverFolder(project.root, env);
    const wrangler = wranglerOf(project.root, env);
    const config = [
      "--config",
      join(folder, "wrangler.jsonc"),
      ...(options.name === undefined ? [] : ["--name", options.name]),
    ];
    const args = ["deploy", ...config, ...words];
    if (options.domain !== undefined) args.push("--domain", options.domain);
    if (options.origin !== undefined) args.push("--var", `ORIGIN:${options.origin}`);
    if (options["dry-run"]) args.push("--dry-run");
    const where = { cwd: project.root, env: { WRANGLER_SEND_METRICS: "false", ...env } };
    const printed = await wrangler.read(args, where);
    terminal.print(printed.trim());
    if (options["dry-run"]) return { data: { deployed: false, folder, output: printed } };
    const url =
      options.domain === undefined ? /https:\/\/\S+\.workers\.dev/.exec(printed)?.[0] : `https://${options.domain}`;
    const key = options.origin === undefined ? await firstKey(session, wrangler, config, where) : undefined;
    if (key !== undefined) keep(session, url, key);
    return { data: { deployed: true, url, ...(key !== undefined && { key }) } };
  },
});

/** The project's wrangler, or npm's newest that runs on this Node. */
function wranglerOf(root: string, env: NodeJS.ProcessEnv): ChildProgram {
  for (const from of [join(root, "package.json"), import.meta.url]) {
    try {
      const script = join(dirname(createRequire(from).resolve("wrangler/package.json")), "bin", "wrangler.js");
      if (existsSync(script)) return new ChildProgram(process.execPath, [script]);
    } catch {
      // Not there.
    }
  }
  const [major = 0] = process.versions.node.split(".").map(Number);
  return ChildProgram.npx(major < 22 ? "wrangler@4.86.0" : "wrangler@4", env);
}

/** The admin key of a Worker that has none yet. */
async function firstKey(
  { project, env }: Session,
  wrangler: ChildProgram,
  config: readonly string[],
  where: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<string | undefined> {
  const listed = await wrangler.read(["secret", "list", ...config, "--format", "json"], where);
  if (listed.includes('"BOOTSTRAP_KEY"')) return undefined;
  const key = (await serverProgram(project.root, env).read(["key"], { cwd: project.root, env })).trim();
  if (!key.startsWith("cue_")) throw no("key_not_made", "cuecard-server made no key");
  await wrangler.read(["secret", "put", "BOOTSTRAP_KEY", ...config], { ...where, input: key });
  return key;
}

function keep({ credentials, terminal }: Session, url: string | undefined, key: string): void {
  terminal.print(`\n  first admin key   ${key}\n  Nobody can read it out of Cloudflare again.`);
  if (url === undefined) return terminal.print("  Keep it with: cuecard login https://<where the Worker answers>");
  credentials.save(url, key);
  terminal.print(`  It is kept for ${url} in ${credentials.file}`);
}
