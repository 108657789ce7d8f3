//! The freshness policy for any HTTP response: the decisions of a shared cache by RFC 9111, with stale copies by RFC
//! 5861, `Cache-Status` by RFC 9211 and `CDN-Cache-Control` by RFC 9213.
//!
//! A response that may be kept is [`Stored`]: its header fields determine its [`cuecard_freshness::Policy`], and a
//! [`cuecard_freshness::Record`] applies the policy to each request. The caller holds bodies, keys them by URL, and
//! does all I/O. Times are milliseconds since 1970, as the policy compares them with dates.

mod condition;
mod date;
mod dictionary;
mod directives;
mod fields;
mod invalidate;
mod lifetime;
mod range;
mod status;
mod store;
mod stored;
mod update;
mod vary;

pub(crate) use condition::{not_modified, only_for_origin};
pub(crate) use directives::Directives;
pub(crate) use fields::Fields;
pub(crate) use invalidate::invalidates;
pub(crate) use lifetime::Defaults;
pub(crate) use range::{Range, range};
pub(crate) use status::{CacheStatus, Forward};
pub(crate) use stored::Stored;
pub(crate) use update::Confirmed;

/// The parts of a request that a cache reads.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Request {
    /// The method as sent, since methods are case-sensitive.
    pub(crate) method: String,
    /// The header fields of the request.
    pub(crate) fields: Fields,
}

/// The parts of a response that a cache reads.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Response {
    /// The status code.
    pub(crate) status: u16,
    /// The header fields of the response.
    pub(crate) fields: Fields,
}

impl Response {
    /// Whether the response is a failure of the origin, which a stale copy may replace (RFC 5861 4).
    pub(crate) fn failed(&self) -> bool {
        matches!(self.status, 500 | 502 | 503 | 504)
    }
}

#[cfg(test)]
mod tests {
    use cuecard_freshness::Lookup;

    use super::*;

    #[test]
    fn a_response_is_fresh_for_its_max_age() {
        let request = Request {
            method: "GET".into(),
            fields: Fields::default(),
        };
        let fields = Fields::new([("Cache-Control", "max-age=60"), ("Age", "10")]);
        let response = Response {
            status: 200,
            fields,
        };
        let now = 1_784_000_000_000;
        let stored = Stored::of(&request, &response, &Defaults::default(), now, now);
        let mut stored = stored.unwrap();
        assert!(matches!(
            stored.lookup(&request, now + 40_000),
            Lookup::Fresh { age: 50_000 }
        ));
        assert!(matches!(
            stored.lookup(&request, now + 50_000),
            Lookup::Fetch(_)
        ));
    }
}
