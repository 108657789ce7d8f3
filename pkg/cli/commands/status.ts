import { type Compared, compare, type State } from "../compare.ts";
import { casesHere, compareAllCases } from "../compare-cases.ts";
import { command } from "../command.ts";

const SAYS: Readonly<Record<State, string>> = {
  same: "as on the server",
  changed_here: "changed here: push",
  changed_there: "changed on the server: pull",
  conflict: "changed here and on the server",
  only_here: "only here: push",
  only_there: "only on the server: pull",
  deleted_there: "deleted on the server",
};

export const status = command({
  name: "status",
  about: "Compares every file with the server, and lists what only one side has.",
  takes: "[slug]…",
  words: [0, Number.POSITIVE_INFINITY],
  options: {},
  async run({ words, session }) {
    const { terminal } = session;
    const compared = await compare(session, session.server(), { wanted: words, all: true });
    const there = compared.filter(({ head }) => head !== undefined).map(({ slug }) => slug);
    const files = casesHere(session.project, there).filter(({ file }) => file !== undefined);
    const cases = await compareAllCases(terminal, session.server(), files);
    const width = Math.max(0, ...compared.map(({ slug }) => slug.length));
    for (const one of compared) {
      const style = one.state === "same" ? "dim" : one.state === "conflict" ? "red" : "yellow";
      terminal.print(`${one.slug.padEnd(width)}  ${terminal.paint(style, SAYS[one.state])}${versions(one)}`);
    }
    for (const { slug, state } of cases.filter(({ state }) => state !== "same"))
      terminal.print(`${slug.padEnd(width)}  cases ${terminal.paint("yellow", SAYS[state])}`);
    if (compared.length === 0) terminal.print("There are no prompts, neither here nor on the server.");
    return {
      data: {
        prompts: compared.map(({ slug, state, base, head }) => ({ slug, state, base, latest: head?.version.version })),
        cases: cases.map(({ slug, state }) => ({ slug, state })),
      },
    };
  },
});

function versions({ state, file, head }: Compared): string {
  if (head === undefined) return "";
  const { version } = head.version;
  return state === "same" || file?.base === undefined
    ? ` (version ${version})`
    : ` (from version ${file.base}, newest ${version})`;
}
