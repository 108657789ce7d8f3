//! The one table of routes: dispatch, roles, `Allow`, and `/openapi.json` all come from it.
//!
//! `{slug}` stands for one or more segments of the path. Words after it (`versions`, `tags`, …) are recognised in
//! the path as it was sent, before percent-decoding, and the longest ending wins. So a slug that itself ends like a
//! route is written with its slashes percent-encoded: `/v1/prompts/a/versions` is the history of `a`,
//! `/v1/prompts/a%2Fversions` is the prompt `a/versions`. Clients that always encode never meet the difference.

mod find;
mod table;

use cuecard_prompt::Code;
use cuecard_store::KeyRole;

pub(crate) use find::{Matched, NoRoute, find};
pub use table::{Operation, ROUTES};

use super::query::Param;

/// The methods that routes take. HEAD is GET without a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or starts a change.
    Post,
    /// Sets.
    Put,
    /// Changes some fields.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method as HTTP writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// The callers that may use a route.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Everyone, without a key.
    Public,
    /// A key with this role or a higher one.
    Key(KeyRole),
}

/// The body of a route's requests.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RouteBody {
    None,
    /// This schema; an empty body is an empty object.
    Optional(&'static str),
    /// This schema.
    Required(&'static str),
}

/// The stored responses that a successful request invalidates (RFC 9111 §4.4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Invalidates {
    /// None: readers of prompts see no change.
    Nothing,
    /// Those of the prompt that were made before; copies of versions stay valid.
    Prompt,
    /// All of the prompt, its versions too.
    PromptRemoved,
    /// Those of the prompt that were made before, and all of the tag.
    TagRemoved,
    /// Those of the prompt that were made before, and all of the version.
    VersionRemoved,
    /// The grants of the organisation's keys.
    Keys,
    /// The run settings of the organisation's projects.
    Runs,
}

/// A route of the API.
#[derive(Debug)]
pub struct Route {
    /// Its operation.
    pub operation: Operation,
    /// [`Route::operation`], as text.
    pub name: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path; `{slug}` stands for one or more segments, every other `{…}` for one.
    pub path: &'static str,
    /// Its callers.
    pub access: Access,
    /// Its description, for people.
    pub summary: &'static str,
    pub(crate) query: &'static [Param],
    pub(crate) body: RouteBody,
    /// Whether it takes `If-Match`, or `If-None-Match: *`.
    pub(crate) conditional: bool,
    pub(crate) invalidates: Invalidates,
    /// Status and schema of each successful answer.
    pub(crate) answers: &'static [(u16, Option<&'static str>)],
    /// The codes of this route alone; those of every route are in [`Route::common_codes`].
    pub(crate) codes: &'static [Code],
}

impl Route {
    /// Whether it changes stored data; such a route takes an `Idempotency-Key`.
    pub fn writes(&self) -> bool {
        let reads = matches!(
            self.operation,
            Operation::RenderPrompt | Operation::RunPrompt
        );
        self.method != Method::Get && !reads && self.operation != Operation::DeleteExecution
    }

    /// The least bytes that an answer from the store counts for, if it can grow with the store; `None` for prompts, and
    /// for the requests of caches.
    pub(crate) fn counts_for(&self) -> Option<u64> {
        match self.operation {
            _ if self.method != Method::Get || self.access == Access::Public => None,
            Operation::ResolvePrompt
            | Operation::GetVersion
            | Operation::ListTags
            | Operation::GetTag
            | Operation::GetSelf
            | Operation::GetRevisions
            | Operation::GetRunSettings => None,
            // Their bytes understate what they cost.
            Operation::DiffVersions | Operation::ExportPrompt => Some(64 << 10),
            _ => Some(0),
        }
    }

    /// Whether the project's own object answers it, rather than the organisation's store.
    pub fn is_beside_the_store(&self) -> bool {
        matches!(
            self.operation,
            Operation::RunPrompt
                | Operation::ListExecutions
                | Operation::GetExecution
                | Operation::DeleteExecution
        )
    }

    /// The codes that every route of its kind can answer with.
    pub(crate) fn common_codes(&self) -> Vec<Code> {
        let mut codes = vec![
            Code::QueryInvalid,
            Code::NotAcceptable,
            Code::UriTooLong,
            Code::Internal,
            Code::StoreDamaged,
        ];
        if matches!(self.access, Access::Key(_)) {
            codes.extend([
                Code::KeyMissing,
                Code::KeyMalformed,
                Code::KeyInvalid,
                Code::RoleRequired,
                // Before anything is done: see `js/rates.js`.
                Code::RateLimited,
                // From an edge in front of the store.
                Code::OriginAuth,
                Code::OriginBadResponse,
                Code::OriginUnavailable,
            ]);
        }
        if self.body == RouteBody::None {
            if self.method != Method::Get {
                codes.push(Code::BodyInvalid);
            }
        } else {
            codes.extend([
                Code::BodyInvalid,
                Code::BodyTooLarge,
                Code::ContentEncoding,
                Code::ContentType,
                Code::JsonInvalid,
            ]);
        }
        if self.writes() {
            codes.extend([
                Code::HeaderInvalid,
                Code::IdempotencyMismatch,
                Code::StoreUnwritable,
            ]);
        }
        codes
    }
}
