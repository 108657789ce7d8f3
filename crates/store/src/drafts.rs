//! Drafts: content without a number. One per slug and project; the prompt need not be there yet.

use cuecard_prompt::{Code, Document, Error, Result, Slug, Tag, VersionNumber};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Store;
use crate::change::{Change, Event, Visibility};
use crate::commit::{Committed, Content, Note, committed};
use crate::context::{Context, Done, Expect, Principal, Revision, Role};
use crate::lookup::opt_version_number;
use crate::page::{Limit, Page};
use crate::sql::{Row, Sql, first, params};
use crate::time::Timestamp;

/// A draft.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// What is known of it.
    #[serde(flatten)]
    pub info: DraftInfo,
    /// The content; its templates need not compile yet.
    #[serde(flatten)]
    pub document: Document,
}

/// A draft, without its content.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DraftInfo {
    /// The prompt that a commit adds to or makes.
    pub slug: Slug,
    /// The version that was the newest when the draft was begun.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub base: Option<VersionNumber>,
    /// Its last change, for `If-Match`.
    pub revision: Revision,
    /// When it was saved.
    pub updated_at: Timestamp,
    /// Who saved it: the key's name, or its id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub updated_by: Option<String>,
}

/// What to commit a draft with.
#[derive(Clone, Debug, Default)]
pub struct DraftCommit {
    /// [`Commit::message`](crate::Commit::message)
    pub message: Option<String>,
    /// [`Commit::author`](crate::Commit::author)
    pub author: Option<String>,
    /// [`Commit::tags`](crate::Commit::tags)
    pub tags: Vec<Tag>,
    /// Held against the draft, and [`Expect::Unchanged`] against the newest version too: with the draft's revision,
    /// nobody has committed since it was saved.
    pub expect: Expect,
}

impl<S: Sql> Store<S> {
    /// The project's draft of a prompt.
    ///
    /// # Errors
    /// `draft_not_found`, `role_required` (write)
    pub fn draft(&self, actor: &Principal, slug: &Slug) -> Result<Draft> {
        actor.require(Role::Write)?;
        draft_of(&self.sql, actor, slug)?.ok_or_else(|| no_draft(slug))
    }

    /// The project's drafts, by slug.
    ///
    /// # Errors
    /// `role_required` (write)
    pub fn drafts(
        &self,
        actor: &Principal,
        after: Option<&Slug>,
        limit: Limit,
    ) -> Result<Page<DraftInfo, Slug>> {
        actor.require(Role::Write)?;
        let query = "SELECT slug, base, revision, updated_at, updated_by FROM drafts
            WHERE project = ? AND slug > ? ORDER BY slug LIMIT ?";
        let after = after.map_or("", Slug::as_str);
        let values = params![actor.project_id, after, limit.and_one()];
        let rows = self.sql.exec(query, values)?;
        let drafts = rows.into_iter().map(|mut row| info(&mut row));
        let drafts = drafts.collect::<Result<Vec<_>>>()?;
        Ok(Page::cut(drafts, limit, |draft| draft.slug.clone()))
    }

