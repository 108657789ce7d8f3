//! What writes at this location changed, told to its other isolates through the Cache API: they hear of it when they next look
//! there, which is before they ask the origin, and before they take over what a third one left.

use cuecard_freshness::{Held, Revision};
use cuecard_prompt::{Code, Error, Slug};

use super::item::{Item, Question, Stored};
use super::key::{change_of_meaning, change_of_prompt, key, prompt_prefix};
use super::site::Site;
use super::tier;
use super::verdict::Verdict;
use crate::clock;

/// What a write ended, which must not come back when the origin fails.
#[derive(Eq, PartialEq)]
pub(super) enum Gone {
    Nothing,
    Tag(String),
    /// By its number, as text.
    Version(String),
    Prompt,
}

/// Tells that at `revision` a prompt was changed.
pub(super) async fn tell(
    site: &Site,
    verdict: &Verdict,
    slug: &Slug,
    revision: Revision,
    gone: &Gone,
) {
    let prefix = prompt_prefix(&verdict.organization, &verdict.project, slug);
    let change = |error: Option<Error>| Stored {
        held: Held {
            revision,
            checked: clock::now(),
            missing: error.is_some(),
        },
        etag: String::new(),
        body: error
            .and_then(|error| serde_json::to_vec(&error.to_problem()).ok())
            .unwrap_or_default(),
    };
    let put = async |key: &str, change: Stored| {
        tier::put(&site.cache, key, &change, &site.config.prompts, false).await;
    };
    let ended = (*gone == Gone::Prompt).then(|| {
        let detail = format!("there is no prompt `{slug}`");
        Error::new(Code::PromptNotFound, detail)
    });
    put(&change_of_prompt(&prefix), change(ended)).await;
    let (selector, ended) = match gone {
        Gone::Nothing | Gone::Prompt => return,
        Gone::Tag(tag) => {
            let detail = format!("`{slug}` has no tag `{tag}`");
            (tag, Error::new(Code::TagNotFound, detail))
        }
        Gone::Version(version) => {
            let detail = format!("`{slug}` has no version {version}");
            (version, Error::new(Code::VersionNotFound, detail))
        }
    };
    put(
        &format!("{prefix}{}", key(&[selector])),
        change(Some(ended)),
    )
    .await;
}

/// The last change to the prompt that is asked about, as far as it was told.
pub(super) async fn told<T: Item>(site: &Site, question: &Question<T>) -> Option<Stored> {
    tier::get(&site.cache, question.changes.as_deref()?).await
}

/// Tells that at `revision` some slug of the organisation ceased to mean what it had meant, so that versions read before are
/// confirmed also where the store can no longer say so.
pub(super) async fn tell_meaning(site: &Site, organization: &str, revision: Revision) {
    let mark = Stored {
        held: Held {
            revision,
            checked: clock::now(),
            missing: false,
        },
        etag: String::new(),
        body: Vec::new(),
    };
    let key = change_of_meaning(organization);
    tier::put(&site.cache, &key, &mark, &site.config.prompts, false).await;
}

/// What of a question's `stored` counts after what was `told`: the end of its prompt, where that is newer; and nothing older
/// than the last change is current.
pub(super) fn heed<T: Item>(
    question: &Question<T>,
    stored: Option<Stored>,
    told: Option<Stored>,
) -> Option<Stored> {
    let Some(told) = told else {
        return stored;
    };
    T::changed(question, told.held.revision);
    match stored {
        Some(stored) if !told.held.missing || stored.held.revision >= told.held.revision => {
            Some(stored)
        }
        _ => Some(told).filter(|told| told.held.missing),
    }
}
