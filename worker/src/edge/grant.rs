//! Grants: the rights of a key, as the origin says.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cuecard_freshness::{ClockCache, EpochRevision, Millis, Policy, ProjectFreshness};
use cuecard_prompt::{Code, Error, Result};
use cuecard_store::{Key, KeyLimits, KeyRole, Timestamp};
use serde::Deserialize;

use super::cacheable::{CacheQuery, Cacheable, Confirmed};
use super::key::{change_of_names, key};
use super::memory::{Entry, GRANT_BYTES, Memory, Share, invalidate_versions};
use crate::api::ApiRequest;
use crate::hex::hex;

thread_local! {
    static GRANTS: RefCell<ClockCache<Rc<str>, Entry<Grant>>> = RefCell::new(ClockCache::new(GRANT_BYTES));
}

/// The rights of a key, as the origin answered; never the key itself.
pub(super) struct Grant {
    body: Vec<u8>,
    etag: String,
    pub(super) organization: Rc<str>,
    pub(super) project: String,
    pub(super) role: KeyRole,
    /// The key's id.
    pub(super) id: String,
    /// How much the key may run.
    pub(super) limits: KeyLimits,
    /// Browser origins that may use the project's read keys.
    pub(super) allowed_origins: Vec<String>,
    /// When the key expires, in milliseconds since 1970.
    expires_at: Option<Millis>,
    /// The freshness state of the key's project.
    pub(super) project_state: Rc<Cell<ProjectFreshness>>,
    /// The project's number, and since when its keys have had the same rights. Earlier releases send neither.
    pub(super) number: Option<u64>,
    keys_revision: Option<EpochRevision>,
    /// The freshness state of the grants of the project's keys.
    keys_state: Rc<Cell<ProjectFreshness>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeySelf {
    organization: String,
    project: String,
    role: KeyRole,
    #[serde(default)]
    key: String,
    #[serde(default)]
    limits: KeyLimits,
    #[serde(default)]
    allowed_origins: Vec<String>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    #[serde(default)]
    revision: u64,
    #[serde(default)]
    bindings: String,
    #[serde(default)]
    store: String,
    #[serde(default)]
    number: Option<u64>,
    #[serde(default)]
    keys_revision: String,
}

impl Grant {
    /// The query for the grant of a request's key. The cache key holds the key's digest, so that no cache holds a
    /// secret.
    pub(super) fn query(presented: &Key, head: &ApiRequest, policy: Policy) -> CacheQuery<Self> {
        let organization: Rc<str> = presented.organization().as_str().into();
        let key: Rc<str> = key(&[
            "key1",
            &organization,
            presented.id().as_str(),
            &hex(&presented.hash()),
        ])
        .into();
        CacheQuery {
            grant: key.clone(),
            key,
            path: "/v1/keys/self".to_owned(),
            organization: organization.clone(),
            authorization: head.header("authorization").unwrap_or_default().into(),
            policy,
            pinned: false,
            share: Share::of_keys(&organization),
            invalidated_by: Some(change_of_names(&organization)),
            // A grant does not depend on the project's content.
            project: Rc::default(),
            // The answer tells the project.
            number: None,
            expected: organization,
        }
    }

    /// Checks that the key has at least `role`, and has not expired.
    ///
    /// # Errors
    /// `key_invalid`, `role_required`
    pub(super) fn require(&self, role: KeyRole, now: Millis) -> Result<()> {
        if self.expires_at.is_some_and(|end| end <= now) {
            let detail = "the key is unknown, revoked or expired";
            return Err(Error::new(Code::KeyInvalid, detail));
        }
        if self.role < role {
            let detail = format!("this takes the role `{role}`, the key has `{}`", self.role);
            return Err(Error::new(Code::RoleRequired, detail));
        }
        Ok(())
    }

