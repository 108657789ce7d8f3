//! Resolve and render, for who answers them from copies.

use cuecard_prompt::{Rendered, Result, Selector, Slug, VersionNumber};
use cuecard_store::Key;
use serde::Serialize;
use serde_json::{Value, json};

use super::body::{self, Fields};
use super::http::ApiRequest;
use super::query::Query;
use super::route::{self, Operation};

/// A request to resolve or to render, with a key that is well formed and not yet verified.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) operation: Operation,
    pub(crate) slug: Slug,
    pub(crate) selector: Selector,
    pub(crate) key: Key,
}

/// What a request wants to resolve or render; `None`: it is for another route.
///
/// # Errors
/// Those of the routes that do not depend on what is stored.
pub(crate) fn target(request: &ApiRequest) -> Result<Option<Target>> {
    let Ok(matched) = route::find(&request.method, &request.path) else {
        return Ok(None);
    };
    let operation = matched.route.operation;
    if !matches!(
        operation,
        Operation::ResolvePrompt | Operation::RenderPrompt
    ) {
        return Ok(None);
    }
    request.check_url()?;
    let key = super::key(request)?;
    request.check_accept()?;
    let query = Query::parse(request.query.as_deref(), matched.route.query)?;
    Ok(Some(Target {
        operation,
        slug: Slug::parse(matched.slug)?,
        selector: query.selector()?.unwrap_or_default(),
        key,
    }))
}

/// What a method does on a path.
pub(crate) fn operation(method: &str, path: &str) -> Option<Operation> {
    let matched = route::find(method, path).ok()?;
    Some(matched.route.operation)
}

/// The prompt that a path is about or under.
pub(crate) fn slug_of(path: &str) -> Option<String> {
    let matched = route::find("GET", path).ok()?;
    Some(matched.slug)
}

/// The inputs in the body of a request to render.
///
/// # Errors
/// Those of a body
pub(crate) fn inputs(request: &ApiRequest) -> Result<Value> {
    let mut body = body::read(request)?;
    if let Value::Object(members) = &mut body
        && members.len() == 1
        && let Some(inputs @ Value::Object(_)) = members.get_mut("inputs")
    {
        // As nearly every body is; taken without a copy.
        return Ok(inputs.take());
    }
    let mut fields = Fields::of(body)?;
    let inputs = fields.required("inputs", body::object);
    fields.finish(inputs)
}

/// The answer to a request to render, to be written as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct RenderedFrom<'a> {
    #[serde(flatten)]
    pub(crate) rendered: &'a Rendered,
    /// Made by [`rendered_from`].
    pub(crate) resolved: &'a Value,
}

/// What a rendered prompt came from: `origin` is the `resolved` member of the resolved version.
pub(crate) fn rendered_from(
    slug: &Slug,
    version: VersionNumber,
    hash: &str,
    origin: &Value,
) -> Value {
    let mut from = json!({ "slug": slug, "version": version, "hash": hash });
    if let (Some(from), Some(more)) = (from.as_object_mut(), origin.as_object()) {
        from.extend(more.clone());
    }
    from
}
