//! The front, in the isolate nearest to the reader: prompts are resolved and rendered here, from copies whenever
//! `freshness` allows; everything else goes to the origin as it is.
//!
//! A read with the header `Cuecard-Via` goes to the origin too: that is how one Cuecard asks another, so that copies do not
//! age twice. (`Cache-Control: no-cache` would not do: `fetch` adds it to every request with `If-None-Match`.)

mod ask;
mod changes;
mod config;
mod cors;
mod entry;
mod forward;
mod health;
mod hit;
mod inside;
mod item;
mod judge;
mod lend;
mod lists;
mod memory;
mod read;
mod reply;
mod settings;
mod tags;
mod tier;
mod verdict;

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use cuecard_prompt::{Code, Error, Result, Selector, Slug};
use cuecard_store::Role;
use futures_util::future::{Either, select};
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::{Request, Response};
use worker::{Context, Delay, Env};

use crate::api::{self, ApiRequest, Form, Routed};
use crate::facades::Facade;
use crate::origin::Origin;
use crate::run::Job;
use crate::{clock, studio, wire};
use config::Config;
use cors::Allowed;
use entry::{Entry, Want};
use item::Question;
pub(crate) use lend::{Caller, Desk, Lent};
use read::{Answer, Found, obtain};
use verdict::Verdict;

/// What every step of a request needs to know of its surroundings.
#[derive(Clone)]
struct Site {
    env: Env,
    config: Rc<Config>,
    origin: Rc<Origin>,
    /// The host that a request came to.
    host: Rc<str>,
    /// What cache keys are under: a name of the origin.
    cache: Rc<str>,
}

/// Answers a request for the API.
pub(crate) async fn handle(
    request: Request,
    env: Env,
    context: Context,
) -> worker::Result<Response> {
    let url = request.url();
    let head = Head::new(&request, &url)?;
    let config = Config::of(&env);
    let origin = match &config.origin {
        Ok(origin) => origin.clone(),
        Err(problem) => {
            let error = Error::new(Code::Internal, problem.as_str());
            return reply::problem(&error, &head.request);
        }
    };
    let site = Site {
        env,
        cache: config.cache.clone(),
        config,
        origin,
        host: head.host.into(),
    };
    match Facade::of(&head.request.path) {
        Some(facade) => inside::answer(facade, &site, &context, &request, &head.request).await,
        None => respond(&site, &context, &request, head).await,
    }
}

/// Answers a request for our own API, or for the studio.
async fn respond(
    site: &Site,
    context: &Context,
    request: &Request,
    mut head: Head<'_>,
) -> worker::Result<Response> {
    let routed = api::route(&head.request);
    if let Some(job) = Job::of(&head.request.path, &routed) {
        let desk = Desk::new(site, context);
        return crate::run::answer(job, &desk, request, &head.request).await;
    }
    let response = match Read::parse(&site.config, &head.request, &routed) {
        Ok(Some(read)) => read.answer(site, context, request, &head.request).await,
        Ok(None) if head.request.method == "OPTIONS" => {
            return cors::preflight(request, &head.request);
        }
        Ok(None) if studio::serves(&head.request.path) && site.env.assets("ASSETS").is_ok() => {
            return studio::handle(&head.request, &site.env.assets("ASSETS")?)
                .await
                .map(Into::into);
        }
        Ok(None) => {
            head.complete(request)?;
            forward::forward(site, context, request, &head.request, routed).await
        }
        Err(error) => cors::refuse(site, context, &error, &head.request).await,
    };
    response.or_else(|error| reply::problem(&error, &head.request))
}

/// What a request says before its body.
struct Head<'a> {
    host: &'a str,
    request: ApiRequest,
}

/// The headers that an answer from a copy depends on.
const READ_HEADERS: [&str; 7] = [
    "authorization",
    "accept",
    "origin",
    "if-none-match",
    "cuecard-via",
    "content-type",
    "content-encoding",
];

impl<'a> Head<'a> {
    fn new(request: &Request, url: &'a str) -> worker::Result<Self> {
        let (host, path, query) = split(url);
        let request = ApiRequest {
            method: request.method(),
            path: path.to_owned(),
            query: query.map(str::to_owned),
            headers: headers(request, &READ_HEADERS)?,
            body: Vec::new(),
        };
        Ok(Self { host, request })
    }

    /// Adds the headers that only the store reads.
    fn complete(&mut self, request: &Request) -> worker::Result<()> {
        self.request.headers = headers(request, &crate::origin::HEADERS)?;
        Ok(())
    }
}

/// Host, path and query of a URL.
fn split(url: &str) -> (&str, &str, Option<&str>) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let rest = rest.split('#').next().unwrap_or_default();
    match rest.split_once('?') {
        Some((path, query)) => (host, path, Some(query)),
        None => (host, rest, None),
    }
}

fn headers(request: &Request, names: &[&str]) -> worker::Result<Vec<(String, String)>> {
    let all = request.headers();
    let mut headers = Vec::with_capacity(names.len());
    for name in names {
        if let Some(value) = all.get(name)? {
            headers.push(((*name).to_owned(), value));
        }
    }
    Ok(headers)
}

/// The question about a prompt, and the verdict that it was made with.
type Asking = (Rc<Verdict>, Rc<Question<Entry>>);

