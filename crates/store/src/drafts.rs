//! Drafts: content without a number. One per slug, project and author; the prompt need not exist yet. Every key with
//! the role write sees and changes all of a project's drafts.

use std::fmt;

use cuecard_prompt::{Code, Document, Error, Result, Slug, Tag, VersionNumber};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Store;
use crate::author::Author;
use crate::change::Change;
use crate::commit::{CommitNote, Committed, committed};
use crate::commit_content::CommitContent;
use crate::context::{Context, Done, Expect, KeyRole, Principal, Revision};
use crate::lookup::{no_version, opt_version_number};
use crate::page::{Limit, Page};
use crate::sql::{Sql, SqlRow, first, only, params};
use crate::time::Timestamp;

/// The cursor of a list of drafts: goes on after this draft. Written `<slug>:<author>`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DraftCursor {
    slug: Slug,
    author: Author,
}

impl DraftCursor {
    /// Parses the form that `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (slug, author) = text.split_once(':')?;
        Some(Self {
            slug: Slug::parse(slug).ok()?,
            author: Author::parse(author).ok()?,
        })
    }
}

impl fmt::Display for DraftCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.slug, self.author.as_str())
    }
}

/// A draft.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// Its metadata.
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
    /// The author.
    pub author: Author,
    /// The version that it started from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub base: Option<VersionNumber>,
    /// Its last change, for `If-Match`.
    pub revision: Revision,
    /// When it was saved.
    pub updated_at: Timestamp,
    /// The key that saved it: its name, or its id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub updated_by: Option<String>,
}

/// The arguments of saving a draft.
#[derive(Clone, Debug)]
pub struct DraftPut<'a> {
    /// The author; by default the caller.
    pub author: Option<Author>,
    /// The content, at most 1 MiB as JSON; its templates need not compile.
    pub document: &'a Document,
    /// The version that it started from; by default that of the draft so far, or else the newest.
    pub base: Option<VersionNumber>,
    /// Checked against the draft's revision.
    pub expect: Expect,
}

impl<'a> From<&'a Document> for DraftPut<'a> {
    fn from(document: &'a Document) -> Self {
        Self {
            author: None,
            document,
            base: None,
            expect: Expect::Anything,
        }
    }
}

/// The arguments of committing a draft.
#[derive(Clone, Debug, Default)]
pub struct DraftCommit {
    /// The author of the draft; by default the caller.
    pub draft: Option<Author>,
    /// [`Commit::message`](crate::Commit::message)
    pub message: Option<String>,
    /// [`Commit::author`](crate::Commit::author); by default the draft's author, a key by its name.
    pub author: Option<String>,
    /// [`Commit::tags`](crate::Commit::tags)
    pub tags: Vec<Tag>,
    /// Checked against the draft, and [`Expect::Unchanged`] against the newest version too: with the draft's revision,
    /// nobody has committed since it was saved.
    pub expect: Expect,
}

impl<S: Sql> Store<S> {
    /// The most drafts that a prompt has in a project.
    pub const MAX_DRAFTS: i64 = 100;

    /// An author's draft of a prompt; by default the caller's.
    ///
    /// # Errors
    /// `draft_not_found`, `role_required` (write)
    pub fn draft(&self, actor: &Principal, slug: &Slug, author: Option<&Author>) -> Result<Draft> {
        actor.require(KeyRole::Write)?;
        let author = author.cloned().unwrap_or_else(|| Author::of_key(actor));
        draft_of(&self.sql, actor, slug, &author)?.ok_or_else(|| no_draft(slug, &author))
    }

    /// The project's drafts, of all authors: of one prompt, or of all.
    ///
    /// # Errors
    /// `role_required` (write)
    pub fn drafts(
        &self,
        actor: &Principal,
        slug: Option<&Slug>,
        after: Option<&DraftCursor>,
        limit: Limit,
    ) -> Result<Page<DraftInfo, DraftCursor>> {
        actor.require(KeyRole::Write)?;
        let from = after.map_or("", |after| after.slug.as_str());
        let author = after.map_or("", |after| after.author.as_str());
        let project = actor.project_id;
        let rows = match slug {
            Some(slug) => self.sql.exec(
                "SELECT slug, author, base, revision, updated_at, updated_by FROM drafts
                WHERE project = ? AND slug = ? AND author > ? ORDER BY author LIMIT ?",
                params![project, slug.as_str(), author, limit.and_one()],
            )?,
            None => self.sql.exec(
                "SELECT slug, author, base, revision, updated_at, updated_by FROM drafts
                WHERE project = ? AND (slug, author) > (?, ?) ORDER BY slug, author LIMIT ?",
                params![project, from, author, limit.and_one()],
            )?,
        };
        let drafts = rows.into_iter().map(|mut row| info(&mut row));
        let drafts = drafts.collect::<Result<Vec<_>>>()?;
        Ok(Page::cut(drafts, limit, |draft| DraftCursor {
            slug: draft.slug.clone(),
            author: draft.author.clone(),
        }))
    }

