//! Tests of the store's operations on SQLite in memory.

#![cfg(test)]

mod beside;
mod bindings;
mod cases;
mod commit;
mod diff;
mod drafts;
mod executions;
mod exports;
mod faults;
mod files;
mod histories;
mod import;
mod lists;
mod migrated;
mod model;
mod plans;
mod prompts;
mod races;
mod removal;
mod support;
mod tag_names;
mod tags;
mod tenancy;
