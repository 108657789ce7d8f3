import { command } from "../command.ts";
import { path } from "../server.ts";

export const rollback = command({
  name: "rollback",
  about: "Points a tag back to where it pointed before.",
  takes: "slug [tag]",
  words: [1, 2],
  options: {
    reason: { type: "string", value: "TEXT", about: "why, for the tag's history" },
  },
  async run({ words: [slug = "", tag = "production"], options: { reason }, session }) {
    const route = `${path(slug)}/tags/${encodeURIComponent(tag)}/rollback`;
    const body = reason === undefined ? undefined : { reason };
    const { value } = await session.server().call<{ version: number }>(route, { method: "POST", body });
    session.terminal.print(`${slug}: ${tag} back to version ${value.version}`);
    return { data: { slug, tag, version: value.version } };
  },
});
