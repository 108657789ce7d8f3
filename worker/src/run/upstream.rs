//! The only module that talks to model APIs: with the secret, within deadlines, without following redirects.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use cuecard_prompt::Code;
use cuecard_run::{Connection, Outgoing};
use futures_util::future::{Either, select};
use js_sys::{Function, Promise, Reflect, Uint8Array};
use serde_json::Value;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::{
    AbortController, AbortSignal, Headers, ReadableStreamDefaultReader, Request, RequestInit,
    RequestRedirect, Response, WorkerGlobalScope,
};
use worker::{Delay, Env};

use super::problem::Trouble;
use super::record::RunRecord;
use crate::{clock, wire};

/// The default of the variable `RUN_SECONDS`: how long a run may take in all.
const RUN_SECONDS: u64 = 600;
/// The default of the variable `RUN_SILENCE_SECONDS`: how long a model API may send nothing.
const RUN_SILENCE_SECONDS: u64 = 300;
/// How often the record is told that the run goes on, in milliseconds.
const BEAT: u64 = 20_000;

/// Seconds that are set; `None` where a run does not take them.
fn milliseconds(text: &str) -> Option<u64> {
    let seconds = text.trim().parse::<f64>().ok()?;
    let taken = (0.001..=86_400.0).contains(&seconds);
    taken.then_some((seconds * 1_000.0) as u64)
}

/// A run under way: its deadline, and whether its caller has gone.
pub(super) struct Course {
    abort: AbortController,
    gone: Rc<Cell<bool>>,
    caller: AbortSignal,
    /// Called by the caller's signal.
    _listener: Closure<dyn FnMut()>,
    end: u64,
    silence: u64,
}

impl Course {
    pub(super) fn new(env: &Env, request: &Request) -> Result<Self, Trouble> {
        let seconds = |name: &str, default: u64| {
            let given = wire::setting(env, name).and_then(|text| milliseconds(&text));
            given.unwrap_or(default * 1_000)
        };
        let abort = AbortController::new().map_err(platform)?;
        let gone = Rc::new(Cell::new(false));
        let (its, flag) = (abort.clone(), gone.clone());
        let listener = Closure::new(move || {
            flag.set(true);
            its.abort();
        });
        let caller = request.signal();
        caller.set_onabort(Some(listener.as_ref().unchecked_ref()));
        Ok(Self {
            abort,
            gone,
            caller,
            _listener: listener,
            end: clock::now() + seconds("RUN_SECONDS", RUN_SECONDS),
            silence: seconds("RUN_SILENCE_SECONDS", RUN_SILENCE_SECONDS),
        })
    }

    /// Ends the request under way at the model API.
    pub(super) fn stop(&self) {
        self.abort.abort();
    }

    /// Waits for the model API's next bytes.
    pub(super) async fn wait<T>(
        &self,
        work: impl Future<Output = T>,
        record: &RunRecord,
        id: &str,
    ) -> Result<T, Trouble> {
        let mut work = pin!(work);
        let until = self.end.min(clock::now() + self.silence);
        loop {
            let left = until.saturating_sub(clock::now());
            if left == 0 {
                self.stop();
                let detail = "the model API did not answer within its deadline";
                return Err(Trouble::new(Code::UpstreamTimeout, detail));
            }
            let pause = Delay::from(Duration::from_millis(left.min(BEAT)));
            match select(work.as_mut(), pin!(pause)).await {
                Either::Left((done, _)) if !self.gone.get() => return Ok(done),
                Either::Left(_) => return Err(Trouble::cancelled()),
                Either::Right(_) if left > BEAT && record.is_kept() => record.beat(id),
                Either::Right(_) => {}
            }
        }
    }
}

impl Drop for Course {
    /// A call of a dropped closure would trap.
    fn drop(&mut self) {
        self.caller.set_onabort(None);
    }
}

/// A secret, if the connection has one. Never printed.
pub(super) struct Secret(Option<String>);

impl Secret {
    /// The secret that a connection names.
    pub(super) fn of(env: &Env, connection: &Connection) -> Result<Self, Trouble> {
        let Some(name) = &connection.secret else {
            return Ok(Self(None));
        };
        // Kept apart from all other variables, whatever the store says.
        let named = Connection::parse_secret(name).ok();
        let secret = named.and_then(|name| wire::setting(env, &name));
        let secret = secret.map(|secret| secret.trim().to_owned());
        match secret.filter(|secret| !secret.is_empty()) {
            Some(secret) => Ok(Self(Some(secret))),
            None => {
                let detail = format!("the Worker has no secret `{name}`");
                Err(Trouble::new(Code::ConnectionUnusable, detail))
            }
        }
    }

    /// A text without the secret, in case the model API repeats it.
    pub(super) fn out_of(&self, text: &str) -> String {
        match &self.0 {
            Some(secret) => text.replace(secret.as_str(), "[secret]"),
            None => text.to_owned(),
        }
    }

    /// A value without the secret.
    pub(super) fn out_of_value(&self, value: Value) -> Value {
        match (&self.0, value) {
            (None, value) => value,
            (Some(_), Value::String(text)) => self.out_of(&text).into(),
            (Some(_), Value::Array(items)) => items
                .into_iter()
                .map(|item| self.out_of_value(item))
                .collect(),
            (Some(_), Value::Object(members)) => {
                let pair =
                    |(key, value): (String, Value)| (self.out_of(&key), self.out_of_value(value));
                Value::Object(members.into_iter().map(pair).collect())
            }
            (Some(_), value) => value,
        }
    }
}

