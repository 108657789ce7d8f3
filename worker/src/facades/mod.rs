//! Other systems' APIs at the root, beside `/v1`, so that their clients work unchanged: each request becomes requests
//! to our own API, whose answers are written as the client expects them. No state, no rules of their own.

mod api_client;
mod athina;
mod basalt;
mod langwatch;
mod spelling;
#[cfg(test)]
mod tests;
mod words;

use std::rc::Rc;

use cuecard_prompt::{Code, Error, Result};
use serde_json::{Value, json};

use crate::api::{ApiRequest, ApiResponse, parse_body, percent_decode};

/// Cuecard's own API, wherever it is: reads from copies where `freshness` allows, all else from the store.
pub(crate) trait Api {
    /// Answers a request to `/v1`.
    async fn ask(&self, request: ApiRequest) -> ApiResponse;

    /// A content in another system's shape, if it is kept.
    fn shaped(&self, _key: &str) -> Option<Rc<str>> {
        None
    }

    /// Keeps a content in another system's shape, if there is room.
    fn keep_shaped(&self, _key: &str, _shaped: &Rc<str>) {}
}

/// A system whose clients are served.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Facade {
    Athina,
    Basalt,
    Langwatch,
    /// Traces that LangWatch's clients send by default: accepted, and not kept.
    Telemetry,
}

impl Facade {
    /// The system that a path belongs to.
    pub(crate) fn of(path: &str) -> Option<Self> {
        [
            ("/api/v1/prompt", Self::Athina),
            ("/prompts", Self::Basalt),
            ("/api/prompts", Self::Langwatch),
            ("/api/otel", Self::Telemetry),
        ]
        .into_iter()
        .find(|(root, _)| below(path, root).is_some())
        .map(|(_, facade)| facade)
    }
}

/// Answers a client.
pub(crate) async fn answer(facade: Facade, request: &ApiRequest, api: &impl Api) -> ApiResponse {
    match facade {
        Facade::Athina => athina::answer(request, api).await,
        Facade::Basalt => basalt::answer(request, api).await,
        Facade::Langwatch => langwatch::answer(request, api).await,
        Facade::Telemetry => telemetry(request),
    }
}

/// Full success: an empty `ExportTraceServiceResponse` of OTLP, in the format of the request.
fn telemetry(request: &ApiRequest) -> ApiResponse {
    if request.method != "POST" {
        let body = json!({ "error": "method_not_allowed", "message": "POST what was traced" });
        return FacadeReply::new(405, body).send();
    }
    let is_json = request
        .header("content-type")
        .is_some_and(|media| media.contains("json"));
    let mut answer = FacadeReply::new(200, json!({})).send();
    if !is_json {
        answer.body.clear();
        answer.headers.retain(|(name, _)| *name != "content-type");
        let media = "application/x-protobuf".to_owned();
        answer.headers.push(("content-type", media));
    }
    answer
}

/// The path below a root, decoded once; empty for the root itself.
fn below<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(root)?;
    match rest.strip_prefix('/') {
        Some(rest) => Some(rest),
        None => rest.is_empty().then_some(rest),
    }
}

/// The decoded path below the root.
fn path(request: &ApiRequest, root: &str) -> Result<String> {
    encoded_path(request, root).map(|rest| percent_decode(rest).unwrap_or_default())
}

/// The path below the root, each part of which can be decoded.
fn encoded_path<'a>(request: &'a ApiRequest, root: &str) -> Result<&'a str> {
    request.check_url()?;
    let rest = below(&request.path, root).unwrap_or_default();
    let is_text = percent_decode(rest).is_some();
    let not_text = || Error::new(Code::RouteNotFound, "the path is not UTF-8");
    is_text.then_some(rest).ok_or_else(not_text)
}

/// The query's value for a name; the last one of several. An empty one counts as absent.
fn query(request: &ApiRequest, name: &str) -> Option<String> {
    let pairs = request.query.as_deref()?.split('&');
    let values = pairs.filter_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (percent_decode(key)? == name).then(|| percent_decode(&value.replace('+', " ")))
    });
    values.flatten().last().filter(|value| !value.is_empty())
}

/// The key of `Authorization: Bearer`, as a header of ours.
fn bearer(request: &ApiRequest) -> Option<String> {
    let (scheme, key) = request.header("authorization")?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| key.trim().to_owned())
}

/// The body of a request, as an object. The content type is not checked, as hand-written callers may omit it.
fn body(request: &ApiRequest) -> Result<serde_json::Map<String, Value>> {
    if request.body.len() > ApiRequest::MAX_BODY_BYTES {
        return Err(Error::new(Code::BodyTooLarge, "a body takes at most 1 MiB"));
    }
    match parse_body(&request.body)? {
        Value::Object(members) => Ok(members),
        _ => Err(Error::new(Code::BodyInvalid, "the body is a JSON object")),
    }
}

fn no_route() -> Error {
    Error::new(Code::RouteNotFound, "there is no such route")
}

/// An answer on its way out.
#[derive(Debug)]
struct FacadeReply {
    status: u16,
    body: Option<String>,
    /// What the read behind it says of its age.
    headers: Vec<(&'static str, String)>,
}

impl FacadeReply {
    fn new(status: u16, body: Value) -> Self {
        Self::written(status, body.to_string())
    }

    /// With JSON text.
    fn written(status: u16, body: String) -> Self {
        Self {
            status,
            body: Some(body),
            headers: Vec::new(),
        }
    }

    fn with(mut self, headers: Vec<(&'static str, String)>) -> Self {
        self.headers = headers;
        self
    }

    fn send(self) -> ApiResponse {
        let mut headers = self.headers;
        headers.push(("cache-control", "private, no-cache".to_owned()));
        headers.push(("x-content-type-options", "nosniff".to_owned()));
        let body = self.body.map(String::into_bytes);
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        ApiResponse {
            status: self.status,
            headers,
            body: body.unwrap_or_default(),
            fault: None,
        }
    }
}

/// The status of an error; a concurrent change is a conflict for clients that send no preconditions.
fn status(error: &Error) -> u16 {
    match error.code() {
        Code::PreconditionFailed => 409,
        code => code.status(),
    }
}

/// A sentence about an error: what happened, and where in the document.
fn sentence(error: &Error) -> String {
    let mut text = error.detail().to_owned();
    if let Some(at) = error.at() {
        text.push_str(&format!(" (line {}, column {})", at.line, at.column));
    }
    for issue in error.issues().iter().take(5) {
        text.push_str(&format!("; {}: {}", issue.pointer, issue.message));
    }
    text
}
