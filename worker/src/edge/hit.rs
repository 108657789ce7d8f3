//! Hits without a future: most requests are answered from memory, and a promise, a wrapped request and a dozen calls
//! into the platform cost more than that. JavaScript keeps a [`HitReader`] for each repeated request (see
//! `js/readers.js`) and passes in whatever else the answer depends on. Anything but a plain hit takes the asynchronous
//! path.

use std::rc::Rc;

use cuecard_store::KeyRole;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Env;
use worker::web_sys::{Headers, Response};

use super::config::Config;
use super::cors;
use super::grant::Grant;
use super::prompt::CachedPrompt;
use super::prompt_read::PromptRead;
use super::read_path::get_cached;
use super::reply;
use super::respond::split;
use super::result::FoundCopy;
use crate::api::{self, ApiRequest, Form};
use crate::clock;
use crate::origin::Origin;

/// Answers requests with the same method, URL, key and `Accept`.
#[wasm_bindgen]
pub struct HitReader {
    head: ApiRequest,
    read: PromptRead,
    origin: Rc<Origin>,
    config: Rc<Config>,
}

#[wasm_bindgen]
impl HitReader {
    /// `undefined` for requests that are not answered from copies.
    pub fn of(
        method: String,
        url: &str,
        authorization: String,
        accept: Option<String>,
        env: Env,
    ) -> Option<HitReader> {
        let config = Config::of(&env);
        let origin = config.origin.clone().ok()?;
        let (_, path, query) = split(url);
        let mut headers = vec![("authorization".to_owned(), authorization)];
        headers.extend(accept.map(|accept| ("accept".to_owned(), accept)));
        let request = ApiRequest {
            method,
            path: path.to_owned(),
            query: query.map(str::to_owned),
            headers,
            body: Vec::new(),
        };
        let read = PromptRead::parse(&config, &request, &api::route(&request)).ok()??;
        Some(HitReader {
            head: request,
            read,
            origin,
            config,
        })
    }

    /// The prompt, if it is in memory and needs no request to the origin.
    pub fn resolve(&self, headers: &Headers, if_none_match: Option<String>) -> Option<Response> {
        let Form::Version = self.read.form else {
            return None;
        };
        let (grant, found) = self.get_cached()?;
        let origin = origin(headers, &grant);
        let allowed = cors::allowed(&grant, origin.as_deref());
        reply::found(&found, if_none_match.as_deref(), false, allowed).ok()
    }

    /// The rendered prompt, or the problem of the request, whose body is plain JSON; if the prompt is in memory and
    /// needs no request to the origin.
    pub fn render(&self, headers: &Headers, body: &[u8]) -> Option<Response> {
        let Form::Rendered(api) = self.read.form else {
            return None;
        };
        let (grant, found) = self.get_cached()?;
        let origin = origin(headers, &grant);
        let allowed = cors::allowed(&grant, origin.as_deref());
        api::inputs_in(body)
            .and_then(|inputs| reply::rendered(&found, api, &inputs, self.config.work, allowed))
            .or_else(|error| reply::refused(&error, &self.head, allowed))
            .ok()
    }

    fn get_cached(&self) -> Option<(Rc<Grant>, FoundCopy<CachedPrompt>)> {
        // Each reading of the clock is a call into the platform.
        let now = clock::now();
        let grant = get_cached(&self.origin, &self.read.grant, now)?.copy;
        grant.require(KeyRole::Read, now).ok()?;
        let query = self.read.query(&self.config, &grant);
        Some((grant, get_cached(&self.origin, &query, now)?))
    }
}

/// The `Origin` of the request. Most projects have no list of origins, and reading a header takes time.
fn origin(headers: &Headers, grant: &Grant) -> Option<String> {
    cors::matters(grant)
        .then(|| headers.get("origin").ok()?)
        .flatten()
}
