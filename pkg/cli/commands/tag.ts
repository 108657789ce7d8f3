import { command } from "../command.ts";
import { no, wrongUse } from "../failure.ts";
import { path } from "../server.ts";

interface TagInfo {
  readonly tag: string;
  readonly version: number;
}

export const tag = command({
  name: "tag",
  about: "Lists a prompt's tags, or points a tag at a version.",
  takes: "slug [tag [version]]",
  words: [1, 3],
  options: {
    delete: { type: "boolean", about: "remove the tag" },
  },
  more: "The version is a number, another tag, or `latest`, which is the default.",
  async run({ words: [slug = "", name, to = "latest"], options, session }) {
    const { terminal } = session;
    const server = session.server();
    const tags = async () => (await server.call<{ tags: TagInfo[] }>(`${path(slug)}/tags`)).value.tags;
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
    await server.setTag(slug, encodeURIComponent(name), version);
    terminal.print(`${slug}: ${name} ${before === undefined ? "" : `from version ${before} `}to version ${version}`);
    return { data: { slug, tag: name, version, before } };
  },
});
