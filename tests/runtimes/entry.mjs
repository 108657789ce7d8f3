// Which entry of the package a test is about: the full one, or, in `*-light.test.mjs`, `cuecard/client`.

let file = "index.js";

/** Makes the tests that are imported next those of another entry. */
export function use(other) {
  file = other;
}

/** Where the entry is. */
export function entryUrl() {
  return new URL(`../../pkg/dist/${file}`, import.meta.url).href;
}

/** What the entry exports. */
export function entry() {
  return import(entryUrl());
}
