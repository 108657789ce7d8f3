//! `Cache-Status` (RFC 9211): what the cache did.

use std::fmt;

/// Why a request went to the origin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Forward {
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

/// One member of the field, as it is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct CacheStatus<'a> {
    /// The cache's name, a token.
    pub(crate) cache: &'a str,
    /// Why the request went to the origin; `None`: it did not, it is a hit.
    pub(crate) forward: Option<Forward>,
    /// The status that the origin gave, where it gave one.
    pub(crate) forward_status: Option<u16>,
    /// Whether the origin's answer is kept.
    pub(crate) stored: bool,
    /// Seconds for which the response is fresh yet, negative once it is stale.
    pub(crate) ttl: Option<i64>,
    /// More, as a token.
    pub(crate) detail: Option<&'a str>,
}

impl fmt::Display for CacheStatus<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cache)?;
        f.write_str(match self.forward {
            None => "; hit",
            Some(Forward::Method) => "; fwd=method",
            Some(Forward::UriMiss) => "; fwd=uri-miss",
            Some(Forward::VaryMiss) => "; fwd=vary-miss",
            Some(Forward::Stale) => "; fwd=stale",
            Some(Forward::Request) => "; fwd=request",
        })?;
        if let Some(status) = self.forward_status {
            write!(f, "; fwd-status={status}")?;
        }
        if self.stored {
            f.write_str("; stored")?;
        }
        if let Some(ttl) = self.ttl {
            write!(f, "; ttl={ttl}")?;
        }
        if let Some(detail) = self.detail {
            write!(f, "; detail={detail}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_and_misses() {
        let status = CacheStatus {
            cache: "c",
            ..CacheStatus::default()
        };
        let hit = CacheStatus {
            ttl: Some(7),
            ..status
        };
        assert_eq!(hit.to_string(), "c; hit; ttl=7");
        let stands_in = CacheStatus {
            forward: Some(Forward::Stale),
            forward_status: Some(503),
            ttl: Some(-5),
            detail: Some("x"),
            ..status
        };
        assert_eq!(
            stands_in.to_string(),
            "c; fwd=stale; fwd-status=503; ttl=-5; detail=x"
        );
        let miss = CacheStatus {
            forward: Some(Forward::UriMiss),
            stored: true,
            ..status
        };
        assert_eq!(miss.to_string(), "c; fwd=uri-miss; stored");
    }
}
