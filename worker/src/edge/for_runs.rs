//! The cached reads of a run: the caller's grant, the prompt, the settings.

use std::cell::RefCell;
use std::rc::Rc;

use cuecard_prompt::{Error, Prompt, Result, Selector, Slug};
use cuecard_run::Settings;
use cuecard_store::{Key, KeyLimits, KeyRole};
use serde_json::Value;
use wasm_bindgen::JsValue;
use worker::{Context, Env};

use super::cacheable::CacheQuery;
use super::context::EdgeContext;
use super::grant::Grant;
use super::prompt::PromptReference;
use super::prompt_read::PromptRead;
use super::read_path::{get_or_fetch, grant};
use super::result::CacheResult;
use super::run_settings::RunSettings;
use crate::api::{ApiRequest, Form};
use crate::clock;

/// Cached reads, for runs.
pub(crate) struct CachedReads<'a> {
    edge: &'a EdgeContext,
    context: &'a Context,
}

/// The grant of a key, by the origin's answer.
pub(crate) struct KeyHolder {
    grant: Rc<Grant>,
    grant_query: CacheQuery<Grant>,
}

/// A compiled prompt, and where it came from.
pub(crate) struct RunPrompt {
    pub(crate) prompt: Rc<Prompt>,
    /// Slug, version, hash, tag, revision.
    pub(crate) resolved: Value,
    /// How fresh it is.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl<'a> CachedReads<'a> {
    pub(super) fn new(edge: &'a EdgeContext, context: &'a Context) -> Self {
        Self { edge, context }
    }

    pub(crate) fn env(&self) -> &Env {
        &self.edge.env
    }

    /// Keeps the request's context until the promise settles, also when the caller has gone.
    pub(crate) fn wait_until(&self, promise: js_sys::Promise) {
        let done = wasm_bindgen_futures::JsFuture::from(promise);
        self.context.wait_until(async move {
            let _: std::result::Result<JsValue, JsValue> = done.await;
        });
    }

    /// The grant of the caller's key, which must have at least `role`.
    ///
    /// # Errors
    /// `key_invalid`, `role_required`; those of the origin
    pub(crate) async fn caller(
        &self,
        key: &Key,
        head: &ApiRequest,
        role: KeyRole,
    ) -> Result<KeyHolder> {
        let grant_query = Grant::query(key, head, self.edge.config.keys);
        let grant = grant(self.edge, self.context, &grant_query).await?;
        grant.require(role, clock::now())?;
        Ok(KeyHolder { grant, grant_query })
    }

    /// The settings of the caller's runs.
    ///
    /// # Errors
    /// Those of the origin
    pub(crate) async fn settings(&self, caller: &KeyHolder) -> Result<Rc<Settings>> {
        let policy = self.edge.config.prompts;
        let query = RunSettings::query(&caller.grant_query, &caller.grant, policy);
        match get_or_fetch(self.edge, self.context, &query).await {
            CacheResult::Found(found) => Ok(found.copy.settings.clone()),
            CacheResult::Missing(error, _) | CacheResult::Unavailable(error, _) => {
                Err((*error).clone())
            }
        }
    }

    /// A prompt of the caller's.
    ///
    /// # Errors
    /// `prompt_not_found` and others of its kind; those of the origin
    pub(crate) async fn prompt(
        &self,
        caller: &KeyHolder,
        slug: Slug,
        selector: Selector,
    ) -> Result<RunPrompt> {
        let read = PromptRead {
            prompt: PromptReference { slug, selector },
            form: Form::Version,
            grant: caller.grant_query.clone(),
            query: RefCell::default(),
        };
        let query = read.query(&self.edge.config, &caller.grant);
        let found = match get_or_fetch(self.edge, self.context, &query).await {
            CacheResult::Found(found) => found,
            CacheResult::Missing(error, _) | CacheResult::Unavailable(error, _) => {
                return Err(Error::clone(&error));
            }
        };
        Ok(RunPrompt {
            prompt: found.copy.compiled()?,
            resolved: found.copy.answer.resolved().clone(),
            headers: vec![
                ("age", found.cache_status.age_in_seconds().to_string()),
                ("cache-status", found.cache_status.to_string()),
                ("cuecard-revision", found.revision.to_string()),
            ],
        })
    }
}

impl KeyHolder {
    /// The name of the object that keeps the executions of the caller's project.
    pub(crate) fn project(&self) -> String {
        format!("{}/{}", self.grant.organization, self.grant.project)
    }

    /// The key's id.
    pub(crate) fn key(&self) -> &str {
        &self.grant.id
    }

    /// How much the key may run.
    pub(crate) fn limits(&self) -> KeyLimits {
        self.grant.limits
    }
}
