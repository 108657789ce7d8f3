//! Hits without a future: most requests are answered by what memory holds, and a promise, a wrapped request and a dozen
//! calls into the platform cost more than that. JavaScript keeps a [`Reader`] for each request that comes again and again
//! (see `js/entry.js`) and hands in what else an answer depends on. Whatever is not a plain hit takes the full way.

use std::rc::Rc;

use cuecard_store::Role;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Env;
use worker::web_sys::{Headers, Response};

use super::answer::Found;
use super::config::Config;
use super::cors;
use super::entry::Entry;
use super::read::recall;
use super::reader::Read;
use super::reply;
use super::respond::split;
use super::verdict::Verdict;
use crate::api::{self, ApiRequest, Form};
use crate::clock;
use crate::origin::Origin;

/// Answers requests with the same method, URL, key and `Accept`.
#[wasm_bindgen]
pub struct Reader {
    head: ApiRequest,
    read: Read,
    origin: Rc<Origin>,
    config: Rc<Config>,
}

#[wasm_bindgen]
impl Reader {
    /// `undefined` for requests that are not answered from copies.
    pub fn of(
        method: String,
        url: &str,
        authorization: String,
        accept: Option<String>,
        env: Env,
    ) -> Option<Reader> {
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
        let read = Read::parse(&config, &request, &api::route(&request)).ok()??;
        Some(Reader {
            head: request,
            read,
            origin,
            config,
        })
    }

    /// The prompt, if memory has it and nobody has to ask.
    pub fn resolve(&self, headers: &Headers, if_none_match: Option<String>) -> Option<Response> {
        let Form::Version = self.read.form else {
            return None;
        };
        let (verdict, found) = self.recall()?;
        let origin = origin(headers, &verdict);
        let allowed = cors::allowed(&verdict, origin.as_deref());
        reply::found(&found, if_none_match.as_deref(), false, allowed).ok()
    }

    /// The rendered prompt, or what is wrong with the request, whose body is plain JSON; if memory has the prompt and nobody
    /// has to ask.
    pub fn render(&self, headers: &Headers, body: &[u8]) -> Option<Response> {
        let Form::Rendered(api) = self.read.form else {
            return None;
        };
        let (verdict, found) = self.recall()?;
        let origin = origin(headers, &verdict);
        let allowed = cors::allowed(&verdict, origin.as_deref());
        api::inputs_in(body)
            .and_then(|inputs| reply::rendered(&found, api, &inputs, self.config.work, allowed))
            .or_else(|error| reply::refused(&error, &self.head, allowed))
            .ok()
    }

    fn recall(&self) -> Option<(Rc<Verdict>, Found<Entry>)> {
        let verdict = recall(&self.origin, &self.read.verdict)?.copy;
        verdict.require(Role::Read, clock::now()).ok()?;
        let question = self.read.question(&self.config, &verdict);
        Some((verdict, recall(&self.origin, &question)?))
    }
}

/// The web page that asks. Most projects have no list of those, and each header that is read takes its time.
fn origin(headers: &Headers, verdict: &Verdict) -> Option<String> {
    cors::matters(verdict)
        .then(|| headers.get("origin").ok()?)
        .flatten()
}
