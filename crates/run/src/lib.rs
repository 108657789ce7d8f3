//! What a run is: a rendered prompt, sent to a model API, and what came of it.
//!
//! A [`Connection`] says where and with which secret's name, a [`Call`] what the caller wants on top of the prompt, an
//! [`Outgoing`] is the request, a [`Reader`] reads the answer, whole or event by event, into an [`Answer`], and an
//! [`Execution`] is the record. Time is an argument; nothing here does I/O or holds a secret.

mod answer;
mod call;
mod connection;
mod cost;
mod events;
mod execution;
mod filter;
mod outgoing;
mod place;
mod reader;
mod usage;

pub use answer::{Answer, ToolUse};
pub use call::Call;
pub use connection::{Connection, Kind, Model, Settings, choose};
pub use cost::Prices;
pub use events::Events;
pub use execution::{Bodies, Execution, Failure, Keeping, Recording, Status};
pub use filter::UsageFilter;
pub use outgoing::{Outgoing, Surface, refuses_usage};
pub use place::{Place, Reach};
pub use reader::Reader;
pub use usage::Usage;
