//! Who may read from a browser: the origins on a project's list, with keys that can only read.

use cuecard_store::Role;
use wasm_bindgen::JsValue;
use worker::web_sys::Headers;

use super::verdict::Verdict;

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
    pub(super) fn apply(self, headers: &Headers) -> Result<(), JsValue> {
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
