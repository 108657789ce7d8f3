//! Preconditions: entity tags in `If-Match` and `If-None-Match` (RFC 9110 §13).

use cuecard_prompt::{Code, Error, Result};

/// The condition of `If-Match`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum IfMatch {
    /// `*`: it exists.
    Any,
    /// One of these strong entity tags, without their quotes. A weak one never matches.
    Tags(Vec<String>),
}

impl IfMatch {
    pub(crate) fn parse(header: &str) -> Result<Self> {
        if header == "*" {
            return Ok(Self::Any);
        }
        let tags = entity_tags(header).ok_or_else(|| {
            Error::new(
                Code::HeaderInvalid,
                "If-Match is `*` or a list of entity tags",
            )
        })?;
        let strong = tags.into_iter().filter(|(weak, _)| !weak);
        Ok(Self::Tags(strong.map(|(_, tag)| tag.to_owned()).collect()))
    }
}

/// Whether `If-None-Match` names this entity tag (as `ETag` says it), compared weakly.
pub(crate) fn none_match_names(header: &str, etag: &str) -> bool {
    let opaque = etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"');
    header == "*"
        || entity_tags(header).is_some_and(|tags| tags.iter().any(|(_, tag)| *tag == opaque))
}

/// `"a", W/"b"` → whether it is weak, and the opaque tag.
fn entity_tags(header: &str) -> Option<Vec<(bool, &str)>> {
    let mut rest = header.trim();
    let mut tags = Vec::new();
    loop {
        // Empty elements of a list are ignored (RFC 9110 §5.6.1).
        rest = rest.trim_start_matches([',', ' ', '\t']);
        if rest.is_empty() && !tags.is_empty() {
            return Some(tags);
        }
        let weak = rest.starts_with("W/");
        rest = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
        let (tag, after) = rest.split_once('"')?;
        tags.push((weak, tag));
        rest = after.trim_start();
        if rest.is_empty() {
            return Some(tags);
        }
        rest.starts_with(',').then_some(())?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entity_tags_are_read_as_a_list() {
        let tags = |header| IfMatch::parse(header);
        assert_eq!(tags("*"), Ok(IfMatch::Any));
        assert_eq!(
            tags(r#""7" , W/"8","9""#),
            Ok(IfMatch::Tags(vec!["7".to_owned(), "9".to_owned()]))
        );
        for bad in ["7", "\"7", "\"7\" \"8\"", "", ",", "w/\"7\""] {
            assert!(tags(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn if_none_match_compares_weakly() {
        assert!(none_match_names(r#"W/"a", "b""#, r#""a""#));
        assert!(none_match_names("*", r#""a""#));
        assert!(none_match_names(r#"  , "b",,"a" , "#, r#""a""#));
        assert!(!none_match_names(r#""b""#, r#"W/"a""#));
        assert!(!none_match_names("a", r#""a""#));
    }
}
