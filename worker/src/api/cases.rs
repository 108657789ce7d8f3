//! Cases over HTTP.

use cuecard_prompt::Result;
use cuecard_store::{Case, Sql};
use serde_json::{Map, Value, json};

use super::body::{self, BodyFields, Read};
use super::call::ApiCall;
use super::manage::to_value;
use super::reply::Reply;

pub(crate) fn list<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let cases = call.store.cases(call.actor, &call.slug()?)?;
    Reply::json(200, &json!({ "cases": cases }))
}

pub(crate) fn get<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, name) = (call.slug()?, call.case()?);
    reply(&call.store.case(call.actor, &slug, &name)?)
}

pub(crate) fn put<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, name, expect) = (call.slug()?, call.case()?, call.expect()?);
    let mut fields = BodyFields::of(body::read(call.request)?)?;
    let inputs = fields.required("inputs", members);
    let inputs = fields.finish(inputs)?;
    let done = call
        .store
        .put_case(&call.context()?, &slug, &name, &inputs, expect);
    match done {
        Ok(done) => Ok(reply(&done.value)?.replayed(done.replayed)),
        Err(error) => call.refuse_with(error, || {
            let current = call.store.case(call.actor, &slug, &name)?;
            Ok((to_value(&current)?, current.revision))
        }),
    }
}

pub(crate) fn delete<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, name, expect) = (call.slug()?, call.case()?, call.expect()?);
    let done = call
        .store
        .delete_case(&call.context()?, &slug, &name, expect)?;
    Ok(Reply::empty(204).replayed(done.replayed))
}

fn members(value: &Value) -> Read<Map<String, Value>> {
    value
        .as_object()
        .cloned()
        .ok_or_else(|| "an object".to_owned())
}

fn reply(case: &Case) -> Result<Reply> {
    Ok(Reply::json(200, case)?.etag(&case.revision.to_string()))
}
