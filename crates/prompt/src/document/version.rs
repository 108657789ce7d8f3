//! A committed version.

use serde::{Deserialize, Serialize};

use super::Document;
use crate::reference::{Slug, VersionNumber};

/// A committed version: the document, and the facts that the store keeps of it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// The prompt's slug.
    pub slug: Slug,
    /// 1, 2, 3, … per prompt.
    pub version: VersionNumber,
    /// Unique in the organisation.
    pub id: String,
    /// [`Document::hash`].
    pub hash: String,
    /// The commit message.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit_message: Option<String>,
    /// The author.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub author: Option<String>,
    /// RFC 3339, UTC, milliseconds.
    pub created_at: String,
    /// The content.
    #[serde(flatten)]
    pub document: Document,
}

impl Version {
    /// The members beside the content in JSON.
    pub const MEMBERS: [&str; 7] = [
        "slug",
        "version",
        "id",
        "hash",
        "commitMessage",
        "author",
        "createdAt",
    ];
}
