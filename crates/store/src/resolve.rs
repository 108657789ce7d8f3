//! From a reference to a version: the operation that readers call all the time.

use cuecard_prompt::{Code, Error, Result, Selector, Slug, Tag, Version, VersionNumber};

use crate::Store;
use crate::change::project_revision;
use crate::context::{Principal, Revision};
use crate::lookup::{
    self, FoundPrompt, StoredVersion, no_version, select_versions, version_number,
};
use crate::sql::{Sql, first, params};

/// The meaning of a reference now.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The version.
    pub version: Version,
    /// The tag that was asked for; `None` for `latest`.
    pub tag: Option<Tag>,
    /// The revision that made this reference mean this version: the tag's last move, the version's commit, or for
    /// `latest` the removal of a newer one. It never goes back for a reader, and with [`Version::hash`] makes a strong
    /// `ETag`.
    pub revision: Revision,
}

/// [`Resolved`] without the content, for conditional requests.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedHead {
    /// The version's number.
    pub version: VersionNumber,
    /// The version's hash.
    pub hash: String,
    /// [`Resolved::revision`].
    pub revision: Revision,
}

impl<S: Sql> Store<S> {
    /// The version that a selector means.
    ///
    /// # Errors
    /// `prompt_not_found`, `tag_not_found`, `version_not_found`
    pub fn resolve(&self, actor: &Principal, slug: &Slug, selector: &Selector) -> Result<Resolved> {
        let found = lookup::readable(&self.sql, actor, slug)?;
        let (number, moved) = select(&self.sql, &found, slug, selector)?;
        let stored = version_of(&self.sql, found.id, slug, number)?;
        let tag = match selector {
            Selector::Tag(tag) => Some(tag.clone()),
            Selector::Version(_) | Selector::Latest => None,
        };
        Ok(Resolved {
            version: stored.version.read()?,
            tag,
            revision: moved.unwrap_or(stored.revision),
        })
    }

    /// The result of [`Store::resolve`] without reading the content.
    ///
    /// # Errors
    /// `prompt_not_found`, `tag_not_found`, `version_not_found`
    pub fn pointer(
        &self,
        actor: &Principal,
        slug: &Slug,
        selector: &Selector,
    ) -> Result<ResolvedHead> {
        let found = lookup::readable(&self.sql, actor, slug)?;
        let (number, moved) = select(&self.sql, &found, slug, selector)?;
        let query = "SELECT hash, revision FROM versions WHERE prompt = ? AND version = ?";
        let mut row = first(&self.sql, query, params![found.id, number])?
            .ok_or_else(|| no_version(slug, number))?;
        let (hash, committed) = (row.text()?, row.int()?);
        Ok(ResolvedHead {
            version: number,
            hash,
            revision: moved.unwrap_or(committed),
        })
    }

    /// The project's revision: that of the last change that its readers can see.
    ///
    /// # Errors
    /// `internal`
    pub fn revision(&self, actor: &Principal) -> Result<Revision> {
        project_revision(&self.sql, actor)
    }
}

/// The number that a selector means, and since when a tag or `latest` means it.
pub(crate) fn select<S: Sql>(
    sql: &S,
    found: &FoundPrompt,
    slug: &Slug,
    selector: &Selector,
) -> Result<(VersionNumber, Option<Revision>)> {
    match selector {
        Selector::Latest => Ok((found.head, Some(found.latest_revision))),
        Selector::Version(number) if *number <= found.head => Ok((*number, None)),
        Selector::Version(number) => Err(no_version(slug, *number)),
        Selector::Tag(tag) => {
            let query = "SELECT version, revision FROM tags WHERE prompt = ? AND tag = ?";
            let mut row = first(sql, query, params![found.id, tag.as_str()])?
                .ok_or_else(|| no_tag(slug, tag))?;
            Ok((version_number(&mut row)?, Some(row.int()?)))
        }
    }
}

/// A version of a prompt.
pub(crate) fn version_of<S: Sql>(
    sql: &S,
    prompt: i64,
    slug: &Slug,
    number: VersionNumber,
) -> Result<StoredVersion> {
    let query = select_versions!("versions v WHERE v.prompt = ? AND v.version = ?");
    let row =
        first(sql, query, params![prompt, number])?.ok_or_else(|| no_version(slug, number))?;
    lookup::stored(slug, row)
}

pub(crate) fn no_tag(slug: &Slug, tag: &Tag) -> Error {
    Error::new(Code::TagNotFound, format!("`{slug}` has no tag `{tag}`"))
}
