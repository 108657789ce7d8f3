//! The front, in the isolate nearest to the reader: prompts are resolved and rendered here, from copies whenever
//! `freshness` allows; everything else goes to the origin as it is.
//!
//! A read with the header `Cuecard-Via` goes to the origin too: that is how one Cuecard asks another, so that copies do not
//! age twice. (`Cache-Control: no-cache` would not do: `fetch` adds it to every request with `If-None-Match`.)

mod ask;
mod config;
mod cors;
mod entry;
mod forward;
mod item;
mod memory;
mod read;
mod reply;
mod tier;
mod verdict;

use std::rc::Rc;

use cuecard_prompt::{Code, Error, Result, Selector, Slug};
use cuecard_store::{Key, Role};
use worker::web_sys::{Request, Response};
use worker::{Context, Env};

use crate::api::{self, ApiRequest, Operation};
use crate::origin::Origin;
use crate::{clock, page, wire};
use config::Config;
use entry::{Entry, Want};
use item::Question;
use read::{Answer, Found, obtain};
use verdict::Verdict;

/// What every step of a request needs to know of its surroundings.
#[derive(Clone)]
struct Site {
    env: Env,
    config: Rc<Config>,
    origin: Rc<Origin>,
    /// The host that the request came to, which cache keys are under.
    host: Rc<str>,
}

/// Answers a request for the API.
pub(crate) async fn handle(
    request: Request,
    env: Env,
    context: Context,
) -> worker::Result<Response> {
    let url = request.url();
    let (host, head) = head(&request, &url)?;
    if head.method == "OPTIONS" {
        return cors::preflight(&request, &head);
    }
    if page::serves(&head.path)
        && let Ok(files) = env.assets("ASSETS")
    {
        return page::handle(&head, &files).await.map(Into::into);
    }
    let config = Config::of(&env);
    let origin = match &config.origin {
        Ok(origin) => origin.clone(),
        Err(problem) => {
            let error = Error::new(Code::Internal, problem.as_str());
            return reply::problem(&error, &head);
        }
    };
    let site = Site {
        env,
        config,
        origin,
        host: host.into(),
    };
    let response = match Read::parse(&head) {
        Ok(Some(read)) if head.header("cuecard-via").is_none() => {
            read.answer(&site, &context, &request, &head).await
        }
        _ => forward::forward(&site, &context, &request, &head).await,
    };
    response.or_else(|error| reply::problem(&error, &head))
}

/// Host, and what the request says before its body: no more headers than the API reads.
fn head<'a>(request: &Request, url: &'a str) -> worker::Result<(&'a str, ApiRequest)> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (rest, None),
    };
    let all = request.headers();
    let mut headers = Vec::with_capacity(4);
    for name in crate::origin::HEADERS {
        if let Some(value) = all.get(name)? {
            headers.push((name.to_owned(), value));
        }
    }
    let head = ApiRequest {
        method: request.method(),
        path: path.to_owned(),
        query,
        headers,
        body: Vec::new(),
    };
    Ok((host, head))
}

/// A request that is answered here.
struct Read {
    want: Want,
    renders: bool,
    key: Key,
    authorization: Rc<str>,
}

impl Read {
    /// `None`: the request is for another route.
    fn parse(head: &ApiRequest) -> Result<Option<Self>> {
        let Some(target) = api::target(head)? else {
            return Ok(None);
        };
        let authorization: Rc<str> = head.header("authorization").unwrap_or_default().into();
        Ok(Some(Self {
            want: Want {
                slug: target.slug,
                selector: target.selector,
            },
            renders: target.operation == Operation::RenderPrompt,
            key: target.key,
            authorization,
        }))
    }

    async fn answer(
        &self,
        site: &Site,
        context: &Context,
        request: &Request,
        head: &ApiRequest,
    ) -> Result<Response> {
        let verdict = verdict(site, context, &self.key, &self.authorization).await?;
        verdict.require(Role::Read, clock::now())?;
        let question = self.question(site, &verdict);
        let answer = obtain(site, context, &question).await;
        let allowed = cors::allowed(&verdict, head.header("origin"));
        match answer {
            Answer::Found(found) if self.renders => {
                let request = wire::receive(request.clone().map_err(internal)?.into())
                    .await
                    .map_err(|e| Error::new(Code::BodyInvalid, e.to_string()))?;
                reply::rendered(&self.want.slug, &found, &request, allowed)
            }
            Answer::Found(found) => reply::found(&found, head, allowed),
            Answer::Missing(error, source) => reply::missing(&error, source, head, allowed),
            Answer::Unavailable(error, retry_after) => {
                if error.code() == Code::KeyInvalid {
                    // Revoked since its verdict was cached.
                    forget(&self.key);
                }
                reply::unavailable(&error, retry_after, head, allowed)
            }
        }
    }

    fn question(&self, site: &Site, verdict: &Verdict) -> Question<Entry> {
        let Want { slug, selector } = &self.want;
        let pinned = matches!(selector, Selector::Version(_));
        let mut key = prompt_prefix(&verdict.organization, &verdict.project, slug);
        key.push_str(&item::key(&[&selector.to_string()]));
        let parameter = if pinned { "version" } else { "tag" };
        Question {
            key: key.into(),
            // An encoded slash keeps a slug that ends like a route apart from the route.
            path: format!(
                "/v1/prompts/{}?{parameter}={selector}",
                slug.as_str().replace('/', "%2F")
            ),
            organization: verdict.organization.clone(),
            authorization: self.authorization.clone(),
            policy: site.config.prompts,
            pinned,
            project: verdict.shared.clone(),
            want: self.want.clone(),
        }
    }
}

/// What the cache keys of all selectors of one prompt begin with.
fn prompt_prefix(organization: &str, project: &str, slug: &Slug) -> String {
    item::key(&["prompt1", organization, project, slug.as_str()])
}

/// What the origin says of a key.
async fn verdict(
    site: &Site,
    context: &Context,
    key: &Key,
    authorization: &Rc<str>,
) -> Result<Rc<Verdict>> {
    let question = Verdict::question(key, authorization, site.config.keys);
    match obtain(site, context, &question).await {
        Answer::Found(Found { copy, .. }) => Ok(copy),
        Answer::Missing(error, _) | Answer::Unavailable(error, _) => Err((*error).clone()),
    }
}

/// Drops what is remembered of a key.
fn forget(key: &Key) {
    let prefix = Verdict::prefix(key.organization().as_str(), key.id().as_str());
    memory::Memory::with(|memory| memory.forget_verdicts(&prefix));
}

fn internal(_: wasm_bindgen::JsValue) -> Error {
    Error::new(Code::Internal, "the platform failed")
}
