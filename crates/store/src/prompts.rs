//! Prompts as a whole: list, describe, share, rename.

use cuecard_prompt::{Code, Error, Result, Slug, Tag, VersionNumber};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::Store;
use crate::change::{Change, Visibility};
use crate::context::{Context, Done, Expect, KeyRole, Principal, Revision};
use crate::events::NewEvent;
use crate::lookup::{self, FoundPrompt, version_number};
use crate::project_slug::ProjectSlug;
use crate::sql::{Sql, SqlRow, first, only, params};
use crate::time::Timestamp;

/// A prompt, without its content.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PromptInfo {
    /// Its name in the API.
    pub slug: Slug,
    /// Unique in the organisation, for ever.
    pub id: String,
    /// The project that owns it.
    pub project: ProjectSlug,
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// A description for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// Labels to file it under, such as a folder; left out if there are none.
    #[serde(skip_serializing_if = "Map::is_empty", default)]
    pub labels: Map<String, Json>,
    /// The slug that it had before it was deleted and another prompt took the name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub was: Option<Slug>,
    /// Its readers.
    pub scope: Scope,
    /// The name by which other projects read it, where its own project has another prompt of that name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shared_as: Option<Slug>,
    /// The newest version.
    pub latest: VersionNumber,
    /// Lower numbers without a version; left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub removed: Vec<VersionNumber>,
    /// The versions that its tags point to, by tag.
    pub tags: Vec<TagPointer>,
    /// Its last change that readers can see, for `If-Match`.
    pub revision: Revision,
    /// When it was first committed.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deleted_at: Option<Timestamp>,
}

/// A tag's version.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize, Serialize)]
pub struct TagPointer {
    /// The tag.
    pub tag: Tag,
    /// The version.
    pub version: VersionNumber,
}

/// The readers of a prompt. Only the project that owns it can change it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The project that owns it.
    Project,
    /// Every project of the organisation that has no prompt of that name itself.
    Organization,
}

/// The changes of a prompt; `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PromptPatch {
    /// The name for people, at most 200 bytes; `Some(None)` removes it.
    pub name: Option<Option<String>>,
    /// What it is for, at most 4,000 bytes; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// Its readers.
    pub scope: Option<Scope>,
    /// Its labels, at most 4,000 bytes of JSON; replaces all labels.
    pub labels: Option<Map<String, Json>>,
    /// Another slug.
    pub slug: Option<Slug>,
}

impl<S: Sql> Store<S> {
    /// A prompt that the caller can read.
    ///
    /// # Errors
    /// `prompt_not_found`
    pub fn prompt(&self, actor: &Principal, slug: &Slug) -> Result<PromptInfo> {
        let found = lookup::readable(&self.sql, actor, slug)?;
        let info = info_of(&self.sql, found.id)?;
        Ok(match found.project == actor.project_id {
            true => info,
            false => info.elsewhere(),
        })
    }

    /// The slug of a prompt with this id.
    ///
    /// # Errors
    /// `prompt_not_found`
    pub fn slug_of(&self, actor: &Principal, id: &str) -> Result<Slug> {
        let query = "SELECT id, iif(project = ?, slug, coalesce(shared_as, slug)) FROM prompts
            WHERE public_id = ?";
        self.readable_slug(
            actor,
            first(&self.sql, query, params![actor.project_id, id])?,
        )
        .map(|(slug, _)| slug)
    }

    /// The slug and the number of a version with this id.
    ///
    /// # Errors
    /// `version_not_found`
    pub fn version_of(&self, actor: &Principal, id: &str) -> Result<(Slug, VersionNumber)> {
        let query =
            "SELECT p.id, iif(p.project = ?, p.slug, coalesce(p.shared_as, p.slug)), v.version
            FROM versions v JOIN prompts p ON p.id = v.prompt WHERE v.id = ?";
        let absent = |_| Error::new(Code::VersionNotFound, "there is no version with this id");
        let (slug, mut rest) = self
            .readable_slug(
                actor,
                first(&self.sql, query, params![actor.project_id, id])?,
            )
            .map_err(absent)?;
        Ok((slug, version_number(&mut rest)?))
    }

    /// Reads a prompt's row and slug, if the caller gets this very prompt by this slug.
    fn readable_slug(&self, actor: &Principal, row: Option<SqlRow>) -> Result<(Slug, SqlRow)> {
        let absent = || Error::new(Code::PromptNotFound, "there is no prompt with this id");
        let mut row = row.ok_or_else(absent)?;
        let id: i64 = row.int()?;
        let slug = Slug::parse(row.text()?)?;
        let found = lookup::readable(&self.sql, actor, &slug).map_err(|_| absent())?;
        (found.id == id).then_some((slug, row)).ok_or_else(absent)
    }

