//! The audit log: who did what, when, to which revision. Append only.

use cuecard_prompt::{Code, Error, Result, Slug};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::Store;
use crate::context::{Context, KeyRole, Principal, ProjectId, Revision};
use crate::page::{Limit, Page};
use crate::sql::{Sql, params};
use crate::time::Timestamp;

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    /// The revision that the change made; the cursor to read on from.
    pub revision: Revision,
    /// When.
    pub at: Timestamp,
    /// The id of the key that did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The key's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// [`Context::request_id`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The kind: `prompt.commit`, `tag.move`, `key.create`, …
    pub action: String,
    /// The prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Details: version, tag, before and after; never a prompt's content or a secret.
    pub detail: Map<String, Json>,
}

/// A change as the audit log tells it.
pub(crate) struct NewEvent<'a> {
    pub(crate) action: &'static str,
    pub(crate) slug: Option<&'a Slug>,
    pub(crate) detail: Json,
}

pub(crate) fn append<S: Sql>(
    sql: &S,
    ctx: &Context<'_>,
    project: ProjectId,
    revision: Revision,
    event: &NewEvent<'_>,
) -> Result<()> {
    sql.exec(
        "INSERT INTO events (revision, project, at, key, actor, request, action, slug, detail)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            revision,
            project,
            ctx.now,
            ctx.actor.key.as_str(),
            ctx.actor.name.as_deref(),
            ctx.request_id,
            event.action,
            event.slug.map(|slug| slug.as_str()),
            event.detail.to_string(),
        ],
    )?;
    Ok(())
}

impl<S: Sql> Store<S> {
    /// The project's events after a revision, oldest first.
    ///
    /// # Errors
    /// `role_required` (write)
    pub fn events(
        &self,
        actor: &Principal,
        after: Revision,
        limit: Limit,
    ) -> Result<Page<LogEntry, Revision>> {
        actor.require(KeyRole::Write)?;
        let rows = self.sql.exec(
            "SELECT revision, at, key, actor, request, action, slug, detail FROM events
            WHERE project = ? AND revision > ? ORDER BY revision LIMIT ?",
            params![actor.project_id, after, limit.and_one()],
        )?;
        let entries = rows.into_iter().map(|mut row| {
            Ok(LogEntry {
                revision: row.int()?,
                at: row.int()?,
                key: row.opt_text()?,
                actor: row.opt_text()?,
                request_id: row.opt_text()?,
                action: row.text()?,
                slug: row.opt_text()?,
                detail: serde_json::from_str(&row.text()?)
                    .map_err(|_| Error::new(Code::Internal, "a stored event cannot be read"))?,
            })
        });
        let entries = entries.collect::<Result<Vec<_>>>()?;
        Ok(Page::cut(entries, limit, |entry| entry.revision))
    }
}
