//! The wasm half of the npm package `cuecard`. The TypeScript in `js/` is the only caller: what JavaScript users see is there.
//!
//! Nothing that a user passes in crosses as a JavaScript object. The facade copies it into one flat buffer ([`wire`]), and
//! what comes back is bytes as well; only our own errors are made into objects here ([`throw`]).

pub mod buffer;
#[cfg(test)]
mod contract;
mod output;
pub mod prompts;
pub mod text;
mod throw;
mod wire;
