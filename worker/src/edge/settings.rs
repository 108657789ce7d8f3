//! What a project's runs go by, as the origin says.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cuecard_freshness::{Policy, Shelf};
use cuecard_prompt::json::sha256_hex;
use cuecard_prompt::{Code, Error, Result};
use cuecard_run::Settings;

use super::item::{Item, Question};
use super::key::key;
use super::memory::{SETTINGS_BYTES, Slot};
use super::verdict::Verdict;

thread_local! {
    static SETTINGS: RefCell<Shelf<Rc<str>, Slot<RunSettings>>> = RefCell::new(Shelf::new(SETTINGS_BYTES));
}

/// Connections, recording, names from elsewhere; no secret.
pub(super) struct RunSettings {
    pub(super) settings: Rc<Settings>,
    body: Vec<u8>,
    /// Of the body, as the origin has none for it: it tells copies apart.
    etag: String,
}

impl RunSettings {
    /// The question what the runs of a project go by, for who has this verdict.
    pub(super) fn question(
        asker: &Question<Verdict>,
        verdict: &Verdict,
        policy: Policy,
    ) -> Question<Self> {
        Question {
            key: key(&["runs1", &verdict.organization, &verdict.project]).into(),
            path: "/v1/runs/settings".to_owned(),
            organization: verdict.organization.clone(),
            authorization: asker.authorization.clone(),
            verdict: asker.key.clone(),
            policy,
            pinned: false,
            changes: None,
            // It does not age with the project's prompts.
            project: Rc::new(Cell::default()),
            want: (),
        }
    }

    /// What the cache keys of all of an organisation begin with.
    pub(super) fn prefix_of_all(organization: &str) -> String {
        key(&["runs1", organization])
    }
}

/// Drops what is known of an organisation's runs, and returns the cache keys of that.
pub(super) fn forget(organization: &str) -> Vec<Rc<str>> {
    let prefix = RunSettings::prefix_of_all(organization);
    RunSettings::with_shelf(|settings| {
        let all = settings.iter_mut().map(|(key, _)| key.clone());
        let keys: Vec<Rc<str>> = all.filter(|key| key.starts_with(&prefix)).collect();
        for key in &keys {
            settings.remove(key);
        }
        keys
    })
}

impl Item for RunSettings {
    type Want = ();
    const HAS_REVISION: bool = false;

    fn with_shelf<R>(f: impl FnOnce(&mut Shelf<Rc<str>, Slot<Self>>) -> R) -> R {
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
