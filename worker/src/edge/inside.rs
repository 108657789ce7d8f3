//! Our own API from inside the Worker, for the clients of other systems: the same path that a request from outside takes.

use cuecard_prompt::{Code, Error, Slug};
use cuecard_store::Role;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::Context;
use worker::web_sys::{Headers, Request, RequestInit, Response};

use super::item::Item;
use super::read::{Answer, obtain};
use super::tags::Tags;
use super::verdict::Verdict;
use super::{Head, Site, respond};
use crate::api::{self, Admission, ApiRequest, ApiResponse, Operation};
use crate::facades::{self, Facade, House};
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
        if let Some(answer) = self.copy_for(&request).await {
            return answer;
        }
        match self.send(&request).await {
            Ok(answer) => answer,
            Err(_) => failed(&request),
        }
    }
}

impl Inside<'_> {
    /// What the translations ask for with every prompt that they answer, and readers from outside do not: what the key may
    /// do, and where the prompt's tags point.
    async fn copy_for(&self, request: &ApiRequest) -> Option<ApiResponse> {
        let Admission::Admitted(admitted) = api::admit(request, api::route(request), "") else {
            return None;
        };
        let operation = admitted.operation();
        let wanted = matches!(operation, Operation::GetSelf | Operation::ListTags);
        if !wanted || request.header("cuecard-via").is_some() {
            return None;
        }
        let config = &self.site.config;
        let asker = Verdict::question(&admitted.key, request, config.keys);
        let verdict = match obtain(self.site, self.context, &asker).await {
            Answer::Found(found) => found.copy,
            Answer::Missing(error, _) | Answer::Unavailable(error, _) => {
                return Some(api::refuse(&error, request, ""));
            }
        };
        if operation == Operation::GetSelf {
            return Some(copied(&*verdict));
        }
        if let Err(error) = verdict.require(Role::Read, clock::now()) {
            return Some(api::refuse(&error, request, ""));
        }
        let slug = Slug::parse(admitted.slug()).ok()?;
        let question = Tags::question(&asker, &verdict, config.prompts, &slug);
        Some(match obtain(self.site, self.context, &question).await {
            Answer::Found(found) => copied(&*found.copy),
            Answer::Missing(error, _) | Answer::Unavailable(error, _) => {
                api::refuse(&error, request, "")
            }
        })
    }

    async fn send(&self, request: &ApiRequest) -> Result<ApiResponse, JsValue> {
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
        let sent = Request::new_with_str_and_init(&url, &init)?;
        let failed = |error: worker::Error| JsValue::from_str(&error.to_string());
        let head = Head::new(&sent, &url).map_err(failed)?;
        let response = respond(self.site, self.context, &sent, head)
            .await
            .map_err(failed)?;
        let all = response.headers();
        let headers = HEADERS.iter().filter_map(|name| {
            let value = all.get(name).ok().flatten()?;
            Some((*name, value))
        });
        let headers = headers.collect();
        let body = JsFuture::from(response.array_buffer()?).await?;
        Ok(ApiResponse {
            status: response.status(),
            headers,
            body: Uint8Array::new(&body).to_vec(),
            fault: None,
        })
    }
}

fn copied(item: &impl Item) -> ApiResponse {
    ApiResponse {
        status: 200,
        body: item.body(),
        ..ApiResponse::default()
    }
}

fn failed(request: &ApiRequest) -> ApiResponse {
    let id = clock::world().map(|world| world.request_id);
    let error = Error::new(Code::Internal, "the platform failed");
    api::refuse(&error, request, &id.unwrap_or_default())
}
