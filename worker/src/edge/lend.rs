//! What runs need of the copies that are kept here.

use std::cell::RefCell;
use std::rc::Rc;

use cuecard_prompt::{Error, Prompt, Result, Selector, Slug};
use cuecard_run::Settings;
use cuecard_store::{Key, Limits, Role};
use serde_json::Value;
use wasm_bindgen::JsValue;
use worker::{Context, Env};

use super::answer::Answer;
use super::entry::Want;
use super::item::Question;
use super::read::{obtain, verdict};
use super::reader::Read;
use super::reply::cache_status;
use super::settings::RunSettings;
use super::site::Site;
use super::verdict::Verdict;
use crate::api::{ApiRequest, Form};
use crate::clock;

/// Where runs get what they go by.
pub(crate) struct Desk<'a> {
    site: &'a Site,
    context: &'a Context,
}

/// Who asks, as the origin says.
pub(crate) struct Caller {
    verdict: Rc<Verdict>,
    asker: Question<Verdict>,
}

/// A prompt, and where it came from.
pub(crate) struct Lent {
    pub(crate) prompt: Rc<Prompt>,
    /// Slug, version, hash, tag, revision.
    pub(crate) resolved: Value,
    /// How fresh it is.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(site: &'a Site, context: &'a Context) -> Self {
        Self { site, context }
    }

    pub(crate) fn env(&self) -> &Env {
        &self.site.env
    }

    /// Keeps the request's context until the promise settles, also when the caller has gone.
    pub(crate) fn wait_until(&self, promise: js_sys::Promise) {
        let done = wasm_bindgen_futures::JsFuture::from(promise);
        self.context.wait_until(async move {
            let _: std::result::Result<JsValue, JsValue> = done.await;
        });
    }

    /// Who presents a key that may do what takes `role`.
    ///
    /// # Errors
    /// `key_invalid`, `role_required`; those of the origin
    pub(crate) async fn caller(&self, key: &Key, head: &ApiRequest, role: Role) -> Result<Caller> {
        let asker = Verdict::question(key, head, self.site.config.keys);
        let verdict = verdict(self.site, self.context, &asker).await?;
        verdict.require(role, clock::now())?;
        Ok(Caller { verdict, asker })
    }

    /// What the caller's runs go by.
    ///
    /// # Errors
    /// Those of the origin
    pub(crate) async fn settings(&self, caller: &Caller) -> Result<Rc<Settings>> {
        let policy = self.site.config.prompts;
        let question = RunSettings::question(&caller.asker, &caller.verdict, policy);
        match obtain(self.site, self.context, &question).await {
            Answer::Found(found) => Ok(found.copy.settings.clone()),
            Answer::Missing(error, _) | Answer::Unavailable(error, _) => Err((*error).clone()),
        }
    }

    /// A prompt of the caller's.
    ///
    /// # Errors
    /// `prompt_not_found` and others of its kind; those of the origin
    pub(crate) async fn prompt(
        &self,
        caller: &Caller,
        slug: Slug,
        selector: Selector,
    ) -> Result<Lent> {
        let read = Read {
            want: Want { slug, selector },
            form: Form::Version,
            verdict: caller.asker.clone(),
            question: RefCell::default(),
        };
        let question = read.question(&self.site.config, &caller.verdict);
        let found = match obtain(self.site, self.context, &question).await {
            Answer::Found(found) => found,
            Answer::Missing(error, _) | Answer::Unavailable(error, _) => {
                return Err(Error::clone(&error));
            }
        };
        Ok(Lent {
            prompt: found.copy.prompt()?,
            resolved: found.copy.answer.resolved().clone(),
            headers: vec![
                ("age", (found.source.age / 1_000).to_string()),
                ("cache-status", cache_status(found.source)),
                ("cuecard-revision", found.revision.to_string()),
            ],
        })
    }
}

impl Caller {
    /// The name of what keeps the executions of the caller's project.
    pub(crate) fn project(&self) -> String {
        format!("{}/{}", self.verdict.organization, self.verdict.project)
    }

    /// The key's id.
    pub(crate) fn key(&self) -> &str {
        &self.verdict.id
    }

    /// How much the key may run.
    pub(crate) fn limits(&self) -> Limits {
        self.verdict.limits
    }
}
