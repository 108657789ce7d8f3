/** Operations that take longer with larger values: each pays before it begins. */
import { type Dict, digitSteps, equal, isDict, keys, known, length, member, stop, str, truth } from "./python.ts";
import { pay, type PlanRun } from "./run.ts";

/** A longer text is searched for by a part of it only, so that each place where that is found is compared in full. */
const LONG_PART = 250;
/** From this number of names on, those of a dict are kept. */
const MANY = 16;

/** Pays for comparing or copying texts of this length. */
export function payText(run: PlanRun, units: number): void {
  if (units > 255) pay(run, units >> 8);
}

/** `str(value)` */
export function print(run: PlanRun, value: unknown): string {
  if (typeof value === "number") pay(run, digitSteps(value));
  return str(value);
}

/** `a == b` */
export function isSame(run: PlanRun, a: unknown, b: unknown): boolean {
  if (typeof a !== "string" || typeof b !== "string") return equal(a, b);
  if (a.length !== b.length) return false;
  payText(run, a.length);
  return a === b;
}

/** `item in container` */
export function contains(run: PlanRun, container: unknown, item: unknown): boolean {
  if (Array.isArray(container)) {
    pay(run, container.length);
    return Array.from(container, known).some((one) => isSame(run, one, item));
  }
  if (typeof item !== "string") stop();
  if (typeof container !== "string") return isDict(container) ? member(container, item) !== undefined : stop();
  pay(run, container.length);
  paySearch(run, container, item);
  return container.includes(item);
}

/** `text.startswith(part)` or `text.endswith(part)` */
export function isAtEnd(run: PlanRun, text: string, part: string, atStart: boolean): boolean {
  payText(run, part.length);
  // `startsWith` compares unit by unit.
  if (part.length > text.length) return false;
  return (atStart ? text.slice(0, part.length) : text.slice(text.length - part.length)) === part;
}

/** `text.replace(old, by)` */
export function replace(run: PlanRun, text: string, old: string, by: string): string {
  if (old === "") stop();
  paySearch(run, text, old);
  let size = text.length;
  if (by.length > old.length)
    for (let at = text.indexOf(old); at >= 0; at = text.indexOf(old, at + old.length)) size += by.length - old.length;
  pay(run, Math.floor((text.length + size) / 16));
  return text.replaceAll(old, () => by);
}

/** Pays for looking for a part of a text. */
export function paySearch(run: PlanRun, text: string, part: string): void {
  if (part.length > LONG_PART) pay(run, Math.floor((text.length * part.length) / 1_024));
}

/** The names of a dict, which a run lists once. */
export function namesOf(run: PlanRun, dict: Dict): readonly string[] {
  const kept = run.names?.get(dict);
  if (kept !== undefined) return kept;
  const names = keys(dict);
  if (names.length < MANY) return names;
  pay(run, names.length >> 1);
  (run.names ??= new Map()).set(dict, names);
  return names;
}

/** `bool(value)` */
export function isTrue(run: PlanRun, value: unknown): boolean {
  return isDict(value) ? namesOf(run, value).length > 0 : truth(value);
}

/** `len(value)` */
export function count(run: PlanRun, value: unknown): number {
  if (isDict(value)) return namesOf(run, value).length;
  if (typeof value === "string") pay(run, value.length >> 3);
  return length(value);
}