    /// Changes a prompt's name, description, labels and scope.
    ///
    /// # Errors
    /// `prompt_not_found`, `not_owner`, `slug_taken` (by another prompt, or one that another project shares),
    /// `body_invalid`, `precondition_failed` (held against the prompt's revision), `role_required` (write),
    /// `idempotency_mismatch`
    pub fn update_prompt(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        patch: &PromptPatch,
        expect: Expect,
    ) -> Result<Done<PromptInfo>> {
        patch.check()?;
        self.change(ctx, KeyRole::Write, "prompt.update", |change| {
            let found = lookup::writable(change.sql, ctx.actor, slug)?;
            let revision = info_of(change.sql, found.id)?.revision;
            expect.check(Some(revision), change.clock()?)?;
            change.patch(&found, patch, false)
        })
    }
}

impl PromptPatch {
    pub(crate) fn check(&self) -> Result<()> {
        let too_long = |text: &Option<Option<String>>, limit| {
            text.as_ref()
                .and_then(Option::as_ref)
                .is_some_and(|text| text.len() > limit)
        };
        if too_long(&self.name, 200) || too_long(&self.description, 4000) {
            let detail = "a name has at most 200 bytes, a description 4,000";
            return Err(Error::new(Code::BodyInvalid, detail));
        }
        let labels = self.labels.as_ref();
        if labels.is_some_and(|labels| json!(labels).to_string().len() > 4000) {
            let detail = "labels have at most 4,000 bytes of JSON";
            return Err(Error::new(Code::BodyInvalid, detail));
        }
        Ok(())
    }
}

impl<S: Sql> Change<'_, S> {
    /// Changes a prompt of the project as a whole; `beside` allows a name that its prompt of the other scope has.
    pub(crate) fn patch(
        &self,
        found: &FoundPrompt,
        patch: &PromptPatch,
        beside: bool,
    ) -> Result<PromptInfo> {
        let before = info_of(self.sql, found.id)?;
        let was_named = before.shared_as.as_ref().unwrap_or(&before.slug);
        let named = patch.slug.as_ref().unwrap_or(was_named).clone();
        let mut after = before.clone();
        after.name = patch.name.clone().unwrap_or(after.name);
        after.description = patch.description.clone().unwrap_or(after.description);
        after.scope = patch.scope.unwrap_or(after.scope);
        after.labels = patch.labels.clone().unwrap_or(after.labels);
        let shared = after.scope == Scope::Organization;
        let other = lookup::shared(self.sql, &named)?.filter(|other| other.id != found.id);
        let mut moves = false;
        if named != *was_named || after.scope != before.scope {
            if other.is_some() && shared {
                let detail = format!("the organisation shares a prompt `{named}` already");
                return Err(Error::new(Code::SlugTaken, detail));
            }
            after.slug = self.room(found, &named, shared, beside)?;
            moves = after.slug != before.slug;
        }
        let stands_beside = shared && after.slug != named;
        after.shared_as = stands_beside.then(|| named.clone());
        if after == before {
            return Ok(before);
        }
        let to = &after.slug;
        let hides = moves && other.is_some();
        self.sql.exec(
            "UPDATE prompts SET name = ?, description = ?, shared = ?, shared_as = ?, labels = ? WHERE id = ?",
            params![
                after.name.as_deref(),
                after.description.as_deref(),
                i64::from(shared),
                shared.then_some(named.as_str()),
                json!(after.labels).to_string(),
                found.id
            ],
        )?;
        if moves {
            self.give_slug(found.id, &before.slug, to)?;
            self.reclaim(&before.slug)?;
        }
        let fields = [
            ("name", after.name != before.name),
            ("description", after.description != before.description),
            ("scope", after.scope != before.scope),
            ("labels", after.labels != before.labels),
            ("slug", moves || named != *was_named),
        ];
        let fields = fields
            .iter()
            .filter(|(_, changed)| *changed)
            .map(|(name, _)| name);
        let mut detail = json!({ "fields": fields.collect::<Vec<_>>(), "scope": after.scope });
        if moves && let Some(detail) = detail.as_object_mut() {
            detail.insert("from".to_owned(), json!(before.slug));
        }
        let visibility = Visibility::of(shared || found.shared);
        let info = self.announce(to, found, "prompt.update", detail, visibility)?;
        if moves || named != *was_named || hides || (found.shared && !shared) {
            self.rebind(info.revision, visibility)?;
        }
        Ok(info)
    }

    /// The slug of a prompt that gets a name and a scope.
    fn room(&self, found: &FoundPrompt, named: &Slug, shared: bool, beside: bool) -> Result<Slug> {
        let Some(other) = self.own(named)?.filter(|other| other.id != found.id) else {
            return Ok(named.clone());
        };
        match beside && other.shared != shared {
            true if shared => self.beside(named, Some(found.id)),
            true => {
                self.stand_beside(&other, named)?;
                Ok(named.clone())
            }
            false => {
                let detail = format!("there is a prompt `{named}` already");
                Err(Error::new(Code::SlugTaken, detail))
            }
        }
    }

    /// Gives a prompt another name.
    pub(crate) fn rename(&self, prompt: i64, from: &Slug, to: &Slug) -> Result<()> {
        let query = "UPDATE prompts SET shared_as = iif(shared = 1, ?, NULL) WHERE id = ?";
        self.sql.exec(query, params![to.as_str(), prompt])?;
        self.give_slug(prompt, from, to)?;
        self.reclaim(from).map(drop)
    }

    /// Completes a change to a prompt as a whole.
    pub(crate) fn announce(
        &self,
        slug: &Slug,
        found: &FoundPrompt,
        action: &'static str,
        detail: serde_json::Value,
        visibility: Visibility,
    ) -> Result<PromptInfo> {
        let revision = self.next_revision()?;
        self.touch(found.id, revision)?;
        let event = NewEvent {
            action,
            slug: Some(slug),
            detail,
        };
        self.publish(revision, visibility, &event)?;
        info_of(self.sql, found.id)
    }
}

