//! Drafts over HTTP.

use cuecard_prompt::{Document, Result};
use cuecard_store::{Draft, DraftCommit, Sql};

use super::body::{self, Fields};
use super::call::Call;
use super::reply::Reply;
use super::versions::{Note, committed};

pub(crate) fn list<S: Sql>(call: &Call<'_, S>) -> Result<Reply> {
    let (after, limit) = (call.query.slug_cursor()?, call.query.limit()?);
    let page = call.store.drafts(call.actor, after.as_ref(), limit)?;
    Reply::page("drafts", &page.items, page.next)
}

pub(crate) fn get<S: Sql>(call: &Call<'_, S>) -> Result<Reply> {
    reply(&call.store.draft(call.actor, &call.slug()?)?)
}

pub(crate) fn put<S: Sql>(call: &Call<'_, S>) -> Result<Reply> {
    let (slug, expect) = (call.slug()?, call.expect()?);
    let document = Document::from_value(body::read(call.request)?)?;
    let done = call
        .store
        .put_draft(&call.context()?, &slug, &document, expect)?;
    Ok(reply(&done.value)?.replayed(done.replayed))
}

pub(crate) fn delete<S: Sql>(call: &Call<'_, S>) -> Result<Reply> {
    let (slug, expect) = (call.slug()?, call.expect()?);
    let done = call.store.delete_draft(&call.context()?, &slug, expect)?;
    Ok(Reply::empty(204).replayed(done.replayed))
}

pub(crate) fn commit<S: Sql>(call: &Call<'_, S>) -> Result<Reply> {
    let (slug, expect) = (call.slug()?, call.expect()?);
    let mut fields = Fields::of(body::read_optional(call.request)?)?;
    let note = Note::take(&mut fields);
    fields.finish(Some(()))?;
    let commit = DraftCommit {
        message: note.message,
        author: note.author,
        tags: note.tags,
        expect,
    };
    committed(
        &slug,
        call.store.commit_draft(&call.context()?, &slug, &commit)?,
    )
}

fn reply(draft: &Draft) -> Result<Reply> {
    Ok(Reply::json(200, draft)?.etag(&draft.info.revision.to_string()))
}
