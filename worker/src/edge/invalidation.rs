//! Invalidations by writes at this location, published to its other isolates through the Cache API. An isolate reads
//! them when it next looks there: before it asks the origin, and before it adopts what another isolate stored.

use cuecard_freshness::EpochRevision;
use cuecard_prompt::{Code, Error, Slug};

use super::cache_api;
use super::cacheable::{CacheQuery, Cacheable, StoredResponse};
use super::context::EdgeContext;
use super::grant::Grant;
use super::key::{change_of_names, change_of_prompt, key, prompt_prefix};

/// A removed thing, which must not be served again when the origin fails.
#[derive(Eq, PartialEq)]
pub(super) enum Removed {
    Nothing,
    Tag(String),
    /// By its number, as text.
    Version(String),
    Prompt,
}

/// Publishes that a prompt changed at `revision`.
pub(super) async fn publish(
    edge: &EdgeContext,
    grant: &Grant,
    slug: &Slug,
    revision: EpochRevision,
    removed: &Removed,
) {
    let prefix = prompt_prefix(&grant.organization, &grant.project, slug);
    let change = |error: Option<Error>| {
        let mut change = StoredResponse::mark(revision);
        if let Some(error) = error {
            change.held.missing = true;
            change.body = serde_json::to_vec(&error.to_problem()).unwrap_or_default();
        }
        change
    };
    let put = async |key: &str, change: StoredResponse| {
        cache_api::put(&edge.cache, key, &change, &edge.config.prompts, false).await;
    };
    let ended = (*removed == Removed::Prompt).then(|| {
        let detail = format!("there is no prompt `{slug}`");
        Error::new(Code::PromptNotFound, detail)
    });
    put(&change_of_prompt(&prefix), change(ended)).await;
    let (selector, ended) = match removed {
        Removed::Nothing | Removed::Prompt => return,
        Removed::Tag(tag) => {
            let detail = format!("`{slug}` has no tag `{tag}`");
            (tag, Error::new(Code::TagNotFound, detail))
        }
        Removed::Version(version) => {
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

/// The last published invalidation for a query.
pub(super) async fn last<T: Cacheable>(
    edge: &EdgeContext,
    query: &CacheQuery<T>,
) -> Option<StoredResponse> {
    cache_api::get(&edge.cache, query.invalidated_by.as_deref()?).await
}

/// Publishes that at `revision` some slug of the organisation began to name another prompt, so that versions read
/// before are revalidated even where the store can no longer say so.
pub(super) async fn publish_names(edge: &EdgeContext, organization: &str, revision: EpochRevision) {
    let mark = StoredResponse::mark(revision);
    let key = change_of_names(organization);
    cache_api::put(&edge.cache, &key, &mark, &edge.config.prompts, false).await;
}

/// Applies the last invalidation to a stored response: a newer removal replaces it, and nothing older than the change
/// is current.
pub(super) fn apply<T: Cacheable>(
    query: &CacheQuery<T>,
    stored: Option<StoredResponse>,
    change: Option<StoredResponse>,
) -> Option<StoredResponse> {
    let Some(change) = change else {
        return stored;
    };
    T::invalidate(query, change.held.revision);
    match stored {
        Some(stored) if !change.held.missing || stored.held.revision >= change.held.revision => {
            Some(stored)
        }
        _ => Some(change).filter(|change| change.held.missing),
    }
}
