//! What a key may do, as the origin says.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cuecard_freshness::{Millis, Policy, Project, Revision, Shelf};
use cuecard_prompt::{Code, Error, Result};
use cuecard_store::{Key, Limits, Role, Timestamp};
use serde::Deserialize;

use super::item::{Item, Question};
use super::key::{change_of_meaning, key};
use super::memory::{Memory, Slot, VERDICT_BYTES, rebind};
use crate::api::ApiRequest;

thread_local! {
    static VERDICTS: RefCell<Shelf<Rc<str>, Slot<Verdict>>> = RefCell::new(Shelf::new(VERDICT_BYTES));
}

/// The origin's word on a key; never the key itself.
pub(super) struct Verdict {
    body: Vec<u8>,
    etag: String,
    pub(super) organization: Rc<str>,
    pub(super) project: String,
    pub(super) role: Role,
    /// The key's id.
    pub(super) id: String,
    /// How much it may run.
    pub(super) limits: Limits,
    /// Browser origins that may use the project's read keys.
    pub(super) allowed_origins: Vec<String>,
    /// When the key ends, in milliseconds since 1970.
    expires_at: Option<Millis>,
    /// What is known of the key's project.
    pub(super) shared: Rc<Cell<Project>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeySelf {
    organization: String,
    project: String,
    role: Role,
    #[serde(default)]
    key: String,
    #[serde(default)]
    limits: Limits,
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
}

impl Verdict {
    /// The question what the key that a request presents may do. The cache key holds the key's digest, so that no cache holds a secret.
    pub(super) fn question(presented: &Key, head: &ApiRequest, policy: Policy) -> Question<Self> {
        let organization: Rc<str> = presented.organization().as_str().into();
        let key: Rc<str> = key(&[
            "key1",
            &organization,
            presented.id().as_str(),
            &hex(&presented.hash()),
        ])
        .into();
        Question {
            verdict: key.clone(),
            key,
            path: "/v1/keys/self".to_owned(),
            organization: organization.clone(),
            authorization: head.header("authorization").unwrap_or_default().into(),
            policy,
            pinned: false,
            changes: Some(change_of_meaning(&organization)),
            // A verdict does not age with the project's content.
            project: Rc::default(),
            want: organization,
        }
    }

    /// Checks that the key may do what takes `role`, and has not ended.
    ///
    /// # Errors
    /// `key_invalid`, `role_required`
    pub(super) fn require(&self, role: Role, now: Millis) -> Result<()> {
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

    /// What the cache keys of all verdicts of an organisation begin with.
    pub(super) fn prefix_of_all(organization: &str) -> String {
        key(&["key1", organization])
    }
}

/// Drops all verdicts whose cache keys begin with `prefix`, and returns those keys.
pub(super) fn forget(prefix: &str) -> Vec<Rc<str>> {
    Verdict::with_shelf(|verdicts| {
        let all = verdicts.iter_mut().map(|(key, _)| key.clone());
        let keys: Vec<Rc<str>> = all.filter(|key| key.starts_with(prefix)).collect();
        for key in &keys {
            verdicts.remove(key);
        }
        keys
    })
}

/// Has all verdicts whose cache keys begin with `prefix` confirmed before they count again, and returns those keys.
pub(super) fn doubt(prefix: &str, policy: &Policy, now: Millis) -> Vec<Rc<str>> {
    Verdict::with_shelf(|verdicts| {
        let all = verdicts.iter_mut();
        all.filter(|(key, _)| key.starts_with(prefix))
            .map(|(key, slot)| {
                slot.record.doubt(policy, now);
                key.clone()
            })
            .collect()
    })
}

impl Item for Verdict {
    type Want = Rc<str>;
    const HAS_REVISION: bool = false;

    fn with_shelf<R>(f: impl FnOnce(&mut Shelf<Rc<str>, Slot<Self>>) -> R) -> R {
        VERDICTS.with_borrow_mut(f)
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
        } = serde_json::from_slice(&body)
            .map_err(|e| Error::new(Code::OriginBadResponse, e.to_string()))?;
        if named != **organization {
            let detail = "the answer is about another organisation";
            return Err(Error::new(Code::OriginBadResponse, detail));
        }
        let shared = Memory::with(|memory| memory.project(&key(&[organization, &project])));
        // An older Cuecard says neither.
        if !store.is_empty() {
            let epoch = bindings.parse().unwrap_or(Revision::default()).epoch;
            Memory::with(|memory| memory.keep_store(organization, &store, epoch));
        }
        if let Ok(Revision { epoch, number }) = bindings.parse() {
            let number = number.min(revision);
            rebind(&shared, Revision { epoch, number });
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
            shared,
        })
    }

    fn means_missing(code: Code) -> bool {
        matches!(code, Code::KeyInvalid | Code::KeyMalformed)
    }

    /// Every key is asked about now and then, so a restored store is noticed also where only versions are read.
    fn heard(&self, revision: Revision) {
        let mut project = self.shared.get();
        let epoch = project.revision().unwrap_or_default().epoch;
        if revision.epoch > epoch {
            project.confirm(revision, 0);
            self.shared.set(project);
        }
    }

    /// The change was to what slugs mean to the organisation's projects: a verdict is the same still.
    fn changed(question: &Question<Self>, revision: Revision) {
        let projects = key(&[&question.organization]);
        Memory::with(|memory| memory.rebind(&projects, revision));
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
