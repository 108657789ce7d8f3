//! Checks invariants of small worlds in every sequence of a few events.
#![expect(clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use std::fmt::Debug;

use cuecard_freshness::{EpochRevision, Policy};

pub(crate) const POLICY: Policy = Policy {
    fresh: 1_000,
    stale_while_revalidate: 1_000,
    stale_if_error: 12_000,
};

/// A system under test.
pub(crate) trait World {
    type Event: Copy + Debug;

    /// The initial state.
    fn new() -> Self;

    /// Applies an event; panics where an invariant fails.
    fn step(&mut self, event: Self::Event);

    /// The number of times that content was served.
    fn served(&self) -> u64;
}

pub(crate) fn revision(number: usize) -> EpochRevision {
    EpochRevision {
        epoch: 0,
        number: number as u64,
    }
}

/// Runs `prefix` and then every sequence of `depth` events, each in a new world. Returns the number of sequences, and
/// the number of times that content was served in them.
pub(crate) fn every_sequence<W: World>(
    prefix: &[W::Event],
    alphabet: &[W::Event],
    depth: u32,
) -> (usize, u64) {
    let total = alphabet.len().pow(depth);
    let mut served = 0;
    for index in 0..total {
        let choice = |place| alphabet[index / alphabet.len().pow(place) % alphabet.len()];
        let sequence = prefix.iter().copied().chain((0..depth).map(choice));
        let mut world = W::new();
        for event in sequence.clone() {
            let result =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.step(event)));
            if result.is_err() {
                panic!("{:?}", sequence.collect::<Vec<_>>());
            }
        }
        served += world.served();
    }
    (total, served)
}
