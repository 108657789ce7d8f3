//! Lists, stale if error: they come from the origin while it answers, so that a list shows the latest writes, and from
//! their last copy when it fails, so that an outage ends no reader's work.

use std::time::Duration;

use cuecard_freshness::{EpochRevision, Held, Millis};
use cuecard_prompt::{Error, Result};
use cuecard_store::KeyRole;
use futures_util::future::join;
use js_sys::Uint8Array;
use worker::web_sys::{Headers, Response, ResponseInit};
use worker::{Context, Delay};

use super::cache_status::{CacheStatus, Handling};
use super::cacheable::{CacheQuery, StoredResponse};
use super::context::{EdgeContext, internal};
use super::grant::Grant;
use super::key::key;
use super::read_path::grant;
use super::{cache_api, reply};
use crate::api::{Access, Admitted, ApiRequest, Method, Operation};
use crate::clock;
use crate::origin::read;

/// The longest list that is stored.
const MAX_BYTES: usize = 16 << 20;

/// A read that may be answered from its last copy.
pub(super) struct ListRead {
    grant_query: CacheQuery<Grant>,
    /// Path and query.
    url: String,
}

impl ListRead {
    /// `None` if it needs the role write, is no read, or comes from another Cuecard.
    pub(super) fn of(
        edge: &EdgeContext,
        admitted: &Admitted,
        head: &ApiRequest,
        url: &str,
    ) -> Option<Self> {
        let route = admitted.route();
        let is_read = route.method == Method::Get && route.access == Access::Key(KeyRole::Read);
        // The audit log is read for its news.
        let listed = is_read
            && !matches!(
                route.operation,
                Operation::ListEvents | Operation::GetSelf | Operation::GetRevisions
            );
        let plain = head.method == "GET"
            && head.header("if-none-match").is_none()
            && head.header("cuecard-via").is_none()
            && !url.contains("deleted=");
        (listed && plain).then(|| Self {
            grant_query: Grant::query(&admitted.key, head, edge.config.keys),
            url: url.to_owned(),
        })
    }

    /// Stores a copy of an answer while it goes on to the reader.
    pub(super) async fn keep(
        &self,
        edge: &EdgeContext,
        context: &Context,
        headers: &Headers,
        answer: &Response,
    ) {
        let header = |name: &str| headers.get(name).ok().flatten();
        let revision = header("cuecard-revision").and_then(|text| text.parse().ok());
        let (Some(revision), Ok(copy)) = (revision, answer.clone()) else {
            return;
        };
        let Ok(grant) = grant(edge, context, &self.grant_query).await else {
            return;
        };
        let (edge, key) = (edge.clone(), self.key(&grant));
        let etag = header("etag").unwrap_or_default();
        context.wait_until(async move {
            let Ok(body) = read(&copy, MAX_BYTES).await else {
                return;
            };
            let held = Held {
                revision,
                checked: clock::now(),
                missing: false,
            };
            let stored = StoredResponse { held, etag, body };
            cache_api::put(&edge.cache, &key, &stored, &edge.config.prompts, false).await;
        });
    }

    /// Waits that long, and for the key's grant, which the last copy requires.
    pub(super) async fn wait(&self, edge: &EdgeContext, context: &Context, patience: Duration) {
        let _ = join(
            Delay::from(patience),
            grant(edge, context, &self.grant_query),
        )
        .await;
    }

    /// The last copy, if it may be served: the key's grant allows it, and nothing in the list is known to be
    /// removed.
    pub(super) async fn get(
        &self,
        edge: &EdgeContext,
        context: &Context,
    ) -> Result<Option<Response>> {
        let grant = match grant(edge, context, &self.grant_query).await {
            Err(error) if is_outage(&error) => return Ok(None),
            grant => grant?,
        };
        grant.require(KeyRole::Read, clock::now())?;
        let Some(stored) = cache_api::get(&edge.cache, &self.key(&grant)).await else {
            return Ok(None);
        };
        let Held {
            revision, checked, ..
        } = stored.held;
        let age = clock::now().saturating_sub(checked);
        let ended = cache_api::get(&edge.cache, &place(&grant.organization)).await;
        let ended = ended.map_or_else(EpochRevision::default, |ended| ended.held.revision);
        let current = grant.project_state.get().version_holds(revision) && revision >= ended;
        if !current || age > edge.config.prompts.stale_if_error {
            return Ok(None);
        }
        self.answer(&stored, age).map(Some).map_err(internal)
    }

    fn answer(
        &self,
        stored: &StoredResponse,
        age: Millis,
    ) -> std::result::Result<Response, wasm_bindgen::JsValue> {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        headers.set("cache-control", "private, no-cache")?;
        headers.set("x-content-type-options", "nosniff")?;
        headers.set("cuecard-revision", &stored.held.revision.to_string())?;
        if !stored.etag.is_empty() {
            headers.set("etag", &stored.etag)?;
        }
        let cache_status = CacheStatus {
            age,
            lifetime: Some(0),
            handling: Handling::HitOnError,
        };
        reply::set_cache_status(&headers, cache_status)?;
        let init = ResponseInit::new();
        init.set_headers(&headers);
        let body = Uint8Array::from(stored.body.as_slice());
        Response::new_with_opt_js_u8_array_and_init(Some(&body), &init)
    }

    fn key(&self, grant: &Grant) -> String {
        key(&["list1", &grant.organization, &grant.project, &self.url])
    }
}

/// Notes a removal at `revision`, so that older lists are not served at this location.
pub(super) async fn end(edge: &EdgeContext, organization: &str, revision: EpochRevision) {
    let ended = StoredResponse::mark(revision);
    cache_api::put(
        &edge.cache,
        &place(organization),
        &ended,
        &edge.config.prompts,
        false,
    )
    .await;
}

/// The cache key of the last removal in an organisation.
fn place(organization: &str) -> String {
    key(&["list1", organization])
}

/// Whether a copy is better than this answer, or than none.
pub(super) fn failed(answer: &Result<(Response, Headers)>) -> bool {
    match answer {
        Ok((answer, _)) => matches!(answer.status(), 429 | 500..),
        Err(error) => is_outage(error),
    }
}

fn is_outage(error: &Error) -> bool {
    matches!(error.code().status(), 502 | 503)
}
