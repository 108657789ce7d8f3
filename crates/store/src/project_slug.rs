//! Names of projects.

use std::fmt;

use cuecard_prompt::{Code, Error, Result};
use serde::{Deserialize, Serialize};

/// A project's name: `[a-z0-9][a-z0-9_-]*`, 1 to 64 bytes.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectSlug(String);

impl ProjectSlug {
    /// Parses a project's name.
    ///
    /// # Errors
    /// `slug_invalid`
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
        if text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text.bytes().all(ok)
            && text.len() <= 64
        {
            Ok(Self(text))
        } else {
            let detail = "a project is a lower-case letter or digit, then those, `_` and `-`, at most 64 bytes";
            Err(Error::new(Code::SlugInvalid, detail))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProjectSlug {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(text)
    }
}

impl From<ProjectSlug> for String {
    fn from(slug: ProjectSlug) -> Self {
        slug.0
    }
}

impl fmt::Display for ProjectSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
