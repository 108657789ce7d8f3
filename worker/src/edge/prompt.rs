//! A resolved prompt, as the origin wrote it, checked and ready to render.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use cuecard_freshness::{ClockCache, EpochRevision};
use cuecard_prompt::{
    Code, Document, Error, Prompt, Provider, Result, Selector, Slug, Version, jinja, json,
};
use cuecard_store::Timestamp;
use js_sys::Uint8Array;
use serde::Deserialize;
use serde_json::Value;
use worker::web_sys::ResponseInit;

use super::cache_status::CacheStatus;
use super::cacheable::Cacheable;
use super::memory::{Entry, Memory, PROMPT_BYTES};
use crate::api::{self, RenderAnswer, RenderRequest};
use crate::clock;

thread_local! {
    static PROMPTS: RefCell<ClockCache<Rc<str>, Entry<CachedPrompt>>> = RefCell::new(ClockCache::new(PROMPT_BYTES));
}

/// Longer than any of ours: readers have limits for headers.
const MAX_ETAG_BYTES: usize = 200;

/// A cached prompt, under one selector.
pub(super) struct CachedPrompt {
    /// The body as it is sent; plain bytes on the JavaScript side, so that a hit copies nothing.
    pub(super) body: Uint8Array,
    etag: String,
    pub(super) hash: Rc<str>,
    /// The compiled prompt.
    pub(super) answer: RenderAnswer,
    /// The headers of the last response, which the next may share: of the prompt, and of a render.
    pub(super) ready: RefCell<Option<Rc<ReadyHeaders>>>,
    pub(super) ready_rendered: RefCell<Option<Rc<ReadyHeaders>>>,
}

/// Headers in the platform's form, and the values that they depend on.
pub(super) struct ReadyHeaders {
    pub(super) stamp: HeaderStamp,
    pub(super) init: ResponseInit,
    /// With the status 304, made when the first one is needed.
    pub(super) not_modified: OnceCell<ResponseInit>,
}

/// The values that the headers of a hit depend on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct HeaderStamp {
    pub(super) revision: EpochRevision,
    /// To the second.
    pub(super) cache_status: CacheStatus,
}

/// The version of the prompt.
#[derive(Clone)]
pub(super) struct PromptReference {
    pub(super) slug: Slug,
    pub(super) selector: Selector,
}

impl CachedPrompt {
    /// The compiled prompt, from the cache that all entries of the same content share: an entry that held it too would
    /// keep it beyond the bytes that are accounted for. It compiled when it came from the origin.
    ///
    /// # Errors
    /// Those of [`Prompt::compile`]
    pub(super) fn compiled(&self) -> Result<Rc<Prompt>> {
        if let Some(prompt) = Memory::with(|memory| memory.compiled(&self.hash)) {
            return Ok(prompt);
        }
        let PromptAnswer { version, .. } = PromptAnswer::parse(&self.body.to_vec())?;
        compile(&self.hash, &version.document, self.body.length() as usize)
    }
}

impl CachedPrompt {
    /// The prompt rendered now, or the request body of a model API, as JSON. `work`: the operator's limit of work.
    ///
    /// # Errors
    /// Those of [`RenderAnswer::to`]
    pub(super) fn rendered(
        &self,
        request: &RenderRequest,
        api: Option<Provider>,
        work: Option<u64>,
    ) -> Result<String> {
        let now = i64::try_from(clock::now()).unwrap_or_default();
        let at = (Timestamp::from_ms(now), work);
        self.answer.to(request, &*self.compiled()?, api, at)
    }
}

impl Cacheable for CachedPrompt {
    type Expected = PromptReference;
    const HAS_REVISION: bool = true;

    fn with_cache<R>(f: impl FnOnce(&mut ClockCache<Rc<str>, Entry<Self>>) -> R) -> R {
        PROMPTS.with_borrow_mut(f)
    }

    fn read(body: Vec<u8>, etag: &str, expected: &PromptReference) -> Result<Self> {
        if etag.len() > MAX_ETAG_BYTES {
            return Err(unusable("the answer's entity tag is too long to pass on"));
        }
        let PromptAnswer {
            whole,
            version,
            resolved,
            content,
        } = PromptAnswer::parse(&body)?;
        let right_version = match &expected.selector {
            Selector::Version(number) => *number == version.version,
            Selector::Tag(tag) => resolved.get("tag").and_then(Value::as_str) == Some(tag.as_str()),
            Selector::Latest => true,
        };
        if version.slug != expected.slug || !right_version {
            return Err(unusable("the answer is not what was asked for"));
        }
        if !version.document.has_hash(&version.hash, &content)? {
            return Err(unusable("the content does not have its hash"));
        }
        let hash: Rc<str> = version.hash.as_str().into();
        let prompt = compile(&hash, &version.document, body.len())?;
        let from = api::rendered_from(&version.slug, version.version, &hash, &resolved);
        let answer = RenderAnswer::new(&prompt, from)?;
        let body = match prompt.shipped(&version.document, &hash) {
            Some(plan) => beside(whole, resolved, plan),
            None => body,
        };
        Ok(Self {
            body: Uint8Array::from(body.as_slice()),
            etag: etag.to_owned(),
            hash,
            answer,
            ready: RefCell::default(),
            ready_rendered: RefCell::default(),
        })
    }

