//! The revisions of all projects of an organisation, as the origin answered: they renew the copies of every unchanged
//! project and the grants of every key, however many there are, by one request to the origin per freshness window.
//!
//! A copy that has turned stale looks here first ([`renew`], without waiting). If this is stale too, the revalidation
//! of the copy begins with a revalidation of this (`read_path`).

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use cuecard_freshness::{ClockCache, EpochRevision, Held, Policy};
use cuecard_prompt::{Code, Error, Result};
use serde::Deserialize;

use super::cacheable::{CacheQuery, Cacheable, Confirmed, revision};
use super::config::Config;
use super::key::key;
use super::memory::{Entry, REVISIONS_BYTES, Share};

thread_local! {
    static REVISIONS: RefCell<ClockCache<Rc<str>, Entry<Revisions>>> = RefCell::new(ClockCache::new(REVISIONS_BYTES));
}

/// The standings of an organisation's projects.
pub(super) struct Revisions {
    body: Vec<u8>,
    etag: String,
    newest: EpochRevision,
    /// By the project's number.
    projects: HashMap<u64, Confirmed>,
}

#[derive(Deserialize)]
struct RevisionsAnswer {
    #[serde(deserialize_with = "revision")]
    newest: EpochRevision,
    projects: Vec<ProjectStanding>,
}

#[derive(Deserialize)]
struct ProjectStanding {
    number: u64,
    #[serde(flatten)]
    confirmed: Confirmed,
}

impl Revisions {
    /// The query for the standings of the organisation that another query is about, by the key of that one's caller.
    pub(super) fn query<T: Cacheable>(of: &CacheQuery<T>, config: &Config) -> CacheQuery<Self> {
        CacheQuery {
            key: cache_key(&of.organization),
            path: "/v1/revisions".to_owned(),
            organization: of.organization.clone(),
            authorization: of.authorization.clone(),
            grant: of.grant.clone(),
            policy: Policy {
                // The copies that it renews are fresh no longer than it is.
                fresh: config.prompts.fresh.min(config.keys.fresh),
                stale_while_revalidate: 0,
                ..config.prompts
            },
            pinned: false,
            share: Share::of_keys(&of.organization),
            invalidated_by: None,
            project: Rc::default(),
            number: None,
            expected: (),
        }
    }

    /// The revision since which the keys of a project have had the same rights.
    pub(super) fn of_keys(&self, project: u64) -> Option<EpochRevision> {
        self.projects.get(&project).map(|confirmed| confirmed.keys)
    }
}

/// Confirms the project's copies, or the key's grant, from memory. Returns whether it confirmed anything.
pub(super) fn renew<T: Cacheable>(query: &CacheQuery<T>) -> bool {
    let Some(number) = query.number() else {
        return false;
    };
    let confirmed = Revisions::with_cache(|all| {
        let entry = all.get(&*cache_key(&query.organization))?;
        let Held { checked, .. } = entry.record.confirmed_since(0)?;
        let confirmed = entry.copy.as_ref()?.projects.get(&number)?;
        Some((*confirmed, checked))
    });
    confirmed.is_some_and(|(confirmed, asked)| query.confirm(confirmed, asked))
}

/// Accepts only answers made at `revision` or later for renewing copies of the organisation.
pub(super) fn require(organization: &str, revision: EpochRevision) {
    Revisions::with_cache(|all| {
        if let Some(entry) = all.get(&*cache_key(organization)) {
            entry.record.require(revision);
        }
    });
}

fn cache_key(organization: &str) -> Rc<str> {
    key(&["revisions1", organization]).into()
}

impl Cacheable for Revisions {
    type Expected = ();
    const HAS_REVISION: bool = false;

    fn with_cache<R>(f: impl FnOnce(&mut ClockCache<Rc<str>, Entry<Self>>) -> R) -> R {
        REVISIONS.with_borrow_mut(f)
    }

    fn read(body: Vec<u8>, etag: &str, (): &()) -> Result<Self> {
        let RevisionsAnswer { newest, projects } = serde_json::from_slice(&body)
            .map_err(|e| Error::new(Code::OriginBadResponse, e.to_string()))?;
        let projects = projects
            .into_iter()
            .map(|ProjectStanding { number, confirmed }| (number, confirmed));
        Ok(Self {
            projects: projects.collect(),
            body,
            etag: etag.to_owned(),
            newest,
        })
    }

    /// An origin of an earlier release has no such route.
    fn means_missing(code: Code) -> bool {
        code == Code::RouteNotFound
    }

    fn own_revision(&self) -> Option<EpochRevision> {
        Some(self.newest)
    }

    fn etag(&self) -> &str {
        &self.etag
    }

    fn body(&self) -> Vec<u8> {
        self.body.clone()
    }

    fn bytes(&self) -> usize {
        self.body.len() + self.projects.len() * 2 * size_of::<Confirmed>()
    }
}
