//! Whether an origin should be asked: a circuit breaker for the origin, and one for each organisation's store there.

use super::memory::Memory;
use crate::clock;
use crate::origin::Origin;

/// A failure, by its kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Down {
    /// The origin did not answer, or a proxy before it failed: it is down for all organisations.
    Origin,
    /// No answer in time, which may be due to one organisation's store that hangs.
    Silence,
    /// One organisation's store failed, or refuses for now (429): others may be fine.
    Store,
}

/// Whether the origin counts as down for this organisation.
pub(super) fn is_down(origin: &Origin, organization: &str) -> bool {
    Memory::with(|memory| {
        let mut keys = origin.breakers(organization);
        !memory.has_no_failures()
            && keys.any(|key| memory.breaker(key, |breaker| breaker.is_open()))
    })
}

/// Whether the last request for this organisation failed, and recently. An origin that nobody has asked for a while may be
/// back, which a key that may have been revoked is worth to find out.
pub(super) fn is_doubted(origin: &Origin, organization: &str) -> bool {
    Memory::with(|memory| {
        if memory.has_no_failures() {
            return false;
        }
        let now = clock::now();
        origin
            .breakers(organization)
            .any(|key| memory.breaker(key, |breaker| breaker.is_sure(now) || breaker.doubts(now)))
    })
}

/// Whether a request may be sent now. The caller must call [`note`] afterwards.
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
                // An embedded store has no other breaker.
                Some(Down::Origin) if shared.is_none_or(|shared| shared == key) => {
                    breaker.failed(clock::now());
                }
                Some(Down::Store) if shared != Some(key) => breaker.failed(clock::now()),
                // A store that failed has answered for the origin; an origin that failed says nothing about the store.
                Some(Down::Store) => breaker.succeeded(),
                // Nor does a store that hangs; other requests to it will find out.
                Some(Down::Silence) if shared != Some(key) => breaker.failed(clock::now()),
                Some(Down::Origin | Down::Silence) => {}
            });
        }
    });
}
