//! The parts of a request that every handler needs, read once and in one way.

use cuecard_prompt::{Code, Error, Result, Slug, Tag, VersionNumber, parse_version};
use cuecard_store::{CaseName, Context, Expect, Idempotency, Principal, Revision, Sql, Store};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::condition::IfMatch;
use super::http::ApiRequest;
use super::query::Query;
use super::reply::Reply;
use super::route::Matched;
use super::world::World;

/// A verified request for a route.
pub(crate) struct ApiCall<'a, S: Sql> {
    pub(crate) store: &'a Store<S>,
    pub(crate) request: &'a ApiRequest,
    pub(crate) matched: &'a Matched,
    pub(crate) actor: &'a Principal,
    pub(crate) world: &'a World,
    pub(crate) query: Query,
}

impl<S: Sql> ApiCall<'_, S> {
    pub(crate) fn slug(&self) -> Result<Slug> {
        Slug::parse(self.matched.slug.as_str())
    }

    /// The tag that a change names.
    pub(crate) fn tag(&self) -> Result<Tag> {
        Tag::parse(self.matched.name.as_str())
    }

    pub(crate) fn case(&self) -> Result<CaseName> {
        CaseName::parse(self.matched.name.as_str())
    }

    /// The tag that a reader names.
    pub(crate) fn tag_read(&self) -> Result<Tag> {
        Tag::parse_read(self.matched.name.as_str())
    }

    pub(crate) fn version(&self) -> Result<VersionNumber> {
        parse_version(&self.matched.name)
    }

    /// The precondition of a change: `If-Match`, or `If-None-Match: *`.
    pub(crate) fn expect(&self) -> Result<Expect> {
        let if_match = self.request.condition("if-match").map(IfMatch::parse);
        let if_none_match = self.request.condition("if-none-match");
        match (if_match.transpose()?, if_none_match) {
            (None, None) => Ok(Expect::Anything),
            (None, Some("*")) => Ok(Expect::Absent),
            (Some(IfMatch::Any), None) => Ok(Expect::Present),
            (Some(IfMatch::Tags(tags)), None) => {
                // The newest of them: an object unchanged since an older one is unchanged since this one.
                let seen = tags.iter().filter_map(|tag| revision(tag)).max();
                seen.map(Expect::Unchanged).ok_or_else(|| {
                    Error::new(
                        Code::PreconditionFailed,
                        "none of the entity tags is one of ours",
                    )
                })
            }
            (_, Some(_)) => Err(Error::new(
                Code::HeaderInvalid,
                "a change takes If-Match, or If-None-Match: *",
            )),
        }
    }

    /// The answer to a failed change; with the current state if its precondition failed.
    pub(crate) fn refuse_with(
        &self,
        error: Error,
        current: impl FnOnce() -> Result<(Value, Revision)>,
    ) -> Result<Reply> {
        if error.code() != Code::PreconditionFailed {
            return Err(error);
        }
        match current() {
            Ok((current, revision)) => Ok(Reply::problem(&error).current(current, revision)),
            Err(_) => Err(error),
        }
    }

    /// The arguments of a change.
    pub(crate) fn context(&self) -> Result<Context<'_>> {
        Ok(Context {
            actor: self.actor,
            now: self.world.now,
            entropy: self.world.entropy.clone(),
            request_id: Some(&self.world.request_id),
            idempotency: self.idempotency()?,
        })
    }

    fn idempotency(&self) -> Result<Option<Idempotency<'_>>> {
        let Some(key) = self.request.header("idempotency-key") else {
            return Ok(None);
        };
        if !(1..=255).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
            let detail = "an Idempotency-Key is 1 to 255 visible ASCII characters";
            return Err(Error::new(Code::HeaderInvalid, detail));
        }
        let request = self.request;
        let parts: [&[u8]; 7] = [
            self.matched.route.name.as_bytes(),
            self.matched.slug.as_bytes(),
            self.matched.name.as_bytes(),
            request.query.as_deref().unwrap_or_default().as_bytes(),
            request.header("if-match").unwrap_or_default().as_bytes(),
            request
                .header("if-none-match")
                .unwrap_or_default()
                .as_bytes(),
            &request.body,
        ];
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Ok(Some(Idempotency {
            key,
            request: hash.finalize().into(),
        }))
    }
}

/// The revision in an entity tag of ours: `7` or `<hash>-7`.
fn revision(etag: &str) -> Option<Revision> {
    let number = match etag.split_once('-') {
        Some((hash, number)) => (hash.len() == 64).then_some(number)?,
        None => etag,
    };
    let canonical = number.bytes().all(|b| b.is_ascii_digit());
    let number = number.parse().ok().filter(|_| canonical)?;
    Revision::new(number)
}
