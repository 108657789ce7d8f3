//! What a change that the origin has made ends at this location, at once.

use std::rc::Rc;

use cuecard_freshness::EpochRevision;
use cuecard_prompt::Slug;
use cuecard_store::Key;
use worker::Context;
use worker::web_sys::Headers;

use super::cacheable::Cacheable;
use super::context::EdgeContext;
use super::grant::{self, Grant};
use super::invalidation::Removed;
use super::key::{key, prompt_prefix};
use super::prompt::CachedPrompt;
use super::read_path::grant;
use super::tags::Tags;
use super::{cache_api, invalidation, revisions, run_settings, stale_lists};
use crate::api::{self, Admitted, ApiRequest, Invalidates, Operation};
use crate::clock;

/// Applies what a forwarded request has changed; `headers` are those of its answer.
pub(super) async fn apply(
    edge: &EdgeContext,
    context: &Context,
    head: &ApiRequest,
    admitted: &Admitted,
    headers: &Headers,
) {
    match admitted.invalidates() {
        Invalidates::Nothing => {}
        Invalidates::Keys => invalidate_grants(edge, &admitted.key).await,
        Invalidates::Runs => invalidate_run_settings(edge, &admitted.key).await,
        _ => {
            for change in ForwardedChange::all(admitted, headers) {
                apply_change(edge, context, &admitted.key, head, &change).await;
            }
        }
    }
}

/// A change, as far as copies are concerned.
struct ForwardedChange {
    /// The prompts that changed.
    slugs: Vec<Slug>,
    /// The project's revision after it.
    revision: EpochRevision,
    /// The revision since which the project's version numbers have meant the same.
    versions_from: EpochRevision,
    /// The removed things: copies of them are dropped, so that they are not served again when the origin fails.
    removed: Removed,
}

impl ForwardedChange {
    /// A renamed prompt is removed from its old slug.
    fn all(admitted: &Admitted, headers: &Headers) -> Vec<Self> {
        let written = Self::of(admitted, headers);
        let may_rename = matches!(
            admitted.operation(),
            Operation::CommitVersion | Operation::UpdatePrompt | Operation::RestorePrompt
        );
        let to = headers.get("location").ok().flatten();
        let to = to.filter(|_| may_rename).and_then(|at| api::slug_of(&at));
        let to = to.filter(|to| *to != admitted.slug());
        let Some(to) = to.and_then(|to| Slug::parse(to).ok()) else {
            return vec![written];
        };
        let there = Self {
            slugs: vec![to],
            removed: Removed::Nothing,
            ..written
        };
        let removed = Self {
            removed: Removed::Prompt,
            ..written
        };
        vec![removed, there]
    }

    fn of(admitted: &Admitted, headers: &Headers) -> Self {
        let of = |name: &str| headers.get(name).ok().flatten();
        let revision = |name: &str| of(name).and_then(|text| text.parse().ok());
        let duplicates = admitted.operation() == Operation::DuplicatePrompt;
        // A duplicate is another prompt than the one in the path.
        let made = of("location").filter(|_| duplicates);
        let made = made.and_then(|location| api::slug_of(&location));
        let slugs = [Some(admitted.slug().to_owned()), made];
        let slugs = slugs.into_iter().flatten().map(Slug::parse);
        Self {
            slugs: slugs.filter_map(Result::ok).collect(),
            revision: revision("cuecard-revision").unwrap_or_default(),
            versions_from: revision("cuecard-bindings").unwrap_or_default(),
            removed: match admitted.invalidates() {
                Invalidates::PromptRemoved => Removed::Prompt,
                Invalidates::TagRemoved => Removed::Tag(admitted.name().to_owned()),
                Invalidates::VersionRemoved => Removed::Version(admitted.name().to_owned()),
                Invalidates::Nothing
                | Invalidates::Prompt
                | Invalidates::Keys
                | Invalidates::Runs => Removed::Nothing,
            },
        }
    }
}

