//! CORS: pages of the origins on a project's list may read, with keys that can only read.

use cuecard_store::KeyRole;
use wasm_bindgen::JsValue;
use worker::web_sys::Headers;

use super::grant::Grant;

/// A response's permission for a page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Allowed<'a> {
    /// The response does not depend on the page.
    NoMatter,
    /// The response depends on the origin, and this one is not allowed.
    No,
    /// This origin may read it.
    Yes(&'a str),
    /// Every origin may.
    Everyone,
}

/// Whether responses to this key depend on the page's origin.
pub(super) fn matters(grant: &Grant) -> bool {
    grant.role == KeyRole::Read && !grant.allowed_origins.is_empty()
}

/// Whether a page of `origin` may read a response to this key.
pub(super) fn allowed<'a>(grant: &Grant, origin: Option<&'a str>) -> Allowed<'a> {
    let listed = |origin: &str| grant.allowed_origins.iter().any(|one| one == origin);
    match origin {
        _ if !matters(grant) => Allowed::NoMatter,
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
