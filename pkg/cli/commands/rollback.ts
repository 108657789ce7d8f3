import { command } from "../command.ts";
import { path } from "../server.ts";

export const rollback = command({
  name: "rollback",
  about: "Points a tag back to where it pointed before.",
  takes: "slug [tag]",
  words: [1, 2],
  options: {},
  async run({ words: [slug = "", tag = "production"], session }) {
    const route = `${path(slug)}/tags/${encodeURIComponent(tag)}/rollback`;
    const { value } = await session.server().call<{ version: number }>(route, { method: "POST" });
    session.terminal.print(`${slug}: ${tag} back to version ${value.version}`);
    return { data: { slug, tag, version: value.version } };
  },
});
