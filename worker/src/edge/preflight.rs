//! What a browser asks before a page may read, and what it may know of a request that is not well formed.

use cuecard_prompt::{Error, Result};
use worker::Context;
use worker::web_sys::{Headers, Request, Response, ResponseInit};

use super::cors::{Allowed, allowed};
use super::read::verdict;
use super::reply;
use super::site::Site;
use super::verdict::Verdict;
use crate::api::{self, ApiRequest, Operation};

/// Refuses a read that is not well formed. Its page may know what is wrong with it, so the key's project is asked for.
pub(super) async fn refuse(
    site: &Site,
    context: &Context,
    error: &Error,
    head: &ApiRequest,
) -> Result<Response> {
    let origin = head.header("origin");
    let verdict = match api::key(head) {
        Ok(key) if origin.is_some() => {
            let question = Verdict::question(&key, head, site.config.keys);
            verdict(site, context, &question).await.ok()
        }
        _ => None,
    };
    let allowed = verdict.map_or(Allowed::NoMatter, |verdict| allowed(&verdict, origin));
    reply::refused(error, head, allowed)
}

/// Answers a preflight. It comes without the key, so any page may ask to read; whether it may see the answer, the key's
/// project says then.
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
