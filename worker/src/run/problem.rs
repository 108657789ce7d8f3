//! Errors of a run, as its caller gets them.

use cuecard_prompt::{Code, Error};
use cuecard_run::RunFailure;
use serde_json::{Value, json};
use worker::web_sys::Response;

use crate::api::{self, ApiRequest, ApiResponse};
use crate::{clock, wire};

/// An error, in the model API's words if it is the model API's.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) error: Error,
    /// The status of the model API's answer.
    pub(super) upstream: Option<u16>,
    /// The `Retry-After`, in seconds.
    pub(super) retry_after: Option<String>,
    /// Whether the caller itself ended the run.
    pub(super) cancelled: bool,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self {
            error,
            upstream: None,
            retry_after: None,
            cancelled: false,
        }
    }
}

impl Trouble {
    pub(super) fn new(code: Code, detail: impl Into<String>) -> Self {
        Error::new(code, detail).into()
    }

    /// The caller gave up.
    pub(super) fn cancelled() -> Self {
        Self {
            cancelled: true,
            ..Self::new(Code::Aborted, "the caller gave up")
        }
    }

    /// The status for the caller: the model API's own, if that is an error's.
    pub(super) fn status(&self) -> u16 {
        let upstream = self.upstream.filter(|status| (400..600).contains(status));
        upstream.unwrap_or(self.error.code().status())
    }

    /// In the form of the record.
    pub(super) fn failure(&self) -> RunFailure {
        RunFailure {
            code: self.error.code().to_string(),
            detail: self.error.detail().to_owned(),
            upstream_status: self.upstream,
        }
    }

    /// As a response of the API.
    pub(super) fn response(&self, head: &ApiRequest) -> ApiResponse {
        let id = clock::request_id().unwrap_or_default();
        let mut response = api::refuse(&self.error, head, &id);
        response.status = self.status();
        if let (Some(upstream), Ok(Value::Object(mut problem))) =
            (self.upstream, serde_json::from_slice(&response.body))
        {
            problem.insert("status".to_owned(), json!(response.status));
            problem.insert("upstream".to_owned(), json!({ "status": upstream }));
            response.body = Value::Object(problem).to_string().into_bytes();
        }
        let retry_after = match (&self.retry_after, self.error.code().status()) {
            (Some(seconds), _) => Some(seconds.clone()),
            (None, 503) => Some("1".to_owned()),
            _ => None,
        };
        response
            .headers
            .extend(retry_after.map(|seconds| ("retry-after", seconds)));
        response
    }
}

/// A problem as a response of the platform.
pub(super) fn of(trouble: &Trouble, head: &ApiRequest) -> worker::Result<Response> {
    wire::send(trouble.response(head)).map(Into::into)
}
