//! The wasm half of the npm package `cuecard`. The TypeScript in `js/` is its only caller, and the interface for users.
//!
//! It is built three times, into three modules: with the feature `engine` alone, with `payloads` alone, and with
//! `readers` alone.
//!
//! Nothing that a user passes in crosses as a JavaScript object. The facade copies it into one flat buffer ([`wire`]),
//! and what comes back is bytes as well; only the engine's own errors are made into objects here ([`throw`]).

pub mod buffer;
#[cfg(test)]
#[cfg(feature = "engine")]
mod contract;
#[cfg(feature = "engine")]
mod output;
#[cfg(feature = "engine")]
mod packed;
#[cfg(feature = "payloads")]
pub mod payloads;
#[cfg(feature = "engine")]
pub mod prompts;
#[cfg(feature = "readers")]
pub mod readers;
#[cfg(feature = "engine")]
pub mod text;
#[cfg(feature = "engine")]
mod throw;
#[cfg(any(feature = "engine", feature = "payloads"))]
mod wire;
