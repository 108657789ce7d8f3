//! What the API takes of the world as arguments: time, randomness, the operator's settings.

use cuecard_run::Reach;
use cuecard_store::{Entropy, Revision, Timestamp};

/// What a request is told about the world.
#[derive(Clone, Debug)]
pub struct World {
    /// When it came.
    pub now: Timestamp,
    /// Randomness of its own.
    pub entropy: Entropy,
    /// What it is called in logs and in the answer.
    pub request_id: String,
    /// How often the store was put back to an earlier state: with a higher one, lower revisions are newer. Default 0.
    pub epoch: u64,
    /// Which addresses connections may have.
    pub reach: Reach,
    /// Units of work that a render may take, where the operator says so.
    pub work: Option<u64>,
}

impl World {
    /// A revision as edges compare it.
    pub(super) fn revision(&self, number: Revision) -> String {
        let (epoch, number) = (self.epoch, number.get());
        cuecard_freshness::EpochRevision { epoch, number }.to_string()
    }
}
