//! A disk that takes no writes of a store: what it means for a request, and one line in the log.

use std::cell::Cell;

use worker::{Env, console_error, console_log};

use crate::{clock, wire};

/// What SQLite calls it, and what to tell the operator.
const FAULTS: [(&str, &str); 4] = [
    ("SQLITE_FULL", "the disk is full"),
    ("SQLITE_READONLY", "it is read-only"),
    ("SQLITE_CANTOPEN", "its folder takes no files"),
    ("SQLITE_IOERR", "the disk fails"),
];

/// The least time between two reports, in milliseconds: writes of different sizes may fail and succeed in turn.
const BETWEEN: u64 = 60_000;

thread_local! {
    static DISK: Cell<DiskState> = const { Cell::new(DiskState { failing: false, told: false, last: 0 }) };
}

#[derive(Clone, Copy)]
struct DiskState {
    failing: bool,
    /// Whether the log says that it fails.
    told: bool,
    last: u64,
}

/// The disk's fault in an error of the database, in words.
pub(crate) fn fault_of(error: &str) -> Option<&'static str> {
    let mut all = FAULTS.iter();
    let found = all.find(|(code, _)| error.contains(code))?;
    Some(found.1)
}

/// The variable that is set where workerd keeps the objects' files in a folder.
const OBJECTS: &str = "OBJECTS";

/// The disk's fault in an error of a Durable Object that did not answer. workerd hides the database's error where an
/// object's file cannot be opened; in a folder nothing else keeps an object from its start.
pub(crate) fn fault_of_object(env: &Env, error: &worker::Error) -> Option<&'static str> {
    let text = error.to_string();
    let hidden = || {
        let in_folder = wire::setting(env, OBJECTS).as_deref() == Some("folder");
        (in_folder && text.contains("internal error")).then_some("a file of it cannot be opened")
    };
    fault_of(&text).or_else(hidden)
}

/// Notes that a store was not written.
pub(crate) fn failed(fault: &str) {
    let mut state = DISK.get();
    let now = clock::now();
    if !state.failing && now.saturating_sub(state.last) >= BETWEEN {
        console_error!(
            "the store cannot be written: {fault}. What was written is there and is read; writes are refused until it \
             takes them again"
        );
        (state.told, state.last) = (true, now);
    }
    state.failing = true;
    DISK.set(state);
}

/// Notes that a store was written.
pub(crate) fn written() {
    let state = DISK.get();
    if !state.failing {
        return;
    }
    if state.told {
        console_log!("the store is written again");
    }
    DISK.set(DiskState {
        failing: false,
        told: false,
        ..state
    });
}

#[cfg(test)]
mod tests {
    use super::fault_of;

    #[test]
    fn faults_of_a_disk() {
        for (error, fault) in [
            (
                "Error: database or disk is full: SQLITE_FULL",
                Some("the disk is full"),
            ),
            (
                "attempt to write a readonly database: SQLITE_READONLY",
                Some("it is read-only"),
            ),
            ("disk I/O error: SQLITE_IOERR_WRITE", Some("the disk fails")),
            ("UNIQUE constraint failed: SQLITE_CONSTRAINT", None),
            ("", None),
        ] {
            assert_eq!(fault_of(error), fault, "{error}");
        }
    }
}
