//! Names that other systems allow and Cuecard does not, spelled reversibly in our alphabet: a character outside it
//! is `_x20_`, and a name that starts with one begins with `x-`.

/// Whether a character can stand in a name.
type IsAllowed = fn(char) -> bool;

/// A slug; each part between `/` by itself.
pub(super) fn slug(name: &str) -> String {
    by_parts(name, |part| {
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        spell(part, |c| c.is_ascii_alphanumeric(), inner)
    })
}

/// The original name of a slug.
pub(super) fn of_slug(ours: &str) -> String {
    read(ours, |ours| by_parts(ours, unspell), slug)
}

/// A tag.
pub(super) fn tag(name: &str) -> String {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    spell(name, |c| c.is_ascii_lowercase(), inner)
}

/// The original name of a tag.
pub(super) fn of_tag(ours: &str) -> String {
    read(ours, unspell, tag)
}

fn by_parts(name: &str, one: impl Fn(&str) -> String) -> String {
    name.split('/').map(one).collect::<Vec<_>>().join("/")
}

fn spell(name: &str, first: IsAllowed, inner: IsAllowed) -> String {
    let Some(start) = name.chars().next() else {
        return String::new();
    };
    let mut out = String::from(if first(start) { "" } else { "x-" });
    for (index, c) in name.char_indices() {
        let rest = name.get(index..).unwrap_or_default();
        // Text that would be read back as an escape.
        let odd = escape(rest).is_some() || (index == 1 && name.starts_with("x-"));
        if inner(c) && !odd {
            out.push(c);
        } else {
            out.push_str(&format!("_x{:x}_", u32::from(c)));
        }
    }
    out
}

fn unspell(ours: &str) -> String {
    let mut rest = ours.strip_prefix("x-").unwrap_or(ours);
    let mut out = String::new();
    while let Some(next) = rest.chars().next() {
        let (c, length) = escape(rest).unwrap_or((next, next.len_utf8()));
        out.push(c);
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// The character that a text's first bytes stand for, and how many they are.
fn escape(text: &str) -> Option<(char, usize)> {
    let (hex, _) = text.strip_prefix("_x")?.split_once('_')?;
    let short = (1..=6).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit());
    let code = u32::from_str_radix(hex, 16).ok().filter(|_| short)?;
    Some((char::from_u32(code)?, hex.len() + 3))
}

/// Only the one canonical spelling is read as an escape.
fn read(ours: &str, unspell: impl Fn(&str) -> String, spell: impl Fn(&str) -> String) -> String {
    if !ours.contains("_x") && !ours.contains("x-") {
        return ours.to_owned();
    }
    let name = unspell(ours);
    if spell(&name) == ours {
        name
    } else {
        ours.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use cuecard_prompt::{Slug, Tag};

    use super::*;

    #[test]
    fn every_name_comes_back() {
        for name in [
            "production",
            "v1.2",
            "Team_A",
            "1",
            "2024",
            "x-1",
            "x-",
            "_x20_",
            "a_x20_b",
            "_",
            "🎉",
            "a b",
            "é",
            "-",
            "x-_x31_",
        ] {
            let ours = tag(name);
            assert!(Tag::parse(ours.as_str()).is_ok(), "{name}: {ours}");
            assert_eq!(of_tag(&ours), name, "{ours}");
        }
        for name in [
            "test production",
            "a/b c",
            "🎉/x",
            " a",
            "a_x20_b",
            "x-a",
            "support/bot",
            "..",
            "_a",
            "über/straße 1",
        ] {
            let ours = slug(name);
            assert!(Slug::parse(ours.as_str()).is_ok(), "{name}: {ours}");
            assert_eq!(of_slug(&ours), name, "{ours}");
        }
        assert_eq!(
            (tag("v1.2"), slug("a b")),
            ("v1_x2e_2".to_owned(), "a_x20_b".to_owned())
        );
        // A spelling that `tag` would not write is not decoded.
        for ours in ["x-a", "_x61_", "a_x61_b", "a_x2E_b"] {
            assert_eq!(of_tag(ours), ours);
        }
    }
}
