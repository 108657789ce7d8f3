//! Runs: a rendered prompt is sent to a model API, and its answer recorded.
//!
//! A [`Connection`] says where and with which secret's name, a [`RunRequest`] what the caller wants on top of the
//! prompt, an [`Outgoing`] is the request, a [`AnswerReader`] reads the answer, whole or event by event, into a
//! [`ModelAnswer`], and an [`Execution`] is the record. Time is an argument; nothing here does I/O or holds a secret.

mod answer;
mod answer_reader;
mod base_url;
mod connection;
mod cost;
mod events;
mod execution;
mod filter;
mod outgoing;
mod request;
mod usage;

pub use answer::{ModelAnswer, ToolUse};
pub use answer_reader::AnswerReader;
pub use base_url::{BaseUrl, Reach};
pub use connection::{ApiKind, Connection, Model, Settings, choose};
pub use cost::Prices;
pub use events::Events;
pub use execution::{Bodies, Execution, ExecutionStatus, Keeping, Recording, RunFailure};
pub use filter::UsageFilter;
pub use outgoing::{Outgoing, Surface, refuses_usage};
pub use request::RunRequest;
pub use usage::Usage;
