import { command } from "../command.ts";
import { no } from "../failure.ts";
import { writeFiles } from "../files/prompt.ts";
import { lockText, makeLock, readLock } from "../lock.ts";

export const lock = command({
  name: "lock",
  about: "Writes cuecard.lock.json: the version and hash of every tag, and the snapshot that the client takes.",
  takes: "",
  words: [0, 0],
  options: {
    tag: { type: "string", value: "TAG", about: "the tag of the snapshot (default: the project's)" },
    check: { type: "boolean", about: "write nothing; end with 1 where the server says other than the file" },
  },
  more: "new Cuecard({ url, key, lock }) then takes no version with another hash, and serves the locked one in its place.",
  async run({ options, session }) {
    const { project, terminal } = session;
    const before = readLock(project);
    const tag = options.tag ?? before?.snapshot.tag ?? project.tag;
    const now = await makeLock(session.server(), tag, terminal, before);
    const changed = before === undefined || lockText(before) !== lockText(now);
    const count = Object.keys(now.prompts).length;
    if (options.check && changed) throw no("lock_stale", "cuecard.lock.json is not current: run `cuecard lock`");
    if (changed) writeFiles([{ path: project.lockFile, text: lockText(now) }]);
    terminal.print(
      `cuecard.lock.json is ${changed ? "written" : "current"}: ${count} prompts, the snapshot of ${tag}.`,
    );
    return { data: { changed, prompts: count, tag } };
  },
});
