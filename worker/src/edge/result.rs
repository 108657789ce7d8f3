//! The result of a read, and its source.

use std::rc::Rc;

use cuecard_freshness::{EpochRevision, Millis};
use cuecard_prompt::Error;

use super::cache_status::CacheStatus;

/// The result of a read.
pub(super) enum CacheResult<T> {
    /// A copy.
    Found(FoundCopy<T>),
    /// The origin says that the thing does not exist.
    Missing(Rc<Error>, CacheStatus),
    /// Neither the origin nor a copy; worth another try after that many milliseconds.
    Unavailable(Rc<Error>, Millis),
}

impl<T> Clone for CacheResult<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Found(FoundCopy {
                copy,
                revision,
                cache_status,
            }) => Self::Found(FoundCopy {
                copy: copy.clone(),
                revision: *revision,
                cache_status: *cache_status,
            }),
            Self::Missing(error, cache_status) => Self::Missing(error.clone(), *cache_status),
            Self::Unavailable(error, retry_after) => Self::Unavailable(error.clone(), *retry_after),
        }
    }
}

/// A copy and its source.
pub(super) struct FoundCopy<T> {
    pub(super) copy: Rc<T>,
    pub(super) revision: EpochRevision,
    pub(super) cache_status: CacheStatus,
}
