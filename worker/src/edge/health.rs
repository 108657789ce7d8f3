//! Whether an origin is worth asking: a circuit breaker for the origin, and one for each organisation's store there.

use super::memory::Memory;
use crate::clock;
use crate::origin::Origin;

/// What failed, by an answer or by its absence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Down {
    /// The origin did not answer, or a proxy before it failed: it is down for all organisations.
    Origin,
    /// No answer in time, which may be one organisation's store that hangs.
    Silence,
    /// One organisation's store failed, or refuses for now (429): others may be up.
    Store,
}

/// Whether the origin is known to be down for this organisation.
pub(super) fn is_down(origin: &Origin, organization: &str) -> bool {
    Memory::with(|memory| {
        let mut keys = origin.breakers(organization);
        !memory.has_no_failures()
            && keys.any(|key| memory.breaker(key, |breaker| breaker.is_open()))
    })
}

/// Whether the last request for this organisation failed, lately.
pub(super) fn is_doubted(origin: &Origin, organization: &str) -> bool {
    let now = clock::now();
    Memory::with(|memory| {
        let mut keys = origin.breakers(organization);
        !memory.has_no_failures()
            && keys
                .any(|key| memory.breaker(key, |breaker| breaker.is_open() || breaker.doubts(now)))
    })
}

/// Whether a request may be sent now. Has to be followed by [`note`].
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
