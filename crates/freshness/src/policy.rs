//! How long a copy may be served.

/// A point in time or a span, in milliseconds. Points are read from one clock of the caller's choice.
pub type Millis = u64;

/// The three windows of a tag's copy, in the words of RFC 9111 and RFC 5861. Both stale windows start where freshness
/// ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Policy {
    /// Served without asking the origin. Default 5 s.
    pub fresh: Millis,
    /// Then served at once while the origin is asked in the background. Default 55 s.
    pub stale_while_revalidate: Millis,
    /// Then served only when the origin fails. Default 7 days; this is also how long a copy is worth keeping.
    pub stale_if_error: Millis,
}

impl Policy {
    /// The longest time that a "does not exist" counts as fresh: 10 s.
    pub const MISSING: Millis = 10_000;
    /// The longest time that one request may be the only one asking for a key: 10 s. Longer than any deadline on an
    /// origin call; it expires by itself if the asking request dies.
    pub const LEASE: Millis = 10_000;

    /// The age from which a copy is never served.
    pub fn retention(&self) -> Millis {
        let stale = self.stale_while_revalidate.max(self.stale_if_error);
        self.fresh.saturating_add(stale)
    }

    /// The pause after the n-th failure in a row (from 1): 0.5 s, doubling up to 5 s; the origin's own `Retry-After`
    /// counts up to 60 s.
    pub fn pause(&self, failures: u32, retry_after: Option<Millis>) -> Millis {
        let own = 500_u64 << failures.saturating_sub(1).min(4);
        own.min(5_000).max(retry_after.unwrap_or(0).min(60_000))
    }

    pub(crate) fn fresh_for(&self, missing: bool) -> Millis {
        if missing {
            self.fresh.min(Self::MISSING)
        } else {
            self.fresh
        }
    }

    pub(crate) fn revalidates_until(&self) -> Millis {
        self.fresh.saturating_add(self.stale_while_revalidate)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fresh: 5_000,
            stale_while_revalidate: 55_000,
            stale_if_error: 7 * 24 * 3_600_000,
        }
    }
}
