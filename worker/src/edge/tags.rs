//! A prompt's tags, for facades: clients that show them with a prompt read them as often as the prompt.

use std::cell::RefCell;
use std::rc::Rc;

use cuecard_freshness::{ClockCache, Policy};
use cuecard_prompt::json::sha256_hex;
use cuecard_prompt::{Code, Error, Result, Slug};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::cacheable::{CacheQuery, Cacheable};
use super::grant::Grant;
use super::key::{change_of_prompt, key, prompt_prefix};
use super::memory::{Entry, Share, TAG_BYTES};
use crate::api;

thread_local! {
    static TAGS: RefCell<ClockCache<Rc<str>, Entry<Tags>>> = RefCell::new(ClockCache::new(TAG_BYTES));
}

/// The list of one prompt's tags, as the origin wrote it.
pub(super) struct Tags {
    body: Vec<u8>,
    /// A digest of the body, as the origin sends no validator for it: it tells copies apart.
    etag: String,
}

#[derive(Deserialize)]
struct TagList {
    #[serde(rename = "tags")]
    _tags: Vec<IgnoredAny>,
}

impl Tags {
    /// The query for a prompt's tags, under the project of this grant.
    pub(super) fn query(
        grant_query: &CacheQuery<Grant>,
        grant: &Grant,
        policy: Policy,
        slug: &Slug,
    ) -> CacheQuery<Self> {
        // No selector is empty, so this is the key of no prompt.
        let mut cache_key = prompt_prefix(&grant.organization, &grant.project, slug);
        let invalidated_by = change_of_prompt(&cache_key);
        cache_key.push_str(&key(&["", "tags"]));
        CacheQuery {
            key: cache_key.into(),
            path: format!("{}/tags", api::path_of(slug)),
            organization: grant.organization.clone(),
            authorization: grant_query.authorization.clone(),
            grant: grant_query.key.clone(),
            policy,
            pinned: false,
            share: Share::of_project(&grant.organization, &grant.project),
            invalidated_by: Some(invalidated_by),
            project: grant.project_state.clone(),
            number: grant.number,
            expected: (),
        }
    }
}

impl Cacheable for Tags {
    type Expected = ();
    const HAS_REVISION: bool = true;

    fn with_cache<R>(f: impl FnOnce(&mut ClockCache<Rc<str>, Entry<Self>>) -> R) -> R {
        TAGS.with_borrow_mut(f)
    }

    fn read(body: Vec<u8>, _: &str, (): &()) -> Result<Self> {
        serde_json::from_slice::<TagList>(&body)
            .map_err(|e| Error::new(Code::OriginBadResponse, e.to_string()))?;
        let etag = format!("\"{}\"", sha256_hex(&body));
        Ok(Self { body, etag })
    }

    fn means_missing(code: Code) -> bool {
        code == Code::PromptNotFound
    }

    fn etag(&self) -> &str {
        &self.etag
    }

    fn body(&self) -> Vec<u8> {
        self.body.clone()
    }

    fn bytes(&self) -> usize {
        self.body.len() + self.etag.len()
    }
}
