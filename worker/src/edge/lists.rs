//! Lists while the origin is away. They come from the origin as long as it answers, and from their last copy when it fails:
//! what somebody writes is in the next list, and an outage ends no reader's work.

use cuecard_freshness::{Held, Millis, Revision};
use cuecard_prompt::{Error, Result};
use cuecard_store::Role;
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use worker::Context;
use worker::web_sys::{Headers, Response, ResponseInit};

use super::answer::{How, Source};
use super::item::{Question, Stored};
use super::key::key;
use super::read::verdict;
use super::site::{Site, internal};
use super::verdict::Verdict;
use super::{reply, tier};
use crate::api::{Access, Admitted, ApiRequest, Method, Operation};
use crate::clock;

/// The longest list that is kept.
const MAX_BYTES: usize = 16 << 20;

/// A read that may be answered from its last copy.
pub(super) struct List {
    asker: Question<Verdict>,
    /// Path and query.
    url: String,
}

impl List {
    /// `None`: it is for whoever may write, or no read, or another Cuecard asks.
    pub(super) fn of(
        site: &Site,
        admitted: &Admitted,
        head: &ApiRequest,
        url: &str,
    ) -> Option<Self> {
        let route = admitted.route();
        let is_read = route.method == Method::Get && route.access == Access::Key(Role::Read);
        // The log is asked for what is new in it.
        let listed =
            is_read && !matches!(route.operation, Operation::ListEvents | Operation::GetSelf);
        let plain = head.method == "GET"
            && head.header("if-none-match").is_none()
            && head.header("cuecard-via").is_none()
            && !url.contains("deleted=");
        (listed && plain).then(|| Self {
            asker: Verdict::question(&admitted.key, head, site.config.keys),
            url: url.to_owned(),
        })
    }

    /// Keeps a copy of an answer, which goes on to the reader meanwhile.
    pub(super) async fn keep(
        &self,
        site: &Site,
        context: &Context,
        headers: &Headers,
        answer: &Response,
    ) {
        let header = |name: &str| headers.get(name).ok().flatten();
        let revision = header("cuecard-revision").and_then(|text| text.parse().ok());
        let (Some(revision), Ok(copy)) = (revision, answer.clone()) else {
            return;
        };
        let Ok(verdict) = verdict(site, context, &self.asker).await else {
            return;
        };
        let (site, key) = (site.clone(), self.key(&verdict));
        let etag = header("etag").unwrap_or_default();
        context.wait_until(async move {
            let Some(body) = bytes(&copy).await.filter(|body| body.len() <= MAX_BYTES) else {
                return;
            };
            let held = Held {
                revision,
                checked: clock::now(),
                missing: false,
            };
            let stored = Stored { held, etag, body };
            tier::put(&site.cache, &key, &stored, &site.config.prompts, false).await;
        });
    }

    /// The last copy, if it may be served: to whom the key's verdict lets read, and as long as nothing that it shows is known
    /// to be gone.
    pub(super) async fn recall(&self, site: &Site, context: &Context) -> Result<Option<Response>> {
        let verdict = match verdict(site, context, &self.asker).await {
            Err(error) if is_outage(&error) => return Ok(None),
            verdict => verdict?,
        };
        verdict.require(Role::Read, clock::now())?;
        let Some(stored) = tier::get(&site.cache, &self.key(&verdict)).await else {
            return Ok(None);
        };
        let Held {
            revision, checked, ..
        } = stored.held;
        let age = clock::now().saturating_sub(checked);
        let ended = tier::get(&site.cache, &place(&verdict.organization)).await;
        let ended = ended.map_or_else(Revision::default, |ended| ended.held.revision);
        let binds = verdict.shared.get().binds(revision) && revision >= ended;
        if !binds || age > site.config.prompts.stale_if_error {
            return Ok(None);
        }
        self.answer(&stored, age).map(Some).map_err(internal)
    }

    fn answer(
        &self,
        stored: &Stored,
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
        let source = Source {
            age,
            fresh: Some(0),
            how: How::Failing,
        };
        reply::stamp(&headers, source)?;
        let init = ResponseInit::new();
        init.set_headers(&headers);
        let body = Uint8Array::from(stored.body.as_slice());
        Response::new_with_opt_js_u8_array_and_init(Some(&body), &init)
    }

    fn key(&self, verdict: &Verdict) -> String {
        key(&["list1", &verdict.organization, &verdict.project, &self.url])
    }
}

/// Notes that something is gone since `revision`, so that older lists are not served at this location.
pub(super) async fn end(site: &Site, organization: &str, revision: Revision) {
    let ended = Stored {
        held: Held {
            revision,
            checked: clock::now(),
            missing: false,
        },
        etag: String::new(),
        body: Vec::new(),
    };
    tier::put(
        &site.cache,
        &place(organization),
        &ended,
        &site.config.prompts,
        false,
    )
    .await;
}

/// The cache key of the last end of something in an organisation.
fn place(organization: &str) -> String {
    key(&["list1", organization])
}

/// Whether an answer, or none, is one that a copy is better than.
pub(super) fn failed(answer: &Result<(Response, Headers)>) -> bool {
    match answer {
        Ok((answer, _)) => matches!(answer.status(), 429 | 500..),
        Err(error) => is_outage(error),
    }
}

fn is_outage(error: &Error) -> bool {
    matches!(error.code().status(), 502 | 503)
}

async fn bytes(response: &Response) -> Option<Vec<u8>> {
    let body = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Some(Uint8Array::new(&body).to_vec())
}