    /// Saves a draft.
    ///
    /// # Errors
    /// `precondition_failed`, `limit_exceeded` (1 MiB, [`Self::MAX_DRAFTS`]), `version_not_found` (the base),
    /// `not_owner`, `slug_taken` (the prompt is deleted), `role_required` (write), `idempotency_mismatch`
    pub fn put_draft(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        draft: &DraftPut<'_>,
    ) -> Result<Done<Draft>> {
        let content = CommitContent::of(draft.document)?;
        let author = draft.author.clone();
        let author = author.unwrap_or_else(|| Author::of_key(ctx.actor));
        let body = |change: &Change<'_, S>| {
            let prompt = change.committable(slug, draft.expect)?;
            let current = draft_of(change.sql, ctx.actor, slug, &author)?.map(|draft| draft.info);
            let at = current.as_ref().map(|current| current.revision);
            draft.expect.check(at, change.clock()?)?;
            if current.is_none() {
                change.room_for_draft(slug)?;
            }
            if let Some(base) = draft.base {
                let there = prompt.as_ref().map(|prompt| change.has(prompt.id, base));
                if !there.transpose()?.unwrap_or(false) {
                    return Err(no_version(slug, base));
                }
            }
            let head = prompt.map(|prompt| prompt.head);
            let begun = current.map_or(head, |current| current.base);
            let revision = change.next_revision()?;
            let info = DraftInfo {
                slug: slug.clone(),
                author: author.clone(),
                base: draft.base.or(begun),
                revision,
                updated_at: ctx.now,
                updated_by: Some(ctx.by().to_owned()),
            };
            change.sql.exec(
                "INSERT OR REPLACE INTO drafts
                (project, slug, author, document, base, revision, updated_at, updated_by)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    ctx.actor.project_id,
                    slug.as_str(),
                    author.as_str(),
                    content.json(),
                    info.base,
                    info.revision,
                    info.updated_at,
                    info.updated_by.as_deref()
                ],
            )?;
            let detail = json!({ "author": author });
            change.log(slug, "draft.put", revision, detail)?;
            Ok(info)
        };
        // A retry is the same request, so it carries the same document.
        self.change_then(ctx, KeyRole::Write, "draft.put", body, |_, info| {
            let document = draft.document.clone();
            Ok(Draft { info, document })
        })
    }

    /// Deletes a draft; by default the caller's.
    ///
    /// # Errors
    /// `draft_not_found`, `precondition_failed`, `role_required` (write), `idempotency_mismatch`
    pub fn delete_draft(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        author: Option<&Author>,
        expect: Expect,
    ) -> Result<Done<()>> {
        let author = author.cloned().unwrap_or_else(|| Author::of_key(ctx.actor));
        self.change(ctx, KeyRole::Write, "draft.delete", |change| {
            let current = draft_of(change.sql, ctx.actor, slug, &author)?;
            let at = current.as_ref().map(|draft| draft.info.revision);
            expect.check(at, change.clock()?)?;
            current.ok_or_else(|| no_draft(slug, &author))?;
            change.remove_draft(slug, &author)?;
            let revision = change.next_revision()?;
            let detail = json!({ "author": author });
            change.log(slug, "draft.delete", revision, detail)
        })
    }

    /// Commits a draft, as [`Store::commit`] does, and deletes it in the same step. Other authors' drafts stay.
    ///
    /// # Errors
    /// `draft_not_found`, and those of [`Store::commit`]
    pub fn commit_draft(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        commit: &DraftCommit,
    ) -> Result<Done<Committed>> {
        let author = commit.draft.clone();
        let author = author.unwrap_or_else(|| Author::of_key(ctx.actor));
        let body = |change: &Change<'_, S>| {
            let draft = draft_of(change.sql, ctx.actor, slug, &author)?;
            let clock = change.clock()?;
            let at = draft.as_ref().map(|draft| draft.info.revision);
            commit.expect.check(at, clock)?;
            let draft = draft.ok_or_else(|| no_draft(slug, &author))?;
            let existing = change.committable(slug, Expect::Anything)?;
            if let (Some(found), Expect::Unchanged(_)) = (&existing, commit.expect) {
                commit.expect.check(Some(found.head_revision), clock)?;
            }
            let content = CommitContent::compile(&draft.document)?;
            let writer = match &commit.author {
                Some(author) => Some(author.clone()),
                None => change.name_of(&author)?,
            };
            let note = CommitNote {
                action: "draft.commit",
                message: commit.message.as_deref(),
                author: writer.as_deref(),
                tags: &commit.tags,
                always: false,
            };
            note.check()?;
            change.remove_draft(slug, &author)?;
            let receipt = change.commit(slug, existing, &content, &note)?;
            if !receipt.changed {
                let revision = change.next_revision()?;
                let detail = json!({ "author": author });
                change.log(slug, "draft.commit", revision, detail)?;
            }
            Ok(receipt)
        };
        self.change_then(ctx, KeyRole::Write, "draft.commit", body, committed)
    }
}

