//! Two prompts of one name in a project: its own, and one that it shares with the organisation. The project's own has
//! the slug there; the shared one stands beside it under another, and has its name in all other projects.

use cuecard_prompt::{Result, Slug};

use crate::change::Change;
use crate::lookup::{self, FoundPrompt};
use crate::prompts::{Scope, info_of};
use crate::sql::{Sql, params};

impl<S: Sql> Change<'_, S> {
    /// The slug that the project's prompt of a name and scope has, or will have. The shared one makes room for the
    /// other.
    pub(crate) fn place(&self, name: &Slug, scope: Scope) -> Result<Slug> {
        let shares = scope == Scope::Organization;
        match self.own(name)? {
            Some(other) if other.shared && !shares => self.stand_beside(&other, name)?,
            Some(other) if other.shared != shares => {
                return match self.own_shared(name)? {
                    Some(shared) => Ok(info_of(self.sql, shared.id)?.slug),
                    None => self.beside(name, None),
                };
            }
            _ => {}
        }
        Ok(name.clone())
    }

    /// Gives a shared prompt another slug beside its name.
    pub(crate) fn stand_beside(&self, shared: &FoundPrompt, slug: &Slug) -> Result<()> {
        let name = info_of(self.sql, shared.id)?.shared_as;
        let beside = self.beside(name.as_ref().unwrap_or(slug), None)?;
        self.give_slug(shared.id, slug, &beside)
    }

    /// A slug beside a name that no other prompt of the project has.
    pub(crate) fn beside(&self, name: &Slug, whose: Option<i64>) -> Result<Slug> {
        let start = name.as_str().get(..150).unwrap_or(name.as_str());
        let start = start.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let mut slug = Slug::parse(format!("{start}.organization"))?;
        let mut number = 1_u32;
        while self
            .own(&slug)?
            .is_some_and(|found| Some(found.id) != whose)
        {
            number = number.saturating_add(1);
            slug = Slug::parse(format!("{start}.organization-{number}"))?;
        }
        Ok(slug)
    }

    /// Gives a shared prompt with a slug beside its name the name as its slug again, if that is free; returns whether.
    pub(crate) fn reclaim(&self, name: &Slug) -> Result<bool> {
        if self.own(name)?.is_some() {
            return Ok(false);
        }
        let Some(shared) = self.own_shared(name)? else {
            return Ok(false);
        };
        let beside = info_of(self.sql, shared.id)?.slug;
        self.give_slug(shared.id, &beside, name)?;
        Ok(true)
    }

    /// The prompt that the project shares under a name, deleted or not.
    pub(crate) fn own_shared(&self, name: &Slug) -> Result<Option<FoundPrompt>> {
        let shared = lookup::shared(self.sql, name)?;
        Ok(shared.filter(|shared| shared.project == self.ctx.actor.project_id))
    }

    /// Gives a prompt another slug in its project, with its tags and drafts.
    pub(crate) fn give_slug(&self, prompt: i64, from: &Slug, to: &Slug) -> Result<()> {
        let project = self.ctx.actor.project_id;
        let (from, to) = (from.as_str(), to.as_str());
        let query = "UPDATE prompts SET slug = ?, was = NULL WHERE id = ?";
        self.sql.exec(query, params![to, prompt])?;
        let query = "UPDATE tags SET slug = ? WHERE prompt = ?";
        self.sql.exec(query, params![to, prompt])?;
        let query = "UPDATE OR REPLACE drafts SET slug = ? WHERE project = ? AND slug = ?";
        self.sql.exec(query, params![to, project, from])?;
        Ok(())
    }
}
