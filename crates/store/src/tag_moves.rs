//! Moves of tags. Every move stores which earlier one a roll-back restores, so going back costs the same at any
//! depth.

use cuecard_prompt::{Result, Slug, Tag, VersionNumber};

use crate::change::Change;
use crate::context::Revision;
use crate::lookup::opt_version_number;
use crate::sql::{Sql, SqlRow, first, params};

/// The last move of a tag, and the move that a rollback goes to.
pub(crate) struct Last {
    pub(crate) revision: Revision,
    pub(crate) after: Option<VersionNumber>,
    pub(crate) undo: Option<Revision>,
}

/// A row of `tag_moves`. `undo` is the move whose outcome a rollback restores.
pub(crate) struct TagMoveRow {
    pub(crate) kind: &'static str,
    pub(crate) before: Option<VersionNumber>,
    pub(crate) after: Option<VersionNumber>,
    pub(crate) undo: Option<Revision>,
}

impl<S: Sql> Change<'_, S> {
    /// Points a tag to an existing version, and returns where it pointed before.
    pub(crate) fn move_tag(
        &self,
        prompt: i64,
        slug: &Slug,
        tag: &Tag,
        kind: &'static str,
        to: VersionNumber,
        revision: Revision,
    ) -> Result<Option<VersionNumber>> {
        let last = last_move(self.sql, prompt, tag)?;
        let before = last.as_ref().and_then(|last| last.after);
        let undo = last.and_then(|last| match last.after {
            Some(version) if version != to => Some(last.revision),
            _ => last.undo,
        });
        let entry = TagMoveRow {
            kind,
            before,
            after: Some(to),
            undo,
        };
        self.write_move(prompt, tag, &entry, revision)?;
        self.point(prompt, slug, tag, to, revision)?;
        Ok(before)
    }

    pub(crate) fn write_move(
        &self,
        prompt: i64,
        tag: &Tag,
        entry: &TagMoveRow,
        revision: Revision,
    ) -> Result<()> {
        self.sql.exec(
            "INSERT INTO tag_moves (prompt, tag, revision, kind, before, after, undo, at, by)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                prompt,
                tag.as_str(),
                revision,
                entry.kind,
                entry.before,
                entry.after,
                entry.undo,
                self.ctx.now,
                self.ctx.by()
            ],
        )?;
        Ok(())
    }

    pub(crate) fn explain_move(
        &self,
        prompt: i64,
        tag: &Tag,
        revision: Revision,
        reason: &str,
    ) -> Result<()> {
        let query = "UPDATE tag_moves SET reason = ? WHERE prompt = ? AND tag = ? AND revision = ?";
        self.sql
            .exec(query, params![reason, prompt, tag.as_str(), revision])?;
        Ok(())
    }

    pub(crate) fn point(
        &self,
        prompt: i64,
        slug: &Slug,
        tag: &Tag,
        to: VersionNumber,
        revision: Revision,
    ) -> Result<()> {
        self.sql.exec(
            "INSERT INTO tags (prompt, tag, project, slug, version, revision, updated_at, updated_by)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (prompt, tag) DO UPDATE SET version = excluded.version,
                revision = excluded.revision, updated_at = excluded.updated_at, updated_by = excluded.updated_by",
            params![
                prompt,
                tag.as_str(),
                self.ctx.actor.project_id,
                slug.as_str(),
                to,
                revision,
                self.ctx.now,
                self.ctx.by()
            ],
        )?;
        Ok(())
    }
}

pub(crate) fn last_move<S: Sql>(sql: &S, prompt: i64, tag: &Tag) -> Result<Option<Last>> {
    let query = "SELECT revision, after, undo FROM tag_moves
        WHERE prompt = ? AND tag = ? ORDER BY revision DESC LIMIT 1";
    first(sql, query, params![prompt, tag.as_str()])?
        .map(last)
        .transpose()
}

pub(crate) fn move_at<S: Sql>(
    sql: &S,
    prompt: i64,
    tag: &Tag,
    at: Revision,
) -> Result<Option<Last>> {
    let query = "SELECT revision, after, undo FROM tag_moves
        WHERE prompt = ? AND tag = ? AND revision = ?";
    first(sql, query, params![prompt, tag.as_str(), at])?
        .map(last)
        .transpose()
}

fn last(mut row: SqlRow) -> Result<Last> {
    Ok(Last {
        revision: row.int()?,
        after: opt_version_number(&mut row)?,
        undo: row.opt_int()?,
    })
}
