//! One request and its whole answer, within a deadline and a number of bytes.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use gloo_net::http::RequestBuilder;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, Request, RequestRedirect, Response,
};
use worker::{Delay, Env};

use super::Origin;
use crate::clock;

/// An answer with any status.
#[derive(Debug)]
pub(crate) struct OriginResponse {
    pub(crate) status: u16,
    headers: Headers,
    pub(crate) body: Vec<u8>,
}

impl OriginResponse {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }

    /// Whether the body is of this media type.
    pub(crate) fn is(&self, media_type: &str) -> bool {
        self.header("content-type")
            .is_some_and(|value| value.split(';').next().map(str::trim) == Some(media_type))
    }
}

/// A request to the origin, with a name of its own that the answer repeats.
pub(crate) struct OriginRequest {
    request: Request,
    abort: AbortController,
    name: String,
}

/// The header with a request's name, in the request and in its answer. Origins of earlier releases do not repeat it.
const NAME: &str = "cuecard-exchange";

/// Why no answer came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ExchangeFailure {
    /// No connection, or it broke before an answer began.
    Unreachable,
    /// The answer is that to another request: the connection has had one answer too many.
    Misplaced,
    /// The store's disk took no write.
    Unwritable,
    /// The answer breaks off.
    Broken,
    /// The deadline has passed.
    Deadline,
    /// The answer is longer than allowed.
    TooLarge,
}

/// Sends a request made by [`request`] or [`request_like`] and reads the whole answer. `crowded` says after each tenth
/// of a second whether so many requests have come in it that an answer may have been kept waiting.
pub(crate) async fn exchange(
    origin: &Origin,
    env: &Env,
    organization: &str,
    request: OriginRequest,
    deadline: Duration,
    max_bytes: usize,
    mut crowded: impl FnMut() -> bool,
) -> Result<OriginResponse, ExchangeFailure> {
    let abort = request.abort.clone();
    let work = async {
        let response = request.send(origin, env, organization).await?;
        let body = read(&response, max_bytes).await?;
        Ok(OriginResponse {
            status: response.status(),
            headers: response.headers(),
            body,
        })
    };
    let began = clock::now();
    let mut work = pin!(work);
    // In a burst, an answer that has arrived is read only after all requests that came before it. So the deadline is
    // counted in turns, and those in which more come are not counted.
    let mut turns = deadline.as_millis() / TURN.as_millis();
    let longest = deadline.max(LONGEST);
    while turns > 0 && Duration::from_millis(clock::now().saturating_sub(began)) < longest {
        if let Either::Left((result, _)) = select(work.as_mut(), pin!(Delay::from(TURN))).await {
            return result;
        }
        if !crowded() {
            turns -= 1;
        }
    }
    abort.abort();
    Err(ExchangeFailure::Deadline)
}

/// The turns of a deadline.
const TURN: Duration = Duration::from_millis(100);
/// The limit of a shorter deadline, however great the burst: less than `Policy::LEASE`.
const LONGEST: Duration = Duration::from_secs(6);

/// How often a read is sent again whose answer was another request's: the origin's connections may all have such answers.
const REPEATS: u32 = 4;

/// Sends a read, and again where the answer is that to another request. `send` learns whether it sends again: it then
/// sets no condition, because only an answer with a body ends a connection that has answers of other requests.
pub(crate) async fn repeat_misplaced<T, F>(
    mut send: impl FnMut(bool) -> F,
) -> Result<T, ExchangeFailure>
where
    F: Future<Output = Result<T, ExchangeFailure>>,
{
    let mut sent = send(false).await;
    for _ in 0..REPEATS {
        if !matches!(sent, Err(ExchangeFailure::Misplaced)) {
            break;
        }
        sent = send(true).await;
    }
    sent
}

/// A GET request with these headers that follows no redirects.
pub(crate) fn request(url: &str, headers: &[(&str, &str)]) -> Result<OriginRequest, JsValue> {
    OriginRequest::new(url, |mut builder| {
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        builder.build().map_err(thrown)
    })
}

/// The same request for another URL, with those of its headers that the API reads, that follows no redirects.
pub(crate) fn request_like(url: &str, original: &Request) -> Result<OriginRequest, JsValue> {
    let method = original.method();
    let method = method.parse().map_err(|_| JsValue::from(method))?;
    OriginRequest::new(url, |builder| {
        let mut builder = builder.method(method);
        for name in HEADERS {
            if let Some(value) = original.headers().get(name)? {
                builder = builder.header(name, &value);
            }
        }
        // A `GET` whose length is 0 has an empty body here, and cannot be made with one.
        let request = match original.body() {
            Some(body) if !matches!(original.method().as_str(), "GET" | "HEAD") => {
                builder.body(body)
            }
            _ => builder.build(),
        };
        request.map_err(thrown)
    })
}