/// A request that is answered here.
pub(super) struct Read {
    want: Want,
    form: Form,
    verdict: Question<Verdict>,
    question: RefCell<Option<Asking>>,
}

impl Read {
    /// What a request wants to read here; `None`: it is for another route, or from another Cuecard.
    fn parse(config: &Config, head: &ApiRequest, routed: &Routed) -> Result<Option<Self>> {
        if head.header("cuecard-via").is_some() {
            return Ok(None);
        }
        let Some(target) = api::target(head, routed)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            want: Want {
                slug: target.slug,
                selector: target.selector,
            },
            form: target.form,
            verdict: Verdict::question(&target.key, head, config.keys),
            question: RefCell::default(),
        }))
    }

    async fn answer(
        &self,
        site: &Site,
        context: &Context,
        request: &Request,
        head: &ApiRequest,
    ) -> Result<Response> {
        let verdict = verdict(site, context, &self.verdict).await?;
        let allowed = cors::allowed(&verdict, head.header("origin"));
        let answer = self.as_allowed(site, context, request, head, &verdict, allowed);
        answer
            .await
            .or_else(|error| reply::refused(&error, head, allowed))
    }

    /// `allowed`: what the page that asks may read of the answer.
    async fn as_allowed(
        &self,
        site: &Site,
        context: &Context,
        request: &Request,
        head: &ApiRequest,
        verdict: &Rc<Verdict>,
        allowed: Allowed<'_>,
    ) -> Result<Response> {
        verdict.require(Role::Read, clock::now())?;
        let question = self.question(&site.config, verdict);
        match obtain(site, context, &question).await {
            Answer::Found(found) => match self.form {
                Form::Version => {
                    let known = head.header("if-none-match");
                    reply::found(&found, known, head.method == "HEAD", allowed)
                }
                Form::Rendered(api) => {
                    let request = ApiRequest {
                        body: body(request).await?,
                        ..head.clone()
                    };
                    reply::rendered(&found, api, &api::inputs(&request)?, allowed)
                }
            },
            Answer::Missing(error, source) => reply::missing(&error, source, head, allowed),
            Answer::Unavailable(error, retry_after) => {
                reply::unavailable(&error, retry_after, head, allowed)
            }
        }
    }

    fn question(&self, config: &Config, verdict: &Rc<Verdict>) -> Rc<Question<Entry>> {
        if let Some((of, question)) = &*self.question.borrow()
            && Rc::ptr_eq(of, verdict)
        {
            return question.clone();
        }
        let question = Rc::new(self.ask(config, verdict));
        *self.question.borrow_mut() = Some((verdict.clone(), question.clone()));
        question
    }

    fn ask(&self, config: &Config, verdict: &Verdict) -> Question<Entry> {
        let Want { slug, selector } = &self.want;
        let pinned = matches!(selector, Selector::Version(_));
        let mut key = prompt_prefix(&verdict.organization, &verdict.project, slug);
        let changes = changes::place(&key);
        key.push_str(&item::key(&[&selector.to_string()]));
        let parameter = if pinned { "version" } else { "tag" };
        Question {
            key: key.into(),
            path: format!("{}?{parameter}={selector}", api::path_of(slug)),
            organization: verdict.organization.clone(),
            authorization: self.verdict.authorization.clone(),
            verdict: self.verdict.key.clone(),
            policy: config.prompts,
            pinned,
            changes: Some(changes),
            project: verdict.shared.clone(),
            want: self.want.clone(),
        }
    }
}

/// A request's body, no longer than the API takes it: one byte more says that it is too long.
pub(crate) async fn body(request: &Request) -> Result<Vec<u8>> {
    let declared = request.headers().get("content-length").ok().flatten();
    let whole = declared
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: usize| length <= ApiRequest::MAX_BODY_BYTES);
    let read = async {
        if whole {
            let bytes = JsFuture::from(request.array_buffer().map_err(internal)?);
            return Ok(Uint8Array::new(&bytes.await.map_err(internal)?).to_vec());
        }
        let request = request.clone().map_err(internal)?.into();
        let received = wire::receive(request).await;
        received
            .map(|received| received.body)
            .map_err(|_| Error::new(Code::BodyInvalid, "the body cannot be read"))
    };
    match select(pin!(read), pin!(Delay::from(BODY_DEADLINE))).await {
        Either::Left((body, _)) => body,
        Either::Right(_) => {
            let detail = "the body did not arrive within 10 seconds";
            Err(Error::new(Code::BodyInvalid, detail))
        }
    }
}

/// How long a caller may take to send the body of a request to render.
const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// What the cache keys of all selectors of one prompt begin with.
fn prompt_prefix(organization: &str, project: &str, slug: &Slug) -> String {
    item::key(&["prompt1", organization, project, slug.as_str()])
}

/// What the origin says of a key.
async fn verdict(
    site: &Site,
    context: &Context,
    question: &Question<Verdict>,
) -> Result<Rc<Verdict>> {
    match obtain(site, context, question).await {
        Answer::Found(Found { copy, .. }) => Ok(copy),
        Answer::Missing(error, _) | Answer::Unavailable(error, _) => Err((*error).clone()),
    }
}

fn internal(_: wasm_bindgen::JsValue) -> Error {
    Error::new(Code::Internal, "the platform failed")
}
