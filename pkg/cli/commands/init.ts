import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { command } from "../command.ts";
import { no, wrongUse } from "../failure.ts";
import { CONFIG, type ProjectConfig, isUrl } from "../project.ts";

export const init = command({
  name: "init",
  about: "Writes cuecard.json and makes the folder for prompts.",
  takes: "",
  words: [0, 0],
  options: {
    url: { type: "string", value: "URL", about: "of the server; left out: what `cuecard dev` serves here" },
    project: { type: "string", value: "PROJECT", about: "refuse keys of other projects" },
    tag: { type: "string", value: "TAG", about: "the tag that is meant where none is named (default: production)" },
    prompts: { type: "string", value: "DIR", about: "folder of the prompts (default: prompts)" },
  },
  async run({ options, session }) {
    const { cwd, terminal } = session;
    const file = join(cwd, CONFIG);
    if (existsSync(file)) throw no("config_exists", `${CONFIG} is there already`);
    const { project, tag, prompts = "prompts" } = options;
    const url =
      options.url ?? (terminal.canAsk ? await terminal.ask("URL of the server", "http://localhost:8787") : undefined);
    if (url !== undefined && !isUrl(url)) throw wrongUse(`\`${url}\` is not an http(s) URL`);
    const config: ProjectConfig = {
      ...(url !== undefined && { url: url.replace(/\/+$/, "") }),
      ...(project !== undefined && { project }),
      ...(tag !== undefined && { tag }),
      prompts,
    };
    writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
    mkdirSync(join(cwd, prompts), { recursive: true });
    ignoreStore(cwd);
    terminal.print(`${CONFIG} and ${prompts}/ are there. Next: cuecard dev, or cuecard login and cuecard pull.`);
    return { data: { file, config } };
  },
});

/** A store and its key do not belong in git. */
function ignoreStore(folder: string): void {
  if (!existsSync(join(folder, ".git"))) return;
  const file = join(folder, ".gitignore");
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (/^\/?\.cuecard\/?$/m.test(before)) return;
  writeFileSync(file, `${before}${before === "" || before.endsWith("\n") ? "" : "\n"}.cuecard/\n`);
}
