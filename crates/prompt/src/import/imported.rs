//! What an import gives.

use crate::document::Document;
use crate::error::Issue;

/// An imported prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Its content.
    pub document: Document,
    /// The name that it had; not always a valid [`Slug`](crate::Slug).
    pub slug: Option<String>,
    /// Why its version was made.
    pub commit_message: Option<String>,
    /// What was left out (`not_kept`); pointers are into what was given.
    pub losses: Vec<Issue>,
}
