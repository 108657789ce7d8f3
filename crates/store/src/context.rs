//! The circumstances of an operation: who, when, with which randomness, and under which precondition.

use std::fmt;

use cuecard_prompt::{Code, Error, Result};
use serde::{Deserialize, Serialize};

use crate::entropy::Entropy;
use crate::key::{KeyId, OrganizationId};
use crate::limits::KeyLimits;
use crate::project_slug::ProjectSlug;
use crate::sql::SqlValue;
use crate::time::Timestamp;

/// The circumstances of a change.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The caller.
    pub actor: &'a Principal,
    /// The time of the request.
    pub now: Timestamp,
    /// Randomness for ids and secrets; never used for two requests.
    pub entropy: Entropy,
    /// The id of the request in the audit log, at most 200 bytes.
    pub request_id: Option<&'a str>,
    /// The request's `Idempotency-Key`, if it has one.
    pub idempotency: Option<Idempotency<'a>>,
}

impl Context<'_> {
    /// The caller's name for people: the key's name, or its id.
    pub(crate) fn by(&self) -> &str {
        let actor = self.actor;
        actor.name.as_deref().unwrap_or(actor.key.as_str())
    }
}

/// An `Idempotency-Key`: a retry of the same request gets the first answer, for at least 24 hours.
#[derive(Clone, Copy, Debug)]
pub struct Idempotency<'a> {
    /// The header's value, 1 to 255 bytes. Each API key has a space of its own.
    pub key: &'a str,
    /// SHA-256 over the parts that identify the request: method, path, query, conditions and body.
    pub request: [u8; 32],
}

/// The owner of a verified key. Only [`Store::verify`](crate::Store::verify) makes one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Principal {
    /// The organisation.
    pub organization: OrganizationId,
    /// The project whose prompts the key is for.
    pub project: ProjectSlug,
    #[serde(skip)]
    pub(crate) project_id: ProjectId,
    /// Whether the project is the organisation's first, whose admins manage all projects.
    #[serde(skip)]
    pub(crate) home: bool,
    /// The key's id.
    pub key: KeyId,
    /// The key's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The key's role.
    pub role: KeyRole,
    /// When the key expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Browser origins that may use the project's keys (CORS).
    pub allowed_origins: Vec<String>,
    /// How much the key may run.
    #[serde(skip_serializing_if = "KeyLimits::is_empty")]
    pub limits: KeyLimits,
}

impl Principal {
    /// Checks that the key has at least `role`.
    ///
    /// # Errors
    /// `role_required`
    pub fn require(&self, role: KeyRole) -> Result<()> {
        if self.role >= role {
            Ok(())
        } else {
            let detail = format!("this takes the role `{role}`, the key has `{}`", self.role);
            Err(Error::new(Code::RoleRequired, detail))
        }
    }

    /// Whether the key manages the whole organisation: an admin of its first project.
    pub fn is_organization_admin(&self) -> bool {
        self.home && self.role == KeyRole::Admin
    }
}

/// The rights of a key; each role includes those before it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyRole {
    /// Resolve, list, history, difference, snapshot. May be in a browser.
    Read,
    /// Run prompts, which spends money; read executions.
    Run,
    /// Commit, drafts, cases, move tags, change, delete and restore prompts, read the audit log.
    Write,
    /// Keys, projects, purge.
    Admin,
}

impl KeyRole {
    /// The role's name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Run => "run",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    pub(crate) fn from_stored(text: &str) -> Result<Self> {
        [Self::Read, Self::Run, Self::Write, Self::Admin]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| Error::new(Code::Internal, "a stored role is unknown"))
    }
}

impl fmt::Display for KeyRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A project's row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ProjectId(pub(crate) i64);

impl From<ProjectId> for SqlValue {
    fn from(id: ProjectId) -> Self {
        Self::Integer(id.0)
    }
}

/// A point in the order of all changes of an organisation: 1, 2, 3, …, at most 2⁵³.
///
/// One counter serves the whole organisation, so any two revisions that a reader meets can be compared, even where an
/// organisation-scoped prompt comes from another project. A project's revision is that of the last change that its
/// readers can see.
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Deserialize, Serialize,
)]
#[serde(transparent)]
pub struct Revision(u64);

impl Revision {
    /// The revision before every change.
    pub const ZERO: Self = Self(0);

    /// A revision from its number; `None` above 2⁵³.
    pub fn new(number: u64) -> Option<Self> {
        (number <= 1 << 53).then_some(Self(number))
    }

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<i64> for Revision {
    type Error = ();

    fn try_from(number: i64) -> std::result::Result<Self, ()> {
        u64::try_from(number).ok().and_then(Self::new).ok_or(())
    }
}

impl From<Revision> for SqlValue {
    fn from(revision: Revision) -> Self {
        // At most 2⁵³.
        Self::Integer(revision.0 as i64)
    }
}

/// The current revisions of a project's readers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Standing {
    /// The project's number in the store, which means nothing to readers of other projects.
    pub project: i64,
    /// The project's revision: that of the last change that its readers can see.
    pub revision: Revision,
    /// The last revision at which some slug changed its meaning for them: its prompt was deleted, or is no
    /// longer shared, or one of their own replaced it. Results of `slug@version` since then still hold. Never
    /// above `revision`.
    pub bindings: Revision,
    /// The last revision at which the rights of the project or of one of its keys changed. A new key does not count.
    pub keys: Revision,
}

impl Standing {
    /// The most projects in one list of standings.
    pub const MAX: usize = 1_000;
}

/// The precondition of a change, RFC 9110.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Expect {
    /// No header: any state.
    #[default]
    Anything,
    /// `If-None-Match: *`: it must not exist.
    Absent,
    /// `If-Match: *`: it must exist.
    Present,
    /// `If-Match: "<revision>"`: it must exist, unchanged since this revision. Any revision that the
    /// caller has read will do: the tag's, the version's, the project's.
    Unchanged(Revision),
}

impl Expect {
    /// Checks the precondition against the last change, `changed` (`None`: it does not exist), while the
    /// organisation stands at `clock`.
    pub(crate) fn check(self, changed: Option<Revision>, clock: Revision) -> Result<()> {
        let holds = match self {
            Self::Anything => true,
            Self::Absent => changed.is_none(),
            Self::Present => changed.is_some(),
            // No reader has seen a revision from the future.
            Self::Unchanged(seen) => changed.is_some_and(|at| at <= seen) && seen <= clock,
        };
        if holds {
            return Ok(());
        }
        let detail = match (self, changed) {
            (Self::Absent, _) => "there is one already".to_owned(),
            (_, None) => "there is none".to_owned(),
            (_, Some(at)) => format!("it was last changed at revision {at}"),
        };
        Err(Error::new(Code::PreconditionFailed, detail))
    }
}

/// A change that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Done<T> {
    /// Its result.
    pub value: T,
    /// The project's revision now.
    pub revision: Revision,
    /// Whether this is the kept answer of an earlier request with the same `Idempotency-Key`.
    pub replayed: bool,
}
