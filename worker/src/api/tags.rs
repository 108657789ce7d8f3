//! Tags, and the organisation's names for them, over HTTP.

use cuecard_prompt::Result;
use cuecard_store::{Sql, Store, TagInfo};
use serde_json::json;

use super::body::{self, BodyFields};
use super::call::ApiCall;
use super::manage::insert;
use super::query::Param;
use super::reply::Reply;

pub(crate) fn list<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let slug = call.slug()?;
    let tags = call.store.tags(call.actor, &slug)?;
    let info = call.store.prompt(call.actor, &slug)?;
    let mut answer = json!({ "tags": tags, "scope": info.scope });
    if let Some(name) = info.shared_as {
        insert(&mut answer, "sharedAs", json!(name));
    }
    Reply::json(200, &answer)
}

pub(crate) fn get<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let tag = call
        .store
        .tag(call.actor, &call.slug()?, &call.tag_read()?)?;
    reply(&tag)
}

pub(crate) fn put<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, tag, expect) = (call.slug()?, call.tag()?, call.expect()?);
    let mut fields = BodyFields::of(body::read(call.request)?)?;
    let version = fields.required("version", body::version);
    let reason = fields.optional("reason", body::text(Store::<S>::MAX_REASON_BYTES));
    let version = fields.finish(version)?;
    let context = call.context()?;
    let reason = reason.as_deref();
    let done = call
        .store
        .set_tag_because(&context, &slug, &tag, version, reason, expect)?;
    Ok(reply(&done.value)?.replayed(done.replayed))
}

pub(crate) fn delete<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, tag, expect) = (call.slug()?, call.tag()?, call.expect()?);
    let done = call
        .store
        .delete_tag(&call.context()?, &slug, &tag, expect)?;
    Ok(Reply::empty(204).replayed(done.replayed))
}

pub(crate) fn history<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, tag) = (call.slug()?, call.tag_read()?);
    let (before, limit) = (call.query.revision_cursor()?, call.query.limit()?);
    let page = call
        .store
        .tag_history(call.actor, &slug, &tag, before, limit)?;
    Reply::page("moves", &page.items, page.next)
}

pub(crate) fn roll_back<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, tag, expect) = (call.slug()?, call.tag()?, call.expect()?);
    let mut fields = BodyFields::of(body::read_optional(call.request)?)?;
    let reason = fields.optional("reason", body::text(Store::<S>::MAX_REASON_BYTES));
    fields.finish(Some(()))?;
    let context = call.context()?;
    let reason = reason.as_deref();
    let done = call
        .store
        .rollback_tag_because(&context, &slug, &tag, reason, expect)?;
    Ok(reply(&done.value)?.replayed(done.replayed))
}

pub(crate) fn names<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let tags = if call.query.flag(Param::Used)? {
        call.store.tag_names_and_used(call.actor)?
    } else {
        call.store.tag_names(call.actor)?
    };
    Reply::json(200, &json!({ "tags": tags }))
}

pub(crate) fn put_name<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let done = call.store.add_tag_name(&call.context()?, &call.tag()?)?;
    let status = if done.value.created { 201 } else { 200 };
    Ok(Reply::json(status, &done.value.name)?.replayed(done.replayed))
}

pub(crate) fn delete_name<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let done = call.store.remove_tag_name(&call.context()?, &call.tag()?)?;
    Ok(Reply::empty(204).replayed(done.replayed))
}

fn reply(tag: &TagInfo) -> Result<Reply> {
    Ok(Reply::json(200, tag)?.etag(&tag.revision.to_string()))
}
