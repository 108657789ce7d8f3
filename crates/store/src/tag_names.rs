//! Names for tags that an organisation has agreed on. They have no versions; a prompt's tags need not be among them.

use cuecard_prompt::{Code, Error, Result, Tag};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Store;
use crate::change::Visibility;
use crate::context::{Context, Done, KeyRole, Principal};
use crate::events::NewEvent;
use crate::sql::{Sql, SqlRow, first, only, params};
use crate::time::Timestamp;

/// The most names of an organisation.
const MAX: i64 = 1_000;

/// The names of a new organisation.
const FIRST: [&str; 2] = ["production", "staging"];

/// A name for tags.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TagNameInfo {
    /// The name.
    pub tag: Tag,
    /// When it was added.
    pub created_at: Timestamp,
}

/// The result of adding a name.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct AddedTagName {
    /// The name.
    pub name: TagNameInfo,
    /// Whether it is new.
    pub created: bool,
}

impl<S: Sql> Store<S> {
    /// The organisation's names for tags, by name: at first `production` and `staging`, at most 1,000.
    ///
    /// # Errors
    /// `internal`
    pub fn tag_names(&self, _actor: &Principal) -> Result<Vec<TagNameInfo>> {
        let query = "SELECT tag, created_at FROM tag_names ORDER BY tag";
        let rows = self.sql.exec(query, &[])?;
        rows.into_iter().map(tag_name).collect()
    }

    /// Those names, and the ones that only tags of the caller's own prompts have, which count as added when such a tag
    /// was last moved; by name.
    ///
    /// # Errors
    /// `internal`
    pub fn tag_names_and_used(&self, actor: &Principal) -> Result<Vec<TagNameInfo>> {
        let query = "SELECT t.tag, min(t.updated_at) FROM tags t JOIN prompts p ON p.id = t.prompt
            WHERE t.project = ? AND p.deleted_at IS NULL AND t.tag NOT IN (SELECT tag FROM tag_names)
            GROUP BY t.tag";
        let rows = self.sql.exec(query, params![actor.project_id])?;
        let mut names = self.tag_names(actor)?;
        for row in rows {
            names.push(tag_name(row)?);
        }
        names.sort_by(|a, b| a.tag.cmp(&b.tag));
        Ok(names)
    }

    /// Adds a name; an existing one stays.
    ///
    /// # Errors
    /// `limit_exceeded`, `role_required` (write), `idempotency_mismatch`
    pub fn add_tag_name(&self, ctx: &Context<'_>, tag: &Tag) -> Result<Done<AddedTagName>> {
        self.change(ctx, KeyRole::Write, "tag_name.add", |change| {
            let query = "SELECT tag, created_at FROM tag_names WHERE tag = ?";
            if let Some(row) = first(change.sql, query, params![tag.as_str()])? {
                return Ok(AddedTagName {
                    name: tag_name(row)?,
                    created: false,
                });
            }
            let count = "SELECT count(*) FROM tag_names";
            if only(change.sql, count, &[])?.int::<i64>()? >= MAX {
                let detail = format!("an organisation has at most {MAX} names for tags");
                return Err(Error::new(Code::LimitExceeded, detail));
            }
            insert(change.sql, tag.as_str(), ctx.now)?;
            let event = NewEvent {
                action: "tag_name.add",
                slug: None,
                detail: json!({ "tag": tag }),
            };
            let revision = change.next_revision()?;
            change.publish(revision, Visibility::Nobody, &event)?;
            Ok(AddedTagName {
                name: TagNameInfo {
                    tag: tag.clone(),
                    created_at: ctx.now,
                },
                created: true,
            })
        })
    }

    /// Removes a name. Prompts' tags of that name stay. `production` cannot be removed, as readers get it by default.
    ///
    /// # Errors
    /// `tag_not_found`, `tag_invalid` (`production`), `role_required` (write), `idempotency_mismatch`
    pub fn remove_tag_name(&self, ctx: &Context<'_>, tag: &Tag) -> Result<Done<()>> {
        self.change(ctx, KeyRole::Write, "tag_name.remove", |change| {
            if *tag == Tag::production() {
                let detail = "`production` is what readers get by default, and stays";
                return Err(Error::new(Code::TagInvalid, detail));
            }
            let query = "DELETE FROM tag_names WHERE tag = ? RETURNING tag";
            first(change.sql, query, params![tag.as_str()])?.ok_or_else(|| {
                let detail = format!("the organisation has no name `{tag}` for tags");
                Error::new(Code::TagNotFound, detail)
            })?;
            let event = NewEvent {
                action: "tag_name.remove",
                slug: None,
                detail: json!({ "tag": tag }),
            };
            let revision = change.next_revision()?;
            change.publish(revision, Visibility::Nobody, &event)
        })
    }
}

/// The names of a new organisation.
pub(crate) fn insert_first<S: Sql>(sql: &S, now: Timestamp) -> Result<()> {
    FIRST.iter().try_for_each(|tag| insert(sql, tag, now))
}

fn insert<S: Sql>(sql: &S, tag: &str, now: Timestamp) -> Result<()> {
    let query = "INSERT INTO tag_names (tag, created_at) VALUES (?, ?)";
    sql.exec(query, params![tag, now])?;
    Ok(())
}

fn tag_name(mut row: SqlRow) -> Result<TagNameInfo> {
    Ok(TagNameInfo {
        tag: Tag::parse(row.text()?)?,
        created_at: row.int()?,
    })
}
