//! The result of an import.

use crate::document::Document;
use crate::error::Issue;

/// An imported prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Its content.
    pub document: Document,
    /// The name that it had, which may not be a valid [`Slug`](crate::Slug).
    pub slug: Option<String>,
    /// The commit message that it had.
    pub commit_message: Option<String>,
    /// What was left out (`not_kept`); pointers are into the imported value.
    pub losses: Vec<Issue>,
}
