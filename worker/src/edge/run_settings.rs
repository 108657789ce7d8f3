//! The settings of a project's runs, as the origin answered.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cuecard_freshness::{ClockCache, Policy};
use cuecard_prompt::json::sha256_hex;
use cuecard_prompt::{Code, Error, Result};
use cuecard_run::Settings;

use super::cacheable::{CacheQuery, Cacheable};
use super::grant::Grant;
use super::key::key;
use super::memory::{Entry, SETTINGS_BYTES, Share};

thread_local! {
    static SETTINGS: RefCell<ClockCache<Rc<str>, Entry<RunSettings>>> = RefCell::new(ClockCache::new(SETTINGS_BYTES));
}

/// Connections, recording, names from elsewhere; no secret.
pub(super) struct RunSettings {
    pub(super) settings: Rc<Settings>,
    body: Vec<u8>,
    /// A digest of the body, as the origin sends no validator for it: it tells copies apart.
    etag: String,
}

impl RunSettings {
    /// The query for the run settings of this grant's project.
    pub(super) fn query(
        grant_query: &CacheQuery<Grant>,
        grant: &Grant,
        policy: Policy,
    ) -> CacheQuery<Self> {
        CacheQuery {
            key: key(&["runs1", &grant.organization, &grant.project]).into(),
            path: "/v1/runs/settings".to_owned(),
            organization: grant.organization.clone(),
            authorization: grant_query.authorization.clone(),
            grant: grant_query.key.clone(),
            policy,
            pinned: false,
            share: Share::of_project(&grant.organization, &grant.project),
            invalidated_by: None,
            // Settings do not depend on the project's prompts.
            project: Rc::new(Cell::default()),
            number: None,
            expected: (),
        }
    }

    /// The prefix of the cache keys of an organisation's settings.
    pub(super) fn prefix_of_all(organization: &str) -> String {
        key(&["runs1", organization])
    }
}

/// Removes the settings of an organisation's runs, and returns their cache keys.
pub(super) fn remove_all(organization: &str) -> Vec<Rc<str>> {
    let prefix = RunSettings::prefix_of_all(organization);
    RunSettings::with_cache(|settings| {
        let all = settings.iter_mut().map(|(key, _)| key.clone());
        let keys: Vec<Rc<str>> = all.filter(|key| key.starts_with(&prefix)).collect();
        for key in &keys {
            settings.remove(key);
        }
        keys
    })
}

impl Cacheable for RunSettings {
    type Expected = ();
    const HAS_REVISION: bool = false;

    fn with_cache<R>(f: impl FnOnce(&mut ClockCache<Rc<str>, Entry<Self>>) -> R) -> R {
        SETTINGS.with_borrow_mut(f)
    }

    fn read(body: Vec<u8>, _: &str, (): &()) -> Result<Self> {
        let settings = serde_json::from_slice(&body)
            .map_err(|e| Error::new(Code::OriginBadResponse, e.to_string()))?;
        Ok(Self {
            settings: Rc::new(settings),
            etag: format!("\"{}\"", sha256_hex(&body)),
            body,
        })
    }

    fn means_missing(_: Code) -> bool {
        false
    }

    fn etag(&self) -> &str {
        &self.etag
    }

    fn body(&self) -> Vec<u8> {
        self.body.clone()
    }

    fn bytes(&self) -> usize {
        4 * self.body.len()
    }
}
