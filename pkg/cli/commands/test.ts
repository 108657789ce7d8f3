import { type CaseResult, readCases, runCase, serverCases } from "../cases.ts";
import { command } from "../command.ts";
import { EXIT } from "../failure.ts";
import { compileFile, readPrompts } from "../files/prompt.ts";

export const test = command({
  name: "test",
  about: "Renders the cases of <slug>.cases.yaml and checks what comes out. No model is asked, no server needed.",
  takes: "[slug]…",
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    server: { type: "boolean", about: "also the cases that only the server has; they must render" },
  },
  more: `A file of cases:

  a refund:
    inputs: { customer: Ada }
    checks:
      - contains: Ada
      - notContains: "{{"
      - maxCharacters: 2000`,
  async run({ words, options, session }) {
    const { project, terminal } = session;
    const results: CaseResult[] = [];
    for (const file of readPrompts(project, words)) {
      const prompt = compileFile(file);
      const cases = readCases(project, file.slug);
      const more = options.server ? await serverCases(session.server(), file.slug, cases) : [];
      results.push(...[...cases, ...more].map((one) => runCase(file, prompt, one)));
    }
    for (const { slug, name, passed, failures } of results) {
      terminal.print(`${passed ? terminal.paint("green", "✓") : terminal.paint("red", "✗")} ${slug}: ${name}`);
      for (const failure of failures) terminal.print(`    ${failure.replaceAll("\n", "\n    ")}`);
    }
    const failed = results.filter(({ passed }) => !passed).length;
    terminal.print(
      results.length === 0 ? "There are no cases." : `${results.length - failed} passed, ${failed} failed`,
    );
    return {
      exit: failed > 0 ? EXIT.no : EXIT.done,
      data: { passed: results.length - failed, failed, cases: results },
    };
  },
});
