//! The studio: static files from the binding `ASSETS`, under a policy that runs nothing else.

use cuecard_prompt::{Code, Error};
use worker::{Fetcher, Headers, RequestInit, Response, Result};

use crate::api::{self, ApiRequest};
use crate::{clock, wire};

/// Scripts, styles and wasm of our own, and requests to our own API; images from anywhere, since prompts show them.
/// The policy `studio` makes the URL of its one Web Worker, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    connect-src 'self'; img-src 'self' https: data:; font-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types studio";

/// Whether the path is the studio's and not the API's.
pub(crate) fn serves(path: &str) -> bool {
    path == "/" || path.starts_with("/assets/")
}

/// Answers from the static files.
pub(crate) async fn handle(request: &ApiRequest, files: &Fetcher) -> Result<Response> {
    let name = request.path.strip_prefix("/assets").unwrap_or("/");
    let asked = Headers::new();
    if let Some(etag) = request.header("if-none-match") {
        asked.set("if-none-match", etag)?;
    }
    let mut init = RequestInit::new();
    init.with_method(request.method.clone().into())
        .with_headers(asked);
    let response = files
        .fetch(format!("https://page{name}"), Some(init))
        .await?;
    if !matches!(response.status_code(), 200 | 304) {
        let error = Error::new(Code::RouteNotFound, "there is nothing at this path");
        return wire::send(api::refuse(&error, request, &clock::world()?.request_id));
    }
    let headers = Headers::new();
    for (name, value) in response.headers().entries() {
        headers.set(&name, &value)?;
    }
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()",
        ),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        headers.set(name, value)?;
    }
    Ok(response.with_headers(headers))
}
