/** The state of one render by a plan. */
import { stop } from "./python.ts";

/** The most UTF-16 units of a template's output; beyond, the engine reports the error. */
export const MAX_LENGTH = 300_000;

/** The engine's default units of work of a render. */
export const WORK = 300_000;
/** Those of a step, at most. */
const STEP_WORK = 8;

export type PlanRun = {
  /** In the order of the plan's inputs. */
  inputs: readonly unknown[];
  /** The variables of the running template. */
  slots: unknown[];
  loops: Loop[];
  /** Those that are left: a run is stopped where the engine might be, which decides then. */
  steps: number;
  /** UTF-16 units of all texts so far. */
  length: number;
  /** The time that templates are told; it is looked up when one asks. */
  now: Date | undefined;
  /** The names of dicts with many. */
  names: Map<object, readonly string[]> | undefined;
};

export type EvalValue = (run: PlanRun) => unknown;
export type EvalTest = (run: PlanRun) => boolean;
/** Runs, and returns the output. */
export type EvalText = (run: PlanRun) => string;

/** `loop` */
export interface Loop {
  /** From 0. */
  index: number;
  readonly length: number;
}

export function start(inputs: readonly unknown[], now: Date | undefined): PlanRun {
  return { inputs, slots: [], loops: [], steps: WORK / STEP_WORK, length: 0, now, names: undefined };
}

/** The units of work that the engine would have left. */
export function workLeft(run: PlanRun): number {
  return run.steps * STEP_WORK;
}

/** Pays for nodes, and for texts and lists that are read or made. */
export function pay(run: PlanRun, steps: number): void {
  run.steps -= steps;
  if (run.steps < 0) stop();
}
