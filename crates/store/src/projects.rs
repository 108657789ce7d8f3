//! Projects: prompts, keys and browser origins together.

use cuecard_prompt::{Code, Error, Result};
use cuecard_run::Keeping;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Store;
use crate::change::Visibility;
use crate::context::{Context, Done, KeyRole, Principal, ProjectId, Revision};
use crate::events::NewEvent;
use crate::project_slug::ProjectSlug;
use crate::sql::{Sql, SqlRow, SqlValue, first, only, params};
use crate::time::Timestamp;

/// A project.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectInfo {
    /// Its name in the API.
    pub slug: ProjectSlug,
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Browser origins that may use the project's keys: `https://app.example`, or `*` alone for all.
    pub allowed_origins: Vec<String>,
    /// How much is kept of its runs.
    #[serde(default)]
    pub recording: Keeping,
    /// The last change that its readers can see.
    pub revision: Revision,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deleted_at: Option<Timestamp>,
}

/// The changes of a project; `None` leaves a field unchanged.
#[derive(Clone, Debug, Default)]
pub struct ProjectPatch {
    /// The name for people, at most 200 bytes; `Some(None)` removes it.
    pub name: Option<Option<String>>,
    /// All origins, at most 50.
    pub allowed_origins: Option<Vec<String>>,
    /// How much is kept of its runs.
    pub recording: Option<Keeping>,
}

impl<S: Sql> Store<S> {
    /// All projects for an admin of the organisation, the caller's for other admins; by name, deleted ones too.
    ///
    /// # Errors
    /// `role_required` (admin)
    pub fn projects(&self, actor: &Principal) -> Result<Vec<ProjectInfo>> {
        actor.require(KeyRole::Admin)?;
        let query = "SELECT slug, name, allowed_origins, recording,
                max(revision, (SELECT shared_revision FROM organization)), created_at, updated_at, deleted_at
            FROM projects WHERE ? OR id = ? ORDER BY slug";
        let all = i64::from(actor.is_organization_admin());
        let rows = self.sql.exec(query, params![all, actor.project_id])?;
        rows.into_iter().map(project_info).collect()
    }

    /// One project.
    ///
    /// # Errors
    /// `role_required` (admin), `project_not_found`
    pub fn project(&self, actor: &Principal, slug: &ProjectSlug) -> Result<ProjectInfo> {
        actor.require(KeyRole::Admin)?;
        info_of(&self.sql, administered(&self.sql, actor, slug)?)
    }

    /// Makes a project. An admin of the organisation does, and then makes its first key.
    ///
    /// # Errors
    /// `role_required` (admin of the organisation), `slug_taken`, `body_invalid`, `idempotency_mismatch`
    pub fn create_project(
        &self,
        ctx: &Context<'_>,
        slug: &ProjectSlug,
        patch: &ProjectPatch,
    ) -> Result<Done<ProjectInfo>> {
        let patch = checked(patch)?;
        self.change(ctx, KeyRole::Admin, "project.create", |change| {
            require_organization_admin(ctx.actor)?;
            if project_id(change.sql, slug)?.is_some() {
                let detail = format!("there is a project `{slug}` already");
                return Err(Error::new(Code::SlugTaken, detail));
            }
            let id = insert(change.sql, slug, &patch, ctx.now)?;
            let revision = change.next_revision()?;
            let event = NewEvent {
                action: "project.create",
                slug: None,
                detail: json!({ "project": slug }),
            };
            change.regrant(id, revision)?;
            change.publish_in(id, revision, Visibility::Nobody, &event)?;
            info_of(change.sql, id)
        })
    }