/// After a change to keys or projects: the organisation's grants may be outdated.
async fn invalidate_grants(edge: &EdgeContext, key: &Key) {
    let everyone = Grant::prefix_of_all(key.organization().as_str());
    let dropped = grant::remove_all(&everyone);
    remove(edge, &dropped).await;
    invalidate_run_settings(edge, key).await;
}

/// After a change to the settings of runs.
async fn invalidate_run_settings(edge: &EdgeContext, key: &Key) {
    let organization = key.organization().as_str();
    let dropped = run_settings::remove_all(organization);
    remove(edge, &dropped).await;
}

/// After a change to prompts: no older copy is current at this location.
async fn apply_change(
    edge: &EdgeContext,
    context: &Context,
    key: &Key,
    head: &ApiRequest,
    change: &ForwardedChange,
) {
    // An import may bring a name from elsewhere.
    invalidate_run_settings(edge, key).await;
    let everyone = Grant::prefix_of_all(key.organization().as_str());
    let query = Grant::query(key, head, edge.config.keys);
    let Ok(grant) = grant(edge, context, &query).await else {
        return;
    };
    let mut dropped = invalidate(&grant, change);
    revisions::require(&grant.organization, change.revision);
    if change.versions_from == change.revision {
        // A slug or number changed its meaning. Other projects of the organisation learn of it with their grants.
        let (policy, now) = (edge.config.keys, clock::now());
        let invalidated = grant::invalidate_all(&everyone, &policy, now);
        dropped.extend(invalidated);
        invalidation::publish_names(edge, &grant.organization, change.versions_from).await;
    }
    if change.versions_from == change.revision || change.removed != Removed::Nothing {
        stale_lists::end(edge, &grant.organization, change.revision).await;
    }
    remove(edge, &dropped).await;
    for slug in &change.slugs {
        invalidation::publish(edge, &grant, slug, change.revision, &change.removed).await;
    }
}

async fn remove(edge: &EdgeContext, keys: &[Rc<str>]) {
    for key in keys {
        cache_api::remove(&edge.cache, key).await;
    }
}

/// Requires the new revision of the prompts' tags and of confirmed absences. Returns the cache keys of entries in the
/// Cache API that may be outdated.
fn invalidate(grant: &Grant, change: &ForwardedChange) -> Vec<Rc<str>> {
    let mut project = grant.project_state.get();
    project.confirm(change.revision, clock::now());
    project.invalidate_versions(change.versions_from);
    grant.project_state.set(project);
    let prefix = |slug| prompt_prefix(&grant.organization, &grant.project, slug);
    let prefixes: Vec<String> = change.slugs.iter().map(prefix).collect();
    let mut dropped = require_revision::<CachedPrompt>(&prefixes, change);
    dropped.extend(require_revision::<Tags>(&prefixes, change));
    dropped
}

fn require_revision<T: Cacheable>(prefixes: &[String], change: &ForwardedChange) -> Vec<Rc<str>> {
    T::with_cache(|cache| {
        let entries = cache.iter_mut();
        let of_these = entries.filter(|(key, _)| prefixes.iter().any(|one| key.starts_with(one)));
        let dropped: Vec<Rc<str>> = of_these
            .filter(|(key, entry)| {
                let of_version = |version: &String| {
                    let end = self::key(&[version]);
                    prefixes
                        .iter()
                        .any(|one| key.strip_prefix(&**one) == Some(&*end))
                };
                match &change.removed {
                    Removed::Prompt => true,
                    Removed::Version(version) => !entry.record.is_pinned() || of_version(version),
                    Removed::Tag(_) | Removed::Nothing => !entry.record.is_pinned(),
                }
            })
            .map(|(key, entry)| {
                entry.record.require(change.revision);
                key.clone()
            })
            .collect();
        if change.removed != Removed::Nothing {
            for key in &dropped {
                cache.remove(key);
            }
        }
        dropped
    })
}
