//! Requests to resolve and render, parsed and answered for the edge, which has copies. The handlers of the API are in
//! `versions.rs`.

use cuecard_prompt::jinja::LocalTime;
use cuecard_prompt::{
    Code, Error, Given, Prompt, Provider, RenderOptions, RenderedMessage, Result, Selector, Slug,
    VersionNumber, json,
};
use cuecard_store::{Key, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::Routed;
use super::body::{self, BodyFields, Read};
use super::http::ApiRequest;
use super::query::Query;
use super::route::{self, Operation};

/// A request to resolve or to render, with a well-formed key that is not yet verified.
#[derive(Debug)]
pub(crate) struct ReadTarget {
    pub(crate) form: Form,
    pub(crate) slug: Slug,
    pub(crate) selector: Selector,
    pub(crate) key: Key,
}

/// The result that a reader wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// The version.
    Version,
    /// A render: its messages and the rest of the call, or the request body of a model API.
    Rendered(Option<Provider>),
}

/// The prompt and result that a request asks for; `None` if it is for another route.
///
/// # Errors
/// Those of the routes that do not depend on what is stored.
pub(crate) fn target(request: &ApiRequest, routed: &Routed) -> Result<Option<ReadTarget>> {
    let Ok(matched) = routed else {
        return Ok(None);
    };
    let renders = match matched.route.operation {
        Operation::ResolvePrompt => false,
        Operation::RenderPrompt => true,
        _ => return Ok(None),
    };
    let key = super::key(request)?;
    request.check_accept()?;
    let query = Query::parse(request.query.as_deref(), matched.route.query)?;
    let form = if renders {
        Form::Rendered(query.payload()?)
    } else {
        Form::Version
    };
    Ok(Some(ReadTarget {
        form,
        slug: Slug::parse(matched.slug.as_str())?,
        selector: query.selector()?.unwrap_or_default(),
        key,
    }))
}

/// The prompt that a request runs, with a key that is yet to be verified.
///
/// # Errors
/// Those of the route that do not depend on what is stored.
pub(crate) fn run_target(request: &ApiRequest) -> Result<(Slug, Selector)> {
    let matched = route::find(&request.method, &request.path).map_err(|none| none.error)?;
    request.check_url()?;
    let query = Query::parse(request.query.as_deref(), matched.route.query)?;
    Ok((
        Slug::parse(matched.slug)?,
        query.selector()?.unwrap_or_default(),
    ))
}

/// The route of a method and a path.
pub(crate) fn operation(method: &str, path: &str) -> Option<Operation> {
    let matched = route::find(method, path).ok()?;
    Some(matched.route.operation)
}

/// The prompt that a path names.
pub(crate) fn slug_of(path: &str) -> Option<String> {
    let matched = route::find("GET", path).ok()?;
    Some(matched.slug)
}

/// The path of a prompt. An encoded slash keeps a slug that ends like a route apart from the route.
pub(crate) fn path_of(slug: &Slug) -> String {
    format!("/v1/prompts/{}", slug.as_str().replace('/', "%2F"))
}

/// The body of a request to render.
#[derive(Debug)]
pub(crate) struct RenderRequest {
    inputs: Value,
    /// The time that templates see, in place of the request's.
    now: Option<LocalTime>,
}

impl RenderRequest {
    /// `work`: the operator's limit for a render.
    fn options(&self, now: Timestamp, work: Option<u64>) -> RenderOptions {
        RenderOptions {
            now: self.now.or_else(|| LocalTime::from_ms(now.as_ms())),
            work,
        }
    }
}

/// A date and a time as RFC 3339 writes them: the clock's reading, whatever its offset.
fn wall_time(value: &Value) -> Read<LocalTime> {
    let shown = || {
        let text = value.as_str()?;
        Timestamp::parse(text)?;
        let (date, rest) = text.split_at_checked(10)?;
        let time = rest.split(['Z', 'z', '+', '-']).next()?;
        LocalTime::from_ms(Timestamp::parse(&format!("{date}{time}Z"))?.as_ms())
    };
    shown().ok_or_else(|| "a date and a time as in RFC 3339".to_owned())
}

/// The body of a request to render.
///
/// # Errors
/// Those of a body
pub(crate) fn inputs(request: &ApiRequest) -> Result<RenderRequest> {
    inputs_of(body::read_within(request, MAX_VALUES)?)
}

/// The most values of a request to render: those of its inputs, and some around them. Parsing stops beyond.
const MAX_VALUES: usize = Given::MAX_COUNT + 16;

/// [`inputs`] of a body that is known to be plain JSON of no more than [`ApiRequest::MAX_BODY_BYTES`].
///
/// # Errors
/// `json_invalid`, `body_invalid`
pub(crate) fn inputs_in(body: &[u8]) -> Result<RenderRequest> {
    inputs_of(json::parse_bytes_within(body, MAX_VALUES)?)
}

