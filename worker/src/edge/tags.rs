//! Where a prompt's tags point, for the translations: clients that show them with a prompt read them as often as the prompt.

use std::cell::RefCell;
use std::rc::Rc;

use cuecard_freshness::{Policy, Shelf};
use cuecard_prompt::json::sha256_hex;
use cuecard_prompt::{Code, Error, Result, Slug};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::item::{Item, Question};
use super::key::{change_of_prompt, key, prompt_prefix};
use super::memory::{Slot, TAG_BYTES};
use super::verdict::Verdict;
use crate::api;

thread_local! {
    static TAGS: RefCell<Shelf<Rc<str>, Slot<Tags>>> = RefCell::new(Shelf::new(TAG_BYTES));
}

/// The list of one prompt's tags, as the origin wrote it.
pub(super) struct Tags {
    body: Vec<u8>,
    /// Of the body, as the origin has none for this list: it tells copies apart.
    etag: String,
}

#[derive(Deserialize)]
struct List {
    #[serde(rename = "tags")]
    _tags: Vec<IgnoredAny>,
}

impl Tags {
    /// The question where the tags of a prompt point, for who has this verdict.
    pub(super) fn question(
        asker: &Question<Verdict>,
        verdict: &Verdict,
        policy: Policy,
        slug: &Slug,
    ) -> Question<Self> {
        // No selector is empty, so this is the key of no prompt.
        let mut cache_key = prompt_prefix(&verdict.organization, &verdict.project, slug);
        let changes = change_of_prompt(&cache_key);
        cache_key.push_str(&key(&["", "tags"]));
        Question {
            key: cache_key.into(),
            path: format!("{}/tags", api::path_of(slug)),
            organization: verdict.organization.clone(),
            authorization: asker.authorization.clone(),
            verdict: asker.key.clone(),
            policy,
            pinned: false,
            changes: Some(changes),
            project: verdict.shared.clone(),
            want: (),
        }
    }
}

impl Item for Tags {
    type Want = ();
    const HAS_REVISION: bool = true;

    fn with_shelf<R>(f: impl FnOnce(&mut Shelf<Rc<str>, Slot<Self>>) -> R) -> R {
        TAGS.with_borrow_mut(f)
    }

    fn read(body: Vec<u8>, _: &str, (): &()) -> Result<Self> {
        serde_json::from_slice::<List>(&body)
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
