import { command } from "../command.ts";
import { wrongUse } from "../failure.ts";
import { isUrl } from "../project.ts";
import { Server } from "../server.ts";

export const login = command({
  name: "login",
  about: "Keeps the key of a server in your own config folder, never in a project.",
  takes: "[url]",
  words: [0, 1],
  options: {},
  more: "The key is asked for, or comes on standard input: cuecard login https://cue.example.com < cuecard.key",
  async run({ words: [named], session }) {
    const { terminal, credentials, project } = session;
    const url = (named ?? session.url)?.replace(/\/+$/, "");
    if (url === undefined) throw wrongUse("login takes the URL of a server, where cuecard.json names none");
    if (!isUrl(url)) throw wrongUse(`\`${url}\` is not an http(s) URL`);
    const key = (terminal.canAsk ? await terminal.askSecret(`The key for ${url}`) : await terminal.stdin()).trim();
    if (key === "") throw wrongUse("there is no key on standard input");
    const own = await new Server(url, key, project.url === url ? project.project : undefined).own();
    credentials.save(url, key);
    terminal.print(
      `${url}: a key of the project ${own.project} with the role ${own.role}, kept in ${credentials.file}`,
    );
    return { data: { url, project: own.project, role: own.role, file: credentials.file } };
  },
});
