//! The choice of a stored response by its `Vary` (RFC 9111 4.1).

use crate::http::fields::{Fields, members};

/// Each field that `Vary` of a response names, with its value in `request`. `None` for `*`, which no request matches.
pub(crate) fn key(request: &Fields, response: &Fields) -> Option<Vec<(String, Option<String>)>> {
    let vary = response.get("vary").unwrap_or_default();
    let mut key = Vec::new();
    for name in members(&vary) {
        if name == "*" {
            return None;
        }
        key.push((name.to_ascii_lowercase(), normal(request, name)));
    }
    key.sort();
    key.dedup();
    Some(key)
}

/// Whether `request` has the values in `key`.
pub(crate) fn matches(key: &[(String, Option<String>)], request: &Fields) -> bool {
    key.iter()
        .all(|(name, value)| normal(request, name) == *value)
}

/// A value with its lines joined and without white space around commas, which has no meaning. The order of languages is
/// undefined (RFC 9110 12.5.4), and their case has no meaning.
fn normal(fields: &Fields, name: &str) -> Option<String> {
    let value = fields.get(name)?;
    if !name.eq_ignore_ascii_case("accept-language") {
        return Some(members(&value).collect::<Vec<_>>().join(","));
    }
    let value = value.to_ascii_lowercase();
    let mut languages: Vec<&str> = members(&value).collect();
    languages.sort_unstable();
    Some(languages.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reused(vary: &str, first: &[(&str, &str)], second: &[(&str, &str)]) -> bool {
        let fields = |lines: &[(&str, &str)]| Fields::new(lines.iter().copied());
        let key = key(&fields(first), &Fields::new([("Vary", vary)]));
        key.is_some_and(|key| matches(&key, &fields(second)))
    }

    #[test]
    fn the_named_fields_and_no_others_have_to_match() {
        assert!(reused(
            "Foo",
            &[("Foo", "1"), ("Other", "2")],
            &[("foo", "1"), ("Other", "3")]
        ));
        assert!(!reused("Foo", &[("Foo", "1")], &[("Foo", "2")]));
        assert!(!reused("Foo", &[("Foo", "1")], &[]));
        assert!(!reused("Foo", &[], &[("Foo", "1")]));
        assert!(!reused("Foo", &[], &[("Foo", "")]));
        assert!(reused("Foo, Bar", &[("Foo", "1")], &[("Foo", "1")]));
        assert!(!reused(
            "Foo, Bar, Baz",
            &[("Foo", "1"), ("Bar", "2")],
            &[("Foo", "1"), ("Bar", "3")]
        ));
    }

    #[test]
    fn no_request_matches_a_star() {
        for vary in ["*", "*, *", ", *", "*, Foo", "Foo, *"] {
            assert!(!reused(vary, &[("Foo", "1")], &[("Foo", "1")]), "{vary}");
        }
    }

    #[test]
    fn what_makes_no_difference_makes_none() {
        assert!(reused(
            "Foo",
            &[("Foo", "1, 2")],
            &[("Foo", "1"), ("Foo", "2")]
        ));
        assert!(reused("Foo", &[("Foo", "1,2")], &[("Foo", " 1,  2 ")]));
        assert!(!reused("Foo", &[("Foo", "1,2")], &[("Foo", "2,1")]));
        assert!(reused(
            "Accept-Language",
            &[("Accept-Language", "en, de")],
            &[("Accept-Language", "De ,EN")]
        ));
        assert!(!reused(
            "Accept-Language",
            &[("Accept-Language", "en, de")],
            &[("Accept-Language", "en, de;q=0.5")]
        ));
    }
}
