// Shared parts of the benchmarks of engines: the imports of other engines, interleaved rounds, and a table.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(fileURLToPath(new URL("../package.json", import.meta.url)));

/** Imports a package from the tests' node_modules. */
export const load = (name) => import(require.resolve(name));

/** A prefix that sends the whole prompt to the wasm, as no plan supports powers. */
export const OUTSIDE_PLANS = "{% macro unused() %}{{ 1 ** 1 }}{% endmacro %}";

const ROUNDS = 21;
/** Milliseconds that one contender runs in a round. */
const SLICE = 12;

/**
 * Returns the median microseconds of each engine for contenders `{ engine, render }`, whose `render` returns texts.
 * Each round runs all engines in turn, so that a disturbance affects them alike.
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

/** The median; of an even number of values, the lower of the two in the middle. */
export const median = (list) => list.toSorted((a, b) => a - b)[(list.length - 1) >> 1];

/** Reads each text, as sending it would, so that an engine cannot skip the joining of its pieces. */
function flat(texts) {
  let sum = 0;
  for (const text of texts) sum += text.length + text.charCodeAt(text.length >> 1);
  return sum;
}

/** Prints rows of texts as aligned columns. */
export function print(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  console.log(rows.map((row) => row.map((text, column) => text.padEnd(widths[column])).join("  ")).join("\n"));
}
