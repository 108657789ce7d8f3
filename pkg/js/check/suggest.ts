/** "Did you mean …?", as `crates/prompt/src/suggest.rs`. */
import { first } from "./data.ts";

/** The most steps of one search. */
const MAX_WORK = 1 << 14;

/** The candidate that a misspelt name probably means. */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  const letters = plain(name);
  const most = Math.max(Math.floor(letters.length / 3), 1);
  let left = MAX_WORK;
  let [distance, nearest]: [number, string | undefined] = [Number.POSITIVE_INFINITY, undefined];
  for (const candidate of candidates) {
    const others = plain(candidate);
    const apart = Math.abs(letters.length - others.length) > most;
    left -= others.length + (apart ? 0 : letters.length * others.length);
    if (left < 0) break;
    const edits = apart ? Number.POSITIVE_INFINITY : distanceOf(letters, others);
    if (edits < distance) [distance, nearest] = [edits, candidate];
  }
  // One edit turns every one-letter name into every other.
  return distance <= most && distance < Math.max(letters.length, 1) ? nearest : undefined;
}

function plain(name: string): string[] {
  const letters = [...first(name, 256)].filter((letter) => letter !== "_").slice(0, 64);
  return letters.flatMap((letter) => [...letter.toLowerCase()]);
}

/** Optimal string alignment distance. */
function distanceOf(a: readonly string[], b: readonly string[]): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const changed = (above[j] as number) + (a[i] === b[j] ? 0 : 1);
      let best = Math.min(changed, (above[j + 1] as number) + 1, (row[j] as number) + 1);
      if (i > 0 && j > 0 && a[i - 1] === b[j] && b[j - 1] === a[i])
        best = Math.min(best, (before[j - 1] as number) + 1);
      row.push(best);
    }
    [before, above] = [above, row];
  }
  return above[b.length] as number;
}
