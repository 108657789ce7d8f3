//! The default way to the network: gloo-net over the runtime's own `fetch`. The only place that names it.

use gloo_net::http::Request;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::{AbortSignal, RequestRedirect};

use crate::throw;

/// What of an answer matters to us; `js/fetch.ts` makes the same of a `fetch` that the user brings.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status: u16,
    etag: Option<String>,
    revision: Option<String>,
    retry_after: Option<String>,
    body: String,
}

/// One GET. A redirect is an answer like any other: the key goes nowhere but to `url`.
///
/// # Errors
/// What the runtime's `fetch` throws, as a text.
#[wasm_bindgen]
pub async fn get(
    url: String,
    key: String,
    etag: Option<String>,
    signal: AbortSignal,
) -> Result<JsValue, JsValue> {
    let mut request = Request::get(&url)
        .header("authorization", &format!("Bearer {key}"))
        .header("accept", "application/json")
        .redirect(RequestRedirect::Manual)
        .abort_signal(Some(&signal));
    if let Some(etag) = etag {
        request = request.header("if-none-match", &etag);
    }
    let response = request.send().await.map_err(text)?;
    let headers = response.headers();
    let answer = Answer {
        status: response.status(),
        etag: headers.get("etag"),
        revision: headers.get("cuecard-revision"),
        retry_after: headers.get("retry-after"),
        body: response.text().await.map_err(text)?,
    };
    Ok(throw::object(&answer))
}

fn text(error: gloo_net::Error) -> JsValue {
    JsValue::from_str(&error.to_string())
}
