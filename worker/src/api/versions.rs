//! Versions over HTTP: resolve, render, commit, compare.

use cuecard_prompt::{Document, Prompt, Result, Selector, Tag, Version};
use cuecard_store::{Commit, Committed, Done, HistoryEntry, Resolved, Sql};
use serde_json::{Value, json};

use super::body::{self, BodyFields, list_of, parsed, text};
use super::call::ApiCall;
use super::manage::{insert, to_value};
use super::prompt_patch;
use super::query::Param;
use super::read::{self, RenderAnswer, path_of, rendered_from};
use super::reply::Reply;

pub(crate) fn resolve<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let slug = call.slug()?;
    let selector = call.query.selector()?.unwrap_or_default();
    let resolved = call.store.resolve(call.actor, &slug, &selector)?;
    let mut answer = to_value(&resolved.version)?;
    insert(&mut answer, "resolved", origin(&resolved));
    Ok(Reply::json(200, &answer)?.etag(&etag(&resolved)))
}

pub(crate) fn get<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let selector = Selector::Version(call.version()?);
    let resolved = call.store.resolve(call.actor, &call.slug()?, &selector)?;
    Ok(Reply::json(200, &resolved.version)?.etag(&etag(&resolved)))
}

pub(crate) fn render<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let slug = call.slug()?;
    let selector = call.query.selector()?.unwrap_or_default();
    let api = call.query.payload()?;
    let inputs = read::inputs(call.request)?;
    let resolved = call.store.resolve(call.actor, &slug, &selector)?;
    let Version {
        version,
        hash,
        document,
        ..
    } = &resolved.version;
    let prompt = Prompt::compile(document)?;
    let from = rendered_from(&slug, *version, hash, &origin(&resolved));
    let at = (call.world.now, call.world.work);
    let answer = RenderAnswer::new(&prompt, from)?.to(&inputs, &prompt, api, at)?;
    Ok(Reply::written(200, answer))
}

pub(crate) fn commit<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, expect) = (call.slug()?, call.expect()?);
    let mut fields = BodyFields::of(body::read(call.request)?)?;
    let note = CommitFields::take(&mut fields);
    let about = fields.optional("about", prompt_patch::about);
    let document = Document::from_value(fields.rest()?)?;
    let commit = Commit {
        slug: &slug,
        document: &document,
        message: note.message,
        author: note.author,
        tags: note.tags,
        always: call.query.flag(Param::Always)?,
        anew: call.query.flag(Param::Anew)?,
        beside: call.query.flag(Param::Beside)?,
        about: about.unwrap_or_default(),
        expect,
    };
    committed(&call.store.commit(&call.context()?, commit)?)
}

pub(crate) fn remove<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, version) = (call.slug()?, call.version()?);
    let done = call
        .store
        .remove_version(&call.context()?, &slug, version)?;
    Ok(Reply::empty(204).replayed(done.replayed))
}

pub(crate) fn list<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let slug = call.slug()?;
    let (before, limit) = (call.query.version_cursor()?, call.query.limit()?);
    let page = call.store.history(call.actor, &slug, before, limit)?;
    Reply::written_page("versions", &page.items, page.next, HistoryEntry::write)
}

pub(crate) fn diff<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let slug = call.slug()?;
    let from = call.query.side(Param::From)?.unwrap_or_default();
    let to = call.query.side(Param::To)?.unwrap_or(Selector::Latest);
    Reply::json(200, &call.store.diff(call.actor, &slug, &from, &to)?)
}

/// The members of a commit besides its content.
pub(crate) struct CommitFields {
    pub(crate) message: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) tags: Vec<Tag>,
}

impl CommitFields {
    pub(crate) fn take(fields: &mut BodyFields) -> Self {
        Self {
            message: fields.optional("commitMessage", text(4000)),
            author: fields.optional("author", text(200)),
            tags: fields
                .optional("tags", list_of(parsed(Tag::parse), 20))
                .unwrap_or_default(),
        }
    }
}

/// The answer to a commit: 201 with a new version, 200 with the existing one that has this content.
pub(crate) fn committed(done: &Done<Committed>) -> Result<Reply> {
    committed_with(done, &[])
}

/// The same with more members.
pub(crate) fn committed_with(done: &Done<Committed>, more: &[(&str, Value)]) -> Result<Reply> {
    let Committed {
        version,
        created,
        revision,
        ..
    } = &done.value;
    let mut answer = to_value(version)?;
    insert(&mut answer, "created", json!(created));
    insert(&mut answer, "revision", json!(revision));
    let prompt = Prompt::compile(&version.document)?;
    let mut warnings = prompt.warnings().to_vec();
    warnings.extend(version.document.read_otherwise()?);
    insert(&mut answer, "warnings", json!(warnings));
    for (name, value) in more {
        insert(&mut answer, name, value.clone());
    }
    let status = if *created { 201 } else { 200 };
    let location = format!("{}/versions/{}", path_of(&version.slug), version.version);
    Ok(Reply::json(status, &answer)?
        .header("location", location)
        .etag(&format!("{}-{revision}", version.hash))
        .replayed(done.replayed))
}

/// How a reference was resolved to its version.
fn origin(resolved: &Resolved) -> Value {
    match &resolved.tag {
        Some(tag) => json!({ "tag": tag, "revision": resolved.revision }),
        None => json!({ "revision": resolved.revision }),
    }
}

/// Content never changes under a hash, and a reference's revision never goes back.
pub(crate) fn etag(resolved: &Resolved) -> String {
    format!("{}-{}", resolved.version.hash, resolved.revision)
}
