//! A read of a prompt that the edge answers from its caches: parsed once, answered once or, by a
//! [`HitReader`](super::hit::HitReader), often.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use cuecard_prompt::{Code, Error, Result, Selector};
use cuecard_store::KeyRole;
use futures_util::future::{Either, select};
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::{Request, Response};
use worker::{Context, Delay};

use super::cacheable::{CacheQuery, Cacheable};
use super::config::Config;
use super::context::{EdgeContext, internal};
use super::cors::{self, Allowed};
use super::grant::Grant;
use super::key::{change_of_prompt, key, prompt_prefix};
use super::memory::Share;
use super::prompt::{CachedPrompt, PromptReference};
use super::read_path::{get_or_fetch, grant};
use super::reply;
use super::result::CacheResult;
use crate::api::{self, ApiRequest, ApiResponse, Form, Routed};
use crate::{clock, wire};

/// The query for a prompt, and the grant that it was made with.
pub(super) type GrantedQuery = (Rc<Grant>, Rc<CacheQuery<CachedPrompt>>);

/// A read of a prompt that is answered here.
pub(super) struct PromptRead {
    pub(super) prompt: PromptReference,
    pub(super) form: Form,
    pub(super) grant: CacheQuery<Grant>,
    pub(super) query: RefCell<Option<GrantedQuery>>,
}

impl PromptRead {
    /// Parses a request. `None` if it is for another route, or from another Cuecard.
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
            prompt: PromptReference {
                slug: target.slug,
                selector: target.selector,
            },
            form: target.form,
            grant: Grant::query(&target.key, head, config.keys),
            query: RefCell::default(),
        }))
    }

    pub(super) async fn answer(
        &self,
        edge: &EdgeContext,
        context: &Context,
        request: &Request,
        head: &ApiRequest,
    ) -> Result<Response> {
        let grant = grant(edge, context, &self.grant).await?;
        let allowed = cors::allowed(&grant, head.header("origin"));
        let answer = self.as_allowed(edge, context, request, head, &grant, allowed);
        answer
            .await
            .or_else(|error| reply::refused(&error, head, allowed))
    }

    /// `allowed`: the asking page's permission.
    async fn as_allowed(
        &self,
        edge: &EdgeContext,
        context: &Context,
        request: &Request,
        head: &ApiRequest,
        grant: &Rc<Grant>,
        allowed: Allowed<'_>,
    ) -> Result<Response> {
        grant.require(KeyRole::Read, clock::now())?;
        let query = self.query(&edge.config, grant);
        match get_or_fetch(edge, context, &query).await {
            CacheResult::Found(found) => match self.form {
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
                        edge.config.work,
                        allowed,
                    )
                }
            },
            CacheResult::Missing(error, cache_status) => {
                reply::missing(&error, cache_status, head, allowed)
            }
            CacheResult::Unavailable(error, retry_after) => {
                reply::unavailable(&error, retry_after, head, allowed)
            }
        }
    }

    /// The same as plain data, for facades.
    pub(super) async fn plain(
        &self,
        edge: &EdgeContext,
        context: &Context,
        request: &ApiRequest,
        id: &str,
    ) -> Result<ApiResponse> {
        let grant = grant(edge, context, &self.grant).await?;
        grant.require(KeyRole::Read, clock::now())?;
        let query = self.query(&edge.config, &grant);
        Ok(match get_or_fetch(edge, context, &query).await {
            CacheResult::Found(found) => {
                let body = match self.form {
                    Form::Version => found.copy.body(),
                    Form::Rendered(api) => {
                        let request = api::inputs(request)?;
                        let rendered = found.copy.rendered(&request, api, edge.config.work);
                        rendered?.into_bytes()
                    }
                };
                reply::plain(&found, body)
            }
            CacheResult::Missing(error, cache_status) => {
                reply::with_cache_status(api::refuse(&error, request, id), cache_status)
            }
            CacheResult::Unavailable(error, retry_after) => {
                let mut refused = api::refuse(&error, request, id);
                let seconds = retry_after.div_ceil(1_000).max(1);
                refused.headers.push(("retry-after", seconds.to_string()));
                refused
            }
        })
    }

    pub(super) fn query(&self, config: &Config, grant: &Rc<Grant>) -> Rc<CacheQuery<CachedPrompt>> {
        if let Some((of, query)) = &*self.query.borrow()
            && Rc::ptr_eq(of, grant)
        {
            return query.clone();
        }
        let query = Rc::new(self.new_query(config, grant));
        *self.query.borrow_mut() = Some((grant.clone(), query.clone()));
        query
    }

    fn new_query(&self, config: &Config, grant: &Grant) -> CacheQuery<CachedPrompt> {
        let PromptReference { slug, selector } = &self.prompt;
        let pinned = matches!(selector, Selector::Version(_));
        let mut key = prompt_prefix(&grant.organization, &grant.project, slug);
        let invalidated_by = change_of_prompt(&key);
        key.push_str(&self::key(&[&selector.to_string()]));
        let parameter = if pinned { "version" } else { "tag" };
        CacheQuery {
            key: key.into(),
            path: format!("{}?{parameter}={selector}", api::path_of(slug)),
            organization: grant.organization.clone(),
            authorization: self.grant.authorization.clone(),
            grant: self.grant.key.clone(),
            policy: config.prompts,
            pinned,
            share: Share::of_project(&grant.organization, &grant.project),
            invalidated_by: Some(invalidated_by),
            project: grant.project_state.clone(),
            number: grant.number,
            expected: self.prompt.clone(),
        }
    }
}

/// A request's body, up to the API's limit plus one byte, which shows that it is too long.
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

/// The time a caller may take to send the body of a request to render.
const BODY_DEADLINE: Duration = Duration::from_secs(10);
