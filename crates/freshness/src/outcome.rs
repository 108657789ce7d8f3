//! How an attempt to ask the origin ends, and what that means for who asked.

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
    /// The origin itself says that there is no such thing: deleted, or never there. RFC 5861 does not count that as an error.
    Missing {
        /// The project's revision.
        revision: EpochRevision,
    },
    /// Anything else: unreachable, slow, refused, unusable.
    Failed {
        /// What the origin asked for, in milliseconds.
        retry_after: Option<Millis>,
    },
}

impl Outcome {
    /// The project's revision at which an answer was made; none where there is no answer.
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
    /// Serve what came, and keep it in place of the copy.
    Answer,
    /// Serve the copy, keep it.
    Stored {
        /// Since the origin confirmed it, in milliseconds.
        age: Millis,
    },
    /// Answer that there is no such thing; forget the copy, keep the [`Held`](crate::Held) mark.
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
