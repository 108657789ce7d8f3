/** Commands and how their arguments are parsed. */
import { parseArgs } from "node:util";

import { type Exit, wrongUse } from "./failure.ts";
import type { Session } from "./session.ts";

export interface Option {
  readonly type: "string" | "boolean";
  readonly about: string;
  /** The name of the value in help. */
  readonly value?: string;
  readonly short?: string;
  /** Whether it may be repeated. */
  readonly multiple?: boolean;
}

export type OptionTable = Readonly<Record<string, Option>>;

type OptionValue<O extends Option> = O extends { type: "boolean" }
  ? boolean
  : O extends { multiple: true }
    ? readonly string[]
    : string | undefined;

export type OptionValues<O extends OptionTable> = { readonly [K in keyof O]: OptionValue<O[K]> };

/** One call of a command. */
export interface CommandCall<O extends OptionTable> {
  readonly words: readonly string[];
  readonly options: OptionValues<O>;
  readonly session: Session;
}

/** The result of a call. */
export interface CommandOutcome {
  /** Default 0. */
  readonly exit?: Exit;
  /** The output of `--json`. */
  readonly data: unknown;
}

export interface Command<O extends OptionTable = OptionTable> {
  readonly name: string;
  readonly about: string;
  /** Its arguments: `[slug]…`. */
  readonly takes: string;
  /** The least and the most arguments. */
  readonly words: readonly [number, number];
  readonly options: O;
  /** More help, below the options. */
  readonly more?: string;
  run(call: CommandCall<O>): Promise<CommandOutcome>;
}

/** Lets a command's options type its call. */
export function command<const O extends OptionTable>(definition: Command<O>): Command {
  return definition as unknown as Command;
}

/** Options of every command. */
export const COMMON = {
  json: { type: "boolean", about: "print one JSON document, and nothing else, on standard output" },
  help: { type: "boolean", short: "h", about: "print this" },
} as const satisfies OptionTable;

/** @throws Failure for arguments that the command does not take */
export function read(
  command: Command,
  args: readonly string[],
): { words: string[]; options: OptionValues<OptionTable> } {
  const options: OptionTable = { ...command.options, ...COMMON };
  const known = Object.fromEntries(
    Object.entries(options).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short !== undefined && { short }), ...(multiple !== undefined && { multiple }) },
    ]),
  );
  const { values, positionals } = parse(command, args, known);
  const [least, most] = command.words;
  if (positionals.length < least || positionals.length > most)
    throw wrongUse(`usage: cuecard ${command.name} ${command.takes}`.trimEnd());
  const full = Object.entries(options).map(([name, { type, multiple }]) => [
    name,
    values[name] ?? (type === "boolean" ? false : multiple ? [] : undefined),
  ]);
  return { words: positionals, options: Object.fromEntries(full) as OptionValues<OptionTable> };
}

function parse(
  command: Command,
  args: readonly string[],
  options: NonNullable<Parameters<typeof parseArgs>[0]>["options"],
) {
  try {
    return parseArgs({ args: [...args], options: options ?? {}, allowPositionals: true });
  } catch (error) {
    const { message } = error as Error;
    const unknown = /Unknown option '([^']*)'/.exec(message)?.[1];
    if (unknown === undefined) throw wrongUse(`${message.split("\n")[0]} (cuecard ${command.name} --help)`);
    throw wrongUse(`no option \`${unknown}\`: cuecard ${command.name} --help lists them`);
  }
}

/** The output of `--help`. */
export function help(command: Command): string {
  const rows = Object.entries({ ...command.options, ...COMMON } as OptionTable).map(([name, option]) => {
    const value = option.type === "string" ? ` ${option.value ?? "VALUE"}` : "";
    const short = option.short === undefined ? "" : `-${option.short}, `;
    return [`  ${short}--${name}${value}`, option.about] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const lines = rows.map(([left, about]) => `${left.padEnd(width)}${about}`);
  const more = command.more === undefined ? "" : `\n${command.more}\n`;
  return `usage: cuecard ${`${command.name} ${command.takes}`.trimEnd()}\n\n${command.about}\n\n${lines.join("\n")}\n${more}`;
}