    /// Changes a project's name and origins.
    ///
    /// # Errors
    /// `role_required` (admin), `project_not_found`, `body_invalid`, `idempotency_mismatch`
    pub fn update_project(
        &self,
        ctx: &Context<'_>,
        slug: &ProjectSlug,
        patch: &ProjectPatch,
    ) -> Result<Done<ProjectInfo>> {
        let patch = checked(patch)?;
        self.change(ctx, KeyRole::Admin, "project.update", |change| {
            let id = administered(change.sql, ctx.actor, slug)?;
            let query = "UPDATE projects SET name = iif(?, ?, name),
                allowed_origins = coalesce(?, allowed_origins), recording = coalesce(?, recording),
                updated_at = ? WHERE id = ?";
            let renames = i64::from(patch.renames);
            let values = params![
                renames,
                patch.name.as_deref(),
                patch.origins.as_deref(),
                patch.recording.as_deref(),
                ctx.now,
                id
            ];
            change.sql.exec(query, values)?;
            let revision = change.next_revision()?;
            let event = NewEvent {
                action: "project.update",
                slug: None,
                detail: json!({ "project": slug }),
            };
            change.regrant(id, revision)?;
            change.publish_in(id, revision, Visibility::Nobody, &event)?;
            info_of(change.sql, id)
        })
    }

    /// Deletes a project: its keys stop working. Its prompts stay, and its shared ones stay readable.
    ///
    /// # Errors
    /// `role_required` (admin of the organisation), `project_not_found`, `lock_out` (the first project),
    /// `idempotency_mismatch`
    pub fn delete_project(
        &self,
        ctx: &Context<'_>,
        slug: &ProjectSlug,
    ) -> Result<Done<ProjectInfo>> {
        self.set_deleted(ctx, slug, "project.delete", Some(ctx.now))
    }

    /// Restores a deleted project, with its keys.
    ///
    /// # Errors
    /// `role_required` (admin of the organisation), `project_not_found`, `idempotency_mismatch`
    pub fn restore_project(
        &self,
        ctx: &Context<'_>,
        slug: &ProjectSlug,
    ) -> Result<Done<ProjectInfo>> {
        self.set_deleted(ctx, slug, "project.restore", None)
    }

    fn set_deleted(
        &self,
        ctx: &Context<'_>,
        slug: &ProjectSlug,
        action: &'static str,
        deleted_at: Option<Timestamp>,
    ) -> Result<Done<ProjectInfo>> {
        self.change(ctx, KeyRole::Admin, action, |change| {
            require_organization_admin(ctx.actor)?;
            let id = administered(change.sql, ctx.actor, slug)?;
            if id == ctx.actor.project_id {
                let detail = "the organisation's first project cannot be deleted";
                return Err(Error::new(Code::LockOut, detail));
            }
            let before = info_of(change.sql, id)?;
            if before.deleted_at.is_some() == deleted_at.is_some() {
                return Ok(before);
            }
            let query = "UPDATE projects SET deleted_at = ?, updated_at = ? WHERE id = ?";
            change.sql.exec(query, params![deleted_at, ctx.now, id])?;
            let revision = change.next_revision()?;
            let event = NewEvent {
                action,
                slug: None,
                detail: json!({ "project": slug }),
            };
            change.regrant(id, revision)?;
            change.publish_in(id, revision, Visibility::Nobody, &event)?;
            info_of(change.sql, id)
        })
    }
}

/// A patch as it is stored.
pub(crate) struct CheckedPatch {
    renames: bool,
    name: Option<String>,
    origins: Option<String>,
    recording: Option<String>,
}

pub(crate) fn checked(patch: &ProjectPatch) -> Result<CheckedPatch> {
    let name = patch.name.clone().flatten();
    if name.as_ref().is_some_and(|name| name.len() > 200) {
        let detail = "a project's name has at most 200 bytes";
        return Err(Error::new(Code::BodyInvalid, detail));
    }
    let origins = patch.allowed_origins.as_ref();
    if origins.is_some_and(|all| all.len() > 50 || !all.iter().all(|one| is_origin(one))) {
        let detail = "an origin is `*` or `https://host[:port]`, as browsers send it; at most 50";
        return Err(Error::new(Code::BodyInvalid, detail));
    }
    Ok(CheckedPatch {
        renames: patch.name.is_some(),
        name,
        origins: origins.map(|origins| json!(origins).to_string()),
        recording: patch.recording.map(|keeping| json!(keeping).to_string()),
    })
}

