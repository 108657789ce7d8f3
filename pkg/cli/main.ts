#!/usr/bin/env node
/** `cuecard`: one command of the table, its outcome on the terminal, its exit code. */
import { COMMON, help, read } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import { EXIT, CommandFailure, wrongUse } from "./failure.ts";
import { ownVersion } from "./server-package.ts";
import { Session } from "./session.ts";
import { Terminal } from "./terminal.ts";

const args = process.argv.slice(2);
const json = args.includes("--json");
const terminal = new Terminal({
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  json,
});
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough, such as `head`, gets no message.
  if (error.code !== "EPIPE") terminal.note(`error: standard output cannot be written: ${error.message}`);
  process.exit(EXIT.no);
});
process.exitCode = await main(args);

async function main([name, ...rest]: readonly string[]): Promise<number> {
  try {
    if (name === undefined || name === "help" || name === "--help" || name === "-h") return usage(rest[0]);
    if (name === "--version" || name === "-v") return out(ownVersion());
    const command = COMMANDS.find((one) => one.name === name);
    if (command === undefined) throw wrongUse(`no command \`${name}\`: cuecard --help lists them`);
    if (rest.some((word) => word === "--help" || word === "-h")) return out(help(command));
    const session = new Session(process.cwd(), process.env, terminal);
    const { exit = EXIT.done, data } = await command.run({ ...read(command, rest), session });
    if (json && data !== undefined) out(JSON.stringify(data, null, 2));
    return exit;
  } catch (error) {
    return tell(error);
  }
}

function usage(about: string | undefined): number {
  const command = COMMANDS.find((one) => one.name === about);
  if (command !== undefined) return out(help(command));
  const width = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2;
  const rows = COMMANDS.map(({ name, about }) => `  ${name.padEnd(width)}${about.split(/(?<=\.) /)[0]}`);
  const common = Object.entries(COMMON).map(([name, { about }]) => `  --${name.padEnd(width - 2)}${about}`);
  return out(`usage: cuecard <command> [options]\n\n${rows.join("\n")}\n\nEvery command takes\n${common.join("\n")}\n
Exit codes: 0 done, 1 it says no (a check failed, a conflict), 2 wrong use, 3 the server cannot be reached.`);
}

function out(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.done;
}

/** One clear line, and further lines if there is more to say. */
function tell(error: unknown): number {
  const known = error instanceof CommandFailure ? error : new CommandFailure(EXIT.no, "internal", unexpected(error));
  const { code, message, details, exit } = known;
  if (json) out(JSON.stringify({ error: { code, message, ...(details !== "" && { details }) } }, null, 2));
  terminal.note(`${terminal.paint("red", "error:")} ${message}`);
  if (details !== "") terminal.note(details);
  return exit;
}

function unexpected(error: unknown): string {
  const { code, message, stack } = error as NodeJS.ErrnoException;
  // An error of the file system is the user's to mend; any other is a bug.
  return code !== undefined ? message : (stack ?? message);
}
