//! Cases: named inputs of a prompt, kept beside its versions for its editors.

use cuecard_prompt::{Code, Error, Result, Slug};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::Store;
use crate::change::Change;
use crate::context::{Context, Done, Expect, KeyRole, Principal, Revision};
use crate::lookup;
use crate::sql::{Sql, SqlRow, first, only, params};
use crate::time::Timestamp;

/// A case's name: one segment of a URL's path, without escapes.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Deserialize, Serialize)]
#[serde(transparent)]
pub struct CaseName(String);

impl CaseName {
    /// The most characters.
    pub const MAX_CHARS: usize = 100;

    /// Parses a name.
    ///
    /// # Errors
    /// `case_invalid`
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let plain = |c: char| !c.is_control() && !matches!(c, '/' | '\\');
        let ok = text.chars().all(plain)
            && !text.starts_with(['.', ' '])
            && !text.ends_with(' ')
            && (1..=Self::MAX_CHARS).contains(&text.chars().count());
        if ok {
            return Ok(Self(text));
        }
        let detail = "a case's name has 1 to 100 characters, no `/`, `\\` or control character, no `.` at its start and no \
             space at its ends";
        Err(Error::new(Code::CaseInvalid, detail))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Named inputs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// Unique in the prompt.
    pub name: CaseName,
    /// A value for each input; a render checks whether they fit a version.
    pub inputs: Map<String, Json>,
    /// Its last change, for `If-Match`.
    pub revision: Revision,
    /// When it was saved.
    pub updated_at: Timestamp,
    /// The author: the key's name, or its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
}

impl<S: Sql> Store<S> {
    /// The most cases that a prompt has.
    pub const MAX_CASES: i64 = 100;
    /// The most bytes of the inputs of all cases of a prompt together, as JSON.
    pub const MAX_CASE_BYTES: i64 = 1 << 20;

    /// A prompt's cases, by name.
    ///
    /// # Errors
    /// `prompt_not_found`, `role_required` (write)
    pub fn cases(&self, actor: &Principal, slug: &Slug) -> Result<Vec<Case>> {
        actor.require(KeyRole::Write)?;
        let prompt = lookup::readable(&self.sql, actor, slug)?;
        let query = "SELECT name, inputs, revision, updated_at, updated_by FROM cases
            WHERE prompt = ? ORDER BY name";
        let rows = self.sql.exec(query, params![prompt.id])?;
        rows.into_iter().map(read).collect()
    }

    /// A case.
    ///
    /// # Errors
    /// `prompt_not_found`, `case_not_found`, `role_required` (write)
    pub fn case(&self, actor: &Principal, slug: &Slug, name: &CaseName) -> Result<Case> {
        actor.require(KeyRole::Write)?;
        let prompt = lookup::readable(&self.sql, actor, slug)?;
        case_of(&self.sql, prompt.id, name)?.ok_or_else(|| no_case(slug, name))
    }

