/** Comparisons and tests as closures. */
import type { Comparison } from "./nodes.ts";
import { contains, isSame } from "./paid.ts";
import { difference, isDict, isUndefined, stop } from "./python.ts";
import type { EvalTest, EvalValue, PlanRun } from "./run.ts";

/** Whether two values are in a relation. */
type Holds = (run: PlanRun, left: unknown, right: unknown) => boolean;

export function comparison(op: Comparison): Holds {
  switch (op) {
    case "==":
      return isSame;
    case "!=":
      return (run, left, right) => !isSame(run, left, right);
    case "<":
      return (_, left, right) => difference(left, right) < 0;
    case "<=":
      return (_, left, right) => difference(left, right) <= 0;
    case ">":
      return (_, left, right) => difference(left, right) > 0;
    case ">=":
      return (_, left, right) => difference(left, right) >= 0;
    default:
      return (run, left, right) => contains(run, right, left) === (op === "in");
  }
}

/** A test without arguments. */
export function isTest(name: string, of: EvalValue): EvalTest {
  if (name === "defined") return (run) => !isUndefined(of(run));
  if (name === "undefined") return (run) => isUndefined(of(run));
  const is = {
    boolean: (value: unknown) => typeof value === "boolean",
    false: (value: unknown) => value === false,
    float: (value: unknown) => typeof value === "number" && !Number.isInteger(value),
    integer: (value: unknown) => Number.isInteger(value),
    mapping: isDict,
    none: (value: unknown) => value === null,
    number: (value: unknown) => typeof value === "number" || typeof value === "boolean",
    sequence: (value: unknown) => typeof value === "string" || (typeof value === "object" && value !== null),
    string: (value: unknown) => typeof value === "string",
    true: (value: unknown) => value === true,
  }[name];
  if (is === undefined) stop();
  return (run) => {
    const value = of(run);
    // An undefined value is an empty sequence in the eyes of one test.
    return isUndefined(value) && name === "sequence" ? stop() : is(value);
  };
}
