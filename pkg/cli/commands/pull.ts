import { rmSync } from "node:fs";

import { command } from "../command.ts";
import { compare } from "../compare.ts";
import { casesHere, compareAllCases, pulledFile } from "../compare-cases.ts";
import { documentOf } from "../content.ts";
import { threeWay } from "../difference.ts";
import { EXIT, no } from "../failure.ts";
import { checkCase } from "../files/slug.ts";
import { pathOf, slugs, textOf, writeFiles } from "../files/prompt.ts";

export const pull = command({
  name: "pull",
  about:
    "Writes the server's prompts and their cases into files. Comments and the order of fields stay; a changed file is not overwritten.",
  takes: "[slug]…",
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    tag: { type: "string", value: "TAG", about: "the versions under this tag, in place of the newest" },
    force: { type: "boolean", about: "overwrite files that have changed" },
    prune: { type: "boolean", about: "remove files of prompts that the server has no more" },
  },
  async run({ words, options, session }) {
    const { project, terminal } = session;
    const server = session.server();
    const compared = await compare(session, server, { wanted: words, all: true, tag: options.tag });
    checkCase([...slugs(project), ...compared.map(({ slug }) => slug)]);
    const blocked = compared.filter(
      ({ state, file }) => state === "conflict" || (state === "changed_here" && options.tag !== undefined && file),
    );
    if (blocked.length > 0 && !options.force) {
      const shown = blocked.map(({ slug, file, head }) =>
        file && head ? `${slug}:\n${threeWay(terminal, file, undefined, documentOf(head.version))}` : slug,
      );
      const names = blocked.map(({ slug }) => slug).join(", ");
      throw no(
        "conflict",
        `changed here and on the server, nothing was written: ${names} (push merges, --force overwrites)`,
        shown.join("\n\n"),
      );
    }
    const there = compared.filter(({ head }) => head !== undefined).map(({ slug }) => slug);
    const cases = await compareAllCases(terminal, server, casesHere(project, there));
    const clashing = cases.filter(({ state }) => state === "conflict").map(({ slug }) => slug);
    if (clashing.length > 0 && !options.force)
      throw no(
        "conflict",
        `cases changed here and on the server, nothing was written: ${clashing.join(", ")} (--force overwrites)`,
      );
    const writes = [];
    const removed: string[] = [];
    const results = [];
    for (const { slug, state, file, head } of compared) {
      if (state === "deleted_there" && options.prune) removed.push(slug);
      else if (state === "deleted_there")
        terminal.note(`${slug}: the server no longer has it; --prune removes the file`);
      const takes =
        ["only_there", "changed_there", "same", "conflict"].includes(state) ||
        (options.force && state === "changed_here");
      if (!takes || head === undefined) {
        results.push({ slug, state });
        continue;
      }
      const { version } = head.version;
      const document = state === "same" && file !== undefined ? file.document : documentOf(head.version);
      const path = pathOf(project, slug);
      const text = textOf(slug, document, version, file);
      if (text !== file?.text) writes.push({ path, text });
      if (state !== "same") terminal.print(`${slug}: version ${version}`);
      results.push({ slug, state: state === "same" ? "same" : "pulled", version });
    }
    const pulledCases: string[] = [];
    for (const one of cases) {
      const write = pulledFile(project, one, options.force);
      if (write === undefined) continue;
      writes.push(write);
      if (one.state === "same") continue;
      terminal.print(`${one.slug}: cases`);
      pulledCases.push(one.slug);
    }
    writeFiles(writes);
    for (const slug of removed) {
      rmSync(pathOf(project, slug));
      terminal.print(`${slug}: removed`);
    }
    const changed = results.filter(({ state }) => state === "pulled").length + removed.length + pulledCases.length;
    if (changed === 0) terminal.print("Nothing to pull: the files are as the server has them, or newer.");
    return { exit: EXIT.done, data: { pulled: results, removed, cases: pulledCases } };
  },
});
