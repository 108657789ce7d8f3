import type { Move, TagInfo } from "../../js/admin/api.ts";
import { command } from "../command.ts";
import { no, wrongUse } from "../failure.ts";
import { path } from "../server.ts";

export const tag = command({
  name: "tag",
  about: "Lists a prompt's tags, or points a tag at a version.",
  takes: "slug [tag [version]]",
  words: [1, 3],
  options: {
    delete: { type: "boolean", about: "remove the tag" },
    reason: { type: "string", value: "TEXT", about: "why it moves, for its history" },
    history: { type: "boolean", about: "where the tag has pointed, newest first: when, who and why" },
  },
  more: "The version is a number, another tag, or `latest`, which is the default.",
  async run({ words: [slug = "", name, to = "latest"], options, session }) {
    const { terminal } = session;
    const server = session.server();
    const tags = async () => (await server.call<{ tags: TagInfo[] }>(`${path(slug)}/tags`)).value.tags;
    if (options.reason !== undefined && (name === undefined || options.delete || options.history))
      throw wrongUse("--reason is for a tag that moves: name it");
    if (options.history) {
      const route = `${path(slug)}/tags/${encodeURIComponent(name ?? session.project.tag)}/history`;
      const moves = await server.pages<Move>(route, "moves");
      for (const { at, to: points, by = "", reason } of moves) {
        const where = points === undefined ? "removed" : `version ${points}`;
        terminal.print(`${at}  ${where.padEnd(10)}  ${by}${reason === undefined ? "" : `  ${reason}`}`);
      }
      return { data: { slug, moves } };
    }
    if (name === undefined) {
      if (options.delete) throw wrongUse("--delete takes the name of a tag");
      const all = await tags();
      for (const { tag, version } of all) terminal.print(`${tag}  version ${version}`);
      return { data: { slug, tags: all.map(({ tag, version }) => ({ tag, version })) } };
    }
    if (options.delete) {
      await server.call(`${path(slug)}/tags/${encodeURIComponent(name)}`, { method: "DELETE" });
      terminal.print(`${slug}: ${name} removed`);
      return { data: { slug, tag: name, deleted: true } };
    }
    const before = (await tags()).find(({ tag }) => tag === name)?.version;
    const version = /^\d+$/.test(to) ? Number(to) : (await server.head(slug, { tag: to }))?.version.version;
    if (version === undefined) throw no("version_not_found", `there is no ${slug}@${to}`);
    await server.setTag(slug, encodeURIComponent(name), version, options.reason);
    terminal.print(`${slug}: ${name} ${before === undefined ? "" : `from version ${before} `}to version ${version}`);
    return { data: { slug, tag: name, version, before } };
  },
});