    /// The prefix of the cache keys of an organisation's grants.
    pub(super) fn prefix_of_all(organization: &str) -> String {
        key(&["key1", organization])
    }
}

/// Removes the grants whose cache keys begin with `prefix`, and returns those keys.
pub(super) fn remove_all(prefix: &str) -> Vec<Rc<str>> {
    Grant::with_cache(|grants| {
        let all = grants.iter_mut().map(|(key, _)| key.clone());
        let keys: Vec<Rc<str>> = all.filter(|key| key.starts_with(prefix)).collect();
        for key in &keys {
            grants.remove(key);
        }
        keys
    })
}

/// Requires validation of the organisation's grants that were made before the rights of their project's keys changed:
/// `since` gives that revision by the project's number.
pub(super) fn require_all(organization: &str, since: impl Fn(u64) -> Option<EpochRevision>) {
    let prefix = Grant::prefix_of_all(organization);
    Grant::with_cache(|grants| {
        for (_, entry) in grants
            .iter_mut()
            .filter(|(key, _)| key.starts_with(&prefix))
        {
            let number = entry.copy.as_ref().and_then(|grant| grant.number);
            if let Some(revision) = number.and_then(&since) {
                entry.record.require(revision);
            }
        }
    })
}

/// Marks the grants whose cache keys begin with `prefix` as in need of validation, and returns those keys.
pub(super) fn invalidate_all(prefix: &str, policy: &Policy, now: Millis) -> Vec<Rc<str>> {
    Grant::with_cache(|grants| {
        let all = grants.iter_mut();
        all.filter(|(key, _)| key.starts_with(prefix))
            .map(|(key, entry)| {
                entry.record.invalidate(policy, now);
                if let Some(grant) = &entry.copy {
                    let mut keys = grant.keys_state.get();
                    keys.unconfirm();
                    grant.keys_state.set(keys);
                }
                key.clone()
            })
            .collect()
    })
}

impl Cacheable for Grant {
    type Expected = Rc<str>;
    const HAS_REVISION: bool = false;

    fn with_cache<R>(f: impl FnOnce(&mut ClockCache<Rc<str>, Entry<Self>>) -> R) -> R {
        GRANTS.with_borrow_mut(f)
    }

    fn read(body: Vec<u8>, etag: &str, organization: &Rc<str>) -> Result<Self> {
        let KeySelf {
            organization: named,
            project,
            role,
            key: id,
            limits,
            allowed_origins,
            expires_at,
            revision,
            bindings,
            store,
            number,
            keys_revision,
        } = serde_json::from_slice(&body)
            .map_err(|e| Error::new(Code::OriginBadResponse, e.to_string()))?;
        if named != **organization {
            let detail = "the answer is about another organisation";
            return Err(Error::new(Code::OriginBadResponse, detail));
        }
        let (project_state, keys_state) = Memory::with(|memory| {
            let project_state = memory.project(&key(&[organization, &project]));
            // No project has an empty name.
            let keys_state = memory.project(&key(&[organization, "", &project]));
            (project_state, keys_state)
        });
        // Earlier releases of the origin send neither.
        if !store.is_empty() {
            let epoch = bindings.parse().unwrap_or(EpochRevision::default()).epoch;
            Memory::with(|memory| memory.keep_store(organization, &store, epoch));
        }
        if let Ok(EpochRevision { epoch, number }) = bindings.parse() {
            let number = number.min(revision);
            invalidate_versions(&project_state, EpochRevision { epoch, number });
        }
        Ok(Self {
            body,
            etag: etag.to_owned(),
            organization: organization.clone(),
            project,
            role,
            id,
            limits,
            allowed_origins,
            expires_at: expires_at.and_then(|end| Millis::try_from(end.as_ms()).ok()),
            project_state,
            number,
            keys_revision: keys_revision.parse().ok(),
            keys_state,
        })
    }

    fn means_missing(code: Code) -> bool {
        matches!(code, Code::KeyInvalid | Code::KeyMalformed)
    }

    fn own_revision(&self) -> Option<EpochRevision> {
        self.keys_revision
    }

    fn project(
        query: &CacheQuery<Self>,
        copy: Option<&Self>,
    ) -> (Option<u64>, Rc<Cell<ProjectFreshness>>) {
        match copy {
            Some(grant) => (grant.number, grant.keys_state.clone()),
            None => (None, query.project.clone()),
        }
    }

    fn confirm(
        copy: Option<&Self>,
        keys: &mut ProjectFreshness,
        confirmed: Confirmed,
        asked: Millis,
    ) {
        let Some(grant) = copy else { return };
        keys.confirm(confirmed.keys, asked);
        let mut project = grant.project_state.get();
        confirmed.of_content(&mut project, asked);
        grant.project_state.set(project);
    }

    /// Grants are revalidated regularly, so a restored store is noticed also where only versions are read.
    fn note_revision(&self, revision: EpochRevision) {
        let mut project = self.project_state.get();
        let epoch = project.revision().unwrap_or_default().epoch;
        if revision.epoch > epoch {
            project.confirm(revision, 0);
            self.project_state.set(project);
        }
    }

    /// What was invalidated are the versions of the organisation's projects; the grant itself is unchanged.
    fn invalidate(query: &CacheQuery<Self>, revision: EpochRevision) {
        let projects = key(&[&query.organization]);
        Memory::with(|memory| memory.invalidate_versions(&projects, revision));
    }

    fn etag(&self) -> &str {
        &self.etag
    }

    fn body(&self) -> Vec<u8> {
        self.body.clone()
    }

    fn bytes(&self) -> usize {
        2 * self.body.len()
    }
}
