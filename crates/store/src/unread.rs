//! A version whose content is still JSON text: lists pass it on unparsed.

use cuecard_prompt::{Code, Error, Result, Slug, Version, VersionNumber};
use serde::Serialize;

/// A [`Version`] whose content is unparsed JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnreadVersion {
    /// [`Version::slug`]
    pub slug: Slug,
    /// [`Version::version`]
    pub version: VersionNumber,
    /// [`Version::id`]
    pub id: String,
    /// [`Version::hash`]
    pub hash: String,
    /// [`Version::commit_message`]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_message: Option<String>,
    /// [`Version::author`]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// [`Version::created_at`]
    pub created_at: String,
    /// A document's JSON.
    #[serde(skip)]
    pub document: String,
}

impl UnreadVersion {
    /// The version with its content parsed.
    ///
    /// # Errors
    /// `internal`
    pub fn read(self) -> Result<Version> {
        let document = serde_json::from_str(&self.document)
            .map_err(|_| Error::new(Code::Internal, "a stored document cannot be read"))?;
        Ok(Version {
            slug: self.slug,
            version: self.version,
            id: self.id,
            hash: self.hash,
            commit_message: self.commit_message,
            author: self.author,
            created_at: self.created_at,
            document,
        })
    }

    /// Writes the JSON of a [`Version`], with the members of `beside` after its own.
    ///
    /// # Errors
    /// `internal`
    pub fn write(&self, out: &mut String, beside: &impl Serialize) -> Result<()> {
        let json = |part: serde_json::Result<String>| {
            part.map_err(|_| Error::new(Code::Internal, "a version cannot be written"))
        };
        let (head, beside) = (
            json(serde_json::to_string(self))?,
            json(serde_json::to_string(beside))?,
        );
        out.push('{');
        let parts = [&head, &self.document, &beside].map(|part| members(part));
        for (index, part) in parts.iter().filter(|part| !part.is_empty()).enumerate() {
            if index > 0 {
                out.push(',');
            }
            out.push_str(part);
        }
        out.push('}');
        Ok(())
    }
}

/// Writes a JSON list of items that write themselves.
///
/// # Errors
/// Those of `write`
pub fn write_list<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T) -> Result<()>,
) -> Result<()> {
    out.push('[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item)?;
    }
    out.push(']');
    Ok(())
}

/// The text between an object's braces.
fn members(object: &str) -> &str {
    let inside = object.trim().strip_prefix('{');
    inside
        .and_then(|inside| inside.strip_suffix('}'))
        .unwrap_or_default()
}
