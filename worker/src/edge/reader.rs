//! A request that is answered here, from copies: parsed once, answered once or, as a [`Reader`](super::hit::Reader), often.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use cuecard_prompt::{Code, Error, Result, Selector};
use cuecard_store::Role;
use futures_util::future::{Either, select};
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::{Request, Response};
use worker::{Context, Delay};

use super::answer::Answer;
use super::config::Config;
use super::cors::{self, Allowed};
use super::entry::{Entry, Want};
use super::item::{Item, Question};
use super::key::{change_of_prompt, key, prompt_prefix};
use super::read::{obtain, verdict};
use super::reply;
use super::site::{Site, internal};
use super::verdict::Verdict;
use crate::api::{self, ApiRequest, ApiResponse, Form, Routed};
use crate::{clock, wire};

/// The question about a prompt, and the verdict that it was made with.
pub(super) type Asking = (Rc<Verdict>, Rc<Question<Entry>>);

/// A request that is answered here.
pub(super) struct Read {
    pub(super) want: Want,
    pub(super) form: Form,
    pub(super) verdict: Question<Verdict>,
    pub(super) question: RefCell<Option<Asking>>,
}

impl Read {
    /// What a request wants to read here; `None`: it is for another route, or from another Cuecard.
    pub(super) fn parse(
        config: &Config,
        head: &ApiRequest,
        routed: &Routed,
    ) -> Result<Option<Self>> {
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

    pub(super) async fn answer(
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
                    reply::rendered(
                        &found,
                        api,
                        &api::inputs(&request)?,
                        site.config.work,
                        allowed,
                    )
                }
            },
            Answer::Missing(error, source) => reply::missing(&error, source, head, allowed),
            Answer::Unavailable(error, retry_after) => {
                reply::unavailable(&error, retry_after, head, allowed)
            }
        }
    }

    /// The same as plain data, for callers in this Worker.
    pub(super) async fn plain(
        &self,
        site: &Site,
        context: &Context,
        request: &ApiRequest,
        id: &str,
    ) -> Result<ApiResponse> {
        let verdict = verdict(site, context, &self.verdict).await?;
        verdict.require(Role::Read, clock::now())?;
        let question = self.question(&site.config, &verdict);
        Ok(match obtain(site, context, &question).await {
            Answer::Found(found) => {
                let body = match self.form {
                    Form::Version => found.copy.body(),
                    Form::Rendered(api) => {
                        let request = api::inputs(request)?;
                        let rendered = found.copy.rendered(&request, api, site.config.work);
                        rendered?.into_bytes()
                    }
                };
                reply::plain(&found, body)
            }
            Answer::Missing(error, source) => {
                reply::with_source(api::refuse(&error, request, id), source)
            }
            Answer::Unavailable(error, retry_after) => {
                let mut refused = api::refuse(&error, request, id);
                let seconds = retry_after.div_ceil(1_000).max(1);
                refused.headers.push(("retry-after", seconds.to_string()));
                refused
            }
        })
    }

    pub(super) fn question(&self, config: &Config, verdict: &Rc<Verdict>) -> Rc<Question<Entry>> {
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
        let changes = change_of_prompt(&key);
        key.push_str(&self::key(&[&selector.to_string()]));
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
