//! Prompts over HTTP: list, describe, delete, restore.

use cuecard_prompt::{Code, Error, Result, Selector, Slug, Tag};
use cuecard_store::{Done, PromptFilter, PromptInfo, Sql};

use super::body::{self, BodyFields, parsed};
use super::call::ApiCall;
use super::prompt_patch;
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
    let patch = prompt_patch::read(&mut fields);
    let patch = fields.finish(Some(patch))?;
    let done = call
        .store
        .update_prompt(&call.context()?, &slug, &patch, expect)?;
    changed(&slug, &done)
}

/// The answer to a change; it names the prompt's new place if that has changed.
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
