/** Other programs, on every platform. */
import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";

import { no } from "./failure.ts";

export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Its standard input. */
  readonly input?: string;
}

export class ChildProgram {
  readonly #program: string;
  readonly #before: readonly string[];

  constructor(program: string, before: readonly string[] = []) {
    this.#program = program;
    this.#before = before;
  }

  /** A package's command, fetched by npm if it is not installed. */
  static npx(name: string, env: NodeJS.ProcessEnv): ChildProgram {
    // Under npx itself, npm is where this says; on Windows its launchers are scripts, which cannot be started as a
    // program.
    const npm = env["npm_execpath"];
    if (npm !== undefined && /npm-cli\.c?js$/.test(npm))
      return new ChildProgram(process.execPath, [npm, "exec", "--yes", "--", name]);
    return new ChildProgram("npx", ["--yes", name]);
  }

  start(args: readonly string[], { cwd, env }: ChildOptions, stdio: StdioOptions): ChildProcess {
    const shell = process.platform === "win32" && this.#program === "npx";
    return spawn(this.#program, [...this.#before, ...args], { cwd, env, stdio, shell, windowsHide: true });
  }

  /** Runs it on this terminal and returns its exit code. */
  run(args: readonly string[], options: ChildOptions): Promise<number> {
    return this.#end(this.start(args, options, ["inherit", "inherit", "inherit"]));
  }

  /** Runs it and returns its output.
   *
   * @throws Failure where it fails
   */
  async read(args: readonly string[], options: ChildOptions): Promise<string> {
    const child = this.start(args, options, ["pipe", "pipe", "pipe"]);
    let [stdout, stderr] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdin?.on("error", () => {}).end(options.input ?? "");
    const code = await this.#end(child);
    if (code !== 0)
      throw no(
        "program_failed",
        `\`${[this.#program, ...this.#before, ...args].join(" ")}\` failed (${code})`,
        (stderr || stdout).trim(),
      );
    return stdout;
  }

  #end(child: ChildProcess): Promise<number> {
    return new Promise((resolve, reject) => {
      child.once("error", (error) => reject(no("program_missing", `cannot run ${this.#program}: ${error.message}`)));
      child.once("close", (code) => resolve(code ?? 1));
    });
  }
}
