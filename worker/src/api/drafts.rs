//! Drafts over HTTP.

use cuecard_prompt::{Document, Result};
use cuecard_store::{Draft, DraftCommit, DraftPut, Sql};

use super::body::{self, BodyFields};
use super::call::ApiCall;
use super::manage::to_value;
use super::reply::Reply;
use super::versions::{CommitFields, committed};

pub(crate) fn list<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (after, limit) = (call.query.draft_cursor()?, call.query.limit()?);
    let page = call.store.drafts(call.actor, None, after.as_ref(), limit)?;
    Reply::page("drafts", &page.items, page.next)
}

pub(crate) fn list_of_prompt<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (after, limit) = (call.query.draft_cursor()?, call.query.limit()?);
    let slug = call.slug()?;
    let page = call
        .store
        .drafts(call.actor, Some(&slug), after.as_ref(), limit)?;
    Reply::page("drafts", &page.items, page.next)
}

pub(crate) fn get<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let author = call.query.author()?;
    reply(
        &call
            .store
            .draft(call.actor, &call.slug()?, author.as_ref())?,
    )
}

pub(crate) fn put<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, expect) = (call.slug()?, call.expect()?);
    let document = Document::from_value(body::read(call.request)?)?;
    let draft = DraftPut {
        author: call.query.author()?,
        document: &document,
        base: call.query.base()?,
        expect,
    };
    match call.store.put_draft(&call.context()?, &slug, &draft) {
        Ok(done) => Ok(reply(&done.value)?.replayed(done.replayed)),
        Err(error) => call.refuse_with(error, || {
            let current = call.store.draft(call.actor, &slug, draft.author.as_ref())?;
            Ok((to_value(&current)?, current.info.revision))
        }),
    }
}

pub(crate) fn delete<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, expect) = (call.slug()?, call.expect()?);
    let author = call.query.author()?;
    let done = call
        .store
        .delete_draft(&call.context()?, &slug, author.as_ref(), expect)?;
    Ok(Reply::empty(204).replayed(done.replayed))
}

pub(crate) fn commit<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, expect) = (call.slug()?, call.expect()?);
    let mut fields = BodyFields::of(body::read_optional(call.request)?)?;
    let note = CommitFields::take(&mut fields);
    fields.finish(Some(()))?;
    let commit = DraftCommit {
        draft: call.query.author()?,
        message: note.message,
        author: note.author,
        tags: note.tags,
        expect,
    };
    committed(&call.store.commit_draft(&call.context()?, &slug, &commit)?)
}

fn reply(draft: &Draft) -> Result<Reply> {
    Ok(Reply::json(200, draft)?.etag(&draft.info.revision.to_string()))
}
