//! The operations, on SQLite in memory.

#![cfg(test)]

mod commit;
mod support;
mod tags;
mod tenancy;
