// Selects the entry of the package that a test imports: the full one, or, in `*-light.test.mjs`, `cuecard/client`.

let file = "index.js";

/** Makes test files that are imported afterwards use another entry. */
export function use(other) {
  file = other;
}

/** The URL of the entry. */
export function entryUrl() {
  return new URL(`../../pkg/dist/${file}`, import.meta.url).href;
}

/** The exports of the entry. */
export function entry() {
  return import(entryUrl());
}
