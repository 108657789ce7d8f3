//! Who drafts belong to.

use cuecard_prompt::{Code, Error, Result};
use serde::{Deserialize, Serialize};

use crate::context::Principal;
use crate::sql::SqlRow;

/// The author of a draft: any name of 1 to 200 bytes, by default the id of the caller's key.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Author(String);

impl Author {
    /// Parses an author.
    ///
    /// # Errors
    /// `query_invalid`
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let plain = !text.chars().any(char::is_control);
        if plain && (1..=200).contains(&text.len()) && text == text.trim() {
            return Ok(Self(text));
        }
        let detail =
            "an author is 1 to 200 bytes without control characters and without space around it";
        Err(Error::new(Code::QueryInvalid, detail))
    }

    /// The author of a row, as it was written.
    pub(crate) fn of_row(row: &mut SqlRow) -> Result<Self> {
        row.text().map(Self)
    }

    /// The author as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The author of drafts that name nobody else.
    pub(crate) fn of_key(actor: &Principal) -> Self {
        Self(actor.key.as_str().to_owned())
    }
}
