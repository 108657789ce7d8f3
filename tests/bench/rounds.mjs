// What the benchmarks of engines share: peers as installed for the tests, rounds in turn, and a table.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(fileURLToPath(new URL("../package.json", import.meta.url)));

/** A package of the tests. */
export const load = (name) => import(require.resolve(name));

/** Before a template: no plan can have a power, so all of the prompt goes to the wasm. */
export const OUTSIDE_PLANS = "{% macro unused() %}{{ 1 ** 1 }}{% endmacro %}";

const ROUNDS = 21;
/** Milliseconds of one contender in a round. */
const SLICE = 12;

/**
 * Medians in microseconds by engine, of contenders `{ engine, render }`, which give texts. Rounds go through all
 * engines in turn, so that whatever disturbs one disturbs all.
 */
export function measure(contenders) {
  let sink = 0;
  const all = contenders.map(({ engine, render }) => {
    const until = performance.now() + 150;
    let n = 0;
    const started = performance.now();
    do {
      sink += flat(render());
      n++;
    } while (performance.now() < until);
    const count = Math.max(1, Math.round((n * SLICE) / (performance.now() - started)));
    return { engine, render, count, times: [] };
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (const { render, count, times } of all) {
      const started = performance.now();
      for (let i = 0; i < count; i++) sink += flat(render());
      times.push(((performance.now() - started) * 1000) / count);
    }
  }
  if (sink === 0) throw new Error("nothing was rendered");
  return Object.fromEntries(all.map(({ engine, times }) => [engine, median(times)]));
}

/** Of an even number of values, the lower of the two in the middle. */
export const median = (list) => list.toSorted((a, b) => a - b)[(list.length - 1) >> 1];

/** Makes every text whole, as sending it would: engines that only note what to join do not get away with it. */
function flat(texts) {
  let sum = 0;
  for (const text of texts) sum += text.length + text.charCodeAt(text.length >> 1);
  return sum;
}

/** Prints rows of texts in columns. */
export function print(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  console.log(rows.map((row) => row.map((text, column) => text.padEnd(widths[column])).join("  ")).join("\n"));
}
