import { runCase, readCases } from "../cases.ts";
import { command } from "../command.ts";
import { EXIT } from "../failure.ts";
import { compileFile, readPrompts } from "../files/prompt.ts";

export const test = command({
  name: "test",
  about: "Renders the cases of <slug>.cases.yaml and checks what comes out. No model is asked, no server needed.",
  takes: "[slug]…",
  words: [0, Number.POSITIVE_INFINITY],
  options: {},
  more: `A file of cases:

  a refund:
    inputs: { customer: Ada }
    checks:
      - contains: Ada
      - notContains: "{{"
      - maxCharacters: 2000`,
  async run({ words, session }) {
    const { project, terminal } = session;
    const results = readPrompts(project, words).flatMap((file) => {
      const prompt = compileFile(file);
      return readCases(project, file.slug).map((one) => runCase(file, prompt, one));
    });
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
