//! The prompt that a slug means, by reader.
//!
//! A project's own prompt comes first, also while it is deleted: its name stays its own until it is purged. Otherwise
//! the slug means the organisation-scoped prompt of that name; there is at most one. Where a project has both, the
//! shared one has another slug in it (`beside.rs`), and its name in all others.

use cuecard_prompt::{Code, Error, Result, Slug, Version, VersionNumber};

use crate::context::{Principal, ProjectId, Revision};
use crate::sql::{Sql, SqlRow, first, params};
use crate::time::Timestamp;

/// The row of a prompt that operations need.
#[derive(Debug)]
pub(crate) struct FoundPrompt {
    pub(crate) id: i64,
    pub(crate) project: ProjectId,
    pub(crate) shared: bool,
    pub(crate) head: VersionNumber,
    pub(crate) head_hash: String,
    pub(crate) head_revision: Revision,
    /// The highest number that a version ever had, perhaps one that was removed.
    pub(crate) given: VersionNumber,
    /// The revision that made `head` the newest: its commit, or the removal of the last one above it.
    pub(crate) latest_revision: Revision,
    pub(crate) deleted: bool,
}

fn found(mut row: SqlRow) -> Result<FoundPrompt> {
    Ok(FoundPrompt {
        id: row.int()?,
        project: ProjectId(row.int()?),
        shared: row.int::<i64>()? == 1,
        head: version_number(&mut row)?,
        head_hash: row.text()?,
        head_revision: row.int()?,
        given: version_number(&mut row)?,
        latest_revision: row.int()?,
        deleted: row.opt_int::<Timestamp>()?.is_some(),
    })
}

/// The project's own prompt, deleted or not.
pub(crate) fn own<S: Sql>(sql: &S, project: ProjectId, slug: &Slug) -> Result<Option<FoundPrompt>> {
    let query = "SELECT id, project, shared, head, head_hash, head_revision, given, latest_revision, deleted_at
        FROM prompts WHERE project = ? AND slug = ?";
    first(sql, query, params![project, slug.as_str()])?
        .map(found)
        .transpose()
}

/// The organisation-scoped prompt of that name, deleted or not.
pub(crate) fn shared<S: Sql>(sql: &S, slug: &Slug) -> Result<Option<FoundPrompt>> {
    let query = "SELECT id, project, shared, head, head_hash, head_revision, given, latest_revision, deleted_at
        FROM prompts WHERE shared = 1 AND shared_as = ?";
    first(sql, query, params![slug.as_str()])?
        .map(found)
        .transpose()
}

/// The prompt that a reader gets.
pub(crate) fn readable<S: Sql>(sql: &S, actor: &Principal, slug: &Slug) -> Result<FoundPrompt> {
    let found = match own(sql, actor.project_id, slug)? {
        Some(own) => Some(own),
        None => shared(sql, slug)?,
    };
    found
        .filter(|found| !found.deleted)
        .ok_or_else(|| not_found(slug))
}

/// The prompt that a writer may change.
pub(crate) fn writable<S: Sql>(sql: &S, actor: &Principal, slug: &Slug) -> Result<FoundPrompt> {
    let found = readable(sql, actor, slug)?;
    if found.project == actor.project_id {
        Ok(found)
    } else {
        Err(not_owner(slug))
    }
}

pub(crate) fn not_found(slug: &Slug) -> Error {
    Error::new(Code::PromptNotFound, format!("there is no prompt `{slug}`"))
}

pub(crate) fn not_owner(slug: &Slug) -> Error {
    let detail = format!("`{slug}` belongs to another project of the organisation");
    Error::new(Code::NotOwner, detail)
}

pub(crate) fn no_version(slug: &Slug, version: VersionNumber) -> Error {
    let detail = format!("`{slug}` has no version {version}");
    Error::new(Code::VersionNotFound, detail)
}

pub(crate) fn version_number(row: &mut SqlRow) -> Result<VersionNumber> {
    VersionNumber::new(row.int()?)
        .ok_or_else(|| Error::new(Code::Internal, "a stored version is 0"))
}

pub(crate) fn opt_version_number(row: &mut SqlRow) -> Result<Option<VersionNumber>> {
    Ok(row.opt_int()?.and_then(VersionNumber::new))
}

/// A query for [`stored`], over `versions v`.
macro_rules! select_versions {
    ($rest:literal) => {
        concat!(
            "SELECT v.version, v.id, v.hash, v.message, v.author, v.created_at, v.document, v.revision FROM ",
            $rest
        )
    };
}
pub(crate) use select_versions;

/// A version as it is stored.
pub(crate) struct StoredVersion {
    pub(crate) version: Version,
    /// The revision that made it.
    pub(crate) revision: Revision,
    /// The length of its document as JSON.
    pub(crate) bytes: usize,
}

pub(crate) fn stored(slug: &Slug, mut row: SqlRow) -> Result<StoredVersion> {
    let (number, id, hash) = (version_number(&mut row)?, row.text()?, row.text()?);
    let (commit_message, author) = (row.opt_text()?, row.opt_text()?);
    let created_at = row.int::<Timestamp>()?.to_string();
    let json = row.text()?;
    let document = serde_json::from_str(&json)
        .map_err(|_| Error::new(Code::Internal, "a stored document cannot be read"))?;
    let version = Version {
        slug: slug.clone(),
        version: number,
        id,
        hash,
        commit_message,
        author,
        created_at,
        document,
    };
    Ok(StoredVersion {
        version,
        revision: row.int()?,
        bytes: json.len(),
    })
}
