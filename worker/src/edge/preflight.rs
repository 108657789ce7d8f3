//! CORS preflights, and errors of malformed requests that a page may read.

use cuecard_prompt::{Error, Result};
use worker::Context;
use worker::web_sys::{Headers, Request, Response, ResponseInit};

use super::context::EdgeContext;
use super::cors::{Allowed, allowed};
use super::grant::Grant;
use super::read_path::grant;
use super::reply;
use crate::api::{self, ApiRequest, Operation};

/// Refuses a malformed read. An allowed page may read why, so the key's grant is looked up.
pub(super) async fn refuse(
    edge: &EdgeContext,
    context: &Context,
    error: &Error,
    head: &ApiRequest,
) -> Result<Response> {
    let origin = head.header("origin");
    let grant = match api::key(head) {
        Ok(key) if origin.is_some() => {
            let query = Grant::query(&key, head, edge.config.keys);
            grant(edge, context, &query).await.ok()
        }
        _ => None,
    };
    let allowed = grant.map_or(Allowed::NoMatter, |grant| allowed(&grant, origin));
    reply::refused(error, head, allowed)
}

/// Answers a preflight. It comes without the key, so any page may send the read; the response to that says whether the
/// page may see it.
pub(super) fn preflight(request: &Request, head: &ApiRequest) -> worker::Result<Response> {
    let asked = request.headers().get("access-control-request-method")?;
    let method = asked.unwrap_or_default();
    let reads = api::operation(&method, &head.path).is_some_and(|operation| {
        matches!(
            operation,
            Operation::ResolvePrompt | Operation::RenderPrompt
        )
    });
    let Some(origin) = head.header("origin").filter(|_| reads) else {
        return reply::no_route(head);
    };
    let headers = Headers::new()?;
    headers.set("access-control-allow-origin", origin)?;
    headers.set("access-control-allow-methods", &method)?;
    headers.set(
        "access-control-allow-headers",
        "authorization, content-type, if-none-match",
    )?;
    headers.set("access-control-max-age", "7200")?;
    headers.set("cache-control", "private, no-store")?;
    headers.set("vary", "origin, access-control-request-method")?;
    let init = ResponseInit::new();
    init.set_status(204);
    init.set_headers(&headers);
    Ok(Response::new_with_opt_str_and_init(None, &init)?)
}
