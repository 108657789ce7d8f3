//! Tags: movable pointers with a history.

use cuecard_prompt::{Code, Error, Result, Slug, Tag, VersionNumber};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Store;
use crate::change::{Change, Visibility};
use crate::context::{Context, Done, Expect, KeyRole, Principal, Revision};
use crate::events::NewEvent;
use crate::lookup::{self, opt_version_number, version_number};
use crate::page::{Limit, Page};
use crate::resolve::no_tag;
use crate::sql::{Sql, SqlRow, first, params};
use crate::tag_moves::{TagMoveRow, last_move, move_at};
use crate::time::Timestamp;

/// A tag of a prompt.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TagInfo {
    /// Its name.
    pub tag: Tag,
    /// Its version.
    pub version: VersionNumber,
    /// Its last move, for `If-Match`.
    pub revision: Revision,
    /// When it was moved.
    pub updated_at: Timestamp,
    /// The author of the move: the key's name, or its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
}

/// A move of a tag.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TagMove {
    /// The revision of the move.
    pub revision: Revision,
    /// The cause of the move.
    pub kind: MoveKind,
    /// The version before; `None` at first and after a deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<VersionNumber>,
    /// The version since; `None` after a deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<VersionNumber>,
    /// When.
    pub at: Timestamp,
    /// The author: the key's name, or its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The reason that the author gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The cause of a tag's move.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MoveKind {
    /// A commit that named it, or the prompt's first.
    Commit,
    /// [`Store::set_tag`]
    Set,
    /// [`Store::rollback_tag`]
    Rollback,
    /// [`Store::delete_tag`]
    Delete,
}

impl MoveKind {
    const ALL: [(Self, &str); 4] = [
        (Self::Commit, "commit"),
        (Self::Set, "set"),
        (Self::Rollback, "rollback"),
        (Self::Delete, "delete"),
    ];
}

impl<S: Sql> Store<S> {
    /// The most bytes of a move's reason.
    pub const MAX_REASON_BYTES: usize = 1000;

    /// The tags of a prompt, by name.
    ///
    /// # Errors
    /// `prompt_not_found`
    pub fn tags(&self, actor: &Principal, slug: &Slug) -> Result<Vec<TagInfo>> {
        let found = lookup::readable(&self.sql, actor, slug)?;
        let query = "SELECT tag, version, revision, updated_at, updated_by FROM tags
            WHERE prompt = ? ORDER BY tag";
        let rows = self.sql.exec(query, params![found.id])?;
        rows.into_iter().map(tag_info).collect()
    }

    /// One tag of a prompt.
    ///
    /// # Errors
    /// `prompt_not_found`, `tag_not_found`
    pub fn tag(&self, actor: &Principal, slug: &Slug, tag: &Tag) -> Result<TagInfo> {
        let found = lookup::readable(&self.sql, actor, slug)?;
        tag_of(&self.sql, found.id, tag)?.ok_or_else(|| no_tag(slug, tag))
    }

    /// Points a tag to a version. If it points there already, nothing happens; but a move with
    /// [`Expect::Unchanged`] always takes a new revision, so that of several with the same one only the first succeeds.
    ///
    /// # Errors
    /// `prompt_not_found`, `version_not_found`, `precondition_failed`, `not_owner`, `role_required` (write),
    /// `idempotency_mismatch`
    pub fn set_tag(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        tag: &Tag,
        version: VersionNumber,
        expect: Expect,
    ) -> Result<Done<TagInfo>> {
        self.set_tag_because(ctx, slug, tag, version, None, expect)
    }

