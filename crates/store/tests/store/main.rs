//! The operations, on SQLite in memory.

#![cfg(test)]

mod commit;
mod diff;
mod drafts;
mod faults;
mod lists;
mod prompts;
mod support;
mod tags;
mod tenancy;