/// A prompt's columns, for [`prompt_info`].
macro_rules! prompt_columns {
    () => {
        "p.slug, p.public_id, (SELECT slug FROM projects WHERE id = p.project), p.name,
            p.description, p.shared, p.head, p.revision, p.created_at, p.updated_at, p.deleted_at,
            (SELECT json_group_array(json_object('tag', tag, 'version', version)) FROM tags WHERE prompt = p.id),
            p.removed, p.labels, p.was, p.shared_as"
    };
}
pub(crate) use prompt_columns;

/// A query for [`prompt_info`], over `prompts p`.
macro_rules! select_prompts {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            crate::prompts::prompt_columns!(),
            " FROM ",
            $rest
        )
    };
}
pub(crate) use select_prompts;

pub(crate) fn prompt_info(mut row: SqlRow) -> Result<PromptInfo> {
    take_info(&mut row)
}

/// Takes a prompt's columns off a row.
pub(crate) fn take_info(row: &mut SqlRow) -> Result<PromptInfo> {
    let mut info = PromptInfo {
        slug: Slug::parse(row.text()?)?,
        id: row.text()?,
        project: ProjectSlug::parse(row.text()?)?,
        name: row.opt_text()?,
        description: row.opt_text()?,
        scope: if row.int::<i64>()? == 1 {
            Scope::Organization
        } else {
            Scope::Project
        },
        latest: version_number(row)?,
        revision: row.int()?,
        created_at: row.int()?,
        updated_at: row.int()?,
        deleted_at: row.opt_int()?,
        tags: serde_json::from_str(&row.text()?)
            .map_err(|_| Error::new(Code::Internal, "stored tags cannot be read"))?,
        removed: serde_json::from_str(&row.text()?)
            .map_err(|_| Error::new(Code::Internal, "stored numbers cannot be read"))?,
        labels: serde_json::from_str(&row.text()?)
            .map_err(|_| Error::new(Code::Internal, "stored labels cannot be read"))?,
        was: row.opt_text()?.map(Slug::parse).transpose()?,
        shared_as: row.opt_text()?.map(Slug::parse).transpose()?,
    };
    info.shared_as = info.shared_as.take().filter(|name| *name != info.slug);
    Ok(info)
}

impl PromptInfo {
    /// As seen by the projects that it is shared with.
    pub(crate) fn elsewhere(mut self) -> Self {
        self.slug = self.shared_as.take().unwrap_or(self.slug);
        self
    }
}

pub(crate) fn info_of<S: Sql>(sql: &S, prompt: i64) -> Result<PromptInfo> {
    let query = select_prompts!("prompts p WHERE p.id = ?");
    prompt_info(only(sql, query, params![prompt])?)
}
