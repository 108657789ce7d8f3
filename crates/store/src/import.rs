//! The history of a prompt from another system: numbers, dates, authors, messages and tags.

use cuecard_prompt::jinja::Template;
use cuecard_prompt::{Code, Document, Error, Result, Slug, Tag, VersionNumber};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Store;
use crate::change::{Change, Visibility};
use crate::commit::CommitNote;
use crate::commit_content::CommitContent;
use crate::context::{Context, Done, Expect, KeyRole};
use crate::events::NewEvent;
use crate::lookup::FoundPrompt;
use crate::sql::{Sql, first, params};
use crate::time::Timestamp;

/// The arguments of an import.
#[derive(Clone, Debug)]
pub struct Import {
    /// The prompt, which is made if it does not exist.
    pub slug: Slug,
    /// Its versions; their numbers may have gaps and may come in any order.
    pub versions: Vec<ImportedVersion>,
    /// The versions that its tags point to; a tag that the prompt has already stays.
    pub tags: Vec<(Tag, VersionNumber)>,
    /// The description of a new prompt.
    pub description: Option<String>,
    /// Reports what would be done, and does nothing.
    pub dry_run: bool,
}

impl Import {
    /// The most versions of one import.
    pub const MAX_VERSIONS: usize = 500;
    /// The most tokens of all their templates: as many as one prompt may have.
    pub const MAX_TOKENS: usize = Template::MAX_TOKENS;
}

/// A version of another system.
#[derive(Clone, Debug)]
pub struct ImportedVersion {
    /// Its number, there and here.
    pub version: VersionNumber,
    /// Its content.
    pub document: Document,
    /// The message, at most 4,000 bytes.
    pub message: Option<String>,
    /// The author, at most 200 bytes.
    pub author: Option<String>,
    /// The time; by default now.
    pub created_at: Option<Timestamp>,
}

/// The result of an import.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TakenHistory {
    /// Versions that are new here.
    pub added: Vec<VersionNumber>,
    /// Versions that existed here, with the same content.
    pub kept: Vec<VersionNumber>,
    /// Versions that existed here and were removed: they do not come back.
    pub removed: Vec<VersionNumber>,
    /// Tags that are new here.
    pub tags: Vec<Tag>,
}

impl<S: Sql> Store<S> {
    /// Imports a history, in one transaction. Run again, it only adds: existing versions and tags stay.
    ///
    /// # Errors
    /// Those of [`Prompt::compile`](cuecard_prompt::Prompt::compile), `limit_exceeded`, `precondition_failed` (a number
    /// is taken by another content), `version_not_found` (a tag points to none), `not_owner`, `slug_taken` (deleted and
    /// not purged), `body_invalid`, `role_required` (admin), `idempotency_mismatch`
    pub fn import(&self, ctx: &Context<'_>, import: &Import) -> Result<Done<TakenHistory>> {
        let mut versions = import.versions.iter().collect::<Vec<_>>();
        versions.sort_by_key(|version| version.version);
        let mut tokens = Import::MAX_TOKENS;
        let contents = versions.iter().map(|version| checked(version, &mut tokens));
        let contents = contents.collect::<Result<Vec<_>>>()?;
        if import.description.as_ref().map_or(0, String::len) > 4000 {
            let detail = "a description has at most 4000 bytes";
            return Err(Error::new(Code::BodyInvalid, detail));
        }
        self.change(ctx, KeyRole::Admin, "import", |change| {
            let existing = change.committable(&import.slug, Expect::Anything)?;
            let mut taken = TakenHistory::default();
            let mut new = Vec::new();
            for (version, content) in versions.iter().zip(&contents) {
                let number = version.version;
                match change.standing(existing.as_ref(), number, content.hash())? {
                    NumberUse::Kept => taken.kept.push(number),
                    NumberUse::Removed => taken.removed.push(number),
                    NumberUse::New if taken.added.last() == Some(&number) => {
                        let detail = format!("version {number} is given twice");
                        return Err(Error::new(Code::BodyInvalid, detail));
                    }
                    NumberUse::New => {
                        taken.added.push(number);
                        new.push((*version, content));
                    }
                }
            }
            let tags = change.missing_tags(existing.as_ref(), import, &taken)?;
            taken.tags = tags.iter().map(|(tag, _)| tag.clone()).collect();
            if !import.dry_run && (!new.is_empty() || !tags.is_empty()) {
                change.take(import, existing, &new, &tags, &taken)?;
            }
            Ok(taken)
        })
    }
}

fn checked(version: &ImportedVersion, tokens: &mut usize) -> Result<CommitContent> {
    let content = CommitContent::compile_within(&version.document, tokens)?;
    version.note().check()?;
    Ok(content)
}