    /// Saves a case.
    ///
    /// # Errors
    /// `prompt_not_found`, `not_owner`, `precondition_failed`, `limit_exceeded` ([`Self::MAX_CASES`],
    /// [`Self::MAX_CASE_BYTES`]), `role_required` (write), `idempotency_mismatch`
    pub fn put_case(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        name: &CaseName,
        inputs: &Map<String, Json>,
        expect: Expect,
    ) -> Result<Done<Case>> {
        let text = serde_json::to_string(inputs)
            .map_err(|_| Error::new(Code::Internal, "inputs cannot be written"))?;
        let body = |change: &Change<'_, S>| {
            let prompt = lookup::writable(change.sql, ctx.actor, slug)?;
            let at = case_of(change.sql, prompt.id, name)?.map(|case| case.revision);
            expect.check(at, change.clock()?)?;
            change.room_for_case(prompt.id, name, text.len() as i64)?;
            let revision = change.next_revision()?;
            change.sql.exec(
                "INSERT OR REPLACE INTO cases (prompt, name, inputs, bytes, revision, updated_at, updated_by)
                VALUES (?, ?, ?, ?, ?, ?, ?)",
                params![
                    prompt.id,
                    name.as_str(),
                    text.as_str(),
                    text.len() as i64,
                    revision,
                    ctx.now,
                    ctx.by()
                ],
            )?;
            change.log(slug, "case.put", revision, json!({ "case": name }))?;
            Ok((revision, ctx.now, ctx.by().to_owned()))
        };
        // A retry is the same request, so it carries the same inputs.
        self.change_then(ctx, KeyRole::Write, "case.put", body, |_, kept| {
            let (revision, updated_at, by) = kept;
            Ok(Case {
                name: name.clone(),
                inputs: inputs.clone(),
                revision,
                updated_at,
                updated_by: Some(by),
            })
        })
    }

    /// Removes a case.
    ///
    /// # Errors
    /// `prompt_not_found`, `not_owner`, `case_not_found`, `precondition_failed`, `role_required` (write),
    /// `idempotency_mismatch`
    pub fn delete_case(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        name: &CaseName,
        expect: Expect,
    ) -> Result<Done<()>> {
        self.change(ctx, KeyRole::Write, "case.delete", |change| {
            let prompt = lookup::writable(change.sql, ctx.actor, slug)?;
            let current = case_of(change.sql, prompt.id, name)?;
            expect.check(current.as_ref().map(|case| case.revision), change.clock()?)?;
            current.ok_or_else(|| no_case(slug, name))?;
            let query = "DELETE FROM cases WHERE prompt = ? AND name = ?";
            change.sql.exec(query, params![prompt.id, name.as_str()])?;
            let revision = change.next_revision()?;
            change.log(slug, "case.delete", revision, json!({ "case": name }))
        })
    }
}

impl<S: Sql> Change<'_, S> {
    /// Copies the cases of another prompt to one just made.
    pub(crate) fn copy_cases(&self, from: i64, to: &Slug) -> Result<()> {
        self.sql.exec(
            "INSERT INTO cases (prompt, name, inputs, bytes, revision, updated_at, updated_by)
            SELECT p.id, c.name, c.inputs, c.bytes, p.revision, p.updated_at, ? FROM cases c
            JOIN prompts p ON p.project = ? AND p.slug = ? WHERE c.prompt = ?",
            params![self.ctx.by(), self.ctx.actor.project_id, to.as_str(), from],
        )?;
        Ok(())
    }

    fn room_for_case(&self, prompt: i64, name: &CaseName, bytes: i64) -> Result<()> {
        let query =
            "SELECT count(*), coalesce(sum(bytes), 0) FROM cases WHERE prompt = ? AND name <> ?";
        let mut others = only(self.sql, query, params![prompt, name.as_str()])?;
        let (count, taken): (i64, i64) = (others.int()?, others.int()?);
        let (cases, most) = (Store::<S>::MAX_CASES, Store::<S>::MAX_CASE_BYTES);
        if count < cases && taken + bytes <= most {
            return Ok(());
        }
        let detail = format!("a prompt has at most {cases} cases, of {most} bytes together");
        Err(Error::new(Code::LimitExceeded, detail))
    }
}

fn case_of<S: Sql>(sql: &S, prompt: i64, name: &CaseName) -> Result<Option<Case>> {
    let query = "SELECT name, inputs, revision, updated_at, updated_by FROM cases
        WHERE prompt = ? AND name = ?";
    let row = first(sql, query, params![prompt, name.as_str()])?;
    row.map(read).transpose()
}

fn read(mut row: SqlRow) -> Result<Case> {
    Ok(Case {
        name: CaseName(row.text()?),
        inputs: serde_json::from_str(&row.text()?)
            .map_err(|_| Error::new(Code::Internal, "a stored case cannot be read"))?,
        revision: row.int()?,
        updated_at: row.int()?,
        updated_by: row.opt_text()?,
    })
}

fn no_case(slug: &Slug, name: &CaseName) -> Error {
    let detail = format!("`{slug}` has no case `{}`", name.as_str());
    Error::new(Code::CaseNotFound, detail)
}
