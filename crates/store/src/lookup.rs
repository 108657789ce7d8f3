//! The prompt that a slug means, by reader.
//!
//! A project's own prompt comes first. Where there is none, or it is deleted, the slug means the organisation-scoped
//! prompt of that name; there is at most one. Where a project has both, the shared one has another slug in it
//! (`beside.rs`), and its name in all others.

use cuecard_prompt::{Code, Error, Result, Slug, VersionNumber};

use crate::context::{Principal, ProjectId, Revision};
use crate::sql::{Sql, SqlRow, first, params};
use crate::time::Timestamp;
use crate::unread::UnreadVersion;

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
        Some(own) if !own.deleted => Some(own),
        // What the project shares itself has this slug or another one in it.
        Some(_) => shared(sql, slug)?.filter(|shared| shared.project != actor.project_id),
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

/// A version's columns, for [`stored`]; its content is `v.document`, or another column.
macro_rules! version_columns {
    () => {
        crate::lookup::version_columns!("v.document")
    };
    ($content:literal) => {
        concat!(
            "v.version, v.id, v.hash, v.message, v.author, v.created_at, ",
            $content,
            ", v.revision"
        )
    };
}
pub(crate) use version_columns;

/// A query for [`stored`], over `versions v`.
macro_rules! select_versions {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            crate::lookup::version_columns!(),
            " FROM ",
            $rest
        )
    };
}
pub(crate) use select_versions;

/// A version and the revision that made it.
pub(crate) struct StoredVersion {
    pub(crate) version: UnreadVersion,
    pub(crate) revision: Revision,
}

pub(crate) fn stored(slug: &Slug, mut row: SqlRow) -> Result<StoredVersion> {
    let version = UnreadVersion {
        slug: slug.clone(),
        version: version_number(&mut row)?,
        id: row.text()?,
        hash: row.text()?,
        commit_message: row.opt_text()?,
        author: row.opt_text()?,
        created_at: row.int::<Timestamp>()?.to_string(),
        document: row.text()?,
    };
    Ok(StoredVersion {
        version,
        revision: row.int()?,
    })
}