/// An origin as a browser serialises it: lower case, no path, no trailing slash.
fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let ok = |b: u8| {
        b.is_ascii_lowercase()
            || b.is_ascii_digit()
            || matches!(b, b'.' | b'-' | b':' | b'[' | b']')
    };
    text == "*" || host.is_some_and(|host| (1..=255).contains(&host.len()) && host.bytes().all(ok))
}

pub(crate) fn insert<S: Sql>(
    sql: &S,
    slug: &ProjectSlug,
    patch: &CheckedPatch,
    now: Timestamp,
) -> Result<ProjectId> {
    let query =
        "INSERT INTO projects (slug, name, revision, allowed_origins, recording, created_at, updated_at)
        VALUES (?, ?, 0, ?, ?, ?, ?) RETURNING id";
    let origins = patch.origins.as_deref().unwrap_or("[]");
    let values = params![
        slug.as_str(),
        patch.name.as_deref(),
        origins,
        patch.recording.as_deref(),
        now,
        now
    ];
    Ok(ProjectId(only(sql, query, values)?.int()?))
}

/// A project that the caller administers: its own, or any of the organisation.
pub(crate) fn administered<S: Sql>(
    sql: &S,
    actor: &Principal,
    slug: &ProjectSlug,
) -> Result<ProjectId> {
    project_id(sql, slug)?
        .filter(|id| *id == actor.project_id || actor.is_organization_admin())
        .ok_or_else(|| {
            let detail = format!("there is no project `{slug}`");
            Error::new(Code::ProjectNotFound, detail)
        })
}

fn require_organization_admin(actor: &Principal) -> Result<()> {
    if actor.is_organization_admin() {
        Ok(())
    } else {
        let detail = "this takes an admin key of the organisation's first project";
        Err(Error::new(Code::RoleRequired, detail))
    }
}

fn project_id<S: Sql>(sql: &S, slug: &ProjectSlug) -> Result<Option<ProjectId>> {
    let query = "SELECT id FROM projects WHERE slug = ?";
    first(sql, query, params![slug.as_str()])?
        .map(|mut row| row.int().map(ProjectId))
        .transpose()
}

fn info_of<S: Sql>(sql: &S, id: ProjectId) -> Result<ProjectInfo> {
    let query = "SELECT slug, name, allowed_origins, recording,
            max(revision, (SELECT shared_revision FROM organization)), created_at, updated_at, deleted_at
        FROM projects WHERE id = ?";
    project_info(only(sql, query, &[SqlValue::from(id)])?)
}

fn project_info(mut row: SqlRow) -> Result<ProjectInfo> {
    Ok(ProjectInfo {
        slug: ProjectSlug::parse(row.text()?)?,
        name: row.opt_text()?,
        allowed_origins: origins(&row.text()?)?,
        recording: keeping(row.opt_text()?.as_deref())?,
        revision: row.int()?,
        created_at: row.int()?,
        updated_at: row.int()?,
        deleted_at: row.opt_int()?,
    })
}

pub(crate) fn origins(json: &str) -> Result<Vec<String>> {
    serde_json::from_str(json)
        .map_err(|_| Error::new(Code::Internal, "a stored list of origins cannot be read"))
}

/// How much a project keeps of its runs, as it is stored; an empty value is the default.
pub(crate) fn keeping(json: Option<&str>) -> Result<Keeping> {
    let unreadable = |_| Error::new(Code::Internal, "a stored recording cannot be read");
    json.map_or(Ok(Keeping::default()), |json| {
        serde_json::from_str(json).map_err(unreadable)
    })
}
