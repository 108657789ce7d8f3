//! Prompts over HTTP: listed, described, deleted, brought back.

use cuecard_prompt::{Code, Error, Result, Selector, Slug, Tag};
use cuecard_store::{Done, PromptFilter, PromptInfo, PromptPatch, Scope, Sql};
use serde_json::{Map, Value};

use super::body::{self, BodyFields, Read, parsed, removable, text};
use super::call::ApiCall;
use super::query::Param;
use super::read::path_of;
use super::reply::Reply;
use super::versions::committed;

pub(crate) fn list<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let tag = call.query.movable_tag()?;
    let filter = PromptFilter {
        prefix: call.query.text(Param::Prefix).unwrap_or_default(),
        tag: tag.as_ref(),
        deleted: call.query.flag(Param::Deleted)?,
    };
    let (after, limit) = (call.query.slug_cursor()?, call.query.limit()?);
    let page = call
        .store
        .prompts(call.actor, &filter, after.as_ref(), limit)?;
    Reply::page("prompts", &page.items, page.next)
}

pub(crate) fn update<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, expect) = (call.slug()?, call.expect()?);
    let mut fields = BodyFields::of(body::read(call.request)?)?;
    let patch = patch(&mut fields);
    let patch = fields.finish(Some(patch))?;
    let done = call
        .store
        .update_prompt(&call.context()?, &slug, &patch, expect)?;
    changed(&slug, &done)
}

/// What changes of a prompt, as a member of a commit.
pub(crate) fn about(value: &Value) -> Read<PromptPatch> {
    let whole = |error: Error| match error.issues() {
        [issue, ..] => format!(
            "{}: {}",
            issue.pointer,
            issue.expected.as_deref().unwrap_or(&issue.message)
        ),
        [] => error.detail().to_owned(),
    };
    let mut fields = BodyFields::of(value.clone()).map_err(whole)?;
    let patch = patch(&mut fields);
    fields.finish(Some(patch)).map_err(whole)
}

fn patch(fields: &mut BodyFields) -> PromptPatch {
    PromptPatch {
        name: fields.optional("name", removable(text(200))),
        description: fields.optional("description", removable(text(4000))),
        scope: fields.optional("scope", scope),
        labels: fields.optional("labels", members),
        slug: fields.optional("slug", parsed(Slug::parse)),
    }
}

/// The answer to a change; it says where the prompt is, if that is elsewhere than before.
fn changed(slug: &Slug, done: &Done<PromptInfo>) -> Result<Reply> {
    let reply = Reply::json(200, &done.value)?
        .etag(&done.value.revision.to_string())
        .replayed(done.replayed);
    Ok(match done.value.slug == *slug {
        true => reply,
        false => reply.header("location", path_of(&done.value.slug)),
    })
}

pub(crate) fn delete<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, expect) = (call.slug()?, call.expect()?);
    let done = call.store.delete_prompt(&call.context()?, &slug, expect)?;
    Ok(Reply::empty(204).replayed(done.replayed))
}

pub(crate) fn restore<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let slug = call.slug()?;
    let done = call.store.restore_prompt(&call.context()?, &slug)?;
    changed(&slug, &done)
}

pub(crate) fn purge<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let done = call.store.purge_prompt(&call.context()?, &call.slug()?)?;
    Ok(Reply::empty(204).replayed(done.replayed))
}

pub(crate) fn duplicate<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let slug = call.slug()?;
    let mut fields = BodyFields::of(body::read(call.request)?)?;
    let to = fields.required("slug", parsed(Slug::parse));
    let tag = fields.optional("tag", parsed(tag_or_latest));
    let version = fields
        .optional("version", body::version)
        .map(Selector::Version);
    let to = fields.finish(to)?;
    if tag.is_some() && version.is_some() {
        let detail = "give a tag or a version, not both";
        return Err(Error::new(Code::SelectorConflict, detail));
    }
    let selector = tag.or(version).unwrap_or_default();
    let done = call
        .store
        .duplicate_prompt(&call.context()?, &slug, &selector, &to)?;
    committed(&done)
}

fn tag_or_latest(text: String) -> Result<Selector> {
    match text.as_str() {
        "latest" => Ok(Selector::Latest),
        _ => Tag::parse_read(text).map(Selector::Tag),
    }
}

fn members(value: &Value) -> Read<Map<String, Value>> {
    let members = value.as_object().cloned();
    members.ok_or_else(|| "an object".to_owned())
}

fn scope(value: &Value) -> Read<Scope> {
    serde_json::from_value(value.clone()).map_err(|_| "`project` or `organization`".to_owned())
}