/// The request headers that the API reads; no other one reaches it.
pub(crate) const HEADERS: [&str; 10] = [
    "accept",
    "authorization",
    "content-encoding",
    "content-length",
    "content-type",
    "cuecard-via",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "origin",
];

impl OriginRequest {
    fn new(
        url: &str,
        finish: impl FnOnce(RequestBuilder) -> Result<gloo_net::http::Request, JsValue>,
    ) -> Result<Self, JsValue> {
        let (abort, name) = (AbortController::new()?, clock::request_id()?);
        let builder = RequestBuilder::new(url)
            .redirect(RequestRedirect::Manual)
            .abort_signal(Some(&abort.signal()))
            .header(NAME, &name);
        Ok(Self {
            request: finish(builder)?.into(),
            abort,
            name,
        })
    }

    /// The same without a condition, so that the answer has a body.
    pub(crate) fn unconditional(self) -> Result<Self, JsValue> {
        self.request.headers().delete("if-none-match")?;
        Ok(self)
    }

    /// Sends it and waits until its answer begins. An answer to another request is given up before its body is read:
    /// workerd then closes the connection, on which each later answer would be another's too.
    async fn send(
        self,
        origin: &Origin,
        env: &Env,
        organization: &str,
    ) -> Result<Response, ExchangeFailure> {
        let response = origin.send(env, organization, self.request).await?;
        let named = response.headers().get(NAME).ok().flatten();
        if named.is_some_and(|named| named != self.name) {
            self.abort.abort();
            return Err(ExchangeFailure::Misplaced);
        }
        Ok(response)
    }
}

fn thrown(error: gloo_net::Error) -> JsValue {
    JsValue::from(error.to_string())
}

pub(super) async fn fetch(request: Request) -> Result<Response, ExchangeFailure> {
    let answer = gloo_net::http::Request::from(request).send().await;
    answer
        .map(Into::into)
        .map_err(|_| ExchangeFailure::Unreachable)
}

/// Reads a body, or cancels what is too long: an unread one would hold its connection.
pub(crate) async fn read(
    response: &Response,
    max_bytes: usize,
) -> Result<Vec<u8>, ExchangeFailure> {
    let mut all = Vec::new();
    let Some(stream) = response.body() else {
        return Ok(all);
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let step = JsFuture::from(reader.read())
            .await
            .map_err(|_| ExchangeFailure::Broken)?;
        let get = |name: &str| js_sys::Reflect::get(&step, &name.into()).unwrap_or_default();
        if get("done").is_truthy() {
            return Ok(all);
        }
        let chunk: Uint8Array = get("value").unchecked_into();
        let start = all.len();
        let end = start + chunk.length() as usize;
        if end > max_bytes {
            // The cancellation is not awaited: the answer is unusable either way.
            drop(reader.cancel());
            return Err(ExchangeFailure::TooLarge);
        }
        all.resize(end, 0);
        if let Some(space) = all.get_mut(start..) {
            chunk.copy_to(space);
        }
    }
}

/// Sends a request made by [`request_like`] and waits until the answer begins; its body is the caller's to pass on.
pub(crate) async fn forward(
    origin: &Origin,
    env: &Env,
    organization: &str,
    request: OriginRequest,
    deadline: Duration,
) -> Result<Response, ExchangeFailure> {
    let abort = request.abort.clone();
    let work = request.send(origin, env, organization);
    match select(pin!(work), pin!(Delay::from(deadline))).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => {
            abort.abort();
            Err(ExchangeFailure::Deadline)
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// The result of a read whose first `misplaced` answers are another's, and whether each was sent again.
    fn read_after(misplaced: usize) -> (Result<&'static str, ExchangeFailure>, Vec<bool>) {
        let mut sent = Vec::new();
        let result = repeat_misplaced(|again| {
            sent.push(again);
            let own = sent.len() > misplaced;
            async move {
                if own {
                    Ok("own")
                } else {
                    Err(ExchangeFailure::Misplaced)
                }
            }
        });
        let result = result.now_or_never();
        (result.unwrap_or(Err(ExchangeFailure::Deadline)), sent)
    }

    #[test]
    fn a_read_is_sent_again_without_a_condition_until_its_answer_is_its_own() {
        assert_eq!(read_after(0), (Ok("own"), vec![false]));
        assert_eq!(read_after(2), (Ok("own"), vec![false, true, true]));
        let all = vec![false, true, true, true, true];
        assert_eq!(read_after(4), (Ok("own"), all.clone()));
        assert_eq!(read_after(5), (Err(ExchangeFailure::Misplaced), all));
    }

    #[test]
    fn a_read_that_fails_otherwise_is_sent_once() {
        let mut count = 0;
        let result: Result<(), _> = repeat_misplaced(|_| {
            count += 1;
            std::future::ready(Err(ExchangeFailure::Deadline))
        })
        .now_or_never()
        .unwrap_or(Ok(()));
        assert_eq!((result, count), (Err(ExchangeFailure::Deadline), 1));
    }
}
