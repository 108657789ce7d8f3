//! Connections to model APIs over HTTP.

use cuecard_prompt::{Code, Error, Issue, Result, Tag};
use cuecard_run::{ApiKind, BaseUrl, Connection, Model};
use cuecard_store::Sql;
use serde_json::{Value, json};

use super::body::{self, BodyFields, Read, list_of, parsed};
use super::call::ApiCall;
use super::reply::Reply;

pub(crate) fn settings<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    Reply::json(200, &call.store.run_settings(call.actor)?)
}

pub(crate) fn list<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let connections = call.store.connections(call.actor)?;
    Reply::json(200, &json!({ "connections": connections }))
}

pub(crate) fn get<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let connection = call.store.connection(call.actor, &call.matched.name)?;
    Reply::json(200, &connection)
}

pub(crate) fn create<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    set(call, None)
}

pub(crate) fn put<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    set(call, Some(&call.matched.name))
}

pub(crate) fn delete<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let name = &call.matched.name;
    let done = call.store.delete_connection(&call.context()?, name)?;
    Ok(Reply::empty(204).replayed(done.replayed))
}

/// `name` is the name in the path, which the body may repeat.
fn set<S: Sql>(call: &ApiCall<'_, S>, name: Option<&str>) -> Result<Reply> {
    let mut fields = BodyFields::of(body::read(call.request)?)?;
    let given = match name {
        None => fields.required("name", self::name),
        Some(name) => {
            let same = |value: &Value| self::name(value).and_then(|given| same(given, name));
            let given = fields.optional("name", same);
            given.or_else(|| self::name(&json!(name)).ok())
        }
    };
    let kind = fields.required("kind", kind);
    let base_url = fields.optional("baseUrl", |value| {
        let base_url = BaseUrl::parse(value.as_str().ok_or("an https URL")?)?;
        if base_url.is_within(call.world.reach) {
            Ok(base_url)
        } else {
            Err("a public address; others take the Worker's variable UPSTREAM_PRIVATE".to_owned())
        }
    });
    let secret = fields.optional("secret", text_by(Connection::parse_secret));
    let secret_header = fields.optional("secretHeader", text_by(Connection::parse_header));
    let models = fields.optional("models", list_of(model, Connection::MAX_MODELS));
    let default = fields.optional("default", |value| {
        value.as_bool().ok_or_else(|| "true or false".to_owned())
    });
    let (name_known, kind) = (given.is_some(), fields.finish(kind)?);
    if !name_known {
        let issue = Issue::new("wrong_type", "/name", "a name is as a tag's");
        return Err(Error::new(Code::BodyInvalid, "1 issue").with_issues(vec![issue]));
    }
    if (kind == ApiKind::WorkersAi) == base_url.is_some() {
        let message = "`baseUrl` is required, but for `workers_ai`, which has none";
        let issue = Issue::new("missing_field", "/baseUrl", message);
        return Err(Error::new(Code::BodyInvalid, "1 issue").with_issues(vec![issue]));
    }
    let connection = Connection {
        name: given.unwrap_or_default(),
        kind,
        base_url,
        secret,
        secret_header,
        models: models.unwrap_or_default(),
        default: default.unwrap_or(false),
    };
    let fresh = name.is_none();
    let done = call
        .store
        .put_connection(&call.context()?, &connection, fresh)?;
    let status = if done.value.created { 201 } else { 200 };
    let location = format!("/v1/connections/{}", connection.name);
    Ok(Reply::json(status, &done.value.connection)?
        .header("location", location)
        .replayed(done.replayed))
}

fn same(given: String, name: &str) -> Read<String> {
    if given == name {
        Ok(given)
    } else {
        Err(format!("`{name}`, as in the path"))
    }
}

fn name(value: &Value) -> Read<String> {
    parsed(Tag::parse)(value).map(|tag| tag.as_str().to_owned())
}

fn kind(value: &Value) -> Read<ApiKind> {
    let kind = value.as_str().and_then(ApiKind::parse);
    kind.ok_or_else(|| ApiKind::ALL.map(ApiKind::as_str).join(", "))
}

fn text_by(parse: fn(&str) -> Read<String>) -> impl Fn(&Value) -> Read<String> {
    move |value| parse(value.as_str().ok_or("a text")?)
}

fn model(value: &Value) -> Read<Model> {
    let model: Option<Model> = serde_json::from_value(value.clone()).ok();
    let fits = |model: &Model| {
        let priced = model.prices.is_none_or(|prices| prices.are_valid());
        (1..=500).contains(&model.name.len()) && priced
    };
    model.filter(fits).ok_or_else(|| {
        "models: a `name`, and `prices` of `input`, `inputCached`, `inputCacheWrite`, `output` from 0 on".to_owned()
    })
}