    /// [`Store::set_tag`], with a reason for the tag's history, of at most [`Self::MAX_REASON_BYTES`] bytes.
    ///
    /// # Errors
    /// Those of [`Store::set_tag`]
    pub fn set_tag_because(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        tag: &Tag,
        version: VersionNumber,
        reason: Option<&str>,
        expect: Expect,
    ) -> Result<Done<TagInfo>> {
        self.change(ctx, KeyRole::Write, "tag.set", |change| {
            let found = lookup::writable(change.sql, ctx.actor, slug)?;
            let current = tag_of(change.sql, found.id, tag)?;
            expect.check(current.as_ref().map(|tag| tag.revision), change.clock()?)?;
            change.require_version(found.id, slug, version)?;
            if let Some(current) = current
                && current.version == version
                && !matches!(expect, Expect::Unchanged(_))
            {
                return Ok(current);
            }
            let revision = change.next_revision()?;
            let from = change.move_tag(found.id, slug, tag, "set", version, revision)?;
            if let Some(reason) = reason {
                change.explain_move(found.id, tag, revision, reason)?;
            }
            change.touch(found.id, revision)?;
            let event = NewEvent {
                action: "tag.set",
                slug: Some(slug),
                detail: json!({ "tag": tag, "from": from, "to": version }),
            };
            change.publish(revision, Visibility::of(found.shared), &event)?;
            Ok(change.tag_info(tag, version, revision))
        })
    }

    /// Points a tag back to its version before its last move that is not undone yet. Repeated calls go further
    /// back. A deleted tag comes back.
    ///
    /// # Errors
    /// `prompt_not_found`, `tag_not_found`, `version_not_found` (nowhere to go back to), `precondition_failed`,
    /// `not_owner`, `role_required` (write), `idempotency_mismatch`
    pub fn rollback_tag(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        tag: &Tag,
        expect: Expect,
    ) -> Result<Done<TagInfo>> {
        self.rollback_tag_because(ctx, slug, tag, None, expect)
    }

    /// [`Store::rollback_tag`], with a reason as in [`Store::set_tag_because`].
    ///
    /// # Errors
    /// Those of [`Store::rollback_tag`]
    pub fn rollback_tag_because(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        tag: &Tag,
        reason: Option<&str>,
        expect: Expect,
    ) -> Result<Done<TagInfo>> {
        self.change(ctx, KeyRole::Write, "tag.rollback", |change| {
            let found = lookup::writable(change.sql, ctx.actor, slug)?;
            let current = tag_of(change.sql, found.id, tag)?.map(|tag| tag.revision);
            expect.check(current, change.clock()?)?;
            let last = last_move(change.sql, found.id, tag)?.ok_or_else(|| no_tag(slug, tag))?;
            let target = last.undo.map(|at| move_at(change.sql, found.id, tag, at));
            let nowhere = || {
                let detail = format!("`{tag}` has nowhere to go back to");
                Error::new(Code::VersionNotFound, detail)
            };
            let target = target.transpose()?.flatten().ok_or_else(nowhere)?;
            let version = target.after.ok_or_else(nowhere)?;
            change.require_version(found.id, slug, version)?;
            let revision = change.next_revision()?;
            let entry = TagMoveRow {
                kind: "rollback",
                before: last.after,
                after: Some(version),
                undo: target.undo,
            };
            change.write_move(found.id, tag, &entry, revision)?;
            if let Some(reason) = reason {
                change.explain_move(found.id, tag, revision, reason)?;
            }
            change.point(found.id, slug, tag, version, revision)?;
            change.touch(found.id, revision)?;
            let event = NewEvent {
                action: "tag.rollback",
                slug: Some(slug),
                detail: json!({ "tag": tag, "from": last.after, "to": version }),
            };
            change.publish(revision, Visibility::of(found.shared), &event)?;
            Ok(change.tag_info(tag, version, revision))
        })
    }

    /// Deletes a tag; its history stays.
    ///
    /// # Errors
    /// `prompt_not_found`, `tag_not_found`, `precondition_failed`, `not_owner`, `role_required` (write),
    /// `idempotency_mismatch`
    pub fn delete_tag(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        tag: &Tag,
        expect: Expect,
    ) -> Result<Done<()>> {
        self.change(ctx, KeyRole::Write, "tag.delete", |change| {
            let found = lookup::writable(change.sql, ctx.actor, slug)?;
            let current = tag_of(change.sql, found.id, tag)?;
            expect.check(current.as_ref().map(|tag| tag.revision), change.clock()?)?;
            let current = current.ok_or_else(|| no_tag(slug, tag))?;
            let revision = change.next_revision()?;
            let entry = TagMoveRow {
                kind: "delete",
                before: Some(current.version),
                after: None,
                undo: Some(current.revision),
            };
            change.write_move(found.id, tag, &entry, revision)?;
            let query = "DELETE FROM tags WHERE prompt = ? AND tag = ?";
            change.sql.exec(query, params![found.id, tag.as_str()])?;
            change.touch(found.id, revision)?;
            let event = NewEvent {
                action: "tag.delete",
                slug: Some(slug),
                detail: json!({ "tag": tag, "from": current.version }),
            };
            change.publish(revision, Visibility::of(found.shared), &event)
        })
    }

