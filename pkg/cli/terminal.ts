/** The terminal: text, colours, progress, questions. Nothing else writes to it. */
import { no } from "./failure.ts";

/** Escape sequences, on and off. */
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof STYLES;

export interface TerminalOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  readonly env: NodeJS.ProcessEnv;
  /** Whether standard output is for a program. */
  readonly json: boolean;
}

export class Terminal {
  readonly #options: TerminalOptions;
  readonly #colours: boolean;
  /** Whether a person can be asked. */
  readonly canAsk: boolean;
  /** Whether standard output is for a program. */
  readonly isForProgram: boolean;

  constructor(options: TerminalOptions) {
    this.#options = options;
    const { stdin, stdout, env, json } = options;
    this.#colours = stdout.isTTY === true && !json && !env["NO_COLOR"] && env["TERM"] !== "dumb";
    this.isForProgram = json;
    this.canAsk = stdin.isTTY === true && stdout.isTTY === true && !json && !env["CI"];
  }

  /** A line of the result; nothing if standard output is for a program. */
  print(line = ""): void {
    if (!this.#options.json) this.#options.stdout.write(`${line}\n`);
  }

  /** A part of the result, as it arrives. */
  write(text: string): void {
    if (!this.#options.json) this.#options.stdout.write(text);
  }

  /** A line for a program, before the outcome; nothing for people. */
  json(value: unknown): void {
    if (this.#options.json) this.#options.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** A remark beside the result. */
  note(line: string): void {
    this.#options.stderr.write(`${line}\n`);
  }

  paint(style: Style, text: string): string {
    const [on, off] = STYLES[style];
    return this.#colours ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  }

  /** Runs `work` for each item, some at a time, and shows progress on a terminal. */
  async each<T, U>(what: string, items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
    const AT_ONCE = 8;
    const results: U[] = new Array(items.length);
    let [next, done] = [0, 0];
    const shown = this.#options.stderr.isTTY === true && !this.#options.json && items.length > AT_ONCE;
    const worker = async () => {
      while (next < items.length) {
        const at = next++;
        results[at] = await work(items[at] as T);
        done += 1;
        if (shown) this.#options.stderr.write(`\r${what} ${done}/${items.length}`);
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
    } finally {
      if (shown) this.#options.stderr.write("\r\u001b[K");
    }
    return results;
  }

  /** @throws Failure where the question is not answered */
  async choose<T extends string>(question: string, choices: readonly { value: T; label: string }[]): Promise<T> {
    const { select } = await import("@clack/prompts");
    type Choices = Parameters<typeof select<T>>[0]["options"];
    return answered<T>(await select<T>({ message: question, options: choices as Choices }));
  }

  /** @throws Failure where the question is not answered */
  async askSecret(question: string): Promise<string> {
    const { password } = await import("@clack/prompts");
    return answered<string>(await password({ message: question }));
  }

  /** @throws Failure where the question is not answered */
  async ask(question: string, initialValue: string): Promise<string> {
    const { text } = await import("@clack/prompts");
    return answered<string>(await text({ message: question, initialValue }));
  }

  /** Standard input, to its end. */
  async stdin(): Promise<string> {
    let text = "";
    for await (const part of this.#options.stdin.setEncoding("utf8")) text += part;
    return text;
  }
}

function answered<T>(answer: T | symbol): T {
  if (typeof answer === "symbol") throw no("cancelled", "nothing was changed");
  return answer;
}