fn inputs_of(mut body: Value) -> Result<RenderRequest> {
    if let Value::Object(members) = &mut body
        && members.len() == 1
        && let Some(inputs @ Value::Object(_)) = members.get_mut("inputs")
    {
        // Nearly every body is one; taken without a copy.
        let (inputs, now) = (inputs.take(), None);
        return Ok(RenderRequest { inputs, now });
    }
    let mut fields = BodyFields::of(body)?;
    let inputs = fields.required("inputs", body::object);
    let now = fields.optional("now", wall_time);
    fields.finish(inputs.map(|inputs| RenderRequest { inputs, now }))
}

/// The answer to a request to render, written as JSON.
#[derive(Debug, Serialize)]
struct RenderedFrom<'a, T> {
    /// A rendered prompt, or its payload.
    #[serde(flatten)]
    rendered: &'a T,
    /// Made by [`rendered_from`].
    resolved: &'a Value,
}

/// The answers to requests to render one prompt, which differ in their messages: the rest is written once.
#[derive(Debug)]
pub(crate) struct RenderAnswer {
    rest: String,
    resolved: Value,
}

impl RenderAnswer {
    /// `resolved`: as in [`RenderedFrom`].
    ///
    /// # Errors
    /// `internal`
    pub(crate) fn new(prompt: &Prompt, resolved: Value) -> Result<Self> {
        let answer = write(&RenderedFrom {
            rendered: prompt.rest(),
            resolved: &resolved,
        })?;
        let rest = answer.strip_prefix(r#"{"messages":[]"#);
        let rest = rest.ok_or_else(unwritten)?.to_owned();
        Ok(Self { rest, resolved })
    }

    /// The answer to a request at a moment, with what the operator lets a render do, as JSON; with `api`, as the
    /// request body of that.
    ///
    /// # Errors
    /// Those of [`Prompt::render`] and [`Rendered::payload`](cuecard_prompt::Rendered::payload); `internal`
    pub(crate) fn to(
        &self,
        request: &RenderRequest,
        prompt: &Prompt,
        api: Option<Provider>,
        (now, work): (Timestamp, Option<u64>),
    ) -> Result<String> {
        let (inputs, options) = (&request.inputs, request.options(now, work));
        match api {
            Some(api) => write(&RenderedFrom {
                rendered: &prompt.render_with(inputs, options)?.payload(api)?,
                resolved: &self.resolved,
            }),
            None => self.with(&prompt.messages_with(inputs, options)?),
        }
    }

    fn with(&self, messages: &[RenderedMessage]) -> Result<String> {
        Ok([r#"{"messages":"#, &write(&messages)?, &self.rest].concat())
    }

    /// What the rendered prompt came from.
    pub(crate) fn resolved(&self) -> &Value {
        &self.resolved
    }

    /// Its approximate size in memory: `resolved` is in both.
    pub(crate) fn bytes(&self) -> usize {
        3 * self.rest.len()
    }
}

fn write(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|_| unwritten())
}

fn unwritten() -> Error {
    Error::new(Code::Internal, "an answer cannot be written")
}

/// What a rendered prompt came from: `origin` is the `resolved` member of the resolved version.
pub(crate) fn rendered_from(
    slug: &Slug,
    version: VersionNumber,
    hash: &str,
    origin: &Value,
) -> Value {
    let mut from = serde_json::json!({ "slug": slug, "version": version, "hash": hash });
    if let (Some(from), Some(more)) = (from.as_object_mut(), origin.as_object()) {
        from.extend(more.clone());
    }
    from
}

#[cfg(test)]
mod tests {
    use cuecard_prompt::Document;

    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_in_parts_is_the_answer() {
        let full = json!({
            "messages": [{"role": "user", "content": "Hello {{ name }}"}],
            "inputs": [{"name": "name", "type": "str"}],
            "model": "openai/gpt-4o-mini",
            "parameters": {"temperature": 0.2, "stop": ["\u{2028}"]},
        });
        let bare = json!({"messages": [{"role": "user", "content": "{{ name }}"}]});
        let inputs = json!({"name": "\"Ada\" \u{1F600}\n"});
        let resolved = json!({"slug": "a", "version": 1});
        for document in [full, bare] {
            let prompt = Prompt::compile(&Document::from_value(document).unwrap()).unwrap();
            let whole = RenderedFrom {
                rendered: &prompt.render(&inputs).unwrap(),
                resolved: &resolved,
            };
            let answer = RenderAnswer::new(&prompt, resolved.clone()).unwrap();
            let request = inputs_of(json!({ "inputs": inputs })).unwrap();
            let at = (Timestamp::from_ms(0), None);
            assert_eq!(
                answer.to(&request, &prompt, None, at).unwrap(),
                serde_json::to_string(&whole).unwrap()
            );
        }
    }
}