    /// The moves of a tag, newest first, also of a deleted one.
    ///
    /// # Errors
    /// `prompt_not_found`, `tag_not_found` (there never was one)
    pub fn tag_history(
        &self,
        actor: &Principal,
        slug: &Slug,
        tag: &Tag,
        before: Option<Revision>,
        limit: Limit,
    ) -> Result<Page<TagMove, Revision>> {
        let found = lookup::readable(&self.sql, actor, slug)?;
        let rows = self.sql.exec(
            "SELECT revision, kind, before, after, at, by, reason FROM tag_moves
            WHERE prompt = ? AND tag = ? AND revision < ? ORDER BY revision DESC LIMIT ?",
            params![
                found.id,
                tag.as_str(),
                before.map_or(i64::MAX >> 10, |before| before.get() as i64),
                limit.and_one()
            ],
        )?;
        let moves = rows.into_iter().map(tag_move).collect::<Result<Vec<_>>>()?;
        if moves.is_empty() && last_move(&self.sql, found.id, tag)?.is_none() {
            return Err(no_tag(slug, tag));
        }
        Ok(Page::cut(moves, limit, |entry| entry.revision))
    }
}

impl<S: Sql> Change<'_, S> {
    fn tag_info(&self, tag: &Tag, version: VersionNumber, revision: Revision) -> TagInfo {
        TagInfo {
            tag: tag.clone(),
            version,
            revision,
            updated_at: self.ctx.now,
            updated_by: Some(self.ctx.by().to_owned()),
        }
    }
}

/// The tags, each once.
pub(crate) fn distinct(tags: &[Tag]) -> Vec<Tag> {
    let mut tags = tags.to_vec();
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// The tags that do not point to a version yet.
pub(crate) fn elsewhere<S: Sql>(
    sql: &S,
    prompt: i64,
    tags: &[Tag],
    version: VersionNumber,
) -> Result<Vec<Tag>> {
    let mut to_move = Vec::new();
    for tag in distinct(tags) {
        if tag_of(sql, prompt, &tag)?.is_none_or(|current| current.version != version) {
            to_move.push(tag);
        }
    }
    Ok(to_move)
}

fn tag_of<S: Sql>(sql: &S, prompt: i64, tag: &Tag) -> Result<Option<TagInfo>> {
    let query = "SELECT tag, version, revision, updated_at, updated_by FROM tags
        WHERE prompt = ? AND tag = ?";
    first(sql, query, params![prompt, tag.as_str()])?
        .map(tag_info)
        .transpose()
}

fn tag_info(mut row: SqlRow) -> Result<TagInfo> {
    Ok(TagInfo {
        tag: Tag::parse(row.text()?)?,
        version: version_number(&mut row)?,
        revision: row.int()?,
        updated_at: row.int()?,
        updated_by: row.opt_text()?,
    })
}

fn tag_move(mut row: SqlRow) -> Result<TagMove> {
    let revision = row.int()?;
    let kind = row.text()?;
    let kind = MoveKind::ALL.iter().find(|(_, name)| *name == kind);
    Ok(TagMove {
        revision,
        kind: kind
            .map(|(kind, _)| *kind)
            .ok_or_else(|| Error::new(Code::Internal, "a stored move is unknown"))?,
        from: opt_version_number(&mut row)?,
        to: opt_version_number(&mut row)?,
        at: row.int()?,
        by: row.opt_text()?,
        reason: row.opt_text()?,
    })
}
