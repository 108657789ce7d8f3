//! Cuecard's own API, as the facades call it.

use std::cell::RefCell;
use std::rc::Rc;

use cuecard_prompt::{Code, Error, Problem, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Api, FacadeReply};
pub(super) use crate::api::percent_encode as encode;
use crate::api::{ApiRequest, ApiResponse};

/// The API with the caller's key.
pub(super) struct ApiClient<'a, H> {
    api: &'a H,
    headers: Vec<(String, String)>,
    /// The caller's program by its own name, in lower case; empty if it sends none.
    pub(super) agent: String,
    /// The age headers of the oldest copy that stood in for the origin.
    outdated: RefCell<Vec<(&'static str, String)>>,
}

/// An answer with its age headers.
#[derive(Debug)]
pub(super) struct ApiAnswer {
    pub(super) status: u16,
    pub(super) json: Value,
    /// `Age`, `Cache-Status`, `Cuecard-Revision`.
    pub(super) headers: Vec<(&'static str, String)>,
}

/// An answer that is not parsed yet.
pub(super) struct UnreadAnswer {
    body: Vec<u8>,
    headers: Vec<(&'static str, String)>,
}

/// A precondition header.
pub(super) type Precondition = (&'static str, String);

/// It must not exist yet.
pub(super) fn absent() -> Precondition {
    ("if-none-match", "*".to_owned())
}

/// It must be unchanged since this was read from the store, or still not exist. So of two callers who read the same and
/// write, the second is refused, rather than undoing what the first wrote.
pub(super) fn unchanged(since: Option<&Value>) -> Precondition {
    let Some(since) = since else {
        return absent();
    };
    let revision = since.get("revision").and_then(Value::as_u64);
    ("if-match", format!("\"{}\"", revision.unwrap_or_default()))
}

/// The age headers of the read behind an answer, which are passed on.
const PASSED: [&str; 3] = ["age", "cache-status", "cuecard-revision"];

impl<'a, H: Api> ApiClient<'a, H> {
    pub(super) fn new(api: &'a H, key: Option<String>, request: &ApiRequest) -> Self {
        let mut headers = Vec::new();
        if let Some(key) = key {
            headers.push(("authorization".to_owned(), format!("Bearer {key}")));
        }
        for name in ["cuecard-via"] {
            if let Some(value) = request.header(name) {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        let agent = request.header("user-agent").unwrap_or_default();
        Self {
            api,
            headers,
            agent: agent.to_ascii_lowercase(),
            outdated: RefCell::default(),
        }
    }

    /// Refuses a caller whose key is not good, before any body of theirs is read.
    pub(super) async fn admit(&self, request: &ApiRequest) -> Result<()> {
        match request.method.as_str() {
            "POST" | "PUT" | "PATCH" => self.get_unread("/v1/keys/self").await.map(drop),
            _ => Ok(()),
        }
    }

    /// Reads.
    pub(super) async fn get(&self, url: &str) -> Result<ApiAnswer> {
        let UnreadAnswer { body, headers } = self.get_unread(url).await?;
        Ok(ApiAnswer {
            status: 200,
            json: parse(&body)?,
            headers,
        })
    }

    /// Reads without parsing the answer.
    pub(super) async fn get_unread(&self, url: &str) -> Result<UnreadAnswer> {
        // After one part was waited for in vain, this one is not.
        let patience = ("cache-control", "max-stale".to_owned());
        let patience = (!self.outdated.borrow().is_empty()).then_some(patience);
        let answer = self.ask("GET", url, None, patience).await;
        let answer = UnreadAnswer {
            headers: passed(&answer),
            body: accepted(answer)?.body,
        };
        let of = |headers: &[(&str, String)], name: &str| {
            let found = headers.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        if of(&answer.headers, "cache-status").contains("stale-if-error") {
            let age = |headers: &[_]| of(headers, "age").parse::<u64>().ok();
            let mut outdated = self.outdated.borrow_mut();
            if age(&outdated) < age(&answer.headers) {
                outdated.clone_from(&answer.headers);
            }
        }
        Ok(answer)
    }

    /// Reads an optional part: a failing origin is not waited for.
    pub(super) async fn get_at_hand(&self, url: &str) -> Result<ApiAnswer> {
        let condition = ("cache-control", "only-if-cached".to_owned());
        self.send("GET", url, None, Some(condition)).await
    }

    /// A reply with the age of its copies.
    pub(super) fn labelled(&self, reply: FacadeReply) -> FacadeReply {
        let outdated = self.outdated.borrow();
        let silent = reply.headers.is_empty() && reply.status < 300;
        if silent && !outdated.is_empty() {
            return reply.with(outdated.clone());
        }
        reply
    }

    /// Changes.
    pub(super) async fn send(
        &self,
        method: &str,
        url: &str,
        body: Option<Value>,
        condition: Option<Precondition>,
    ) -> Result<ApiAnswer> {
        let answer = self.ask(method, url, body, condition).await;
        let (status, headers) = (answer.status, passed(&answer));
        Ok(ApiAnswer {
            json: parse(&accepted(answer)?.body)?,
            status,
            headers,
        })
    }

    async fn ask(
        &self,
        method: &str,
        url: &str,
        body: Option<Value>,
        condition: Option<Precondition>,
    ) -> ApiResponse {
        let (path, query) = match url.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (url, None),
        };
        let mut headers = self.headers.clone();
        headers.extend(condition.map(|(name, value)| (name.to_owned(), value)));
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let request = ApiRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query,
            headers,
            body: body
                .map(|body| body.to_string().into_bytes())
                .unwrap_or_default(),
        };
        self.api.ask(request).await
    }

    /// Every item of a paged list.
    pub(super) async fn all(&self, url: &str, name: &str) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let more = if url.contains('?') { '&' } else { '?' };
        let mut page = format!("{url}{more}limit=100");
        loop {
            let mut json = self.get(&page).await?.json;
            if let Some(Value::Array(found)) = json.get_mut(name).map(Value::take) {
                items.extend(found);
            }
            let Some(next) = json.get("nextCursor").and_then(Value::as_str) else {
                return Ok(items);
            };
            page = format!("{url}{more}limit=100&cursor={}", encode(next));
        }
    }

    /// Every page of a list, not parsed.
    pub(super) async fn pages(&self, url: &str) -> Result<Vec<UnreadAnswer>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct PageEnd {
            next_cursor: Option<String>,
        }
        let mut pages = Vec::new();
        let mut page = format!("{url}?limit=100");
        loop {
            let answer = self.get_unread(&page).await?;
            let PageEnd { next_cursor } = answer.read()?;
            pages.push(answer);
            let Some(next) = next_cursor else {
                return Ok(pages);
            };
            page = format!("{url}?limit=100&cursor={}", encode(&next));
        }
    }

    /// A content in another system's shape: the kept one, or the one that `shape` makes, which is kept.
    pub(super) fn shaped(
        &self,
        key: &str,
        shape: impl FnOnce() -> Result<String>,
    ) -> Result<Rc<str>> {
        if let Some(shaped) = self.api.shaped(key) {
            return Ok(shaped);
        }
        let shaped: Rc<str> = shape()?.into();
        self.api.keep_shaped(key, &shaped);
        Ok(shaped)
    }

    /// A version by its selector: `tag=production`, `tag=latest`, `version=3`. From a copy, if possible.
    pub(super) async fn resolve(&self, slug: &str, selector: &str) -> Result<ApiAnswer> {
        self.get(&format!("{}?{selector}", prompt(slug))).await
    }

    /// The newest version, from the store.
    pub(super) async fn newest(&self, slug: &str) -> Result<Option<Value>> {
        let page = self
            .get(&format!("{}/versions?limit=1", prompt(slug)))
            .await;
        match page {
            Ok(page) => Ok(page.json.pointer("/versions/0").cloned()),
            Err(error) if error.code() == Code::PromptNotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Name, tags and dates of a prompt, from the store.
    pub(super) async fn about(&self, slug: &str) -> Result<Value> {
        let page = self
            .get(&format!("/v1/prompts?prefix={}&limit=1", encode(slug)))
            .await?;
        let found = page.json.pointer("/prompts/0");
        found
            .filter(|found| found.get("slug") == Some(&json!(slug)))
            .cloned()
            .ok_or_else(|| Error::new(Code::PromptNotFound, "there is no such prompt"))
    }

    /// Organisation and project of the key.
    pub(super) async fn own(&self) -> Result<Value> {
        Ok(self.get("/v1/keys/self").await?.json)
    }
}

impl UnreadAnswer {
    /// The fields of `T`; the others are passed over.
    pub(super) fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|_| unusable())
    }
}

pub(super) fn unusable() -> Error {
    Error::new(Code::OriginBadResponse, "the answer cannot be used")
}

/// The answer, or its problem as an error.
fn accepted(response: ApiResponse) -> Result<ApiResponse> {
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    let problem: Problem = serde_json::from_slice(&response.body).map_err(|_| unusable())?;
    Err(problem.into())
}

fn passed(response: &ApiResponse) -> Vec<(&'static str, String)> {
    let headers = response.headers.iter();
    let passed = headers.filter(|(name, _)| PASSED.contains(name));
    passed.cloned().collect()
}

fn parse(body: &[u8]) -> Result<Value> {
    match body {
        [] => Ok(Value::Null),
        body => serde_json::from_slice(body).map_err(|_| unusable()),
    }
}

/// The path of a prompt; an encoded slash keeps a slug that ends like a route apart from the route.
pub(super) fn prompt(slug: &str) -> String {
    format!("/v1/prompts/{}", encode(slug))
}
