//! Commit: content becomes a version, and tags move with it.

use cuecard_prompt::{Code, Document, Error, Result, Slug, Tag, Version, VersionNumber};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Store;
use crate::change::{Change, Visibility};
use crate::commit_content::CommitContent;
use crate::context::{Context, Done, Expect, KeyRole, Revision};
use crate::events::NewEvent;
use crate::lookup::{self, FoundPrompt, select_versions};
use crate::prompts::{PromptPatch, Scope};
use crate::sql::{Sql, first, only, params};
use crate::tags;
use crate::time::Timestamp;

/// The arguments of a commit.
#[derive(Clone, Debug)]
pub struct Commit<'a> {
    /// The prompt, which is made if it does not exist.
    pub slug: &'a Slug,
    /// The content, at most 1 MiB as JSON.
    pub document: &'a Document,
    /// The message, at most 4,000 bytes.
    pub message: Option<String>,
    /// The author, at most 200 bytes; by default the key's name.
    pub author: Option<String>,
    /// Tags that move to the version in the same step, at most 20.
    pub tags: Vec<Tag>,
    /// Makes a version even if the content equals the newest one's.
    pub always: bool,
    /// Makes a new prompt if the one of this slug is deleted, which loses only its name.
    pub anew: bool,
    /// Lets the project have two prompts of a name, one of them shared: where none is expected, it is for the prompt of
    /// the scope that [`Commit::about`] names, and else only what `about` changes may be so.
    pub beside: bool,
    /// Changes of the prompt as a whole in the same step.
    pub about: PromptPatch,
    /// Checked against the newest version's revision.
    pub expect: Expect,
}

/// The result of a commit.
#[derive(Clone, Debug, PartialEq)]
pub struct Committed {
    /// The newest version: the new one, or the old one that has the same content.
    pub version: Version,
    /// Whether the version is new.
    pub created: bool,
    /// Whether the prompt is new.
    pub first: bool,
    /// The revision that made the version, for the next `If-Match`.
    pub revision: Revision,
}

/// The part of [`Committed`] that is kept for retries: a version never changes, so its id is enough.
#[derive(Deserialize, Serialize)]
pub(crate) struct Receipt {
    slug: Slug,
    id: String,
    created: bool,
    first: bool,
    /// Whether anything changed.
    pub(crate) changed: bool,
}

/// The members of a commit besides its content.
pub(crate) struct CommitNote<'a> {
    pub(crate) action: &'static str,
    pub(crate) message: Option<&'a str>,
    pub(crate) author: Option<&'a str>,
    pub(crate) tags: &'a [Tag],
    /// Makes a version even if the content equals the newest one's.
    pub(crate) always: bool,
}

impl CommitNote<'_> {
    pub(crate) fn check(&self) -> Result<()> {
        let limits = [
            (
                self.message.map_or(0, str::len),
                4000,
                "a commit message",
                "bytes",
            ),
            (self.author.map_or(0, str::len), 200, "an author", "bytes"),
            (self.tags.len(), 20, "a commit", "tags"),
        ];
        match limits.iter().find(|(size, limit, ..)| size > limit) {
            None => Ok(()),
            Some((_, limit, what, unit)) => {
                let detail = format!("{what} has at most {limit} {unit}");
                Err(Error::new(Code::BodyInvalid, detail))
            }
        }
    }
}