    /// A prompt that fails whatever its inputs are does not replace one that works.
    fn may_replace(&self, before: &Self) -> Result<()> {
        if self.hash == before.hash {
            return Ok(());
        }
        self.compiled()?.try_out()
    }

    fn means_missing(code: Code) -> bool {
        matches!(
            code,
            Code::PromptNotFound | Code::TagNotFound | Code::VersionNotFound
        )
    }

    fn etag(&self) -> &str {
        &self.etag
    }

    fn body(&self) -> Vec<u8> {
        self.body.to_vec()
    }

    fn bytes(&self) -> usize {
        self.body.length() as usize + self.etag.len() + 2 * self.hash.len() + self.answer.bytes()
    }
}

/// The plan's member in `resolved`: it is no part of the content, and readers of the document leave it out.
const PLAN: &str = "plan";

/// An answer in its parts. Duplicate members are refused.
struct PromptAnswer {
    /// All members but `resolved`.
    whole: Value,
    version: Version,
    resolved: Value,
    /// Its text, unchanged.
    content: Value,
}

impl PromptAnswer {
    fn parse(body: &[u8]) -> Result<Self> {
        Self::of(json::parse_bytes(body).map_err(|error| unusable(error.detail()))?)
    }

    fn of(mut whole: Value) -> Result<Self> {
        let mut resolved = whole
            .as_object_mut()
            .and_then(|members| members.shift_remove("resolved"))
            .filter(Value::is_object)
            .ok_or_else(|| unusable("the answer has no `resolved`"))?;
        if let Some(members) = resolved.as_object_mut() {
            // From another edge, which is this one's origin.
            members.shift_remove(PLAN);
        }
        let version = Version::deserialize(&whole).map_err(|error| unusable(&error.to_string()))?;
        let mut content = whole.clone();
        if let Some(members) = content.as_object_mut() {
            members.retain(|name, _| !Version::MEMBERS.contains(&name.as_str()));
        }
        Ok(Self {
            whole,
            version,
            resolved,
            content,
        })
    }
}

/// The most tokens of templates that are compiled for one snapshot: those of a thousand usual prompts.
const SNAPSHOT_TOKENS: usize = 2 * jinja::Template::MAX_TOKENS;

/// A snapshot with a plan for each document that can have one, as the answers about one prompt have it, as long as there
/// are tokens left.
pub(super) fn snapshot_with_plans(body: &[u8]) -> Option<Vec<u8>> {
    let mut snapshot = json::parse_bytes(body).ok()?;
    let mut left = SNAPSHOT_TOKENS;
    for prompt in snapshot.get_mut("prompts")?.as_array_mut()? {
        let plan = shipped(prompt, &mut left).ok().flatten();
        let resolved = prompt.get_mut("resolved").and_then(Value::as_object_mut);
        let Some(resolved) = resolved else { continue };
        // From another edge, which is this one's origin.
        resolved.shift_remove(PLAN);
        if let Some(plan) = plan {
            resolved.insert(PLAN.to_owned(), plan);
        }
    }
    Some(json::text(&snapshot).into_bytes())
}

fn shipped(prompt: &Value, left: &mut usize) -> Result<Option<Value>> {
    let mut version = prompt.clone();
    if let Some(members) = version.as_object_mut() {
        members.shift_remove("about");
    }
    let PromptAnswer {
        version, content, ..
    } = PromptAnswer::of(version)?;
    let Version { document, hash, .. } = &version;
    if !document.has_hash(hash, &content)? {
        return Ok(None);
    }
    match Memory::with(|memory| memory.compiled(hash)) {
        Some(prompt) => Ok(prompt.shipped(document, hash)),
        None => Ok(Prompt::compile_within(document, left)?.shipped(document, hash)),
    }
}

/// The answer with a plan of its document, for readers that render without the engine. `resolved` stands last, as in
/// the store's.
fn beside(mut whole: Value, mut resolved: Value, plan: Value) -> Vec<u8> {
    if let (Some(members), Some(answer)) = (resolved.as_object_mut(), whole.as_object_mut()) {
        members.insert(PLAN.to_owned(), plan);
        answer.insert("resolved".to_owned(), resolved);
    }
    json::text(&whole).into_bytes()
}

fn compile(hash: &Rc<str>, document: &Document, bytes: usize) -> Result<Rc<Prompt>> {
    if let Some(prompt) = Memory::with(|memory| memory.compiled(hash)) {
        return Ok(prompt);
    }
    let prompt = Rc::new(Prompt::compile(document)?);
    Memory::with(|memory| memory.keep_compiled(hash, prompt.clone(), bytes));
    Ok(prompt)
}

fn unusable(detail: &str) -> Error {
    Error::new(Code::OriginBadResponse, detail)
}
