//! Conditional requests of clients and of the cache (RFC 9110 13, RFC 9111 4.3).

use cuecard_freshness::Millis;

use crate::http::fields::{Fields, members};
use crate::http::{Request, Response, date, lifetime};

/// Whether the condition of `request` allows a 304 for `stored`, which arrived at `received`. `If-None-Match` compares
/// weakly and takes precedence over `If-Modified-Since`.
pub(crate) fn not_modified(request: &Request, stored: &Response, received: Millis) -> bool {
    if stored.status != 200 {
        return false;
    }
    if let Some(known) = request.fields.get("if-none-match") {
        let etag = stored.fields.get("etag");
        let same = |known: &str| {
            etag.as_deref()
                .is_some_and(|etag| opaque(etag) == opaque(known))
        };
        return members(&known).any(|known| known == "*" || same(known));
    }
    let since = request.fields.get("if-modified-since");
    let Some(since) = since.and_then(|text| date::parse(&text, received)) else {
        return false;
    };
    // A copy without `Last-Modified` is as new as its message (RFC 9111 4.3.2).
    let modified = stored.fields.get("last-modified");
    let modified = modified.and_then(|text| date::parse(&text, received));
    modified.unwrap_or_else(|| lifetime::date_of(stored, received)) <= since
}

/// Whether a request has a condition that only the origin may evaluate (RFC 9111 4.3.2), so that a cache must forward
/// it.
pub(crate) fn only_for_origin(request: &Request) -> bool {
    request.fields.has("if-match") || request.fields.has("if-unmodified-since")
}

/// The request that revalidates a stored response with the fields `stored`; its conditions replace the client's, and it
/// drops the client's range. `None` if the response has no validator.
pub(crate) fn revalidation(request: &Request, stored: &Fields) -> Option<Fields> {
    let mut fields = request.fields.end_to_end();
    for name in ["if-none-match", "if-modified-since", "if-range", "range"] {
        fields.remove(name);
    }
    let etag = stored.get("etag");
    let modified = stored.get("last-modified");
    if etag.is_none() && modified.is_none() {
        return None;
    }
    if let Some(etag) = etag {
        fields.set("if-none-match", etag);
    }
    if let Some(modified) = modified {
        fields.set("if-modified-since", modified);
    }
    Some(fields)
}

/// An entity tag without the prefix of a weak one.
pub(crate) fn opaque(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 784_111_777_000;
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const EARLIER: &str = "Sat, 05 Nov 1994 08:49:37 GMT";

    fn unchanged(request: &[(&str, &str)], stored: &[(&str, &str)]) -> bool {
        let fields = |lines: &[(&str, &str)]| Fields::new(lines.iter().copied());
        let request = Request {
            method: "GET".to_owned(),
            fields: fields(request),
        };
        not_modified(
            &request,
            &Response {
                status: 200,
                fields: fields(stored),
            },
            NOW,
        )
    }

    #[test]
    fn entity_tags_are_compared_weakly() {
        for (known, etag, expected) in [
            ("\"a\"", "\"a\"", true),
            ("W/\"a\"", "\"a\"", true),
            ("\"a\"", "W/\"a\"", true),
            ("\"1\", \"a,b\", \"2\"", "\"a,b\"", true),
            ("\"a\"", "\"b\"", false),
            ("*", "\"b\"", true),
        ] {
            assert_eq!(
                unchanged(&[("If-None-Match", known)], &[("ETag", etag)]),
                expected,
                "{known} {etag}"
            );
        }
        let both = [("If-None-Match", "\"x\""), ("If-Modified-Since", DATE)];
        assert!(!unchanged(
            &both,
            &[("ETag", "\"a\""), ("Last-Modified", EARLIER)]
        ));
    }

    #[test]
    fn dates_are_compared() {
        let since = |date| [("If-Modified-Since", date)];
        assert!(unchanged(&since(DATE), &[("Last-Modified", DATE)]));
        assert!(unchanged(&since(DATE), &[("Last-Modified", EARLIER)]));
        assert!(!unchanged(&since(EARLIER), &[("Last-Modified", DATE)]));
        assert!(unchanged(&since(DATE), &[("Date", EARLIER)]));
        assert!(!unchanged(
            &since("yesterday"),
            &[("Last-Modified", EARLIER)]
        ));
        assert!(!unchanged(&[], &[("Last-Modified", EARLIER)]));
    }

    #[test]
    fn the_cache_asks_in_its_own_words() {
        let fields = Fields::new([
            ("If-None-Match", "\"x\""),
            ("Range", "bytes=0-1"),
            ("Abc", "1"),
        ]);
        let request = Request {
            method: "GET".to_owned(),
            fields,
        };
        let stored = Fields::new([("ETag", "W/\"a\""), ("Last-Modified", DATE)]);
        let expected = [
            ("abc", "1"),
            ("if-none-match", "W/\"a\""),
            ("if-modified-since", DATE),
        ];
        assert_eq!(revalidation(&request, &stored), Some(Fields::new(expected)));
        assert_eq!(revalidation(&request, &Fields::default()), None);
    }
}
