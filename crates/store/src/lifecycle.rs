//! Prompts: duplicate, delete, restore, purge.

use cuecard_prompt::{Code, Error, Result, Selector, Slug};
use serde_json::json;

use crate::Store;
use crate::change::{Change, Visibility};
use crate::commit::{CommitNote, Committed, committed};
use crate::commit_content::CommitContent;
use crate::context::{Context, Done, Expect, KeyRole};
use crate::events::NewEvent;
use crate::lookup::{self, FoundPrompt, no_version, not_found};
use crate::prompts::{PromptInfo, info_of};
use crate::resolve::select;
use crate::sql::{Sql, first, params};

impl<S: Sql> Store<S> {
    /// Deletes a prompt so that nobody can read it; its data stays, the slug too, until it is restored or purged. A
    /// prompt that the organisation shares under that slug is read by it meanwhile; if the project shares it itself, it
    /// has the slug from then on.
    ///
    /// # Errors
    /// `prompt_not_found`, `not_owner`, `precondition_failed` (held against the prompt's revision), `role_required`
    /// (write), `idempotency_mismatch`
    pub fn delete_prompt(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        expect: Expect,
    ) -> Result<Done<PromptInfo>> {
        self.change(ctx, KeyRole::Write, "prompt.delete", |change| {
            let found = lookup::writable(change.sql, ctx.actor, slug)?;
            let before = info_of(change.sql, found.id)?;
            expect.check(Some(before.revision), change.clock()?)?;
            let query = "UPDATE prompts SET deleted_at = ? WHERE id = ?";
            change.sql.exec(query, params![ctx.now, found.id])?;
            let visibility = Visibility::of(found.shared);
            let info = change.announce(slug, &found, "prompt.delete", json!({}), visibility)?;
            let behind = change.own_shared(slug)?;
            if behind.is_some_and(|behind| behind.id != found.id && !behind.deleted) {
                change.set_one_aside(slug, &found)?;
                change.reclaim(slug)?;
            }
            change.rebind(info.revision, visibility)?;
            info_of(change.sql, found.id)
        })
    }

    /// Restores a deleted prompt with its versions, tags and history, under its old slug. A prompt that is not deleted
    /// stays as it is.
    ///
    /// # Errors
    /// `prompt_not_found`, `slug_taken` (another prompt has the slug since), `role_required` (write),
    /// `idempotency_mismatch`
    pub fn restore_prompt(&self, ctx: &Context<'_>, slug: &Slug) -> Result<Done<PromptInfo>> {
        self.change(ctx, KeyRole::Write, "prompt.restore", |change| {
            let (found, from) = match (change.own(slug)?, change.set_aside_from(slug)?) {
                (Some(found), _) if found.deleted => (found, slug.clone()),
                (Some(found), None) => return info_of(change.sql, found.id),
                (Some(there), Some(aside)) if !there.shared => return Err(taken(slug, &aside)),
                (_, Some(aside)) => {
                    let found = change.own(&aside)?;
                    (found.ok_or_else(|| not_found(slug))?, aside)
                }
                (None, None) => return Err(not_found(slug)),
            };
            let info = info_of(change.sql, found.id)?;
            let to = info.was.unwrap_or_else(|| from.clone());
            let other = lookup::shared(change.sql, &to)?.filter(|other| other.id != found.id);
            if found.shared && other.is_some() {
                return Err(taken(&to, &from));
            }
            if to != from {
                match change.own(&to)? {
                    Some(shared) if shared.shared => change.stand_beside(&shared, &to)?,
                    Some(_) => return Err(taken(&to, &from)),
                    None => {}
                }
                change.rename(found.id, &from, &to)?;
            }
            let query = "UPDATE prompts SET deleted_at = NULL WHERE id = ?";
            change.sql.exec(query, params![found.id])?;
            let visibility = Visibility::of(found.shared);
            let info = change.announce(&to, &found, "prompt.restore", json!({}), visibility)?;
            if other.is_some_and(|other| !other.deleted) {
                // It was read by this slug meanwhile.
                change.rebind(info.revision, visibility)?;
            }
            Ok(info)
        })
    }