impl<S: Sql> Change<'_, S> {
    fn remove_draft(&self, slug: &Slug, author: &Author) -> Result<()> {
        let query = "DELETE FROM drafts WHERE project = ? AND slug = ? AND author = ?";
        let project = self.ctx.actor.project_id;
        let values = params![project, slug.as_str(), author.as_str()];
        self.sql.exec(query, values)?;
        Ok(())
    }

    fn room_for_draft(&self, slug: &Slug) -> Result<()> {
        let query = "SELECT count(*) FROM drafts WHERE project = ? AND slug = ?";
        let project = self.ctx.actor.project_id;
        let there: i64 = only(self.sql, query, params![project, slug.as_str()])?.int()?;
        if there < Store::<S>::MAX_DRAFTS {
            return Ok(());
        }
        let detail = format!("a prompt has at most {} drafts", Store::<S>::MAX_DRAFTS);
        Err(Error::new(Code::LimitExceeded, detail))
    }

    fn has(&self, prompt: i64, version: VersionNumber) -> Result<bool> {
        let query = "SELECT 1 FROM versions WHERE prompt = ? AND version = ?";
        Ok(first(self.sql, query, params![prompt, version])?.is_some())
    }

    /// An author's name for people: a key by its name, if it has one.
    fn name_of(&self, author: &Author) -> Result<Option<String>> {
        let query = "SELECT name FROM keys WHERE id = ?";
        match first(self.sql, query, params![author.as_str()])? {
            Some(mut key) => key.opt_text(),
            None => Ok(Some(author.as_str().to_owned())),
        }
    }
}

pub(crate) fn draft_of<S: Sql>(
    sql: &S,
    actor: &Principal,
    slug: &Slug,
    author: &Author,
) -> Result<Option<Draft>> {
    let query = "SELECT slug, author, base, revision, updated_at, updated_by, document FROM drafts
        WHERE project = ? AND slug = ? AND author = ?";
    let values = params![actor.project_id, slug.as_str(), author.as_str()];
    let row = first(sql, query, values)?;
    row.map(|mut row| {
        let info = info(&mut row)?;
        let document = serde_json::from_str(&row.text()?)
            .map_err(|_| Error::new(Code::Internal, "a stored draft cannot be read"))?;
        Ok(Draft { info, document })
    })
    .transpose()
}

fn info(row: &mut SqlRow) -> Result<DraftInfo> {
    Ok(DraftInfo {
        slug: Slug::parse(row.text()?)?,
        author: Author::of_row(row)?,
        base: opt_version_number(row)?,
        revision: row.int()?,
        updated_at: row.int()?,
        updated_by: row.opt_text()?,
    })
}

fn no_draft(slug: &Slug, author: &Author) -> Error {
    let detail = format!("`{slug}` has no draft of `{}`", author.as_str());
    Error::new(Code::DraftNotFound, detail)
}
