//! One stored response.

use cuecard_freshness::{
    Attempt, EpochRevision, Held, Lookup, Millis, Outcome, Policy, ProjectFreshness, Record,
    Settled,
};

use crate::http::directives::Directives;
use crate::http::fields::Fields;
use crate::http::lifetime::{self, Defaults};
use crate::http::update::{self, Confirmed};
use crate::http::{Request, Response, condition, date, store, vary};

/// A response that may answer later requests, without its body.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    response: Response,
    vary: Vec<(String, Option<String>)>,
    policy: Policy,
    may_be_stale: bool,
    defaults: Defaults,
    received: Millis,
    record: Record,
}

impl Stored {
    /// Stores `response` to `request`, which was sent at `asked` and answered at `now`. `None` if a shared cache must
    /// not keep the response or no request could match it.
    pub(crate) fn of(
        request: &Request,
        response: &Response,
        defaults: &Defaults,
        asked: Millis,
        now: Millis,
    ) -> Option<Self> {
        let targeted = Directives::targeted(&response.fields);
        let is_targeted = targeted.is_some();
        let said = targeted.unwrap_or_else(|| Directives::of(&response.fields));
        store::may_store(request, response, &said, is_targeted).then_some(())?;
        let vary = vary::key(&request.fields, &response.fields)?;
        let policy = lifetime::policy(response, &said, is_targeted, defaults, now);
        let mut fields = response.fields.end_to_end();
        for name in &said.withheld {
            fields.remove(name);
        }
        if !fields.has("date") {
            fields.set("date", date::format(now));
        }
        let mut record = Record::tag();
        record.adopt(Held {
            revision: EpochRevision::default(),
            checked: now.saturating_sub(lifetime::initial_age(response, asked, now)),
            missing: false,
        });
        Some(Self {
            response: Response {
                status: response.status,
                fields,
            },
            vary,
            policy,
            may_be_stale: !said.forbids_stale(),
            defaults: *defaults,
            received: now,
            record,
        })
    }

    /// The stored status and header fields.
    pub(crate) fn response(&self) -> &Response {
        &self.response
    }

    /// When the response, or the last 304 to it, arrived.
    pub(crate) fn received(&self) -> Millis {
        self.received
    }

    /// The age since the origin created or confirmed the response.
    pub(crate) fn age(&self, now: Millis) -> Millis {
        let checked = self.record.held().map_or(now, |held| held.checked);
        now.saturating_sub(checked)
    }

    /// Whether the response answers `request` by its `Vary`.
    pub(crate) fn matches(&self, request: &Request) -> bool {
        vary::matches(&self.vary, &request.fields)
    }

    /// The result of [`Record::lookup`] with the windows that the response and the request allow.
    pub(crate) fn lookup(&mut self, request: &Request, now: Millis) -> Lookup {
        let policy = lifetime::for_request(&self.policy, self.may_be_stale, request);
        self.record
            .lookup(&mut ProjectFreshness::default(), &policy, false, now)
    }

    /// The header fields that revalidate the response; `None` if it has no validator.
    pub(crate) fn revalidation(&self, request: &Request) -> Option<Fields> {
        condition::revalidation(request, &self.response.fields)
    }

    /// Whether a 304 with these fields confirms this response.
    pub(crate) fn confirmed_by(&self, fields: &Fields) -> Confirmed {
        update::confirms(&self.response.fields, fields)
    }

    /// This response, updated by a 304 to `request` or by the answer to a HEAD; `None` if that forbids keeping it.
    pub(crate) fn updated(
        &self,
        request: &Request,
        fields: &Fields,
        asked: Millis,
        now: Millis,
    ) -> Option<Self> {
        let response = Response {
            status: self.response.status,
            fields: update::merge(&self.response.fields, fields),
        };
        let get = Request {
            method: "GET".to_owned(),
            fields: request.fields.clone(),
        };
        Self::of(&get, &response, &self.defaults, asked, now)
    }

    /// Whether the answer to a HEAD describes the same bytes. If so, it updates this response, else it invalidates it.
    pub(crate) fn same_bytes(&self, head: &Response) -> bool {
        head.status == self.response.status
            && update::same_bytes(&self.response.fields, &head.fields)
    }

    /// Records a failure of the origin. Returns the response's age if it may replace the failed answer.
    pub(crate) fn failed(
        &mut self,
        attempt: Attempt,
        request: &Request,
        now: Millis,
    ) -> Option<Millis> {
        let policy = lifetime::for_request(&self.policy, self.may_be_stale, request);
        let outcome = Outcome::Failed { retry_after: None };
        let settled = self.record.settle(
            attempt,
            outcome,
            &mut ProjectFreshness::default(),
            &policy,
            now,
        );
        match settled {
            Settled::Stored { age } => Some(age),
            _ => None,
        }
    }

    /// Returns an attempt that had no result.
    pub(crate) fn release(&mut self, attempt: Attempt) {
        self.record
            .release(attempt, &mut ProjectFreshness::default());
    }

    /// The header fields of an answer from this response at the given age.
    pub(crate) fn fields(&self, age: Millis) -> Fields {
        let mut fields = self.response.fields.clone();
        fields.set("age", (age / 1_000).to_string());
        fields
    }

    /// Whole seconds for which the response stays fresh at an age; negative once it is stale.
    pub(crate) fn ttl(&self, age: Millis) -> i64 {
        let seconds = |span: Millis| i64::try_from(span / 1_000).unwrap_or(i64::MAX);
        seconds(self.policy.fresh).saturating_sub(seconds(age))
    }
}
