//! A disk that takes no writes of a store, or whose files are damaged: what it means for a request, and one line in the
//! log. A file is named as workerd does in the store's folder, without its ending: `Executions/<id of the object>`.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use cuecard_prompt::{Code, Error};
use worker::{Env, console_error, console_log};

use crate::clock;

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
    static WHOLE: RefCell<HashSet<String>> = RefCell::new(HashSet::new());
    static DAMAGED: RefCell<HashSet<String>> = RefCell::new(HashSet::new());
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

/// The service that tells whether an object's file is whole, bound where workerd keeps the files in a folder: see
/// `worker/server/emulation/objects.js`.
const OBJECTS: &str = "OBJECTS";

/// The fault of a disk or a file in an error of a Durable Object that did not answer, which is logged. workerd hides the
/// database's error where an object's file cannot be opened; in a folder nothing else keeps an object from its start.
pub(crate) async fn fault_of_object(env: &Env, file: &str, error: &worker::Error) -> Option<Error> {
    let text = error.to_string();
    if let Some(fault) = fault_of(&text) {
        failed(fault);
        return Some(Error::new(Code::StoreUnwritable, fault));
    }
    if is_damage(&text) {
        return Some(damaged(file, &text));
    }
    let files = env.service(OBJECTS).ok()?;
    if !text.contains("internal error") {
        return None;
    }
    let url = format!("https://objects/{file}");
    let told = match files.fetch(url, None).await {
        Ok(mut answer) => answer.text().await.unwrap_or_default(),
        Err(_) => String::new(),
    };
    if told == "damaged" {
        return Some(damaged(file, "its head is not that of a whole database"));
    }
    let fault = "a file of it cannot be opened";
    failed(fault);
    Some(Error::new(Code::StoreUnwritable, fault))
}

/// Whether an error of the database says that its file is damaged.
pub(crate) fn is_damage(error: &str) -> bool {
    ["SQLITE_CORRUPT", "SQLITE_NOTADB"]
        .iter()
        .any(|code| error.contains(code))
}

/// Whether an object's file in a folder has yet to be looked at as a whole.
pub(crate) fn is_unseen(env: &Env, file: &str) -> bool {
    env.service(OBJECTS).is_ok() && !WHOLE.with_borrow(|whole| whole.contains(file))
}

/// Notes that a file is whole.
pub(crate) fn whole(file: &str) {
    WHOLE.with_borrow_mut(|whole| whole.insert(file.to_owned()));
}

/// Notes that a file is damaged, and logs it once.
pub(crate) fn damaged(file: &str, reason: &str) -> Error {
    if DAMAGED.with_borrow_mut(|damaged| damaged.insert(file.to_owned())) {
        console_error!(
            "store/{file}.sqlite is damaged ({reason}). It is left as it is, and what is in it is not answered: put it \
             back from a backup while nothing serves it. All else goes on"
        );
    }
    Error::new(Code::StoreDamaged, "the log of the server names the file")
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
    use super::{fault_of, is_damage};

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
            assert!(!is_damage(error), "{error}");
        }
    }

    #[test]
    fn damage_of_a_file() {
        for error in [
            "Error: database disk image is malformed: SQLITE_CORRUPT",
            "Error: file is not a database: SQLITE_NOTADB",
        ] {
            assert!(is_damage(error), "{error}");
            assert_eq!(fault_of(error), None, "{error}");
        }
    }
}
