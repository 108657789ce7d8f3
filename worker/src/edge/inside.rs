//! Our own API from inside the Worker, for the clients of other systems: what is read comes by the read path, and the rest
//! from the origin.

use std::rc::Rc;

use cuecard_prompt::{Result, Slug};
use cuecard_store::Role;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::Context;
use worker::web_sys::{Headers, Request, RequestInit, Response};

use super::answer::Answer;
use super::forward::forward;
use super::item::{Item, Question};
use super::lend::Desk;
use super::read::{obtain, verdict};
use super::reader::Read;
use super::site::{Site, internal};
use super::tags::Tags;
use super::verdict::Verdict;
use crate::api::{self, ApiRequest, ApiResponse, Operation, Routed};
use crate::facades::{self, Facade, House};
use crate::run::{self, Job};
use crate::{clock, wire};

/// The headers of an answer that the translations read.
const HEADERS: [&str; 5] = [
    "age",
    "cache-status",
    "cuecard-revision",
    "etag",
    "retry-after",
];

/// Answers a client of another system.
pub(super) async fn answer(
    facade: Facade,
    site: &Site,
    context: &Context,
    request: &Request,
    head: &ApiRequest,
) -> worker::Result<Response> {
    let mut received = wire::receive(request.clone()?.into()).await?;
    received.path.clone_from(&head.path);
    received.query.clone_from(&head.query);
    let inside = Inside { site, context };
    let answer = facades::answer(facade, &received, &inside).await;
    wire::send(answer).map(Into::into)
}

struct Inside<'a> {
    site: &'a Site,
    context: &'a Context,
}

impl House for Inside<'_> {
    async fn ask(&self, request: ApiRequest) -> ApiResponse {
        let id = clock::request_id().unwrap_or_default();
        let answer = self.answer(&request, &id).await;
        answer.unwrap_or_else(|error| api::refuse(&error, &request, &id))
    }
}

impl Inside<'_> {
    async fn answer(&self, request: &ApiRequest, id: &str) -> Result<ApiResponse> {
        let routed = api::route(request);
        if let Some(read) = Read::parse(&self.site.config, request, &routed)? {
            return read.plain(self.site, self.context, request, id).await;
        }
        if let Some(job) = Job::of(&request.path, &routed) {
            let desk = Desk::new(self.site, self.context);
            let sent = self.request(request).map_err(internal)?;
            let response = run::answer(job, &desk, &sent, request).await;
            return received(&response.map_err(|e| internal(e.into()))?).await;
        }
        let operation = routed.as_ref().map(|matched| matched.route.operation);
        match (operation, &routed) {
            _ if request.header("cuecard-via").is_some() => {}
            (Ok(Operation::GetSelf), _) => return Ok(copied(&*self.verdict(request).await?)),
            (Ok(Operation::ListTags), Ok(matched)) => {
                return self.tags(request, &matched.slug).await;
            }
            _ => {}
        }
        self.send(request, routed).await
    }

    async fn verdict(&self, request: &ApiRequest) -> Result<Rc<Verdict>> {
        verdict(self.site, self.context, &self.asker(request)?).await
    }

    fn asker(&self, request: &ApiRequest) -> Result<Question<Verdict>> {
        let key = api::key(request)?;
        Ok(Verdict::question(&key, request, self.site.config.keys))
    }

    /// Where the prompt's tags point, which the translations ask for with every prompt that they answer, and readers from
    /// outside do not.
    async fn tags(&self, request: &ApiRequest, slug: &str) -> Result<ApiResponse> {
        let verdict = self.verdict(request).await?;
        verdict.require(Role::Read, clock::now())?;
        let (asker, slug) = (self.asker(request)?, Slug::parse(slug)?);
        let question = Tags::question(&asker, &verdict, self.site.config.prompts, &slug);
        match obtain(self.site, self.context, &question).await {
            Answer::Found(found) => Ok(copied(&*found.copy)),
            Answer::Missing(error, _) | Answer::Unavailable(error, _) => Err((*error).clone()),
        }
    }

    /// What no copy answers goes to the origin.
    async fn send(&self, request: &ApiRequest, routed: Routed) -> Result<ApiResponse> {
        let sent = self.request(request).map_err(internal)?;
        let response = forward(self.site, self.context, &sent, request, routed).await?;
        received(&response).await
    }

    fn request(&self, request: &ApiRequest) -> std::result::Result<Request, JsValue> {
        let mut url = format!("https://{}{}", self.site.host, request.path);
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

fn copied(item: &impl Item) -> ApiResponse {
    ApiResponse {
        status: 200,
        body: item.body(),
        ..ApiResponse::default()
    }
}
