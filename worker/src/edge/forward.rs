//! What is not answered here goes to the origin; what it changes is seen here at once.

use std::rc::Rc;
use std::time::Duration;

use cuecard_freshness::Revision;
use cuecard_prompt::{Code, Error, Result, Slug};
use cuecard_store::Key;
use worker::Context;
use worker::web_sys::{Headers, Request, Response, ResponseInit};

use super::changes::Gone;
use super::entry::Entry;
use super::health::sick;
use super::item::Item;
use super::key::{key, prompt_prefix};
use super::lists::{self, List};
use super::read::verdict;
use super::site::{Site, internal};
use super::tags::Tags;
use super::verdict::{self, Verdict};
use super::{changes, settings, tier};
use crate::api::{self, Admission, Admitted, ApiRequest, Invalidates, Operation, Routed};
use crate::origin::{Failure, forward as send, request_like};
use crate::{clock, wire};

/// How long the origin may take until its answer begins.
const DEADLINE: Duration = Duration::from_secs(10);

/// The response headers that come from the API; no other one reaches the caller.
const HEADERS: [&str; 16] = [
    "allow",
    "cache-control",
    "content-type",
    "cuecard-bindings",
    "cuecard-request-id",
    "cuecard-revision",
    "cuecard-store",
    "etag",
    "idempotency-replayed",
    "last-modified",
    "link",
    "location",
    "retry-after",
    "www-authenticate",
    "x-content-type-options",
    "content-disposition",
];

/// Answers what needs no store here, and everything else from the origin.
pub(super) async fn forward(
    site: &Site,
    context: &Context,
    request: &Request,
    head: &ApiRequest,
    routed: Routed,
) -> Result<Response> {
    let world = clock::world().map_err(internal)?;
    let admitted = match api::admit(head, routed, &world.request_id) {
        Admission::Answered(answer) => {
            let answer =
                wire::send(answer).map_err(|e| Error::new(Code::Internal, e.to_string()))?;
            return Ok(answer.into());
        }
        Admission::Admitted(admitted) => admitted,
    };
    let organization = admitted.key.organization().as_str();
    let path = match &head.query {
        Some(query) => format!("{}?{query}", admitted.path()),
        None => admitted.path(),
    };
    let list = List::of(site, &admitted, head, &path);
    if let Some(list) = list.as_ref().filter(|_| sick(&site.origin, organization))
        && let Some(copy) = list.recall(site, context).await?
    {
        return Ok(copy);
    }
    let like = request_like(&site.origin.url(&path), request).map_err(internal)?;
    let sent = send(&site.origin, &site.env, organization, like, DEADLINE).await;
    let sent = sent
        .map_err(|failure| {
            Error::new(
                Code::OriginUnavailable,
                match failure {
                    Failure::Deadline => "the origin did not answer in time",
                    Failure::Unreachable | Failure::Broken | Failure::TooLarge => {
                        "the origin cannot be reached"
                    }
                },
            )
        })
        .and_then(|answer| {
            let headers = clean(&answer)?;
            Ok((answer, headers))
        });
    if let Some(list) = list.as_ref().filter(|_| lists::failed(&sent))
        && let Some(copy) = list.recall(site, context).await?
    {
        return Ok(copy);
    }
    let (answer, headers) = sent?;
    let status = answer.status();
    if let Some(list) = list.filter(|_| status == 200) {
        list.keep(site, context, &headers, &answer).await;
    }
    if (200..300).contains(&status) {
        match admitted.invalidates() {
            Invalidates::Nothing => {}
            Invalidates::Keys => forget_keys(site, &admitted.key).await,
            Invalidates::Runs => forget_runs(site, &admitted.key).await,
            _ => {
                for written in Written::all(&admitted, &headers) {
                    wrote(site, context, &admitted.key, head, &written).await;
                }
            }
        }
    }
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&headers);
    let body = answer.body();
    Response::new_with_opt_readable_stream_and_init(body.as_ref(), &init).map_err(internal)
}

/// The answer's headers, if it is an answer of the API.
fn clean(answer: &Response) -> Result<Headers> {
    let all = answer.headers();
    let of = |name: &str| all.get(name).ok().flatten();
    let media = of("content-type").unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    let ours = match answer.status() {
        204 | 304 => true,
        300..400 => false,
        _ => matches!(media, "application/json" | "application/problem+json"),
    };
    if !ours {
        if let Some(body) = answer.body() {
            // Nobody waits for the cancellation, which only frees the connection.
            let _ = body.cancel();
        }
        return Err(match answer.status() {
            429 | 500.. => Error::new(Code::OriginUnavailable, "the origin failed"),
            401 | 403 => Error::new(Code::OriginAuth, "the origin refused the request"),
            _ => Error::new(
                Code::OriginBadResponse,
                "the origin's answer is not one of ours",
            ),
        });
    }
    let headers = Headers::new().map_err(internal)?;
    for name in HEADERS {
        if let Some(value) = of(name) {
            headers.set(name, &value).map_err(internal)?;
        }
    }
    Ok(headers)
}