/// Sends a request and waits until the answer begins.
pub(super) async fn send(
    env: &Env,
    connection: &Connection,
    outgoing: &Outgoing,
    secret: &Secret,
    course: &Course,
) -> Result<Response, Trouble> {
    let reached = connection
        .base_url
        .as_ref()
        .is_none_or(|base| base.is_within(wire::reach(env)));
    if !reached {
        let detail = "the connection leads into a private network";
        return Err(Trouble::new(Code::ConnectionUnusable, detail));
    }
    let response = match &outgoing.url {
        Some(url) => fetch(url, outgoing, secret, &course.abort.signal()).await?,
        None => workers_ai(env, outgoing).await?,
    };
    if (300..400).contains(&response.status()) {
        course.stop();
        let detail = "the model API redirects, which is not followed";
        return Err(Trouble {
            upstream: Some(response.status()),
            ..Trouble::new(Code::UpstreamBadResponse, detail)
        });
    }
    Ok(response)
}

async fn fetch(
    url: &str,
    outgoing: &Outgoing,
    secret: &Secret,
    signal: &AbortSignal,
) -> Result<Response, Trouble> {
    let build = || {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        for (name, value) in &outgoing.headers {
            headers.set(name, value)?;
        }
        if let Some(secret) = &secret.0 {
            let (header, before) = &outgoing.credential;
            headers.set(header, &format!("{before}{secret}"))?;
        }
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_redirect(RequestRedirect::Manual);
        init.set_signal(Some(signal));
        init.set_body(&outgoing.body.to_string().into());
        Request::new_with_str_and_init(url, &init)
    };
    // An exception may hold a header's value.
    let request = build().map_err(|_: JsValue| {
        Trouble::new(
            Code::ConnectionUnusable,
            "the request cannot be made: its secret fits no header, or its URL is wrong",
        )
    })?;
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    let answer = JsFuture::from(scope.fetch_with_request(&request)).await;
    answer.map(JsCast::unchecked_into).map_err(|_| {
        let detail = "the model API cannot be reached, or broke off before it answered";
        Trouble::new(Code::UpstreamUnavailable, detail)
    })
}

/// Cloudflare's own models, by the Worker's binding `AI`.
async fn workers_ai(env: &Env, outgoing: &Outgoing) -> Result<Response, Trouble> {
    let unusable = || Trouble::new(Code::ConnectionUnusable, "the Worker has no binding `AI`");
    let binding = Reflect::get(env, &"AI".into()).map_err(|_| unusable())?;
    let run: Function = Reflect::get(&binding, &"run".into())
        .ok()
        .and_then(|run| run.dyn_into().ok())
        .ok_or_else(unusable)?;
    let parse = |json: &str| js_sys::JSON::parse(json).map_err(|_| unusable());
    let body = parse(&outgoing.body.to_string())?;
    let options = parse(r#"{"returnRawResponse":true}"#)?;
    let model = outgoing.model.as_deref().unwrap_or_default();
    let refused = || Trouble::new(Code::UpstreamUnavailable, "Workers AI refused the request");
    let given = js_sys::Array::of3(&model.into(), &body, &options);
    let promise: Promise = Reflect::apply(&run, &binding, &given)
        .map_err(|_| refused())?
        .unchecked_into();
    let answer = JsFuture::from(promise).await.map_err(|_| refused())?;
    answer.dyn_into().map_err(|_| refused())
}

/// A body that is read piece by piece.
pub(super) struct Pieces(Option<ReadableStreamDefaultReader>);

impl Pieces {
    pub(super) fn of(response: &Response) -> Self {
        let stream = response.body();
        Self(stream.map(|stream| stream.get_reader().unchecked_into()))
    }

    /// The next piece; none at the end.
    pub(super) async fn next(&self) -> Result<Option<Uint8Array>, Trouble> {
        let Some(reader) = &self.0 else {
            return Ok(None);
        };
        let step = JsFuture::from(reader.read()).await.map_err(|_| {
            Trouble::new(
                Code::UpstreamBadResponse,
                "the model API's answer was cut off",
            )
        })?;
        let get = |name: &str| Reflect::get(&step, &name.into()).unwrap_or_default();
        Ok((!get("done").is_truthy()).then(|| get("value").unchecked_into()))
    }

    pub(super) fn cancel(&self) {
        if let Some(reader) = &self.0 {
            // The cancellation is not awaited: it only frees the connection.
            drop(reader.cancel());
        }
    }
}

pub(super) fn platform(_: JsValue) -> Trouble {
    Trouble::new(Code::Internal, "the platform failed")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::milliseconds;

    #[test]
    fn what_the_command_line_takes_is_what_is_read() {
        let table: Value =
            serde_json::from_str(include_str!("../../server/variables.json")).unwrap();
        for name in ["RUN_SECONDS", "RUN_SILENCE_SECONDS"] {
            let range = &table[name]["seconds"];
            for seconds in [&range[0], &range[1]] {
                let taken = (seconds.as_f64().unwrap() * 1_000.0) as u64;
                assert_eq!(milliseconds(&seconds.to_string()), Some(taken), "{name}");
            }
            let most = range[1].as_f64().unwrap();
            for wrong in ["0".to_owned(), (most + 1.0).to_string()] {
                assert_eq!(milliseconds(&wrong), None, "{name}");
            }
        }
    }
}
