//! Range requests for a stored response (RFC 9110 14).

use crate::http::Request;
use crate::http::fields::Fields;

/// The answer to a range request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Range {
    /// The whole response, as the request has no range or one that may be ignored.
    Whole,
    /// 206 with the bytes between two positions, both inclusive.
    Part(usize, usize),
    /// 416, as the response has no such bytes.
    Unsatisfiable,
}

/// The part of the `length` bytes stored with the fields `stored` that `request` asks for. Several parts count as none.
pub(crate) fn range(request: &Request, stored: &Fields, length: usize) -> Range {
    let asked = request
        .fields
        .get("range")
        .filter(|_| request.method == "GET");
    let Some(asked) = asked.filter(|_| same_version(request, stored)) else {
        return Range::Whole;
    };
    let Some((first, last)) = asked
        .strip_prefix("bytes=")
        .and_then(|spec| spec.trim().split_once('-'))
    else {
        return Range::Whole;
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(first) || !digits(last) {
        return Range::Whole;
    }
    match (first.parse::<usize>().ok(), last.parse::<usize>().ok()) {
        (Some(first), _) if first >= length => Range::Unsatisfiable,
        (Some(first), Some(last)) if first > last => Range::Whole,
        (Some(first), last) => Range::Part(first, last.unwrap_or(length).min(length - 1)),
        (None, Some(count)) if count == 0 || length == 0 => Range::Unsatisfiable,
        (None, Some(count)) => Range::Part(length.saturating_sub(count), length - 1),
        (None, None) => Range::Whole,
    }
}

/// `If-Range` compares strongly; a request for a part of another version gets the whole of this one.
fn same_version(request: &Request, stored: &Fields) -> bool {
    let Some(wanted) = request.fields.get("if-range") else {
        return true;
    };
    let strong = wanted.starts_with('"') && stored.get("etag").as_ref() == Some(&wanted);
    strong || stored.get("last-modified").as_ref() == Some(&wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_eleven(lines: &[(&str, &str)]) -> Range {
        let request = Request {
            method: "GET".to_owned(),
            fields: Fields::new(lines.iter().copied()),
        };
        range(&request, &Fields::new([("ETag", "\"a\"")]), 11)
    }

    #[test]
    fn parts() {
        for (text, expected) in [
            ("bytes=0-1", Range::Part(0, 1)),
            ("bytes=1-", Range::Part(1, 10)),
            ("bytes=-1", Range::Part(10, 10)),
            ("bytes=-99", Range::Part(0, 10)),
            ("bytes=9-99", Range::Part(9, 10)),
            ("bytes=11-", Range::Unsatisfiable),
            ("bytes=-0", Range::Unsatisfiable),
            ("bytes=2-1", Range::Whole),
            ("bytes=0-1,3-4", Range::Whole),
            ("bytes=a-b", Range::Whole),
            ("bytes=-", Range::Whole),
            ("lines=0-1", Range::Whole),
        ] {
            assert_eq!(of_eleven(&[("Range", text)]), expected, "{text}");
        }
        assert_eq!(of_eleven(&[]), Range::Whole);
    }

    #[test]
    fn a_part_of_another_version_is_the_whole_of_this_one() {
        let part = ("Range", "bytes=0-1");
        assert_eq!(of_eleven(&[part, ("If-Range", "\"a\"")]), Range::Part(0, 1));
        assert_eq!(of_eleven(&[part, ("If-Range", "\"b\"")]), Range::Whole);
        assert_eq!(of_eleven(&[part, ("If-Range", "W/\"a\"")]), Range::Whole);
    }
}
