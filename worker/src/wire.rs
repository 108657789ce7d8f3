//! Converts the platform's requests and responses to and from plain data.

use cuecard_run::Reach;
use futures_util::StreamExt;
use worker::{Env, Headers, Request, Response, Result};

use crate::api::{ApiRequest, ApiResponse};

/// The header for the length of a store's answer to a read. `js/rates.js` counts it and removes it.
pub(crate) const LENGTH: &str = "cuecard-length";

/// A request's head.
pub(crate) fn head(request: &Request) -> Result<ApiRequest> {
    let url = request.url()?;
    Ok(ApiRequest {
        method: request.inner().method(),
        path: url.path().to_owned(),
        query: url.query().map(str::to_owned),
        headers: request.headers().entries().collect(),
        body: Vec::new(),
    })
}

/// A request with its body, of which only as much is read as shows that it is too long.
pub(crate) async fn receive(mut request: Request) -> Result<ApiRequest> {
    let mut received = head(&request)?;
    if request.inner().body().is_none() {
        return Ok(received);
    }
    let mut stream = request.stream()?;
    while let Some(chunk) = stream.next().await {
        received.body.extend(chunk?);
        if received.body.len() > ApiRequest::MAX_BODY_BYTES {
            break;
        }
    }
    Ok(received)
}

/// A response of the platform.
pub(crate) fn send(response: ApiResponse) -> Result<Response> {
    let headers = Headers::new();
    for (name, value) in &response.headers {
        headers.set(name, value)?;
    }
    let builder = Response::builder()
        .with_status(response.status)
        .with_headers(headers);
    Ok(if response.body.is_empty() {
        builder.empty()
    } else {
        builder.fixed(response.body)
    })
}

/// A secret or variable that is set and not empty. As text: wrangler.jsonc may also give a number.
pub(crate) fn setting(env: &Env, name: &str) -> Option<String> {
    let value = js_sys::Reflect::get(env, &name.into()).ok()?;
    value
        .as_string()
        .or_else(|| value.as_f64().map(|number| number.to_string()))
        .filter(|value| !value.is_empty())
}

/// The variable `UPSTREAM_PRIVATE`: with `allow`, connections may lead into private networks.
pub(crate) fn reach(env: &Env) -> Reach {
    match setting(env, "UPSTREAM_PRIVATE").as_deref() {
        Some("allow") => Reach::Private,
        _ => Reach::Public,
    }
}
