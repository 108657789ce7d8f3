//! The project's audit log, and the management of keys and projects, over HTTP.

use cuecard_prompt::{Code, Error, Result};
use cuecard_run::Keeping;
use cuecard_store::{
    KeyId, KeyLimits, KeyRole, NewKey, ProjectPatch, ProjectSlug, Snapshot, Sql, Timestamp,
};
use serde_json::{Value, json};

use super::body::{self, BodyFields, Read, list_of, parsed, removable, text};
use super::call::ApiCall;
use super::condition::none_match_names;
use super::query::Param;
use super::reply::Reply;

pub(crate) fn snapshot<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let selector = call.query.tag()?.unwrap_or_default();
    let (actor, now) = (call.actor, call.world.now);
    let about = call.query.flag(Param::About)?;
    let snapshot = call.store.snapshot(actor, &selector, about, now)?;
    taken(&snapshot, if about { "-about" } else { "" })
}

pub(crate) fn exports<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let selector = call.query.tag()?.unwrap_or_default();
    let to = call.query.required_system(Param::To)?;
    let (actor, now) = (call.actor, call.world.now);
    let exports = call.store.exports(actor, &selector, to, now)?;
    taken(&exports, &format!("-{}", to.as_str()))
}

/// The answer with a snapshot; `form` tells apart those of one moment.
fn taken(snapshot: &Snapshot, form: &str) -> Result<Reply> {
    // Weak, since the body holds the time.
    let etag = format!("{}-{}{form}", snapshot.tag, snapshot.revision);
    Ok(Reply::written(200, snapshot.to_json()?).weak_etag(&etag))
}

pub(crate) fn events<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (after, limit) = (call.query.after()?, call.query.limit()?);
    let page = call.store.events(call.actor, after, limit)?;
    Reply::page("events", &page.items, page.next)
}

pub(crate) fn own_key<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let standing = call.store.standing(call.actor)?;
    let mut own = to_value(call.actor)?;
    insert(&mut own, "revision", json!(standing.revision));
    // In the form of `Cuecard-Bindings`, to be compared with `Cuecard-Revision`.
    insert(
        &mut own,
        "bindings",
        json!(call.world.revision(standing.bindings)),
    );
    insert(&mut own, "store", json!(call.store.identity()?));
    insert(&mut own, "number", json!(standing.project));
    insert(
        &mut own,
        "keysRevision",
        json!(call.world.revision(standing.keys)),
    );
    Reply::json(200, &own)
}

/// The entity tag is checked first: most callers already have the current state.
pub(crate) fn revisions<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let newest = call.world.revision(call.store.newest_standing()?);
    let etag = format!("\"{newest}\"");
    let known = call.request.condition("if-none-match");
    if known.is_some_and(|known| none_match_names(known, &etag)) {
        return Ok(Reply::empty(200).etag(&newest));
    }
    let standings = call.store.standings()?;
    let projects = standings.into_iter().map(|standing| {
        let of = |revision| json!(call.world.revision(revision));
        json!({
            "number": standing.project,
            "revision": of(standing.revision),
            "bindings": of(standing.bindings),
            "keysRevision": of(standing.keys),
        })
    });
    let body = json!({ "newest": newest, "projects": projects.collect::<Vec<_>>() });
    Ok(Reply::json(200, &body)?.etag(&newest))
}

pub(crate) fn keys<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (project, after) = (call.query.project()?, call.query.key_cursor()?);
    let limit = call.query.limit()?;
    let page = call
        .store
        .keys(call.actor, project.as_ref(), after.as_ref(), limit)?;
    Reply::page("keys", &page.items, page.next)
}

pub(crate) fn create_key<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let mut fields = BodyFields::of(body::read(call.request)?)?;
    let role = fields.required("role", role);
    let project = fields.optional("project", parsed(ProjectSlug::parse));
    let name = fields.optional("name", text(200));
    let expires_at = fields.optional("expiresAt", time);
    let limits = fields.optional("limits", limits).unwrap_or_default();
    let new = NewKey {
        role: fields.finish(role)?,
        project: project.as_ref(),
        name,
        expires_at,
        limits,
    };
    let done = call.store.create_key(&call.context()?, &new)?;
    let mut answer = to_value(&done.value.info)?;
    if let Some(key) = &done.value.key {
        insert(&mut answer, "key", json!(key.expose()));
    }
    Ok(Reply::json(201, &answer)?.replayed(done.replayed))
}

pub(crate) fn get_key<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    Reply::json(200, &call.store.key(call.actor, &key_id(call)?)?)
}

