//! How an attempt to ask the origin ends, and what follows for the reader.

use crate::policy::Millis;
use crate::revision::EpochRevision;

/// How an attempt ended. Only answers that the caller has checked count as `Modified` or `NotModified`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// A full answer, made at this revision of the project.
    Modified {
        /// The project's revision.
        revision: EpochRevision,
    },
    /// The copy that was held when asking is still right at this revision.
    NotModified {
        /// The project's revision.
        revision: EpochRevision,
    },
    /// The origin itself says that the prompt does not exist: deleted, or never there. For RFC 5861 that is no error.
    Missing {
        /// The project's revision.
        revision: EpochRevision,
    },
    /// Anything else: unreachable, slow, refused, unusable.
    Failed {
        /// The origin's `Retry-After`, in milliseconds.
        retry_after: Option<Millis>,
    },
}

impl Outcome {
    /// The project's revision at which an answer was made; `None` without an answer.
    pub fn revision(self) -> Option<EpochRevision> {
        match self {
            Self::Modified { revision }
            | Self::NotModified { revision }
            | Self::Missing { revision } => Some(revision),
            Self::Failed { .. } => None,
        }
    }
}

/// What to serve and to keep.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Settled {
    /// Serve the answer, and keep it in place of the copy.
    Answer,
    /// Serve the copy, keep it.
    Stored {
        /// Since the origin confirmed it, in milliseconds.
        age: Millis,
    },
    /// Answer that the prompt does not exist; forget the copy, keep the [`Held`](crate::Held) mark.
    Missing {
        /// Since the origin said so, in milliseconds.
        age: Millis,
    },
    /// Nothing can be served; forget the copy.
    Unavailable {
        /// How long until the next attempt, in milliseconds.
        retry_after: Millis,
    },
}
