/** The variables that `--var` sets: a name or a value that the Worker would pass over is refused at the start. */
import { WrongUse } from "./errors.ts";

/** What a variable takes, and in words. */
interface VariableRule {
  readonly takes: string;
  readonly is: (value: string) => boolean;
}

const decimal = /^ *\d{1,12}(?:\.\d{1,6})? *$/;

function seconds(least: number, most: number): VariableRule {
  const takes = `seconds, from ${least} to ${most.toLocaleString("en")}`;
  return { takes, is: (value) => decimal.test(value) && Number(value) >= least && Number(value) <= most };
}

function whole(least: number, most: number): VariableRule {
  const takes = `a whole number, from ${least} to ${most.toLocaleString("en")}`;
  const is = (value: string) => /^ *\d{1,16} *$/.test(value) && Number(value) >= least && Number(value) <= most;
  return { takes, is };
}

const words = (...all: string[]): VariableRule => ({ takes: all.join(" or "), is: (value) => all.includes(value) });

const window = seconds(0, 1_000_000_000);
const rate: VariableRule = { takes: "a number, of which 0 is no limit", is: (value) => decimal.test(value) };

const VARIABLES: Readonly<Record<string, VariableRule>> = {
  FRESH_SECONDS: window,
  STALE_WHILE_REVALIDATE_SECONDS: window,
  STALE_IF_ERROR_SECONDS: window,
  KEY_SECONDS: seconds(0, 60),
  RUN_SECONDS: seconds(0.001, 86_400),
  RUN_SILENCE_SECONDS: seconds(0.001, 86_400),
  RENDER_WORK: whole(1, 10_000_000),
  EPOCH: whole(0, Number.MAX_SAFE_INTEGER),
  WRONG_KEYS_PER_MINUTE: rate,
  WRITES_PER_MINUTE: rate,
  RENDERS_PER_MINUTE: rate,
  SPENT_RENDERS_PER_MINUTE: rate,
  LIST_MEBIBYTES_PER_MINUTE: rate,
  LOG: words("requests"),
  METRICS: words("on"),
  UPSTREAM_PRIVATE: words("allow"),
  ADDRESS_HEADER: { takes: "the name of a header", is: (value) => /^[\w-]{1,64}$/.test(value) },
  ORGANIZATIONS: {
    takes: "ids of 12 characters, separated by commas",
    is: (value) => value.split(",").every((id) => /^[a-z0-9]{12}$/.test(id.trim())),
  },
};

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
  if (rule !== undefined && !rule.is(value)) throw new WrongUse(`${name} takes ${rule.takes}, not \`${value}\``);
  return [name, value];
}
