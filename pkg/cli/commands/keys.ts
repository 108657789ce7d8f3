import type { NewKey } from "../../js/admin/api.ts";
import { command } from "../command.ts";
import { no, wrongUse } from "../failure.ts";

export const keys = command({
  name: "keys",
  about: "Lists, makes and revokes keys. Takes a key with the role admin.",
  takes: "[list | create | revoke id]",
  words: [0, 2],
  options: {
    role: { type: "string", value: "ROLE", about: "create: read, run, write or admin" },
    name: { type: "string", value: "TEXT", about: "create: what people call it" },
    project: { type: "string", value: "PROJECT", about: "of another project than the key's own" },
    expires: { type: "string", value: "TIME", about: "create: when it ends, as 2027-01-31T00:00:00Z" },
  },
  async run({ words: [verb = "list", id], options, session }) {
    const { terminal } = session;
    const server = session.server();
    const { project, role, name, expires } = options;
    if (verb === "list") {
      const all = await server.pages<NewKey>("/v1/keys", "keys", { project });
      for (const key of all) {
        const state = key.revokedAt === undefined ? "" : terminal.paint("dim", `  revoked ${key.revokedAt}`);
        terminal.print(`${key.id}  ${key.role.padEnd(5)}  ${key.name ?? ""}${state}`);
      }
      return { data: { keys: all } };
    }
    if (verb === "create") {
      if (role === undefined) throw wrongUse("create takes --role read, run, write or admin");
      const body = {
        role,
        ...(name !== undefined && { name }),
        ...(project !== undefined && { project }),
        ...(expires !== undefined && { expiresAt: expires }),
      };
      const { value } = await server.call<NewKey>("/v1/keys", { method: "POST", body });
      terminal.note("Keep it: it is shown this once.");
      terminal.print(value.key);
      return { data: value };
    }
    if (verb === "revoke") {
      if (id === undefined) throw wrongUse("revoke takes the id of a key: `cuecard keys` lists them");
      if (id.startsWith("cue_")) throw no("key_not_found", "revoke takes the id of a key, not the key itself");
      await server.call(`/v1/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
      terminal.print(`${id}: revoked`);
      return { data: { id, revoked: true } };
    }
    throw wrongUse(`no verb \`${verb}\`: keys takes list, create or revoke`);
  },
});
