//! What a reader gets, and where that came from.

use std::rc::Rc;

use cuecard_freshness::{Millis, Revision};
use cuecard_prompt::Error;

/// What a reader gets.
pub(super) enum Answer<T> {
    /// A copy.
    Found(Found<T>),
    /// The origin says that there is no such thing.
    Missing(Rc<Error>, Source),
    /// Neither the origin nor a copy; worth another try after so many milliseconds.
    Unavailable(Rc<Error>, Millis),
}

impl<T> Clone for Answer<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Found(Found {
                copy,
                revision,
                source,
            }) => Self::Found(Found {
                copy: copy.clone(),
                revision: *revision,
                source: *source,
            }),
            Self::Missing(error, source) => Self::Missing(error.clone(), *source),
            Self::Unavailable(error, retry_after) => Self::Unavailable(error.clone(), *retry_after),
        }
    }
}

/// A copy and how it came.
pub(super) struct Found<T> {
    pub(super) copy: Rc<T>,
    pub(super) revision: Revision,
    pub(super) source: Source,
}

/// Where an answer came from: for `Age` and `Cache-Status`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Source {
    pub(super) age: Millis,
    /// How long it counts as fresh in all, in milliseconds; `None`: for ever.
    pub(super) fresh: Option<Millis>,
    pub(super) how: How,
}

impl Source {
    /// What `Age` and `Cache-Status` tell of it: whole seconds, and whether it is stale.
    pub(super) fn to_the_second(self) -> Self {
        let age = match self.fresh {
            Some(fresh) if self.age >= fresh => (self.age / 1_000 * 1_000).max(fresh),
            _ => self.age / 1_000 * 1_000,
        };
        Self { age, ..self }
    }
}

/// The way an answer came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum How {
    /// From a copy, without asking.
    Hit,
    /// From a copy, as the origin fails.
    Failing,
    /// From the origin: the status of its answer, and whether there was a copy before.
    Forwarded { status: u16, stale: bool },
    /// From the origin, by the request of another reader.
    Collapsed,
}
