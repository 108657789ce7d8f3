//! Where tags begin, and white space.

pub(crate) use crate::text::unicode::is_space;

/// The first tag: its offset and how it opens.
pub(super) fn find_tag(text: &str) -> Option<(usize, &'static str)> {
    let mut from = 0;
    loop {
        let offset = from + text.get(from..)?.find('{')?;
        match text.as_bytes().get(offset + 1) {
            Some(b'{') => return Some((offset, "{{")),
            Some(b'%') => return Some((offset, "{%")),
            Some(b'#') => return Some((offset, "{#")),
            _ => from = offset + 1,
        }
    }
}

pub(super) fn sign_after(text: &str, offset: usize) -> (Option<char>, usize) {
    match text.as_bytes().get(offset) {
        Some(b'-') => (Some('-'), 1),
        Some(b'+') => (Some('+'), 1),
        _ => (None, 0),
    }
}

/// `\s*keyword\s*[+-]?%}`: its length and sign.
pub(super) fn keyword_tag(text: &str, keyword: &str) -> Option<(usize, Option<char>)> {
    let start = space_len(text);
    let after = text.get(start..)?.strip_prefix(keyword)?;
    let after = after.get(space_len(after)..)?;
    let (sign, len) = sign_after(after, 0);
    let after = after.get(len..)?.strip_prefix("%}")?;
    Some((text.len() - after.len(), sign))
}

/// Length of `{% raw %}` at the start of the text, with the white space that `-%}` takes.
pub(super) fn raw_begin(text: &str) -> Option<usize> {
    let (_, sign) = sign_after(text, 2);
    let inside = text.get(2 + sign..)?;
    let (len, end_sign) = keyword_tag(inside, "raw")?;
    let len = 2 + sign + len;
    match end_sign {
        None => Some(len),
        Some('-') => Some(len + space_len(text.get(len..)?)),
        Some(_) => None,
    }
}

pub(super) fn space_len(text: &str) -> usize {
    text.find(|c| !is_space(c)).unwrap_or(text.len())
}