/// What a change was, as far as copies are concerned.
struct Written {
    /// The prompts that it changed.
    slugs: Vec<Slug>,
    /// The project's revision since.
    revision: Revision,
    /// Since when the project's versions mean what they mean.
    bindings: Revision,
    /// What is gone must not come back when the origin fails, so no copy of it stays.
    gone: Gone,
}

impl Written {
    /// A prompt that has another slug since is gone from its old one.
    fn all(admitted: &Admitted, headers: &Headers) -> Vec<Self> {
        let written = Self::of(admitted, headers);
        let renamed = matches!(
            admitted.operation(),
            Operation::UpdatePrompt | Operation::RestorePrompt
        );
        let to = headers.get("location").ok().flatten();
        let to = to.filter(|_| renamed).and_then(|at| api::slug_of(&at));
        let Some(to) = to.and_then(|to| Slug::parse(to).ok()) else {
            return vec![written];
        };
        let there = Self {
            slugs: vec![to],
            gone: Gone::Nothing,
            ..written
        };
        let gone = Self {
            gone: Gone::Prompt,
            ..written
        };
        vec![gone, there]
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
            bindings: revision("cuecard-bindings").unwrap_or_default(),
            gone: match admitted.invalidates() {
                Invalidates::PromptRemoved => Gone::Prompt,
                Invalidates::TagRemoved => Gone::Tag(admitted.name().to_owned()),
                Invalidates::VersionRemoved => Gone::Version(admitted.name().to_owned()),
                Invalidates::Nothing
                | Invalidates::Prompt
                | Invalidates::Keys
                | Invalidates::Runs => Gone::Nothing,
            },
        }
    }
}

/// After a change to keys or projects, what is remembered of the organisation's keys may be wrong.
async fn forget_keys(site: &Site, key: &Key) {
    let everyone = Verdict::prefix_of_all(key.organization().as_str());
    let dropped = verdict::forget(&everyone);
    remove(site, &dropped).await;
    forget_runs(site, key).await;
}

/// After a change to what runs go by.
async fn forget_runs(site: &Site, key: &Key) {
    let organization = key.organization().as_str();
    let dropped = settings::forget(organization);
    remove(site, &dropped).await;
}

/// After a change, nothing older than it is current at this location.
async fn wrote(site: &Site, context: &Context, key: &Key, head: &ApiRequest, written: &Written) {
    // An import may bring a name from elsewhere.
    forget_runs(site, key).await;
    let everyone = Verdict::prefix_of_all(key.organization().as_str());
    let question = Verdict::question(key, head, site.config.keys);
    let Ok(verdict) = verdict(site, context, &question).await else {
        return;
    };
    let mut dropped = changed(&verdict, written);
    if written.bindings == written.revision {
        // The change was one of meaning. Other projects of the organisation learn of it with what their keys may do.
        let (policy, now) = (site.config.keys, clock::now());
        let doubted = verdict::doubt(&everyone, &policy, now);
        dropped.extend(doubted);
        changes::tell_meaning(site, &verdict.organization, written.bindings).await;
    }
    if written.bindings == written.revision || written.gone != Gone::Nothing {
        lists::end(site, &verdict.organization, written.revision).await;
    }
    remove(site, &dropped).await;
    for slug in &written.slugs {
        changes::tell(site, &verdict, slug, written.revision, &written.gone).await;
    }
}

async fn remove(site: &Site, keys: &[Rc<str>]) {
    for key in keys {
        tier::remove(&site.cache, key).await;
    }
}

/// Demands the new revision of the prompts' tags, and of what was missing. Returns the cache keys of what may be wrong in
/// the Cache API.
fn changed(verdict: &Verdict, written: &Written) -> Vec<Rc<str>> {
    let mut project = verdict.shared.get();
    project.confirm(written.revision, clock::now());
    project.rebind(written.bindings);
    verdict.shared.set(project);
    let prefix = |slug| prompt_prefix(&verdict.organization, &verdict.project, slug);
    let prefixes: Vec<String> = written.slugs.iter().map(prefix).collect();
    let mut dropped = demand::<Entry>(&prefixes, written);
    dropped.extend(demand::<Tags>(&prefixes, written));
    dropped
}

fn demand<T: Item>(prefixes: &[String], written: &Written) -> Vec<Rc<str>> {
    T::with_shelf(|shelf| {
        let slots = shelf.iter_mut();
        let of_these = slots.filter(|(key, _)| prefixes.iter().any(|one| key.starts_with(one)));
        let dropped: Vec<Rc<str>> = of_these
            .filter(|(key, slot)| {
                let of_version = |version: &String| {
                    let end = self::key(&[version]);
                    prefixes
                        .iter()
                        .any(|one| key.strip_prefix(&**one) == Some(&*end))
                };
                match &written.gone {
                    Gone::Prompt => true,
                    Gone::Version(version) => !slot.record.is_pinned() || of_version(version),
                    Gone::Tag(_) | Gone::Nothing => !slot.record.is_pinned(),
                }
            })
            .map(|(key, slot)| {
                slot.record.require(written.revision);
                key.clone()
            })
            .collect();
        if written.gone != Gone::Nothing {
            for key in &dropped {
                shelf.remove(key);
            }
        }
        dropped
    })
}
