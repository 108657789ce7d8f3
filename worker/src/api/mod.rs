//! The complete HTTP API over a [`Store`]: a request in, a response out. It runs inside the Durable
//! Object; requests that need no store are answered by [`admit`] wherever they arrive.

mod body;
mod call;
mod cases;
mod condition;
mod connections;
mod drafts;
mod executions;
mod history;
mod http;
mod manage;
mod openapi;
mod prompt_patch;
mod prompts;
mod query;
mod read;
mod reply;
mod route;
mod schema;
mod tags;
#[cfg(test)]
pub(crate) mod tests;
mod transfer;
mod versions;
mod world;

use cuecard_prompt::{Code, Error, Result};
use cuecard_store::{Key, Principal, Revision, Sql, Standing, Store};
use serde_json::json;

pub(crate) use body::{parse as parse_body, read as read_body};
use call::ApiCall;
pub(crate) use condition::none_match_names;
pub(crate) use executions::answer as answer_executions;
pub use http::{ApiRequest, ApiResponse};
pub(crate) use http::{percent_decode, percent_encode};
use query::Query;
pub(crate) use read::{
    Form, RenderAnswer, RenderRequest, inputs, inputs_in, operation, path_of, rendered_from,
    run_target, slug_of, target,
};
use reply::Reply;
pub use reply::refuse;
pub(crate) use route::Invalidates;
pub use route::{Access, Method, Operation, ROUTES, Route};
use route::{Matched, NoRoute};
pub use world::World;

/// The decision about a request before a store is asked.
#[derive(Debug)]
pub(crate) enum Admission {
    /// Answered already: a public route, or a refusal.
    Answered(ApiResponse),
    /// For the store of the key's organisation.
    Admitted(Box<Admitted>),
}

/// A request for a route that takes a key, with a well-formed key.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// The key, not yet verified.
    pub(crate) key: Key,
    matched: Matched,
}

impl Admitted {
    /// The route.
    pub(crate) fn route(&self) -> &'static Route {
        self.matched.route
    }

    /// What the route does.
    pub(crate) fn operation(&self) -> Operation {
        self.matched.route.operation
    }

    /// The copies that its success invalidates.
    pub(crate) fn invalidates(&self) -> Invalidates {
        self.matched.route.invalidates
    }

    /// `{slug}` of the route, percent-decoded and not yet parsed; empty where it has none.
    pub(crate) fn slug(&self) -> &str {
        &self.matched.slug
    }

    /// The route's other placeholder, such as `{tag}`, percent-decoded and not yet parsed; empty where it has none.
    pub(crate) fn name(&self) -> &str {
        &self.matched.name
    }

    /// The path to send the request on to.
    pub(crate) fn path(&self) -> String {
        self.matched.path()
    }
}

/// The match of a request, made once: its route, or why it has none.
pub(crate) type Routed = std::result::Result<Matched, NoRoute>;

/// Matches a request against the routes.
pub(crate) fn route(request: &ApiRequest) -> Routed {
    request.check_url()?;
    route::find(&request.method, &request.path)
}

/// Answers requests that need no store: public routes, unknown ones, wrong methods, missing and malformed keys.
pub(crate) fn admit(request: &ApiRequest, routed: Routed, request_id: &str) -> Admission {
    let answered = |reply: Reply| Admission::Answered(reply.send(request, request_id));
    let matched = match routed {
        Ok(matched) => matched,
        Err(none) => {
            let reply = Reply::problem(&none.error);
            return answered(match none.allow {
                Some(allow) => reply.header("allow", allow),
                None => reply,
            });
        }
    };
    if let Access::Public = matched.route.access {
        return answered(public(matched.route, request).unwrap_or_else(|e| Reply::problem(&e)));
    }
    match key(request) {
        Ok(key) => Admission::Admitted(Box::new(Admitted { key, matched })),
        Err(error) => answered(Reply::problem(&error)),
    }
}

/// Answers a request from the store of its key's organisation.
pub fn handle<S: Sql>(store: &Store<S>, request: &ApiRequest, world: &World) -> ApiResponse {
    match admit(request, route(request), &world.request_id) {
        Admission::Answered(response) => response,
        Admission::Admitted(admitted) => answer(store, request, &admitted, world),
    }
}

/// The same for an admitted request.
pub(crate) fn answer<S: Sql>(
    store: &Store<S>,
    request: &ApiRequest,
    admitted: &Admitted,
    world: &World,
) -> ApiResponse {
    let reply = match store.verify(&admitted.key, world.now) {
        Ok(actor) => {
            let reply = respond(store, request, &admitted.matched, &actor, world);
            let reply = reply.unwrap_or_else(|error| Reply::problem(&error));
            match store.standing(&actor) {
                Ok(Standing {
                    revision, bindings, ..
                }) => reply
                    .header("cuecard-revision", world.revision(revision))
                    .header("cuecard-bindings", world.revision(bindings)),
                Err(error) => Reply::problem(&error),
            }
        }
        Err(error) => refusal(&error, world),
    };
    let reply = match store.identity() {
        Ok(Some(identity)) => reply.header("cuecard-store", identity),
        Ok(None) => reply,
        Err(error) => Reply::problem(&error),
    };
    reply.send(request, &world.request_id)
}