/// The state of a number in a prompt.
enum NumberUse {
    New,
    Kept,
    Removed,
}

impl ImportedVersion {
    fn note(&self) -> CommitNote<'_> {
        CommitNote {
            action: "prompt.import",
            always: true,
            message: self.message.as_deref(),
            author: self.author.as_deref(),
            tags: &[],
        }
    }
}

impl<S: Sql> Change<'_, S> {
    /// The state of a number with this content in the prompt.
    fn standing(
        &self,
        prompt: Option<&FoundPrompt>,
        number: VersionNumber,
        hash: &str,
    ) -> Result<NumberUse> {
        let Some(prompt) = prompt else {
            return Ok(NumberUse::New);
        };
        let at = params![prompt.id, number];
        let query = "SELECT hash FROM versions WHERE prompt = ? AND version = ?";
        let Some(mut row) = first(self.sql, query, at)? else {
            let query = "SELECT 1 FROM prompts, json_each(removed)
                WHERE prompts.id = ? AND json_each.value = ?";
            return Ok(match first(self.sql, query, at)? {
                Some(_) => NumberUse::Removed,
                None => NumberUse::New,
            });
        };
        if row.text()? == hash {
            return Ok(NumberUse::Kept);
        }
        let detail = format!("version {number} is here already, with another content");
        Err(Error::new(Code::PreconditionFailed, detail))
    }

    /// The tags that the prompt does not have; each points to a version that it has or gets.
    fn missing_tags<'i>(
        &self,
        prompt: Option<&FoundPrompt>,
        import: &'i Import,
        taken: &TakenHistory,
    ) -> Result<Vec<&'i (Tag, VersionNumber)>> {
        let mut missing = Vec::new();
        for pair @ (tag, version) in &import.tags {
            let has = |query| match prompt {
                Some(prompt) => first(self.sql, query, params![prompt.id, tag.as_str()]),
                None => Ok(None),
            };
            if has("SELECT 1 FROM tags WHERE prompt = ? AND tag = ?")?.is_some() {
                continue;
            }
            let is_given = taken.added.contains(version) || taken.kept.contains(version);
            let query = "SELECT 1 FROM versions WHERE prompt = ? AND version = ?";
            let is_here = match prompt {
                Some(prompt) => first(self.sql, query, params![prompt.id, *version])?.is_some(),
                None => false,
            };
            if !is_given && !is_here {
                let detail = format!("`{tag}` points to version {version}, which is not there");
                return Err(Error::new(Code::VersionNotFound, detail));
            }
            missing.push(pair);
        }
        Ok(missing)
    }

    fn take(
        &self,
        import: &Import,
        existing: Option<FoundPrompt>,
        new: &[(&ImportedVersion, &CommitContent)],
        tags: &[&(Tag, VersionNumber)],
        taken: &TakenHistory,
    ) -> Result<()> {
        let slug = &import.slug;
        let revision = self.next_revision()?;
        let newest = new.last();
        let (prompt, shared) = match (&existing, newest) {
            (Some(found), _) => (found.id, found.shared),
            (None, Some((version, content))) => {
                let prompt = self.insert_prompt(slug, version.version, content, revision)?;
                (prompt, false)
            }
            // Tags without a version were refused before.
            (None, None) => return Ok(()),
        };
        if existing.is_none() {
            let created = new.iter().filter_map(|(version, _)| version.created_at);
            let query = "UPDATE prompts SET created_at = ?, description = ? WHERE id = ?";
            let created = created.min().unwrap_or(self.ctx.now);
            let description = import.description.as_deref();
            self.sql
                .exec(query, params![created, description, prompt])?;
        }
        for (version, content) in new {
            let at = version.created_at.unwrap_or(self.ctx.now);
            let (number, note) = (version.version, version.note());
            self.insert_version(prompt, number, content, &note, revision, at)?;
        }
        let head = existing.as_ref().map(|found| found.head);
        if let Some((version, content)) = newest.filter(|(new, _)| head < Some(new.version)) {
            self.keep_export(prompt, version.version, content.export())?;
        }
        if let (Some(found), Some((version, content))) = (&existing, newest)
            && version.version > found.head
        {
            self.advance(found.id, version.version, content, revision)?;
        }
        for (tag, version) in tags {
            self.move_tag(prompt, slug, tag, "set", *version, revision)?;
        }
        self.touch(prompt, revision)?;
        self.publish(
            revision,
            Visibility::of(shared),
            &NewEvent {
                action: "prompt.import",
                slug: Some(slug),
                detail: json!({ "versions": taken.added, "tags": taken.tags }),
            },
        )
    }
}