pub(crate) fn update_key<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let id = key_id(call)?;
    let mut fields = BodyFields::of(body::read(call.request)?)?;
    let limits = fields.required("limits", limits);
    let limits = fields.finish(limits)?;
    let done = call.store.limit_key(&call.context()?, &id, limits)?;
    Ok(Reply::json(200, &done.value)?.replayed(done.replayed))
}

pub(crate) fn revoke_key<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let done = call.store.revoke_key(&call.context()?, &key_id(call)?)?;
    Ok(Reply::empty(204).replayed(done.replayed))
}

pub(crate) fn projects<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let projects = call.store.projects(call.actor)?;
    Reply::json(200, &json!({ "projects": projects }))
}

pub(crate) fn create_project<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let mut fields = BodyFields::of(body::read(call.request)?)?;
    let slug = fields.required("slug", parsed(ProjectSlug::parse));
    let patch = ProjectPatch {
        name: fields.optional("name", text(200)).map(Some),
        allowed_origins: fields.optional("allowedOrigins", list_of(text(300), 50)),
        recording: fields.optional("recording", keeping),
    };
    let slug = fields.finish(slug)?;
    let done = call.store.create_project(&call.context()?, &slug, &patch)?;
    Ok(Reply::json(201, &done.value)?.replayed(done.replayed))
}

pub(crate) fn get_project<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    Reply::json(200, &call.store.project(call.actor, &project(call)?)?)
}

pub(crate) fn update_project<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let slug = project(call)?;
    let mut fields = BodyFields::of(body::read(call.request)?)?;
    let patch = ProjectPatch {
        name: fields.optional("name", removable(text(200))),
        allowed_origins: fields.optional("allowedOrigins", list_of(text(300), 50)),
        recording: fields.optional("recording", keeping),
    };
    fields.finish(Some(()))?;
    let done = call.store.update_project(&call.context()?, &slug, &patch)?;
    Ok(Reply::json(200, &done.value)?.replayed(done.replayed))
}

pub(crate) fn delete_project<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let done = call
        .store
        .delete_project(&call.context()?, &project(call)?)?;
    Ok(Reply::empty(204).replayed(done.replayed))
}

pub(crate) fn restore_project<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let done = call
        .store
        .restore_project(&call.context()?, &project(call)?)?;
    Ok(Reply::json(200, &done.value)?.replayed(done.replayed))
}

fn project<S: Sql>(call: &ApiCall<'_, S>) -> Result<ProjectSlug> {
    ProjectSlug::parse(call.matched.name.as_str())
}

/// A text that cannot be a key's id is the id of no key.
fn key_id<S: Sql>(call: &ApiCall<'_, S>) -> Result<KeyId> {
    KeyId::parse(&call.matched.name)
        .map_err(|_| Error::new(Code::KeyNotFound, "there is no such key"))
}

fn role(value: &Value) -> Read<KeyRole> {
    serde_json::from_value(value.clone())
        .map_err(|_| "`read`, `run`, `write` or `admin`".to_owned())
}

fn limits(value: &Value) -> Read<KeyLimits> {
    let limits: Option<KeyLimits> = serde_json::from_value(value.clone()).ok();
    let fits = |limits: &KeyLimits| {
        let runs = limits.runs_per_minute.unwrap_or(1);
        let tokens = limits.tokens_per_day.unwrap_or(1);
        (1..=KeyLimits::MAX_RUNS).contains(&runs) && (1..=KeyLimits::MAX_TOKENS).contains(&tokens)
    };
    limits.filter(fits).ok_or_else(|| {
        let (runs, tokens) = (KeyLimits::MAX_RUNS, KeyLimits::MAX_TOKENS);
        format!("`runsPerMinute` from 1 to {runs}, `tokensPerDay` from 1 to {tokens}")
    })
}

fn keeping(value: &Value) -> Read<Keeping> {
    let keeping: Option<Keeping> = serde_json::from_value(value.clone()).ok();
    let fits = |keeping: &Keeping| (1..=Keeping::MAX_DAYS).contains(&keeping.days);
    keeping.filter(fits).ok_or_else(|| {
        let days = Keeping::MAX_DAYS;
        format!("`mode` is `off`, `usage` or `full`, `days` from 1 to {days}")
    })
}

pub(crate) fn time(value: &Value) -> Read<Timestamp> {
    let time = value.as_str().and_then(Timestamp::parse);
    time.ok_or_else(|| "a time of RFC 3339".to_owned())
}

pub(crate) fn to_value<T: serde::Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|_| Error::new(Code::Internal, "an answer cannot be written"))
}

pub(crate) fn insert(answer: &mut Value, name: &str, value: Value) {
    if let Some(answer) = answer.as_object_mut() {
        answer.insert(name.to_owned(), value);
    }
}