impl<S: Sql> Store<S> {
    /// Commits a document: the first makes the prompt, version 1 and the tag `production`. Content equal to the newest
    /// version makes no new version, unless [`Commit::always`] is set; the tags move all the same.
    ///
    /// A slug that means another project's shared prompt is refused, unless [`Expect::Absent`] asks for a new prompt
    /// beside it.
    ///
    /// # Errors
    /// Those of [`Prompt::compile`], `limit_exceeded`, `precondition_failed`, `not_owner`, `slug_taken` (deleted and
    /// not purged, or as for [`Store::update_prompt`]), `body_invalid`, `role_required` (write), `idempotency_mismatch`
    pub fn commit(&self, ctx: &Context<'_>, commit: Commit<'_>) -> Result<Done<Committed>> {
        let content = CommitContent::compile(commit.document)?;
        let note = CommitNote {
            action: "prompt.commit",
            message: commit.message.as_deref(),
            author: commit.author.as_deref(),
            tags: &commit.tags,
            always: commit.always,
        };
        note.check()?;
        commit.about.check()?;
        let body = |change: &Change<'_, S>| {
            let may_make = !matches!(commit.expect, Expect::Unchanged(_) | Expect::Present);
            let aside = commit.anew && may_make && change.set_aside(commit.slug)?;
            let slug = match aside || (commit.beside && commit.expect == Expect::Absent) {
                true => change.place(commit.slug, commit.about.scope.unwrap_or(Scope::Project))?,
                false => commit.slug.clone(),
            };
            let existing = change.committable(&slug, commit.expect)?;
            let head = existing.as_ref().map(|found| found.head_revision);
            commit.expect.check(head, change.clock()?)?;
            let mut about = commit.about.clone();
            if slug != *commit.slug && about.slug.is_none() {
                about.slug = Some(commit.slug.clone());
            }
            if let (true, Some(to)) = (commit.anew, &about.slug) {
                change.set_aside(to)?;
            }
            let receipt = change.commit(&slug, existing, &content, &note)?;
            change.commit_about(receipt, &about, commit.beside)
        };
        self.change_then(ctx, KeyRole::Write, "commit", body, committed)
    }
}

/// The whole answer from a kept one.
pub(crate) fn committed<S: Sql>(sql: &S, receipt: Receipt) -> Result<Committed> {
    let query = select_versions!("versions v WHERE v.id = ?");
    let row = first(sql, query, params![receipt.id])?
        .ok_or_else(|| Error::new(Code::VersionNotFound, "the version has been purged since"))?;
    let stored = lookup::stored(&receipt.slug, row)?;
    Ok(Committed {
        version: stored.version.read()?,
        created: receipt.created,
        first: receipt.first,
        revision: stored.revision,
    })
}

