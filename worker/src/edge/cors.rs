//! Who may read from a browser: the origins on a project's list, with keys that can only read.

use cuecard_prompt::{Error, Result};
use cuecard_store::Role;
use worker::Context;
use worker::web_sys::{Headers, Request, Response, ResponseInit};

use super::verdict::Verdict;
use super::{Site, reply, verdict};
use crate::api::{self, ApiRequest, Operation};

/// What a response tells the browser.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Allowed<'a> {
    /// The answer does not depend on who asks.
    NoMatter,
    /// The answer depends on the origin, and this one may not.
    No,
    /// This origin may read it.
    Yes(&'a str),
    /// Every origin may, whoever asks.
    Everyone,
}

/// Whether answers to this key depend on the web page that asks.
pub(super) fn matters(verdict: &Verdict) -> bool {
    verdict.role == Role::Read && !verdict.allowed_origins.is_empty()
}

/// Whether the web page of `origin` may read an answer to this key.
pub(super) fn allowed<'a>(verdict: &Verdict, origin: Option<&'a str>) -> Allowed<'a> {
    let listed = |origin: &str| verdict.allowed_origins.iter().any(|one| one == origin);
    match origin {
        _ if !matters(verdict) => Allowed::NoMatter,
        _ if listed("*") => Allowed::Everyone,
        Some(origin) if listed(origin) => Allowed::Yes(origin),
        _ => Allowed::No,
    }
}

impl Allowed<'_> {
    pub(super) fn apply(self, headers: &Headers) -> std::result::Result<(), wasm_bindgen::JsValue> {
        let origin = match self {
            Self::Yes(origin) => Some(origin),
            // Never with credentials: the key is a header that the page sets itself.
            Self::Everyone => Some("*"),
            Self::NoMatter | Self::No => None,
        };
        if let Some(origin) = origin {
            headers.set("access-control-allow-origin", origin)?;
            headers.set(
                "access-control-expose-headers",
                "age, cache-status, cuecard-request-id, cuecard-revision, etag, retry-after",
            )?;
        }
        match self {
            Self::NoMatter | Self::Everyone => Ok(()),
            Self::No | Self::Yes(_) => headers.set("vary", "origin"),
        }
    }
}

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
