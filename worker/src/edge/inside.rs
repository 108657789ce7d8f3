//! Our own API from inside the Worker, for the clients of other systems: the same path that a request from outside takes.

use cuecard_prompt::{Code, Error};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::Context;
use worker::web_sys::{Headers, Request, RequestInit, Response};

use super::item::Item;
use super::read::Answer;
use super::verdict::Verdict;
use super::{Head, Site, respond};
use crate::api::{self, Admission, ApiRequest, ApiResponse};
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
        match self.own_key(&request).await {
            Some(answer) => answer,
            None => match self.send(&request).await {
                Ok(answer) => answer,
                Err(_) => failed(&request),
            },
        }
    }
}

impl Inside<'_> {
    /// What a key may do, from the cached verdict: it is asked for with every answer.
    async fn own_key(&self, request: &ApiRequest) -> Option<ApiResponse> {
        if (&*request.method, &*request.path) != ("GET", "/v1/keys/self") {
            return None;
        }
        let Admission::Admitted(admitted) = api::admit(request, "") else {
            return None;
        };
        let authorization = request.header("authorization")?.into();
        let policy = self.site.config.keys;
        let question = Verdict::question(&admitted.key, &authorization, policy);
        match super::read::obtain(self.site, self.context, &question).await {
            Answer::Found(found) => Some(ApiResponse {
                status: 200,
                body: found.copy.body(),
                ..ApiResponse::default()
            }),
            Answer::Missing(error, _) | Answer::Unavailable(error, _) => {
                Some(api::refuse(&error, request, ""))
            }
        }
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

fn failed(request: &ApiRequest) -> ApiResponse {
    let id = clock::world().map(|world| world.request_id);
    let error = Error::new(Code::Internal, "the platform failed");
    api::refuse(&error, request, &id.unwrap_or_default())
}
