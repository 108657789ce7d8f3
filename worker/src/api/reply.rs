//! A reply: conditional requests, problems, and the headers that every response has.

use cuecard_prompt::{Code, Error, Result};
use cuecard_store::{Revision, write_list};
use serde::Serialize;
use serde_json::{Value, json};

use super::condition::none_match_names;
use super::http::{ApiRequest, ApiResponse};

/// A response without the common headers.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// The value of the header.
    etag: Option<String>,
    problem: Option<Error>,
    /// The current state, in place of the one that a change expected.
    current: Option<Value>,
}

impl Reply {
    pub(crate) fn json<T: Serialize + ?Sized>(status: u16, body: &T) -> Result<Self> {
        let body = serde_json::to_vec(body)
            .map_err(|_| Error::new(Code::Internal, "an answer cannot be written"))?;
        Ok(Self {
            status,
            body,
            ..Self::default()
        })
    }

    /// With JSON text.
    pub(crate) fn written(status: u16, body: String) -> Self {
        Self {
            status,
            body: body.into_bytes(),
            ..Self::default()
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(crate) fn problem(error: &Error) -> Self {
        Self {
            status: error.code().status(),
            problem: Some(error.clone()),
            ..Self::default()
        }
    }

    /// With the current state, and its revision as the entity tag.
    pub(crate) fn current(mut self, current: Value, revision: Revision) -> Self {
        self.current = Some(current);
        self.etag(&revision.to_string())
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A page: its items under a name, and the cursor of the next one.
    pub(crate) fn page<T: Serialize>(
        name: &str,
        items: &[T],
        next: Option<impl ToString>,
    ) -> Result<Self> {
        let mut page = json!({ name: items });
        if let (Some(page), Some(next)) = (page.as_object_mut(), next) {
            page.insert("nextCursor".to_owned(), json!(next.to_string()));
        }
        Self::json(200, &page)
    }

    /// A page of items that write themselves.
    pub(crate) fn written_page<T>(
        name: &str,
        items: &[T],
        next: Option<impl ToString>,
        write: impl Fn(&T, &mut String) -> Result<()>,
    ) -> Result<Self> {
        let mut body = format!("{{\"{name}\":");
        write_list(&mut body, items, |out, item| write(item, out))?;
        if let Some(next) = next {
            body.push_str(&format!(",\"nextCursor\":{}", json!(next.to_string())));
        }
        body.push('}');
        Ok(Self::written(200, body))
    }

    /// Whether it is the kept answer of an earlier request with the same `Idempotency-Key`.
    pub(crate) fn replayed(self, replayed: bool) -> Self {
        if replayed {
            self.header("idempotency-replayed", "true")
        } else {
            self
        }
    }

    /// A strong entity tag: equal tags mean equal bytes of the body.
    pub(crate) fn etag(mut self, etag: &str) -> Self {
        self.etag = Some(format!("\"{etag}\""));
        self
    }

    /// A weak entity tag: equal tags mean equivalent bodies.
    pub(crate) fn weak_etag(mut self, etag: &str) -> Self {
        self.etag = Some(format!("W/\"{etag}\""));
        self
    }

    /// The response to this request.
    pub(crate) fn send(mut self, request: &ApiRequest, request_id: &str) -> ApiResponse {
        let reads = matches!(request.method.as_str(), "GET" | "HEAD");
        let cache = match &self.etag {
            // Allows the caller to keep it, with revalidation before each use.
            Some(_) if reads => "private, no-cache",
            _ => "private, no-store",
        };
        self.headers.push(("cache-control", cache.to_owned()));
        self.headers
            .push(("x-content-type-options", "nosniff".to_owned()));
        self.headers
            .push(("cuecard-request-id", request_id.to_owned()));
        if let Some(etag) = &self.etag {
            self.headers.push(("etag", etag.clone()));
            let known = request.header("if-none-match");
            if reads && known.is_some_and(|known| none_match_names(known, etag)) {
                self.status = 304;
                self.body.clear();
            }
        }
        if let Some(error) = &self.problem {
            self.body = problem(error, self.current.take(), request_id);
            if self.status == 401 {
                self.headers
                    .push(("www-authenticate", "Bearer realm=\"cuecard\"".to_owned()));
            }
            if error.code() == Code::StoreUnwritable {
                self.headers.push(("retry-after", DISK_SECONDS.to_owned()));
            }
        }
        if !self.body.is_empty() {
            let media = match self.problem {
                Some(_) => "application/problem+json",
                None => "application/json",
            };
            self.headers.push(("content-type", media.to_owned()));
        }
        if request.method == "HEAD" {
            self.body.clear();
        }
        let fault = self.problem.filter(|error| error.code() == Code::Internal);
        ApiResponse {
            status: self.status,
            headers: self.headers,
            body: self.body,
            fault: fault.map(|error| error.to_string()),
        }
    }
}

/// The `Retry-After` while a disk takes no writes: somebody has to make room on it.
const DISK_SECONDS: &str = "10";

/// A problem as a response, for failures outside the API.
pub fn refuse(error: &Error, request: &ApiRequest, request_id: &str) -> ApiResponse {
    Reply::problem(error).send(request, request_id)
}

fn problem(error: &Error, current: Option<Value>, request_id: &str) -> Vec<u8> {
    let mut problem = error.to_problem();
    if problem.code == Code::Internal {
        // An internal failure is for the log only.
        problem.detail = "look for the request id in the log".to_owned();
        problem.issues.clear();
    }
    let mut body = serde_json::to_value(problem).unwrap_or_else(|_| json!({}));
    if let Value::Object(members) = &mut body {
        let instance = format!("urn:cuecard:request:{request_id}");
        members.insert("instance".to_owned(), json!(instance));
        if let Some(current) = current {
            members.insert("current".to_owned(), current);
        }
    }
    body.to_string().into_bytes()
}
