//! `Cache-Status` (RFC 9211): what the cache did.

use std::fmt::Write as _;

/// Why a request went to the origin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Forward {
    /// The method is not answered from copies.
    Method,
    /// Nothing is stored for the URL.
    UriMiss,
    /// What is stored was for other header fields.
    VaryMiss,
    /// What is stored may not be served without asking.
    Stale,
    /// The request asked for it.
    Request,
}

impl Forward {
    fn token(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::UriMiss => "uri-miss",
            Self::VaryMiss => "vary-miss",
            Self::Stale => "stale",
            Self::Request => "request",
        }
    }
}

/// One member: `cache` is a token that names this one. Forwarded with the origin's status, where it gave one and it is not
/// the answer's, and whether its answer was kept; otherwise a hit. `ttl` in seconds, negative once stale.
pub fn cache_status(
    cache: &str,
    forward: Option<(Forward, Option<u16>, bool)>,
    ttl: Option<i64>,
    detail: Option<&str>,
) -> String {
    let mut text = cache.to_owned();
    match forward {
        None => text.push_str("; hit"),
        Some((reason, status, stored)) => {
            let _ = write!(text, "; fwd={}", reason.token());
            if let Some(status) = status {
                let _ = write!(text, "; fwd-status={status}");
            }
            if stored {
                text.push_str("; stored");
            }
        }
    }
    if let Some(ttl) = ttl {
        let _ = write!(text, "; ttl={ttl}");
    }
    if let Some(detail) = detail {
        let _ = write!(text, "; detail={detail}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_and_misses() {
        assert_eq!(cache_status("c", None, Some(7), None), "c; hit; ttl=7");
        let stale = Some((Forward::Stale, Some(304), false));
        assert_eq!(
            cache_status("c", stale, Some(5), Some("x")),
            "c; fwd=stale; fwd-status=304; ttl=5; detail=x"
        );
        assert_eq!(
            cache_status("c", Some((Forward::UriMiss, None, true)), None, None),
            "c; fwd=uri-miss; stored"
        );
    }
}