    /// Removes a deleted prompt for good, all but its audit log. The slug is free afterwards.
    ///
    /// # Errors
    /// `prompt_not_found`, `precondition_failed` (it is not deleted), `role_required` (admin),
    /// `idempotency_mismatch`
    pub fn purge_prompt(&self, ctx: &Context<'_>, slug: &Slug) -> Result<Done<()>> {
        self.change(ctx, KeyRole::Admin, "prompt.purge", |change| {
            let found = lookup::own(change.sql, ctx.actor.project_id, slug)?
                .ok_or_else(|| not_found(slug))?;
            if !found.deleted {
                let detail = format!("delete `{slug}` before you purge it");
                return Err(Error::new(Code::PreconditionFailed, detail));
            }
            for query in [
                "DELETE FROM cases WHERE prompt = ?",
                "DELETE FROM tags WHERE prompt = ?",
                "DELETE FROM tag_moves WHERE prompt = ?",
                "DELETE FROM versions WHERE prompt = ?",
                "DELETE FROM exports WHERE prompt = ?",
                "DELETE FROM prompts WHERE id = ?",
            ] {
                change.sql.exec(query, params![found.id])?;
            }
            let query = "DELETE FROM drafts WHERE project = ? AND slug = ?";
            let project = ctx.actor.project_id;
            change.sql.exec(query, params![project, slug.as_str()])?;
            let revision = change.next_revision()?;
            if change.reclaim(slug)? {
                change.rebind(revision, Visibility::Project)?;
            }
            let event = NewEvent {
                action: "prompt.purge",
                slug: Some(slug),
                detail: json!({}),
            };
            // Another project's shared prompt of that name may become visible.
            change.publish(revision, Visibility::Project, &event)
        })
    }

    /// Makes a new prompt of the caller's project whose version 1 is a version of another one, its own or shared, with
    /// its cases.
    ///
    /// # Errors
    /// `prompt_not_found`, `tag_not_found`, `version_not_found`, `slug_taken`, `role_required` (write),
    /// `idempotency_mismatch`
    pub fn duplicate_prompt(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        selector: &Selector,
        to: &Slug,
    ) -> Result<Done<Committed>> {
        let body = |change: &Change<'_, S>| {
            let source = lookup::readable(change.sql, ctx.actor, slug)?;
            let (number, _) = select(change.sql, &source, slug, selector)?;
            if lookup::own(change.sql, ctx.actor.project_id, to)?.is_some() {
                let detail = format!("there is a prompt `{to}` already");
                return Err(Error::new(Code::SlugTaken, detail));
            }
            let query = "SELECT document, hash FROM versions WHERE prompt = ? AND version = ?";
            let mut row = first(change.sql, query, params![source.id, number])?
                .ok_or_else(|| no_version(slug, number))?;
            let content = CommitContent::stored(row.text()?, row.text()?);
            let message = format!("Duplicated from {slug}@{number}");
            let note = CommitNote {
                action: "prompt.duplicate",
                message: Some(&message),
                author: None,
                tags: &[],
                always: false,
            };
            let receipt = change.commit(to, None, &content, &note)?;
            let query = "UPDATE prompts SET (name, description) =
                (SELECT name, description FROM prompts WHERE id = ?) WHERE project = ? AND slug = ?";
            let project = ctx.actor.project_id;
            change
                .sql
                .exec(query, params![source.id, project, to.as_str()])?;
            change.copy_cases(source.id, to)?;
            Ok(receipt)
        };
        self.change_then(ctx, KeyRole::Write, "prompt.duplicate", body, committed)
    }
}

impl<S: Sql> Change<'_, S> {
    /// Takes its name from each deleted prompt that has it; they get other names. Returns whether there was one.
    pub(crate) fn set_aside(&self, slug: &Slug) -> Result<bool> {
        let mut any = false;
        while let Some(found) = self.deleted(slug)? {
            self.set_one_aside(slug, &found)?;
            any = true;
        }
        Ok(any)
    }

    fn deleted(&self, slug: &Slug) -> Result<Option<FoundPrompt>> {
        let own = self.own(slug)?.filter(|found| found.deleted);
        match own {
            Some(own) => Ok(Some(own)),
            None => Ok(self.own_shared(slug)?.filter(|found| found.deleted)),
        }
    }

    fn set_one_aside(&self, slug: &Slug, found: &FoundPrompt) -> Result<()> {
        let info = info_of(self.sql, found.id)?;
        let id = info.id;
        let start = slug.as_str().get(..100).unwrap_or(slug.as_str());
        let start = start.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let aside = Slug::parse(format!(
            "{start}.deleted.{}",
            id.trim_start_matches("prompt_")
        ))?;
        self.rename(found.id, &info.slug, &aside)?;
        let query = "UPDATE prompts SET was = ? WHERE id = ?";
        self.sql.exec(query, params![slug.as_str(), found.id])?;
        Ok(())
    }

    pub(crate) fn own(&self, slug: &Slug) -> Result<Option<FoundPrompt>> {
        lookup::own(self.sql, self.ctx.actor.project_id, slug)
    }

    /// The slug of the prompt that had this one and was deleted last.
    fn set_aside_from(&self, slug: &Slug) -> Result<Option<Slug>> {
        let query = "SELECT slug FROM prompts WHERE project = ? AND was = ? ORDER BY deleted_at DESC LIMIT 1";
        let row = first(
            self.sql,
            query,
            params![self.ctx.actor.project_id, slug.as_str()],
        )?;
        row.map(|mut row| Slug::parse(row.text()?)).transpose()
    }
}

fn taken(slug: &Slug, deleted: &Slug) -> Error {
    let detail =
        format!("another prompt has the slug `{slug}` since; the deleted one is `{deleted}`");
    Error::new(Code::SlugTaken, detail)
}