impl<S: Sql> Change<'_, S> {
    /// The prompt that a commit to `slug` adds to; `None` when it would make one.
    pub(crate) fn committable(&self, slug: &Slug, expect: Expect) -> Result<Option<FoundPrompt>> {
        match lookup::own(self.sql, self.ctx.actor.project_id, slug)? {
            Some(own) if own.deleted => {
                let detail = format!("`{slug}` is deleted; restore or purge it first");
                Err(Error::new(Code::SlugTaken, detail))
            }
            Some(own) => Ok(Some(own)),
            None if expect == Expect::Absent => Ok(None),
            None => match lookup::shared(self.sql, slug)? {
                Some(shared) if !shared.deleted => Err(lookup::not_owner(slug)),
                _ => Ok(None),
            },
        }
    }

    /// The changes of a commit to its prompt as a whole.
    fn commit_about(
        &self,
        mut receipt: Receipt,
        about: &PromptPatch,
        beside: bool,
    ) -> Result<Receipt> {
        if let Some(found) = self.own(&receipt.slug)?
            && *about != PromptPatch::default()
        {
            receipt.slug = self.patch(&found, about, beside)?.slug;
        }
        Ok(receipt)
    }

    /// Adds a version where the content is new, and moves the tags.
    pub(crate) fn commit(
        &self,
        slug: &Slug,
        existing: Option<FoundPrompt>,
        content: &CommitContent,
        note: &CommitNote<'_>,
    ) -> Result<Receipt> {
        let is_first = existing.is_none();
        let same = existing
            .as_ref()
            .filter(|found| found.head_hash == content.hash() && !note.always);
        let to_move = match same {
            Some(found) => tags::elsewhere(self.sql, found.id, note.tags, found.head)?,
            None => tags::distinct(note.tags),
        };
        if let Some(found) = same
            && to_move.is_empty()
        {
            return self.receipt(slug, found.id, found.head, [false; 3]);
        }
        let revision = self.next_revision()?;
        let (prompt, shared, number, created) = match (same, &existing) {
            (Some(found), _) => (found.id, found.shared, found.head, false),
            (None, Some(found)) => {
                let number = found.given.checked_add(1).ok_or_else(|| {
                    Error::new(
                        Code::LimitExceeded,
                        "a prompt has at most 4,294,967,295 versions",
                    )
                })?;
                self.advance(found.id, number, content, revision)?;
                (found.id, found.shared, number, true)
            }
            (None, None) => {
                let number = VersionNumber::MIN;
                let prompt = self.insert_prompt(slug, number, content, revision)?;
                (prompt, false, number, true)
            }
        };
        if created {
            let note = CommitNote {
                author: note.author.or(self.ctx.actor.name.as_deref()),
                ..*note
            };
            self.insert_version(prompt, number, content, &note, revision, self.ctx.now)?;
            self.keep_export(prompt, number, content.export())?;
        }
        let default = is_first.then(Tag::production);
        let default = default.iter().filter(|default| !to_move.contains(default));
        for tag in to_move.iter().chain(default) {
            self.move_tag(prompt, slug, tag, "commit", number, revision)?;
        }
        self.touch(prompt, revision)?;
        self.publish(
            revision,
            Visibility::of(shared),
            &NewEvent {
                action: note.action,
                slug: Some(slug),
                detail: json!({ "version": number, "created": created, "hash": content.hash(), "tags": to_move }),
            },
        )?;
        self.receipt(slug, prompt, number, [created, is_first, true])
    }

    /// Notes that a prompt changed for its readers.
    pub(crate) fn touch(&self, prompt: i64, revision: Revision) -> Result<()> {
        let query = "UPDATE prompts SET revision = ?, updated_at = ? WHERE id = ?";
        self.sql
            .exec(query, params![revision, self.ctx.now, prompt])?;
        Ok(())
    }

    /// Makes a version the newest.
    pub(crate) fn advance(
        &self,
        prompt: i64,
        number: VersionNumber,
        content: &CommitContent,
        revision: Revision,
    ) -> Result<()> {
        let query = "UPDATE prompts SET head = ?, given = max(given, ?), head_hash = ?, head_revision = ?, latest_revision = ?
            WHERE id = ?";
        let hash = content.hash();
        let values = params![number, number, hash, revision, revision, prompt];
        self.sql.exec(query, values)?;
        Ok(())
    }

    /// Makes a prompt whose newest version will be `number`.
    pub(crate) fn insert_prompt(
        &self,
        slug: &Slug,
        number: VersionNumber,
        content: &CommitContent,
        revision: Revision,
    ) -> Result<i64> {
        if lookup::shared(self.sql, slug)?.is_some() {
            // The new prompt hides the shared one.
            self.rebind(revision, Visibility::Project)?;
        }
        let id = format!("prompt_{}", self.ctx.entropy.base36("prompt id", 20));
        let query = "INSERT INTO prompts
            (public_id, project, slug, shared, head, given, head_hash, head_revision, latest_revision, revision,
                created_at, updated_at)
            VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
        let values = params![
            id,
            self.ctx.actor.project_id,
            slug.as_str(),
            number,
            number,
            content.hash(),
            revision,
            revision,
            revision,
            self.ctx.now,
            self.ctx.now
        ];
        only(self.sql, query, values)?.int()
    }

    /// Adds a version with the time and author of the note.
    pub(crate) fn insert_version(
        &self,
        prompt: i64,
        number: VersionNumber,
        content: &CommitContent,
        note: &CommitNote<'_>,
        revision: Revision,
        at: Timestamp,
    ) -> Result<()> {
        let purpose = format!("version id {number}");
        let id = format!("version_{}", self.ctx.entropy.base36(&purpose, 20));
        self.sql.exec(
            "INSERT INTO versions (prompt, version, id, hash, document, message, author, revision, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                prompt,
                number,
                id,
                content.hash(),
                content.json(),
                note.message,
                note.author,
                revision,
                at
            ],
        )?;
        Ok(())
    }

    fn receipt(
        &self,
        slug: &Slug,
        prompt: i64,
        number: VersionNumber,
        [created, first, changed]: [bool; 3],
    ) -> Result<Receipt> {
        let query = "SELECT id FROM versions WHERE prompt = ? AND version = ?";
        Ok(Receipt {
            slug: slug.clone(),
            id: only(self.sql, query, params![prompt, number])?.text()?,
            created,
            first,
            changed,
        })
    }
}
