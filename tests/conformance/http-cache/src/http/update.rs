//! The update of a stored response by a 304 or by the answer to a HEAD (RFC 9111 3.2, 4.3.4, 4.3.5).

use crate::http::fields::Fields;

/// Fields that describe the stored bytes and keep their stored values, which RFC 9111 3.2 allows for the integrity of
/// the stored response.
const OF_THE_BYTES: [&str; 5] = [
    "content-encoding",
    "content-length",
    "content-md5",
    "content-range",
    "etag",
];

/// The meaning of a 304 to the cache's own condition.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Confirmed {
    /// The 304 confirms the stored response.
    Yes,
    /// The 304 confirms another response, so the request goes out again without a condition.
    No,
}

/// Whether a 304 with the fields `new` confirms the response with the fields `stored`, by an equal validator. A 304
/// without a validator confirms the only response that the condition named.
pub(crate) fn confirms(stored: &Fields, new: &Fields) -> Confirmed {
    let differs = |name: &str| match (stored.get(name), new.get(name)) {
        (Some(stored), Some(new)) => stored != new,
        _ => false,
    };
    // The entity tag is the stronger validator; the date counts if one of both has no tag.
    let other = match stored.has("etag") && new.has("etag") {
        true => differs("etag"),
        false => differs("last-modified"),
    };
    match other {
        true => Confirmed::No,
        false => Confirmed::Yes,
    }
}

/// Whether the answer to a HEAD with the fields `new` describes the bytes of the response with the fields `stored`.
pub(crate) fn same_bytes(stored: &Fields, new: &Fields) -> bool {
    let agrees =
        |name: &str| !new.has(name) || !stored.has(name) || stored.get(name) == new.get(name);
    ["etag", "last-modified", "content-length"]
        .into_iter()
        .all(agrees)
}

/// The `stored` fields, replaced by those of `new` with the same names. The stored age is dropped.
pub(crate) fn merge(stored: &Fields, new: &Fields) -> Fields {
    let new = new.end_to_end();
    let replaced = |name: &str| new.has(name) && !OF_THE_BYTES.contains(&name);
    let kept = stored
        .iter()
        .filter(|(name, _)| !replaced(name) && *name != "age");
    let taken = new.iter().filter(|(name, _)| !OF_THE_BYTES.contains(name));
    Fields::new(kept.chain(taken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_304_updates_all_but_what_belongs_to_the_bytes() {
        let stored = Fields::new([
            ("A", "1"),
            ("B", "1"),
            ("ETag", "\"x\""),
            ("Content-Length", "5"),
            ("Age", "9"),
        ]);
        let new = Fields::new([
            ("B", "2"),
            ("B", "3"),
            ("C", "4"),
            ("Content-Length", "0"),
            ("Connection", "c"),
        ]);
        let expected = Fields::new([
            ("a", "1"),
            ("etag", "\"x\""),
            ("content-length", "5"),
            ("b", "2"),
            ("b", "3"),
        ]);
        assert_eq!(merge(&stored, &new), expected);
    }

    #[test]
    fn a_304_of_another_response_confirms_nothing() {
        let stored = Fields::new([("ETag", "\"x\""), ("Last-Modified", "1")]);
        for (new, expected) in [
            (vec![], Confirmed::Yes),
            (vec![("ETag", "\"x\"")], Confirmed::Yes),
            (
                vec![("ETag", "\"x\""), ("Last-Modified", "2")],
                Confirmed::Yes,
            ),
            (vec![("ETag", "\"y\"")], Confirmed::No),
            (vec![("Last-Modified", "1")], Confirmed::Yes),
            (vec![("Last-Modified", "2")], Confirmed::No),
        ] {
            assert_eq!(
                confirms(&stored, &Fields::new(new.clone())),
                expected,
                "{new:?}"
            );
        }
    }
}
