import { compare } from "../compare.ts";
import { command } from "../command.ts";
import { documentOf } from "../content.ts";
import { lines, unified } from "../difference.ts";
import { no, wrongUse } from "../failure.ts";
import type { Server } from "../server.ts";

export const diff = command({
  name: "diff",
  about: "Shows what differs between the files and the server, or between two versions of a prompt.",
  takes: "[slug]…",
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    tag: {
      type: "string",
      value: "TAG",
      about: "compare the files with the versions under this tag, in place of the newest",
    },
    from: {
      type: "string",
      value: "VERSION",
      about: "with --to: a number, a tag or `latest`; compares two versions of one prompt",
    },
    to: { type: "string", value: "VERSION", about: "default: latest" },
    "exit-code": { type: "boolean", about: "end with 1 where something differs" },
  },
  async run({ words, options, session }) {
    const { terminal } = session;
    const server = session.server();
    const found: { slug: string; diff: string }[] = [];
    if (options.from !== undefined || options.to !== undefined) {
      const [slug, ...more] = words;
      if (slug === undefined || more.length > 0)
        throw wrongUse("--from and --to compare versions of one prompt: name it");
      const [from, to] = [options.from ?? "production", options.to ?? "latest"];
      const [before, after] = [await version(server, slug, from), await version(server, slug, to)];
      found.push({ slug, diff: unified(terminal, [`${slug}@${from}`, `${slug}@${to}`], lines(before), lines(after)) });
    } else {
      for (const { slug, file, head, state } of await compare(session, server, {
        wanted: words,
        all: true,
        tag: options.tag,
      })) {
        if (state === "same") continue;
        const there = head === undefined ? "" : lines(documentOf(head.version), file);
        const here = file === undefined ? "" : lines(file.document, file);
        const name = head === undefined ? "nothing" : `${slug}@${head.version.version}`;
        found.push({ slug, diff: unified(terminal, [name, file?.name ?? "nothing"], there, here) });
      }
    }
    const differing = found.filter(({ diff }) => diff !== "");
    for (const { diff } of differing) terminal.print(diff);
    return { exit: differing.length > 0 && options["exit-code"] ? 1 : 0, data: { differences: differing } };
  },
});

async function version(server: Server, slug: string, selector: string) {
  const chosen = /^\d+$/.test(selector) ? { version: Number(selector) } : { tag: selector };
  const head = await server.head(slug, chosen);
  if (head === undefined) throw no("version_not_found", `there is no ${slug}@${selector}`);
  return documentOf(head.version);
}
