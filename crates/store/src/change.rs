//! How every change happens: one transaction with its precondition, its event, its revision and its answer.

use cuecard_prompt::{Code, Error, Result, Slug};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::Store;
use crate::context::{Context, Done, KeyRole, Principal, ProjectId, Revision};
use crate::events::{self, NewEvent};
use crate::idempotency;
use crate::sql::{Sql, only, params};
use crate::standings;

/// A change in progress.
pub(crate) struct Change<'a, S: Sql> {
    pub(crate) sql: &'a S,
    pub(crate) ctx: &'a Context<'a>,
}

/// The readers who notice a change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Visibility {
    /// No reader of prompts.
    Nobody,
    /// The readers of the project.
    Project,
    /// The readers of all projects.
    Organization,
}

impl Visibility {
    /// The visibility of a prompt's change.
    pub(crate) fn of(shared: bool) -> Self {
        if shared {
            Self::Organization
        } else {
            Self::Project
        }
    }
}

impl<S: Sql> Store<S> {
    /// Runs `body` in a transaction, once per idempotency key. Its result is kept for retries: it must be small
    /// and hold no secret.
    pub(crate) fn change<T: Serialize + DeserializeOwned>(
        &self,
        ctx: &Context<'_>,
        role: KeyRole,
        operation: &'static str,
        body: impl FnOnce(&Change<'_, S>) -> Result<T>,
    ) -> Result<Done<T>> {
        self.change_then(ctx, role, operation, body, |_, kept| Ok(kept))
    }

    /// The same, for an answer larger than its kept form. The answer is completed in the same transaction, so that a
    /// change without an answer does not happen.
    pub(crate) fn change_then<T: Serialize + DeserializeOwned, U>(
        &self,
        ctx: &Context<'_>,
        role: KeyRole,
        operation: &'static str,
        body: impl FnOnce(&Change<'_, S>) -> Result<T>,
        complete: impl FnOnce(&S, T) -> Result<U>,
    ) -> Result<Done<U>> {
        ctx.actor.require(role)?;
        let mut once = Some((body, complete));
        let mut done = None;
        self.sql.transaction(&mut || {
            let sql = &self.sql;
            let (body, complete) = once.take().ok_or_else(ran_twice)?;
            let kept = idempotency::recall(sql, ctx, operation)?;
            let replayed = kept.is_some();
            let kept = match kept {
                Some(kept) => kept,
                None => {
                    let kept = body(&Change { sql, ctx })?;
                    idempotency::remember(sql, ctx, operation, &kept)?;
                    kept
                }
            };
            done = Some(Done {
                value: complete(sql, kept)?,
                revision: project_revision(sql, ctx.actor)?,
                replayed,
            });
            Ok(())
        })?;
        done.ok_or_else(ran_twice)
    }
}

fn ran_twice() -> Error {
    Error::new(Code::Internal, "a transaction did not run exactly once")
}

impl<S: Sql> Change<'_, S> {
    /// The organisation's current revision.
    pub(crate) fn clock(&self) -> Result<Revision> {
        only(self.sql, "SELECT clock FROM organization", &[])?.int()
    }

    /// The revision of this change; call it once per change.
    pub(crate) fn next_revision(&self) -> Result<Revision> {
        let query = "UPDATE organization SET clock = clock + 1 RETURNING clock";
        only(self.sql, query, &[])?.int()
    }

    /// Writes the event and raises the revisions that its readers compare with.
    pub(crate) fn publish(
        &self,
        revision: Revision,
        visibility: Visibility,
        event: &NewEvent<'_>,
    ) -> Result<()> {
        self.publish_in(self.ctx.actor.project_id, revision, visibility, event)
    }

    /// The same, for a change to another project of the organisation.
    pub(crate) fn publish_in(
        &self,
        project: ProjectId,
        revision: Revision,
        visibility: Visibility,
        event: &NewEvent<'_>,
    ) -> Result<()> {
        events::append(self.sql, self.ctx, project, revision, event)?;
        match visibility {
            Visibility::Nobody => {}
            Visibility::Project => {
                let query = "UPDATE projects SET revision = ? WHERE id = ?";
                self.sql.exec(query, params![revision, project])?;
            }
            Visibility::Organization => {
                let query = "UPDATE organization SET shared_revision = ?";
                self.sql.exec(query, params![revision])?;
            }
        }
        Ok(())
    }

    /// Writes an event that no reader of prompts sees.
    pub(crate) fn log(
        &self,
        slug: &Slug,
        action: &'static str,
        revision: Revision,
        detail: Json,
    ) -> Result<()> {
        let event = NewEvent {
            action,
            slug: Some(slug),
            detail,
        };
        self.publish(revision, Visibility::Nobody, &event)
    }

    /// Notes that a slug changed its meaning for its readers; call it with [`Change::publish`] of the same revision
    /// and visibility. A slug without a meaning so far does not count: nobody has a version to be wrong about.
    pub(crate) fn rebind(&self, revision: Revision, visibility: Visibility) -> Result<()> {
        match visibility {
            Visibility::Nobody => {}
            Visibility::Project => {
                let query = "UPDATE projects SET bindings = ? WHERE id = ?";
                let project = self.ctx.actor.project_id;
                self.sql.exec(query, params![revision, project])?;
            }
            Visibility::Organization => {
                let query = "UPDATE organization SET shared_bindings = ?";
                self.sql.exec(query, params![revision])?;
            }
        }
        Ok(())
    }

    /// Notes that keys of a project lost or changed rights; call it with [`Change::publish_in`] of the same revision. A
    /// new key does not count: nobody has asked for its rights.
    pub(crate) fn regrant(&self, project: ProjectId, revision: Revision) -> Result<()> {
        let query = "UPDATE projects SET keys_revision = ? WHERE id = ?";
        self.sql.exec(query, params![revision, project])?;
        Ok(())
    }
}

/// The last change that a project's readers can see: its own or one to a shared prompt.
pub(crate) fn project_revision<S: Sql>(sql: &S, actor: &Principal) -> Result<Revision> {
    Ok(standings::of(sql, actor)?.revision)
}
