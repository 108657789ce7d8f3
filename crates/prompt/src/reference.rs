//! References to prompts: slug, tag, version, and `slug@tag` or `slug@7`.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};

/// A prompt's name: `[A-Za-z0-9][A-Za-z0-9._-]*`, several joined by `/`, 1 to 200 bytes.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// The longest slug, in bytes.
    pub const MAX_BYTES: usize = 200;

    /// Parses a slug; nothing is normalised.
    ///
    /// # Errors
    /// `slug_invalid`
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let segment_ok = |segment: &str| {
            segment.starts_with(|c: char| c.is_ascii_alphanumeric())
                && segment
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        };
        if text.len() <= Self::MAX_BYTES && text.split('/').all(segment_ok) {
            Ok(Self(text))
        } else {
            Err(Error::new(
                Code::SlugInvalid,
                "a slug is letters, digits, `.`, `_` and `-`, each part between `/` starting with a letter or digit, at most 200 bytes",
            ))
        }
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A movable pointer's name: `[a-z][a-z0-9_-]*`, 1 to 64 bytes, never `latest` or `live`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

impl Tag {
    /// The longest tag, in bytes.
    pub const MAX_BYTES: usize = 64;
    /// The former name of [`Tag::production`].
    const ALIAS: &'static str = "live";

    /// Parses a tag that can be moved.
    ///
    /// # Errors
    /// `tag_invalid`, also for `latest`, which is computed, and for `live`, which only readers may call
    /// [`Tag::production`].
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let shape_ok = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
            && text.len() <= Self::MAX_BYTES;
        if text == "latest" {
            Err(Error::new(
                Code::TagInvalid,
                "`latest` is computed and cannot be moved",
            ))
        } else if text == Self::ALIAS {
            Err(Error::new(
                Code::TagInvalid,
                "`live` is another spelling of `production` for readers; a change names `production`",
            ))
        } else if shape_ok {
            Ok(Self(text))
        } else {
            Err(Error::new(
                Code::TagInvalid,
                "a tag is a lower-case letter, then lower-case letters, digits, `_` and `-`, at most 64 bytes",
            ))
        }
    }

    /// Parses a tag that a reader names: `live` is another spelling of `production`.
    ///
    /// # Errors
    /// `tag_invalid`
    pub fn parse_read(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        if text == Self::ALIAS {
            Ok(Self::production())
        } else {
            Self::parse(text)
        }
    }

    /// The tag of a read that names none; a first version gets it.
    pub fn production() -> Self {
        Self("production".to_owned())
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! text_conversions {
    ($($name:ident),*) => {$(
        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self> { Self::parse(text) }
        }
        impl From<$name> for String {
            fn from(name: $name) -> Self { name.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )*};
}

text_conversions!(Slug, Tag);

/// A version's number: 1, 2, 3, … per prompt.
pub type VersionNumber = NonZeroU32;

/// The version that a reader wants.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Selector {
    /// The version that a tag points to.
    Tag(Tag),
    /// The version of this number.
    Version(VersionNumber),
    /// The version with the highest number.
    Latest,
}

impl Selector {
    /// Parses the part after `@` of a reference, or the value of `?tag=`: a version number, `latest` or a tag.
    ///
    /// # Errors
    /// `tag_invalid`, `version_invalid`
    pub fn parse(text: &str) -> Result<Self> {
        if text == "latest" {
            Ok(Self::Latest)
        } else if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            parse_version(text).map(Self::Version)
        } else {
            Tag::parse_read(text).map(Self::Tag)
        }
    }
}

impl Default for Selector {
    fn default() -> Self {
        Self::Tag(Tag::production())
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Version(number) => number.fmt(f),
            Self::Latest => f.write_str("latest"),
        }
    }
}

/// Parses a version number: decimal digits without a leading zero, 1 to 4,294,967,295.
///
/// # Errors
/// `version_invalid`
pub fn parse_version(text: &str) -> Result<VersionNumber> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse()
        .ok()
        .filter(|_| canonical)
        .ok_or_else(|| Error::new(Code::VersionInvalid, "a version is a whole number from 1"))
}

/// `slug`, `slug@tag`, `slug@latest` or `slug@7`; without a selector, the reader's default.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Reference {
    /// The prompt.
    pub slug: Slug,
    /// The version, where the reference names one.
    pub selector: Option<Selector>,
}

impl Reference {
    /// Parses a reference.
    ///
    /// # Errors
    /// `slug_invalid`, `tag_invalid`, `version_invalid`
    pub fn parse(text: &str) -> Result<Self> {
        let (slug, selector) = match text.split_once('@') {
            Some((slug, selector)) => (slug, Some(Selector::parse(selector)?)),
            None => (text, None),
        };
        Ok(Self {
            slug: Slug::parse(slug)?,
            selector,
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.selector {
            Some(selector) => write!(f, "{}@{selector}", self.slug),
            None => self.slug.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_reference_that_parses_prints_as_it_was_written(text in "[a-zA-Z0-9._/@-]{0,24}") {
            if let Ok(reference) = Reference::parse(&text) && !text.ends_with("@live") {
                prop_assert_eq!(reference.to_string(), text);
            }
        }
    }

    #[test]
    fn what_is_not_a_slug() {
        let long = "a".repeat(201);
        for text in [
            "", "/", "a/", "/a", "a//b", "..", "a/..", ".a", "-a", "a b", "ä", "a%2Fb", "a\0",
            &long,
        ] {
            assert_eq!(
                Slug::parse(text).unwrap_err().code(),
                Code::SlugInvalid,
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_tag_is_never_a_number_nor_latest() {
        for text in ["", "3", "3a", "A", "latest", "a.b", "a b", &"a".repeat(65)] {
            assert_eq!(
                Tag::parse(text).unwrap_err().code(),
                Code::TagInvalid,
                "{text:?}"
            );
        }
    }

    #[test]
    fn readers_may_call_production_live() {
        assert_eq!(Selector::parse("live"), Ok(Selector::default()));
        assert_eq!(Reference::parse("a@live"), Reference::parse("a@production"));
        let refused = Tag::parse("live").unwrap_err();
        assert_eq!(refused.code(), Code::TagInvalid);
        assert!(refused.detail().contains("`production`"), "{refused}");
    }

    #[test]
    fn what_is_not_a_version() {
        for text in ["0", "01", "-1", "1.5", "+1", "", "4294967296"] {
            assert_eq!(
                parse_version(text).unwrap_err().code(),
                Code::VersionInvalid,
                "{text:?}"
            );
        }
    }
}