    /// Saves a draft.
    ///
    /// # Errors
    /// `precondition_failed`, `limit_exceeded` (1 MiB), `not_owner`, `slug_taken` (the prompt is deleted),
    /// `role_required` (write), `idempotency_mismatch`
    pub fn put_draft(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        document: &Document,
        expect: Expect,
    ) -> Result<Done<Draft>> {
        let content = Content::of(document)?;
        let body = |change: &Change<'_, S>| {
            let prompt = change.committable(slug, expect)?;
            let current = draft_of(change.sql, ctx.actor, slug)?.map(|draft| draft.info);
            expect.check(
                current.as_ref().map(|draft| draft.revision),
                change.clock()?,
            )?;
            let head = prompt.map(|prompt| prompt.head);
            let revision = change.next_revision()?;
            let draft = DraftInfo {
                slug: slug.clone(),
                base: current.map_or(head, |current| current.base),
                revision,
                updated_at: ctx.now,
                updated_by: Some(ctx.by().to_owned()),
            };
            change.sql.exec(
                "INSERT OR REPLACE INTO drafts (project, slug, document, base, revision, updated_at, updated_by)
                VALUES (?, ?, ?, ?, ?, ?, ?)",
                params![
                    ctx.actor.project_id,
                    slug.as_str(),
                    content.json(),
                    draft.base,
                    draft.revision,
                    draft.updated_at,
                    draft.updated_by.as_deref()
                ],
            )?;
            change.log(slug, "draft.put", revision)?;
            Ok(draft)
        };
        // A retry is the same request, so it brings the same document.
        self.change_then(ctx, Role::Write, "draft.put", body, |_, info| {
            let document = document.clone();
            Ok(Draft { info, document })
        })
    }

    /// Throws a draft away.
    ///
    /// # Errors
    /// `draft_not_found`, `precondition_failed`, `role_required` (write), `idempotency_mismatch`
    pub fn delete_draft(&self, ctx: &Context<'_>, slug: &Slug, expect: Expect) -> Result<Done<()>> {
        self.change(ctx, Role::Write, "draft.delete", |change| {
            let current = draft_of(change.sql, ctx.actor, slug)?;
            let at = current.as_ref().map(|draft| draft.info.revision);
            expect.check(at, change.clock()?)?;
            current.ok_or_else(|| no_draft(slug))?;
            change.remove_draft(slug)?;
            let revision = change.next_revision()?;
            change.log(slug, "draft.delete", revision)
        })
    }

    /// Commits a draft, as [`Store::commit`] does, and throws it away in the same step.
    ///
    /// # Errors
    /// `draft_not_found`, and those of [`Store::commit`]
    pub fn commit_draft(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        commit: &DraftCommit,
    ) -> Result<Done<Committed>> {
        let note = Note {
            action: "draft.commit",
            message: commit.message.as_deref(),
            author: commit.author.as_deref(),
            tags: &commit.tags,
        };
        note.check()?;
        let body = |change: &Change<'_, S>| {
            let draft = draft_of(change.sql, ctx.actor, slug)?;
            let clock = change.clock()?;
            let at = draft.as_ref().map(|draft| draft.info.revision);
            commit.expect.check(at, clock)?;
            let draft = draft.ok_or_else(|| no_draft(slug))?;
            let existing = change.committable(slug, Expect::Anything)?;
            if let (Some(found), Expect::Unchanged(_)) = (&existing, commit.expect) {
                commit.expect.check(Some(found.head_revision), clock)?;
            }
            let content = Content::compile(&draft.document)?;
            change.remove_draft(slug)?;
            let receipt = change.commit(slug, existing, &content, &note)?;
            if !receipt.changed {
                let revision = change.next_revision()?;
                change.log(slug, "draft.commit", revision)?;
            }
            Ok(receipt)
        };
        self.change_then(ctx, Role::Write, "draft.commit", body, committed)
    }
}

impl<S: Sql> Change<'_, S> {
    fn remove_draft(&self, slug: &Slug) -> Result<()> {
        let query = "DELETE FROM drafts WHERE project = ? AND slug = ?";
        let project = self.ctx.actor.project_id;
        self.sql.exec(query, params![project, slug.as_str()])?;
        Ok(())
    }

    fn log(&self, slug: &Slug, action: &'static str, revision: Revision) -> Result<()> {
        let event = Event {
            action,
            slug: Some(slug),
            detail: json!({}),
        };
        self.publish(revision, Visibility::Nobody, &event)
    }
}

pub(crate) fn draft_of<S: Sql>(sql: &S, actor: &Principal, slug: &Slug) -> Result<Option<Draft>> {
    let query = "SELECT slug, base, revision, updated_at, updated_by, document FROM drafts
        WHERE project = ? AND slug = ?";
    let row = first(sql, query, params![actor.project_id, slug.as_str()])?;
    row.map(|mut row| {
        let info = info(&mut row)?;
        let document = serde_json::from_str(&row.text()?)
            .map_err(|_| Error::new(Code::Internal, "a stored draft cannot be read"))?;
        Ok(Draft { info, document })
    })
    .transpose()
}

fn info(row: &mut Row) -> Result<DraftInfo> {
    Ok(DraftInfo {
        slug: Slug::parse(row.text()?)?,
        base: opt_version_number(row)?,
        revision: row.int()?,
        updated_at: row.int()?,
        updated_by: row.opt_text()?,
    })
}

pub(crate) fn no_draft(slug: &Slug) -> Error {
    Error::new(Code::DraftNotFound, format!("`{slug}` has no draft"))
}
