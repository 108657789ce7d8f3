//! The wasm half of the npm package `cuecard`.
