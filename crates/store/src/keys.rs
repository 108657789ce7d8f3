//! Keys: made, verified, revoked. Only their SHA-256 is stored; 165 random bits need no slower hash.

use cuecard_prompt::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Store;
use crate::change::Visibility;
use crate::context::{Context, Done, KeyRole, Principal, ProjectId};
use crate::events::NewEvent;
use crate::key::{Key, KeyId, OrganizationId};
use crate::limits::KeyLimits;
use crate::page::{Limit, Page};
use crate::project_slug::ProjectSlug;
use crate::projects::{self, ProjectPatch};
use crate::sql::{Sql, SqlRow, first, only, params};
use crate::tag_names;
use crate::time::Timestamp;

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyInfo {
    /// Its id, which is also the second part of the key.
    pub id: KeyId,
    /// Its project.
    pub project: ProjectSlug,
    /// Its role.
    pub role: KeyRole,
    /// Its name for people and for the audit log.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The author.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub created_by: Option<String>,
    /// When it expires.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Timestamp>,
    /// How much it may run.
    #[serde(skip_serializing_if = "KeyLimits::is_empty", default)]
    pub limits: KeyLimits,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<Timestamp>,
}

/// The arguments of a new key.
#[derive(Clone, Debug)]
pub struct NewKey<'a> {
    /// The project; by default the caller's.
    pub project: Option<&'a ProjectSlug>,
    /// Its role.
    pub role: KeyRole,
    /// Its name, at most 200 bytes.
    pub name: Option<String>,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// How much it may run.
    pub limits: KeyLimits,
}

/// A new key.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatedKey {
    /// The stored part.
    pub info: KeyInfo,
    /// The key itself. Shown once: a retry with the same idempotency key does not get it again.
    pub key: Option<Key>,
}

impl<S: Sql> Store<S> {
    /// The principal of a key.
    ///
    /// # Errors
    /// `key_invalid`: unknown, revoked or expired, or its project is deleted
    pub fn verify(&self, key: &Key, now: Timestamp) -> Result<Principal> {
        let query =
            "SELECT k.hash, k.role, k.name, k.expires_at, k.revoked_at, k.limits, k.project,
                p.slug, p.allowed_origins, p.deleted_at, o.home_project, o.id
            FROM keys k JOIN projects p ON p.id = k.project JOIN organization o ON o.one = 1
            WHERE k.id = ?";
        let invalid = || Error::new(Code::KeyInvalid, "the key is unknown, revoked or expired");
        let mut row = first(&self.sql, query, params![key.id().as_str()])?.ok_or_else(invalid)?;
        let hash = row.blob()?;
        let role = KeyRole::from_stored(&row.text()?)?;
        let name = row.opt_text()?;
        let expires_at: Option<Timestamp> = row.opt_int()?;
        let revoked_at: Option<Timestamp> = row.opt_int()?;
        let limits = KeyLimits::from_stored(row.opt_text()?.as_deref())?;
        let project_id = ProjectId(row.int()?);
        let project = ProjectSlug::parse(row.text()?)?;
        let allowed_origins = projects::origins(&row.text()?)?;
        let deleted_at: Option<Timestamp> = row.opt_int()?;
        let home = project_id == ProjectId(row.int()?);
        let organization = row.text()?;
        let valid = same(&hash, &key.hash())
            && organization == key.organization().as_str()
            && expires_at.is_none_or(|end| now < end)
            && revoked_at.is_none()
            && deleted_at.is_none();
        valid.then_some(()).ok_or_else(invalid)?;
        Ok(Principal {
            organization: key.organization().clone(),
            project,
            project_id,
            home,
            key: key.id().clone(),
            name,
            role,
            expires_at,
            allowed_origins,
            limits,
        })
    }

    /// Makes the organisation of a key, its first project `default` and the key as its admin, if there is no
    /// organisation yet. Returns whether it did.
    ///
    /// # Errors
    /// `internal`
    pub fn bootstrap(&self, key: &Key, now: Timestamp) -> Result<bool> {
        let mut made = false;
        self.sql.transaction(&mut || {
            if first(&self.sql, "SELECT one FROM organization", &[])?.is_some() {
                return self.add_bootstrap(key, now);
            }
            let slug = ProjectSlug::parse("default")?;
            let patch = projects::checked(&ProjectPatch::default())?;
            let project = projects::insert(&self.sql, &slug, &patch, now)?;
            let organization = key.organization().as_str();
            self.sql.exec(
                "INSERT INTO organization (one, id, home_project, clock, shared_revision, created_at)
                VALUES (1, ?, ?, 0, 0, ?)",
                params![organization, project, now],
            )?;
            tag_names::insert_first(&self.sql, now)?;
            let row = NewRow {
                project,
                role: KeyRole::Admin,
                name: Some("bootstrap"),
                by: None,
                expires_at: None,
                limits: KeyLimits::default(),
            };
            insert(&self.sql, key, &row, now)?;
            made = true;
            Ok(())
        })?;
        Ok(made)
    }

