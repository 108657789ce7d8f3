//! Connections to model APIs, and names that prompts had elsewhere: the settings of a project's runs.

use std::collections::BTreeMap;

use cuecard_prompt::{Code, Error, Result, Slug};
use cuecard_run::{Connection, Settings};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Store;
use crate::change::{Change, Visibility};
use crate::context::{Context, Done, KeyRole, Principal, ProjectId};
use crate::events::NewEvent;
use crate::projects;
use crate::sql::{Sql, SqlRow, first, only, params};

/// The most connections of a project.
const MAX_CONNECTIONS: i64 = 100;
/// The most names from elsewhere of a project.
const MAX_ALIASES: i64 = 1_000;

/// The result of setting a connection.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct PutConnection {
    /// The connection.
    pub connection: Connection,
    /// Whether it is new.
    pub created: bool,
}

impl<S: Sql> Store<S> {
    /// The project's connections, by name.
    ///
    /// # Errors
    /// `role_required` (admin)
    pub fn connections(&self, actor: &Principal) -> Result<Vec<Connection>> {
        actor.require(KeyRole::Admin)?;
        all(&self.sql, actor.project_id)
    }

    /// One connection.
    ///
    /// # Errors
    /// `role_required` (admin), `connection_not_found`
    pub fn connection(&self, actor: &Principal, name: &str) -> Result<Connection> {
        actor.require(KeyRole::Admin)?;
        find(&self.sql, actor.project_id, name)?.ok_or_else(|| missing(name))
    }

    /// Makes or changes a connection. A new default replaces the old one. `fresh`: it must not exist yet.
    ///
    /// # Errors
    /// `role_required` (admin), `slug_taken`, `limit_exceeded`, `idempotency_mismatch`
    pub fn put_connection(
        &self,
        ctx: &Context<'_>,
        connection: &Connection,
        fresh: bool,
    ) -> Result<Done<PutConnection>> {
        self.change(ctx, KeyRole::Admin, "connection.put", |change| {
            let (project, name) = (ctx.actor.project_id, connection.name.as_str());
            let before = find(change.sql, project, name)?;
            if fresh && before.is_some() {
                let detail = format!("there is a connection `{name}` already");
                return Err(Error::new(Code::SlugTaken, detail));
            }
            let count = "SELECT count(*) FROM connections WHERE project = ?";
            let count: i64 = only(change.sql, count, params![project])?.int()?;
            if before.is_none() && count >= MAX_CONNECTIONS {
                let detail = format!("a project has at most {MAX_CONNECTIONS} connections");
                return Err(Error::new(Code::LimitExceeded, detail));
            }
            if connection.default {
                for mut other in all(change.sql, project)?.into_iter().filter(|c| c.default) {
                    other.default = false;
                    store(change.sql, project, &other)?;
                }
            }
            store(change.sql, project, connection)?;
            publish(
                change,
                "connection.put",
                json!({ "connection": connection }),
            )?;
            Ok(PutConnection {
                connection: connection.clone(),
                created: before.is_none(),
            })
        })
    }

    /// Removes a connection.
    ///
    /// # Errors
    /// `role_required` (admin), `connection_not_found`, `idempotency_mismatch`
    pub fn delete_connection(&self, ctx: &Context<'_>, name: &str) -> Result<Done<()>> {
        self.change(ctx, KeyRole::Admin, "connection.delete", |change| {
            let query = "DELETE FROM connections WHERE project = ? AND name = ? RETURNING name";
            let gone = first(change.sql, query, params![ctx.actor.project_id, name])?;
            gone.ok_or_else(|| missing(name))?;
            publish(change, "connection.delete", json!({ "connection": name }))
        })
    }

    /// Keeps a prompt's name elsewhere, such as `pmpt_…`.
    ///
    /// # Errors
    /// `role_required` (write), `limit_exceeded`
    pub fn put_alias(&self, ctx: &Context<'_>, alias: &str, slug: &Slug) -> Result<Done<()>> {
        self.change(ctx, KeyRole::Write, "alias.put", |change| {
            let project = ctx.actor.project_id;
            let query = "INSERT INTO aliases (project, alias, slug) VALUES (?, ?, ?)
                ON CONFLICT (project, alias) DO UPDATE SET slug = excluded.slug";
            change
                .sql
                .exec(query, params![project, alias, slug.as_str()])?;
            let count = "SELECT count(*) FROM aliases WHERE project = ?";
            if only(change.sql, count, params![project])?.int::<i64>()? > MAX_ALIASES {
                let detail = format!("a project has at most {MAX_ALIASES} names from elsewhere");
                return Err(Error::new(Code::LimitExceeded, detail));
            }
            let revision = change.next_revision()?;
            let event = NewEvent {
                action: "alias.put",
                slug: Some(slug),
                detail: json!({ "alias": alias }),
            };
            change.publish(revision, Visibility::Nobody, &event)
        })
    }

    /// The settings of the project's runs.
    ///
    /// # Errors
    /// `role_required` (run)
    pub fn run_settings(&self, actor: &Principal) -> Result<Settings> {
        actor.require(KeyRole::Run)?;
        let project = actor.project_id;
        let recording = "SELECT recording FROM projects WHERE id = ?";
        let recording = only(&self.sql, recording, params![project])?.opt_text()?;
        let aliases = "SELECT alias, slug FROM aliases WHERE project = ? ORDER BY alias";
        let rows = self.sql.exec(aliases, params![project])?;
        let pair = |mut row: SqlRow| Ok((row.text()?, row.text()?));
        Ok(Settings {
            connections: all(&self.sql, project)?,
            recording: projects::keeping(recording.as_deref())?,
            aliases: rows
                .into_iter()
                .map(pair)
                .collect::<Result<BTreeMap<_, _>>>()?,
        })
    }
}

fn publish<S: Sql>(
    change: &Change<'_, S>,
    action: &'static str,
    detail: serde_json::Value,
) -> Result<()> {
    let revision = change.next_revision()?;
    let event = NewEvent {
        action,
        slug: None,
        detail,
    };
    change.publish(revision, Visibility::Nobody, &event)
}

fn all<S: Sql>(sql: &S, project: ProjectId) -> Result<Vec<Connection>> {
    let query = "SELECT connection FROM connections WHERE project = ? ORDER BY name";
    let rows = sql.exec(query, params![project])?;
    rows.into_iter().map(read).collect()
}

fn find<S: Sql>(sql: &S, project: ProjectId, name: &str) -> Result<Option<Connection>> {
    let query = "SELECT connection FROM connections WHERE project = ? AND name = ?";
    first(sql, query, params![project, name])?
        .map(read)
        .transpose()
}

fn store<S: Sql>(sql: &S, project: ProjectId, connection: &Connection) -> Result<()> {
    let query = "INSERT INTO connections (project, name, connection) VALUES (?, ?, ?)
        ON CONFLICT (project, name) DO UPDATE SET connection = excluded.connection";
    let json = json!(connection).to_string();
    sql.exec(query, params![project, connection.name.as_str(), json])?;
    Ok(())
}

fn read(mut row: SqlRow) -> Result<Connection> {
    serde_json::from_str(&row.text()?)
        .map_err(|_| Error::new(Code::Internal, "a stored connection cannot be read"))
}

fn missing(name: &str) -> Error {
    Error::new(
        Code::ConnectionNotFound,
        format!("there is no connection `{name}`"),
    )
}
