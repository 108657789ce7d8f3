//! Whether an origin is worth asking: a circuit breaker for the origin, and one for each organisation's store there.

use super::memory::Memory;
use crate::clock;
use crate::origin::Origin;

/// What an answer, or none, says against an origin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Down {
    /// It did not answer, or something before it failed: it is the same for all.
    Origin,
    /// It did not answer in time, which may be one organisation's store that hangs.
    Silence,
    /// One organisation's store failed, or has had enough of its readers: others may be well.
    Store,
}

/// Whether the origin is known to be down for this organisation.
pub(super) fn sick(origin: &Origin, organization: &str) -> bool {
    Memory::with(|memory| {
        let mut keys = origin.breakers(organization);
        !memory.all_well() && keys.any(|key| memory.breaker(key, |breaker| breaker.sick()))
    })
}

/// Whether a request may go out now. Has to be followed by [`note`].
pub(super) fn admit(origin: &Origin, organization: &str) -> bool {
    Memory::with(|memory| {
        let mut keys = origin.breakers(organization);
        keys.all(|key| memory.breaker(key, |breaker| breaker.admit(clock::now())))
    })
}

/// Notes how a request ended.
pub(super) fn note(origin: &Origin, organization: &str, down: Option<Down>) {
    let shared = origin.breaker();
    Memory::with(|memory| {
        for key in origin.breakers(organization) {
            memory.breaker(key, |breaker| match down {
                None => breaker.succeeded(),
                // A store of this Worker's own has no other breaker.
                Some(Down::Origin) if shared.is_none_or(|shared| shared == key) => {
                    breaker.failed(clock::now());
                }
                Some(Down::Store) if shared != Some(key) => breaker.failed(clock::now()),
                // A store that failed has answered; an origin that did not has said nothing of the store.
                Some(Down::Store) => breaker.succeeded(),
                // Nor has one that hangs. Who asks it for others finds out.
                Some(Down::Silence) if shared != Some(key) => breaker.failed(clock::now()),
                Some(Down::Origin | Down::Silence) => {}
            });
        }
    });
}
