/** The variables that `--var` sets: a name or a value that the Worker would pass over is refused at the start. */
import { WrongUse } from "./errors.ts";
import table from "./variables.json";

/** What a variable takes. A test of the Worker holds the table against what it reads. */
interface VariableRule {
  readonly seconds?: readonly number[];
  readonly whole?: readonly number[];
  /** How often a minute. */
  readonly rate?: boolean;
  readonly word?: string;
  readonly pattern?: string;
  /** The pattern in words. */
  readonly takes?: string;
}

const VARIABLES: Readonly<Record<string, VariableRule>> = table;

const DECIMAL = /^ *\d{1,12}(?:\.\d{1,6})? *$/;
const WHOLE = /^ *\d{1,16} *$/;

/** Secrets of connections to model APIs. */
const SECRET = /^UPSTREAM_[A-Z0-9_]+$/;

/** @throws WrongUse */
export function variables(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(pairs.map(variable));
}

function variable(pair: string): readonly [string, string] {
  const [, name, value] = /^([A-Z][A-Z_0-9]*)=(.*)$/s.exec(pair) ?? [];
  if (name === undefined || value === undefined) throw new WrongUse(`--var takes NAME=VALUE, not \`${pair}\``);
  if (name === "ORIGIN" || name === "BOOTSTRAP_KEY")
    throw new WrongUse(`--var does not take ${name}: ${name === "ORIGIN" ? "--origin does" : "it is in DIR/key"}`);
  const rule = VARIABLES[name];
  if (rule === undefined && !SECRET.test(name))
    throw new WrongUse(`there is no variable ${name}: ${Object.keys(VARIABLES).join(", ")} and UPSTREAM_… are`);
  const takes = rule && refusal(rule, value);
  if (takes !== undefined) throw new WrongUse(`${name} takes ${takes}, not \`${value}\``);
  return [name, value];
}

/** What a variable takes in words, where it does not take the value. */
function refusal({ seconds, whole, rate, word, pattern, takes }: VariableRule, value: string): string | undefined {
  if (seconds) return within(seconds, value, DECIMAL) ? undefined : `seconds, ${range(seconds)}`;
  if (whole) return within(whole, value, WHOLE) ? undefined : `a whole number, ${range(whole)}`;
  if (rate) return DECIMAL.test(value) ? undefined : "a number, of which 0 is no limit";
  if (pattern !== undefined) return new RegExp(pattern).test(value) ? undefined : takes;
  return value === word ? undefined : word;
}

function within([least = 0, most = 0]: readonly number[], value: string, form: RegExp): boolean {
  return form.test(value) && Number(value) >= least && Number(value) <= most;
}

function range([least = 0, most = 0]: readonly number[]): string {
  return `from ${least} to ${most.toLocaleString("en")}`;
}
