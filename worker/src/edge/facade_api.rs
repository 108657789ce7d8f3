//! Cuecard's own API for the facades in the same Worker: reads take the read path, everything else goes to the origin.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use cuecard_prompt::{Code, Error, Result, Slug};
use cuecard_store::KeyRole;
use futures_util::future::{Either, select};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::{Headers, Request, RequestInit, Response};
use worker::{Context, Delay};

use super::cacheable::{CacheQuery, Cacheable};
use super::context::{EdgeContext, internal};
use super::for_runs::CachedReads;
use super::forward::forward;
use super::grant::Grant;
use super::health::is_doubted;
use super::memory::Memory;
use super::prompt_read::PromptRead;
use super::read_path::{get_or_fetch, grant};
use super::result::CacheResult;
use super::tags::Tags;
use crate::api::{self, ApiRequest, ApiResponse, Operation, Routed};
use crate::facades::{self, Api, Facade};
use crate::run::{self, Job};
use crate::{clock, wire};

/// The response headers that facades read.
const HEADERS: [&str; 5] = [
    "age",
    "cache-status",
    "cuecard-revision",
    "etag",
    "retry-after",
];

/// Answers a client of another system, by its facade.
pub(super) async fn answer(
    facade: Facade,
    edge: &EdgeContext,
    context: &Context,
    request: &Request,
    head: &ApiRequest,
) -> worker::Result<Response> {
    let mut received = wire::receive(request.clone()?.into()).await?;
    received.path.clone_from(&head.path);
    received.query.clone_from(&head.query);
    let api = FacadeApi {
        edge,
        context,
        listed: Cell::new(0),
    };
    let answer = facades::answer(facade, &received, &api).await;
    let response: Response = wire::send(answer)?.into();
    if let listed @ 1.. = api.listed.get() {
        response.headers().set(wire::LENGTH, &listed.to_string())?;
    }
    Ok(response)
}

struct FacadeApi<'a> {
    edge: &'a EdgeContext,
    context: &'a Context,
    /// The bytes of the lists that the answer is made of.
    listed: Cell<u64>,
}

impl Api for FacadeApi<'_> {
    async fn ask(&self, request: ApiRequest) -> ApiResponse {
        let id = clock::request_id().unwrap_or_default();
        let answer = self.answer(&request, &id);
        let answer = if self.is_brief(&request) {
            match select(pin!(answer), pin!(Delay::from(AT_HAND))).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => {
                    let detail = "the origin cannot be reached";
                    Err(Error::new(Code::OriginUnavailable, detail))
                }
            }
        } else {
            answer.await
        };
        answer.unwrap_or_else(|error| api::refuse(&error, &request, &id))
    }

    fn shaped(&self, key: &str) -> Option<Rc<str>> {
        Memory::with(|memory| memory.shaped(key))
    }

    fn keep_shaped(&self, key: &str, shaped: &Rc<str>) {
        Memory::with(|memory| memory.keep_shaped(key, shaped.clone()));
    }
}

/// The wait for an optional answer without a copy, while the origin is in doubt.
const AT_HAND: Duration = Duration::from_millis(100);

impl FacadeApi<'_> {
    /// Whether the caller can do without the answer, and the origin may be down.
    fn is_brief(&self, request: &ApiRequest) -> bool {
        let dispensable = request.header("cache-control") == Some("only-if-cached");
        dispensable
            && api::key(request).is_ok_and(|key| {
                let organization = key.organization();
                is_doubted(&self.edge.origin, organization.as_str())
            })
    }

    async fn answer(&self, request: &ApiRequest, id: &str) -> Result<ApiResponse> {
        let routed = api::route(request);
        if let Some(read) = PromptRead::parse(&self.edge.config, request, &routed)? {
            return read.plain(self.edge, self.context, request, id).await;
        }
        if let Some(job) = Job::of(&request.path, &routed) {
            let reads = CachedReads::new(self.edge, self.context);
            let sent = self.request(request).map_err(internal)?;
            let response = run::answer(job, &reads, &sent, request).await;
            return received(&response.map_err(|e| internal(e.into()))?).await;
        }
        let operation = routed.as_ref().map(|matched| matched.route.operation);
        match (operation, &routed) {
            _ if request.header("cuecard-via").is_some() => {}
            (Ok(Operation::GetSelf), _) => {
                let grant = self.grant(request).await?;
                grant.require(KeyRole::Read, clock::now())?;
                return Ok(copied(&*grant));
            }
            (Ok(Operation::ListTags), Ok(matched)) => {
                return self.tags(request, &matched.slug).await;
            }
            _ => {}
        }
        self.send(request, routed).await
    }

    async fn grant(&self, request: &ApiRequest) -> Result<Rc<Grant>> {
        grant(self.edge, self.context, &self.grant_query(request)?).await
    }

    fn grant_query(&self, request: &ApiRequest) -> Result<CacheQuery<Grant>> {
        let key = api::key(request)?;
        Ok(Grant::query(&key, request, self.edge.config.keys))
    }

    /// A prompt's tags, cached for facades: they read them with every prompt, and other readers do not.
    async fn tags(&self, request: &ApiRequest, slug: &str) -> Result<ApiResponse> {
        let grant = self.grant(request).await?;
        grant.require(KeyRole::Read, clock::now())?;
        let (grant_query, slug) = (self.grant_query(request)?, Slug::parse(slug)?);
        let query = Tags::query(&grant_query, &grant, self.edge.config.prompts, &slug);
        match get_or_fetch(self.edge, self.context, &query).await {
            CacheResult::Found(found) => Ok(copied(&*found.copy)),
            CacheResult::Missing(error, _) | CacheResult::Unavailable(error, _) => {
                Err((*error).clone())
            }
        }
    }

    /// Sends an uncached request to the origin.
    async fn send(&self, request: &ApiRequest, routed: Routed) -> Result<ApiResponse> {
        let sent = self.request(request).map_err(internal)?;
        let response = forward(self.edge, self.context, &sent, request, routed).await?;
        let length = response.headers().get(wire::LENGTH).ok().flatten();
        let length = length.and_then(|text| text.parse::<u64>().ok());
        let listed = self.listed.get().saturating_add(length.unwrap_or_default());
        self.listed.set(listed);
        received(&response).await
    }

    fn request(&self, request: &ApiRequest) -> std::result::Result<Request, JsValue> {
        let mut url = format!("https://{}{}", self.edge.host, request.path);
        if let Some(query) = &request.query {
            url = format!("{url}?{query}");
        }
        let headers = Headers::new()?;
        for (name, value) in &request.headers {
            headers.set(name, value)?;
        }
        let init = RequestInit::new();
        init.set_method(&request.method);
        init.set_headers(&headers);
        if !request.body.is_empty() {
            init.set_body(&Uint8Array::from(request.body.as_slice()));
        }
        Request::new_with_str_and_init(&url, &init)
    }
}

/// A whole response as plain data.
async fn received(response: &Response) -> Result<ApiResponse> {
    let all = response.headers();
    let headers = HEADERS.iter().filter_map(|name| {
        let value = all.get(name).ok().flatten()?;
        Some((*name, value))
    });
    let headers = headers.collect();
    let body = JsFuture::from(response.array_buffer().map_err(internal)?).await;
    Ok(ApiResponse {
        status: response.status(),
        headers,
        body: Uint8Array::new(&body.map_err(internal)?).to_vec(),
        fault: None,
    })
}

fn copied(item: &impl Cacheable) -> ApiResponse {
    ApiResponse {
        status: 200,
        body: item.body(),
        ..ApiResponse::default()
    }
}