    /// Makes a key of the caller's project, or of any for an admin of the organisation.
    ///
    /// # Errors
    /// `role_required` (admin), `project_not_found`, `body_invalid`, `idempotency_mismatch`
    pub fn create_key(&self, ctx: &Context<'_>, new: &NewKey<'_>) -> Result<Done<CreatedKey>> {
        if new.name.as_ref().is_some_and(|name| name.len() > 200) {
            let detail = "a key's name has at most 200 bytes";
            return Err(Error::new(Code::BodyInvalid, detail));
        }
        if new.expires_at.is_some_and(|end| end <= ctx.now) {
            let detail = "a key ends in the future";
            return Err(Error::new(Code::BodyInvalid, detail));
        }
        let key = Key::generate(&ctx.actor.organization, &ctx.entropy);
        let done = self.change(ctx, KeyRole::Admin, "key.create", |change| {
            let slug = new.project.unwrap_or(&ctx.actor.project);
            let project = projects::administered(change.sql, ctx.actor, slug)?;
            let row = NewRow {
                project,
                role: new.role,
                name: new.name.as_deref(),
                by: Some(ctx.by()),
                expires_at: new.expires_at,
                limits: new.limits,
            };
            insert(change.sql, &key, &row, ctx.now)?;
            let revision = change.next_revision()?;
            let event = NewEvent {
                action: "key.create",
                slug: None,
                detail: json!({ "key": key.id(), "role": new.role, "project": slug }),
            };
            change.publish_in(project, revision, Visibility::Nobody, &event)?;
            info_of(change.sql, ctx.actor, key.id())
        })?;
        Ok(Done {
            value: CreatedKey {
                info: done.value,
                key: (!done.replayed).then_some(key),
            },
            revision: done.revision,
            replayed: done.replayed,
        })
    }

    /// The keys of a project (by default the caller's), by id, revoked ones too.
    ///
    /// # Errors
    /// `role_required` (admin), `project_not_found`
    pub fn keys(
        &self,
        actor: &Principal,
        project: Option<&ProjectSlug>,
        after: Option<&KeyId>,
        limit: Limit,
    ) -> Result<Page<KeyInfo, KeyId>> {
        actor.require(KeyRole::Admin)?;
        let slug = project.unwrap_or(&actor.project);
        let project = projects::administered(&self.sql, actor, slug)?;
        let query = "SELECT k.id, p.slug, k.role, k.name, k.created_at, k.created_by, k.expires_at, k.revoked_at,
            k.limits
            FROM keys k JOIN projects p ON p.id = k.project
            WHERE k.project = ? AND k.id > ? ORDER BY k.id LIMIT ?";
        let after = after.map_or("", KeyId::as_str);
        let rows = self
            .sql
            .exec(query, params![project, after, limit.and_one()])?;
        let keys = rows.into_iter().map(key_info).collect::<Result<Vec<_>>>()?;
        Ok(Page::cut(keys, limit, |key| key.id.clone()))
    }

    /// One key.
    ///
    /// # Errors
    /// `role_required` (admin), `key_not_found`
    pub fn key(&self, actor: &Principal, id: &KeyId) -> Result<KeyInfo> {
        actor.require(KeyRole::Admin)?;
        info_of(&self.sql, actor, id)
    }

    /// Revokes a key, for good. Revoking it again changes nothing.
    ///
    /// # Errors
    /// `role_required` (admin), `key_not_found`, `lock_out` (the last admin key of the organisation that does not
    /// expire), `idempotency_mismatch`
    pub fn revoke_key(&self, ctx: &Context<'_>, id: &KeyId) -> Result<Done<KeyInfo>> {
        self.change(ctx, KeyRole::Admin, "key.revoke", |change| {
            let info = info_of(change.sql, ctx.actor, id)?;
            if info.revoked_at.is_some() {
                return Ok(info);
            }
            let query = "UPDATE keys SET revoked_at = ? WHERE id = ?";
            change.sql.exec(query, params![ctx.now, id.as_str()])?;
            let admins = "SELECT count(*) FROM keys WHERE role = 'admin' AND revoked_at IS NULL
                AND expires_at IS NULL AND project = (SELECT home_project FROM organization)";
            if only(change.sql, admins, &[])?.int::<i64>()? == 0 {
                let detail = "make another admin key of the organisation's first project before";
                return Err(Error::new(Code::LockOut, detail));
            }
            let project = projects::administered(change.sql, ctx.actor, &info.project)?;
            let revision = change.next_revision()?;
            let event = NewEvent {
                action: "key.revoke",
                slug: None,
                detail: json!({ "key": id }),
            };
            change.regrant(project, revision)?;
            change.publish_in(project, revision, Visibility::Nobody, &event)?;
            info_of(change.sql, ctx.actor, id)
        })
    }

