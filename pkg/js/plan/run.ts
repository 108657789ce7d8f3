/** The state of one render by a plan. */
import { stop } from "./python.ts";

/** The most UTF-16 units that a template puts out; beyond, the engine says what is too much. */
export const MAX_LENGTH = 300_000;

/** Nodes that may be run: far fewer than the engine's limits allow, so that what ends here would have ended there. */
const MAX_STEPS = 60_000;

export type PlanRun = {
  /** By the order of the plan's inputs. */
  inputs: readonly unknown[];
  /** Of the template that runs. */
  slots: unknown[];
  loops: Loop[];
  steps: number;
  /** UTF-16 units of all texts so far. */
  length: number;
};

export type EvalValue = (run: PlanRun) => unknown;
export type EvalTest = (run: PlanRun) => boolean;
/** Runs, and gives what is written. */
export type EvalText = (run: PlanRun) => string;

/** `loop` */
export interface Loop {
  /** From 0. */
  index: number;
  readonly length: number;
}

export function start(inputs: readonly unknown[]): PlanRun {
  return { inputs, slots: [], loops: [], steps: MAX_STEPS, length: 0 };
}

/** Pays for nodes, and for texts and lists that are read or made. */
export function pay(run: PlanRun, steps: number): void {
  run.steps -= steps;
  if (run.steps < 0) stop();
}
