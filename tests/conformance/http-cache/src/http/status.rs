//! The field `Cache-Status` (RFC 9211), which reports the cache's handling of a request.

use std::fmt;

/// The reason why a request went to the origin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Forward {
    /// Copies do not answer the method.
    Method,
    /// Nothing is stored for the URL.
    UriMiss,
    /// The stored responses are for other values of header fields.
    VaryMiss,
    /// The stored response must not be served without revalidation.
    Stale,
    /// The request demanded it.
    Request,
}

/// One member of the field as written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct CacheStatus<'a> {
    /// The name of the cache, a token.
    pub(crate) cache: &'a str,
    /// The reason why the request went to the origin; `None` for a hit.
    pub(crate) forward: Option<Forward>,
    /// The status of the origin's answer, if there is one.
    pub(crate) forward_status: Option<u16>,
    /// Whether the cache keeps the origin's answer.
    pub(crate) stored: bool,
    /// Seconds for which the response stays fresh, negative once it is stale.
    pub(crate) ttl: Option<i64>,
    /// A further detail, a token.
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
