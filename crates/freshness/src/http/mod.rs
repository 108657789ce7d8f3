//! The same policy for any HTTP response: the decisions of a shared cache by RFC 9111, with stale copies by RFC 5861,
//! `Cache-Status` by RFC 9211 and `CDN-Cache-Control` by RFC 9213.
//!
//! A response that may be kept is [`Stored`]: its header fields say what its [`crate::Policy`] is, and a [`crate::Record`] decides by that,
//! request by request. The caller holds bodies, keys them by URL, and does all I/O. Points in time are milliseconds since
//! 1970, as they are compared with dates.
//!
//! ```
//! use cuecard_freshness::http::{Defaults, Fields, Request, Response, Stored};
//! use cuecard_freshness::Lookup;
//!
//! let request = Request { method: "GET".into(), fields: Fields::default() };
//! let fields = Fields::new([("Cache-Control", "max-age=60"), ("Age", "10")]);
//! let response = Response { status: 200, fields };
//! let now = 1_784_000_000_000;
//! let mut stored = Stored::of(&request, &response, &Defaults::default(), now, now).unwrap();
//! assert!(matches!(stored.lookup(&request, now + 40_000), Lookup::Fresh { age: 50_000 }));
//! assert!(matches!(stored.lookup(&request, now + 50_000), Lookup::Fetch(_)));
//! ```

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

pub use condition::{not_modified, only_for_origin};
pub use date::{format as format_date, parse as parse_date};
pub use directives::Directives;
pub use fields::Fields;
pub use invalidate::invalidates;
pub use lifetime::Defaults;
pub use range::{Range, range};
pub use status::{CacheStatus, Forward};
pub use stored::Stored;
pub use update::Confirmed;

/// What a cache reads of a request.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Request {
    /// As it was sent: methods are case-sensitive.
    pub method: String,
    /// Its header fields.
    pub fields: Fields,
}

/// What a cache reads of a response.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Its header fields.
    pub fields: Fields,
}

impl Response {
    /// Whether this counts as a failure of the origin, for which a stale copy may stand in (RFC 5861 4).
    pub fn failed(&self) -> bool {
        matches!(self.status, 500 | 502 | 503 | 504)
    }
}