/// Refuses a key. The operator's epoch goes along: edges believe a store that they do not know only with a higher one.
pub(crate) fn refusal(error: &Error, world: &World) -> Reply {
    let reply = Reply::problem(error);
    if world.epoch == 0 {
        return reply;
    }
    reply.header("cuecard-revision", world.revision(Revision::ZERO))
}

fn respond<S: Sql>(
    store: &Store<S>,
    request: &ApiRequest,
    matched: &Matched,
    actor: &Principal,
    world: &World,
) -> Result<Reply> {
    let route = matched.route;
    if let Access::Key(role) = route.access {
        actor.require(role)?;
    }
    request.check_accept()?;
    let call = ApiCall {
        store,
        request,
        matched,
        actor,
        world,
        query: Query::parse(request.query.as_deref(), route.query)?,
    };
    if route.body == route::RouteBody::None && route.method != Method::Get {
        body::read_none(request)?;
    }
    match route.operation {
        Operation::GetHealth | Operation::GetOpenapi => public(route, request),
        Operation::ListPrompts => prompts::list(&call),
        Operation::ResolvePrompt => versions::resolve(&call),
        Operation::UpdatePrompt => prompts::update(&call),
        Operation::DeletePrompt => prompts::delete(&call),
        Operation::RestorePrompt => prompts::restore(&call),
        Operation::PurgePrompt => prompts::purge(&call),
        Operation::DuplicatePrompt => prompts::duplicate(&call),
        Operation::RenderPrompt => versions::render(&call),
        Operation::CommitVersion => versions::commit(&call),
        Operation::ListVersions => versions::list(&call),
        Operation::GetVersion => versions::get(&call),
        Operation::RemoveVersion => versions::remove(&call),
        Operation::DiffVersions => versions::diff(&call),
        Operation::ImportPrompt => transfer::import(&call),
        Operation::ImportHistory => history::import(&call),
        Operation::ExportPrompt => transfer::export(&call),
        Operation::ListDrafts => drafts::list(&call),
        Operation::ListPromptDrafts => drafts::list_of_prompt(&call),
        Operation::GetDraft => drafts::get(&call),
        Operation::PutDraft => drafts::put(&call),
        Operation::DeleteDraft => drafts::delete(&call),
        Operation::CommitDraft => drafts::commit(&call),
        Operation::ListCases => cases::list(&call),
        Operation::GetCase => cases::get(&call),
        Operation::PutCase => cases::put(&call),
        Operation::DeleteCase => cases::delete(&call),
        Operation::ListTags => tags::list(&call),
        Operation::GetTag => tags::get(&call),
        Operation::PutTag => tags::put(&call),
        Operation::DeleteTag => tags::delete(&call),
        Operation::ListMoves => tags::history(&call),
        Operation::RollBackTag => tags::roll_back(&call),
        Operation::ListTagNames => tags::names(&call),
        Operation::PutTagName => tags::put_name(&call),
        Operation::DeleteTagName => tags::delete_name(&call),
        Operation::GetSnapshot => manage::snapshot(&call),
        Operation::GetExports => manage::exports(&call),
        Operation::ListEvents => manage::events(&call),
        Operation::RunPrompt
        | Operation::ListExecutions
        | Operation::GetExecution
        | Operation::DeleteExecution => Err(Error::new(
            Code::Internal,
            "this is answered where it arrives",
        )),
        Operation::GetRunSettings => connections::settings(&call),
        Operation::ListConnections => connections::list(&call),
        Operation::CreateConnection => connections::create(&call),
        Operation::GetConnection => connections::get(&call),
        Operation::PutConnection => connections::put(&call),
        Operation::DeleteConnection => connections::delete(&call),
        Operation::GetSelf => manage::own_key(&call),
        Operation::GetRevisions => manage::revisions(&call),
        Operation::ListKeys => manage::keys(&call),
        Operation::GetKey => manage::get_key(&call),
        Operation::CreateKey => manage::create_key(&call),
        Operation::UpdateKey => manage::update_key(&call),
        Operation::RevokeKey => manage::revoke_key(&call),
        Operation::ListProjects => manage::projects(&call),
        Operation::CreateProject => manage::create_project(&call),
        Operation::GetProject => manage::get_project(&call),
        Operation::UpdateProject => manage::update_project(&call),
        Operation::DeleteProject => manage::delete_project(&call),
        Operation::RestoreProject => manage::restore_project(&call),
    }
}

fn public(route: &Route, request: &ApiRequest) -> Result<Reply> {
    request.check_accept()?;
    Query::parse(request.query.as_deref(), route.query)?;
    Ok(match route.operation {
        Operation::GetOpenapi => Reply::written(200, openapi::text().to_owned()),
        _ => Reply::json(200, &json!({ "status": "ok" }))?,
    })
}

/// The key of `Authorization: Bearer <key>`.
pub(crate) fn key(request: &ApiRequest) -> Result<Key> {
    let header = request.header("authorization").unwrap_or_default();
    if header.is_empty() {
        let detail = "send the header `Authorization: Bearer <key>`";
        return Err(Error::new(Code::KeyMissing, detail));
    }
    match header.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Key::parse(key.trim()),
        _ => Err(Error::new(
            Code::KeyMalformed,
            "the header is `Authorization: Bearer <key>`",
        )),
    }
}
