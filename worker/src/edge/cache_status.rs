//! How the edge handled a request: the header `Cache-Status` (RFC 9211).

use std::fmt;

use cuecard_freshness::Millis;

/// How a request was handled, and how old the answer is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct CacheStatus {
    pub(super) age: Millis,
    /// The freshness lifetime (RFC 9111 §4.2.1), in milliseconds; `None`: for ever.
    pub(super) lifetime: Option<Millis>,
    pub(super) handling: Handling,
}

/// The source of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Handling {
    /// From a copy, without a request to the origin.
    Hit,
    /// From a copy, while the origin fails.
    HitOnError,
    /// From the origin: the status of its answer, and whether there was a stale copy.
    Forwarded { status: u16, stale: bool },
    /// From the origin, by the request of another reader.
    Collapsed,
}

impl CacheStatus {
    /// The value of `Age`.
    pub(super) fn age_in_seconds(self) -> Millis {
        self.age / 1_000
    }

    /// The values for `Age` and `Cache-Status`: whole seconds, and whether it is stale.
    pub(super) fn to_the_second(self) -> Self {
        let age = self.age_in_seconds() * 1_000;
        let age = match self.lifetime {
            Some(lifetime) if self.age >= lifetime => age.max(lifetime),
            _ => age,
        };
        Self { age, ..self }
    }
}

impl fmt::Display for CacheStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { age, lifetime, .. } = *self;
        let ttl = lifetime.map_or(31_536_000, |lifetime| seconds(lifetime) - seconds(age));
        let stale = lifetime.is_some_and(|lifetime| age >= lifetime);
        let ttl = if stale { ttl.min(0) } else { ttl };
        match self.handling {
            Handling::Hit if stale => {
                write!(f, "cuecard; hit; ttl={ttl}; detail=stale-while-revalidate")
            }
            Handling::Hit => write!(f, "cuecard; hit; ttl={ttl}"),
            Handling::HitOnError if stale => {
                write!(f, "cuecard; hit; ttl={ttl}; detail=stale-if-error")
            }
            Handling::HitOnError => write!(f, "cuecard; hit; ttl={ttl}; detail=origin-failing"),
            Handling::Forwarded { status, stale } => {
                let why = if stale { "stale" } else { "miss" };
                let stored = if status == 304 { "" } else { "; stored" };
                write!(f, "cuecard; fwd={why}; fwd-status={status}{stored}")
            }
            Handling::Collapsed => f.write_str("cuecard; fwd=miss; collapsed"),
        }
    }
}

fn seconds(span: Millis) -> i64 {
    i64::try_from(span / 1_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_status_says_where_an_answer_came_from() {
        let status = |age, lifetime, handling| {
            CacheStatus {
                age,
                lifetime,
                handling,
            }
            .to_string()
        };
        let (fresh, version) = (Some(5_000), None);
        for (seen, expected) in [
            (status(1_200, fresh, Handling::Hit), "cuecard; hit; ttl=4"),
            (
                status(7_900, fresh, Handling::Hit),
                "cuecard; hit; ttl=-2; detail=stale-while-revalidate",
            ),
            (
                status(5_100, fresh, Handling::Hit),
                "cuecard; hit; ttl=0; detail=stale-while-revalidate",
            ),
            (
                status(90_000, fresh, Handling::HitOnError),
                "cuecard; hit; ttl=-85; detail=stale-if-error",
            ),
            (
                status(90_000, version, Handling::Hit),
                "cuecard; hit; ttl=31536000",
            ),
            (
                status(
                    0,
                    fresh,
                    Handling::Forwarded {
                        status: 200,
                        stale: false,
                    },
                ),
                "cuecard; fwd=miss; fwd-status=200; stored",
            ),
            (
                status(
                    0,
                    fresh,
                    Handling::Forwarded {
                        status: 304,
                        stale: true,
                    },
                ),
                "cuecard; fwd=stale; fwd-status=304",
            ),
            (
                status(0, fresh, Handling::Collapsed),
                "cuecard; fwd=miss; collapsed",
            ),
        ] {
            assert_eq!(seen, expected);
        }
    }
}