    /// A bootstrap key that does not exist yet was put in place of the last one by the operator: it stays until it is
    /// revoked, and a revoked one stays revoked.
    fn add_bootstrap(&self, key: &Key, now: Timestamp) -> Result<()> {
        let known = first(
            &self.sql,
            "SELECT 1 FROM keys WHERE id = ?",
            params![key.id().as_str()],
        )?;
        if known.is_some() {
            return Ok(());
        }
        let mut row = only(&self.sql, "SELECT home_project FROM organization", &[])?;
        let row = NewRow {
            project: ProjectId(row.int()?),
            role: KeyRole::Admin,
            name: Some("bootstrap"),
            by: None,
            expires_at: None,
            limits: KeyLimits::default(),
        };
        insert(&self.sql, key, &row, now)
    }

    /// The id that tells this database from one of the same organisation that was started anew; `None` before
    /// [`Store::bootstrap`].
    ///
    /// # Errors
    /// `internal`
    pub fn identity(&self) -> Result<Option<String>> {
        let row = first(&self.sql, "SELECT created_at FROM organization", &[])?;
        row.map(|mut row| Ok(row.int::<Timestamp>()?.as_ms().to_string()))
            .transpose()
    }

    /// Changes how much a key may run.
    ///
    /// # Errors
    /// `role_required` (admin), `key_not_found`, `idempotency_mismatch`
    pub fn limit_key(
        &self,
        ctx: &Context<'_>,
        id: &KeyId,
        limits: KeyLimits,
    ) -> Result<Done<KeyInfo>> {
        self.change(ctx, KeyRole::Admin, "key.limit", |change| {
            let info = info_of(change.sql, ctx.actor, id)?;
            let query = "UPDATE keys SET limits = ? WHERE id = ?";
            change
                .sql
                .exec(query, params![limits.to_stored(), id.as_str()])?;
            let project = projects::administered(change.sql, ctx.actor, &info.project)?;
            let revision = change.next_revision()?;
            let event = NewEvent {
                action: "key.limit",
                slug: None,
                detail: json!({ "key": id, "limits": limits }),
            };
            change.regrant(project, revision)?;
            change.publish_in(project, revision, Visibility::Nobody, &event)?;
            info_of(change.sql, ctx.actor, id)
        })
    }

    /// The organisation of this database; `None` before [`Store::bootstrap`].
    ///
    /// # Errors
    /// `internal`
    pub fn organization(&self) -> Result<Option<OrganizationId>> {
        let row = first(&self.sql, "SELECT id FROM organization", &[])?;
        row.map(|mut row| OrganizationId::parse(&row.text()?))
            .transpose()
    }
}

struct NewRow<'a> {
    project: ProjectId,
    role: KeyRole,
    name: Option<&'a str>,
    by: Option<&'a str>,
    expires_at: Option<Timestamp>,
    limits: KeyLimits,
}

fn insert<S: Sql>(sql: &S, key: &Key, row: &NewRow<'_>, now: Timestamp) -> Result<()> {
    sql.exec(
        "INSERT INTO keys (id, project, hash, role, name, created_at, created_by, expires_at, limits)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            key.id().as_str(),
            row.project,
            &key.hash()[..],
            row.role.as_str(),
            row.name,
            now,
            row.by,
            row.expires_at,
            row.limits.to_stored()
        ],
    )?;
    Ok(())
}

fn info_of<S: Sql>(sql: &S, actor: &Principal, id: &KeyId) -> Result<KeyInfo> {
    let query = "SELECT k.id, p.slug, k.role, k.name, k.created_at, k.created_by, k.expires_at, k.revoked_at,
            k.limits
        FROM keys k JOIN projects p ON p.id = k.project WHERE k.id = ? AND (? OR k.project = ?)";
    let all = i64::from(actor.is_organization_admin());
    let row = first(sql, query, params![id.as_str(), all, actor.project_id])?;
    row.map(key_info)
        .transpose()?
        .ok_or_else(|| Error::new(Code::KeyNotFound, format!("there is no key `{id}`")))
}

fn key_info(mut row: SqlRow) -> Result<KeyInfo> {
    Ok(KeyInfo {
        id: KeyId::parse(&row.text()?)?,
        project: ProjectSlug::parse(row.text()?)?,
        role: KeyRole::from_stored(&row.text()?)?,
        name: row.opt_text()?,
        created_at: row.int()?,
        created_by: row.opt_text()?,
        expires_at: row.opt_int()?,
        revoked_at: row.opt_int()?,
        limits: KeyLimits::from_stored(row.opt_text()?.as_deref())?,
    })
}

/// Compares in a time that does not depend on the position of a difference.
fn same(a: &[u8], b: &[u8]) -> bool {
    let difference = a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b));
    a.len() == b.len() && difference == 0
}
