//! The circumstances of a request as arguments: time, randomness, the operator's settings.

use cuecard_run::Reach;
use cuecard_store::{Entropy, Revision, Timestamp};

/// The circumstances of a request.
#[derive(Clone, Debug)]
pub struct World {
    /// The time of its arrival.
    pub now: Timestamp,
    /// Randomness of its own.
    pub entropy: Entropy,
    /// Its id in logs and in the answer.
    pub request_id: String,
    /// How often the store was restored to an earlier state: with a higher epoch, lower revisions are newer. Default 0.
    pub epoch: u64,
    /// The addresses that connections may have.
    pub reach: Reach,
    /// The operator's limit of work for a render, if set.
    pub work: Option<u64>,
}

impl World {
    /// A revision in the form that edges compare.
    pub(super) fn revision(&self, number: Revision) -> String {
        let (epoch, number) = (self.epoch, number.get());
        cuecard_freshness::EpochRevision { epoch, number }.to_string()
    }
}
