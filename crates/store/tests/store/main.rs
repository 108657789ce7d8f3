//! The operations, on SQLite in memory.

#![cfg(test)]

mod commit;
mod diff;
mod drafts;
mod faults;
mod histories;
mod lists;
mod model;
mod prompts;
mod support;
mod tags;
mod tenancy;
