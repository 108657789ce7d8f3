//! The one table of routes: dispatch, roles, `Allow`, and `/openapi.json` all come from it.
//!
//! `{slug}` stands for one or more segments of the path. Words after it (`versions`, `tags`, …) are recognised in
//! the path as it was sent, before percent-decoding, and the longest ending wins. So a slug that itself ends like a
//! route is written with its slashes percent-encoded: `/v1/prompts/a/versions` is the history of `a`,
//! `/v1/prompts/a%2Fversions` is the prompt `a/versions`. Clients that always encode never meet the difference.

use cuecard_prompt::{Code, Error};
use cuecard_store::Role;

use super::http::percent_decode;
use super::query::Param;

/// The methods that routes take. HEAD is GET without a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or starts a change.
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

/// Who may use a route.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Everybody, without a key.
    Public,
    /// A key with this role or a higher one.
    Key(Role),
}

/// What a route does with a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Body {
    None,
    /// This schema; an empty body is an empty object.
    Optional(&'static str),
    /// This schema.
    Required(&'static str),
}

macro_rules! routes {
    ($($operation:ident $method:ident $path:literal $access:expr, $summary:literal {
        query: [$($param:ident),*],
        body: $body:expr,
        conditional: $guard:literal,
        answers: [$(($status:literal, $schema:expr)),*],
        codes: [$($code:ident),*],
    })*) => {
        /// What a route does; named as in `/openapi.json`.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Operation { $(#[doc = $summary] $operation,)* }

        /// Every route.
        pub const ROUTES: &[Route] = &[$(Route {
            operation: Operation::$operation,
            name: stringify!($operation),
            method: Method::$method,
            path: $path,
            access: $access,
            summary: $summary,
            query: &[$(Param::$param),*],
            body: $body,
            conditional: $guard,
            answers: &[$(($status, $schema)),*],
            codes: &[$(Code::$code),*],
        }),*];
    };
}

/// A route of the API.
#[derive(Debug)]
pub struct Route {
    /// What it does.
    pub operation: Operation,
    /// [`Route::operation`], as text.
    pub name: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path; `{slug}` stands for one or more segments, every other `{…}` for one.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What it does, for people.
    pub summary: &'static str,
    pub(crate) query: &'static [Param],
    pub(crate) body: Body,
    /// Whether it takes `If-Match`, or `If-None-Match: *`.
    pub(crate) conditional: bool,
    /// Status and schema of each good answer.
    pub(crate) answers: &'static [(u16, Option<&'static str>)],
    /// The codes that are this route's own; those of every route are in [`Route::common_codes`].
    pub(crate) codes: &'static [Code],
}

const PUBLIC: Access = Access::Public;
const READ: Access = Access::Key(Role::Read);
const WRITE: Access = Access::Key(Role::Write);
const ADMIN: Access = Access::Key(Role::Admin);

routes! {
    GetHealth Get "/healthz" PUBLIC, "Liveness: the Worker runs" {
        query: [], body: Body::None, conditional: false,
        answers: [(200, Some("Health"))],
        codes: [],
    }
    GetOpenapi Get "/openapi.json" PUBLIC, "This description of the API" {
        query: [], body: Body::None, conditional: false,
        answers: [(200, Some("Openapi"))],
        codes: [],
    }
    ListPrompts Get "/v1/prompts" READ, "List the prompts that the project can read, by slug; deleted ones take the role `write`" {
        query: [Prefix, Tag, Deleted, Limit, Cursor], body: Body::None, conditional: false,
        answers: [(200, Some("PromptList"))],
        codes: [TagInvalid],
    }
    ResolvePrompt Get "/v1/prompts/{slug}" READ, "Resolve a tag (`live` when none is given), `latest` or a version" {
        query: [Tag, Version], body: Body::None, conditional: false,
        answers: [(200, Some("ResolvedVersion")), (304, None)],
        codes: [SlugInvalid, TagInvalid, VersionInvalid, SelectorConflict, PromptNotFound, TagNotFound, VersionNotFound],
    }
    UpdatePrompt Patch "/v1/prompts/{slug}" WRITE, "Change name, description or scope" {
        query: [], body: Body::Required("PromptChange"), conditional: true,
        answers: [(200, Some("Prompt"))],
        codes: [SlugInvalid, NotOwner, PromptNotFound, SlugTaken, PreconditionFailed],
    }
    DeletePrompt Delete "/v1/prompts/{slug}" WRITE, "Delete a prompt; it can be restored" {
        query: [], body: Body::None, conditional: true,
        answers: [(204, None)],
        codes: [SlugInvalid, NotOwner, PromptNotFound, PreconditionFailed],
    }
    RestorePrompt Post "/v1/prompts/{slug}/restore" WRITE, "Bring a deleted prompt back, with everything intact" {
        query: [], body: Body::None, conditional: false,
        answers: [(200, Some("Prompt"))],
        codes: [SlugInvalid, PromptNotFound, SlugTaken],
    }
    PurgePrompt Post "/v1/prompts/{slug}/purge" ADMIN, "Remove a deleted prompt for good; its slug is free again" {
        query: [], body: Body::None, conditional: false,
        answers: [(204, None)],
        codes: [SlugInvalid, PromptNotFound, PreconditionFailed],
    }
    DuplicatePrompt Post "/v1/prompts/{slug}/duplicate" WRITE, "Make a new prompt from a version of this one" {
        query: [], body: Body::Required("Duplicate"), conditional: false,
        answers: [(201, Some("Version"))],
        codes: [SelectorConflict, SlugInvalid, PromptNotFound, TagNotFound, VersionNotFound, SlugTaken],
    }
    RenderPrompt Post "/v1/prompts/{slug}/render" READ, "Render a prompt with inputs" {
        query: [Tag, Version], body: Body::Required("RenderRequest"), conditional: false,
        answers: [(200, Some("Rendered"))],
        codes: [
            SlugInvalid, TagInvalid, VersionInvalid, SelectorConflict, PromptNotFound, TagNotFound, VersionNotFound,
            InputInvalid, RenderFailed, LimitExceeded
        ],
    }
    CommitVersion Post "/v1/prompts/{slug}/versions" WRITE, "Commit a version; the first one makes the prompt" {
        query: [], body: Body::Required("Commit"), conditional: true,
        answers: [(200, Some("Version")), (201, Some("Version"))],
        codes: [
            SlugInvalid, NotOwner, DocumentInvalid, TemplateSyntax, TemplateUndefined, TemplateUnknownName, TemplateInclude,
            LimitExceeded, PromptNotFound, SlugTaken, PreconditionFailed
        ],
    }
    ListVersions Get "/v1/prompts/{slug}/versions" READ, "List a prompt's versions, newest first" {
        query: [Limit, Cursor], body: Body::None, conditional: false,
        answers: [(200, Some("VersionList"))],
        codes: [SlugInvalid, PromptNotFound],
    }
    GetVersion Get "/v1/prompts/{slug}/versions/{version}" READ, "Read a version" {
        query: [], body: Body::None, conditional: false,
        answers: [(200, Some("Version")), (304, None)],
        codes: [SlugInvalid, VersionInvalid, PromptNotFound, VersionNotFound],
    }
    DiffVersions Get "/v1/prompts/{slug}/diff" READ, "What differs between two versions, by field and by message" {
        query: [From, To], body: Body::None, conditional: false,
        answers: [(200, Some("Diff"))],
        codes: [SlugInvalid, TagInvalid, VersionInvalid, PromptNotFound, TagNotFound, VersionNotFound],
    }
    ListDrafts Get "/v1/drafts" WRITE, "List the project's drafts, by slug" {
        query: [Limit, Cursor], body: Body::None, conditional: false,
        answers: [(200, Some("DraftList"))],
        codes: [],
    }
    GetDraft Get "/v1/prompts/{slug}/draft" WRITE, "Read the draft" {
        query: [], body: Body::None, conditional: false,
        answers: [(200, Some("Draft"))],
        codes: [SlugInvalid, PromptNotFound, DraftNotFound],
    }
    PutDraft Put "/v1/prompts/{slug}/draft" WRITE, "Keep content without a version" {
        query: [], body: Body::Required("Document"), conditional: true,
        answers: [(200, Some("Draft"))],
        codes: [SlugInvalid, NotOwner, DocumentInvalid, LimitExceeded, PromptNotFound, PreconditionFailed],
    }
    DeleteDraft Delete "/v1/prompts/{slug}/draft" WRITE, "Throw the draft away" {
        query: [], body: Body::None, conditional: true,
        answers: [(204, None)],
        codes: [SlugInvalid, PromptNotFound, DraftNotFound, PreconditionFailed],
    }
    CommitDraft Post "/v1/prompts/{slug}/draft/commit" WRITE, "Make the draft a version" {
        query: [], body: Body::Optional("CommitDraft"), conditional: true,
        answers: [(200, Some("Version")), (201, Some("Version"))],
        codes: [
            SlugInvalid, NotOwner, DocumentInvalid, TemplateSyntax, TemplateUndefined, TemplateUnknownName, TemplateInclude,
            LimitExceeded, PromptNotFound, DraftNotFound, SlugTaken, PreconditionFailed
        ],
    }
    ListTags Get "/v1/prompts/{slug}/tags" READ, "List a prompt's tags" {
        query: [], body: Body::None, conditional: false,
        answers: [(200, Some("TagList"))],
        codes: [SlugInvalid, PromptNotFound],
    }
    GetTag Get "/v1/prompts/{slug}/tags/{tag}" READ, "Read where a tag points" {
        query: [], body: Body::None, conditional: false,
        answers: [(200, Some("Tag")), (304, None)],
        codes: [SlugInvalid, TagInvalid, PromptNotFound, TagNotFound],
    }
    PutTag Put "/v1/prompts/{slug}/tags/{tag}" WRITE, "Point a tag at a version" {
        query: [], body: Body::Required("TagSet"), conditional: true,
        answers: [(200, Some("Tag"))],
        codes: [SlugInvalid, NotOwner, TagInvalid, PromptNotFound, VersionNotFound, PreconditionFailed],
    }
    DeleteTag Delete "/v1/prompts/{slug}/tags/{tag}" WRITE, "Remove a tag; its history stays" {
        query: [], body: Body::None, conditional: true,
        answers: [(204, None)],
        codes: [SlugInvalid, NotOwner, TagInvalid, PromptNotFound, TagNotFound, PreconditionFailed],
    }
    ListMoves Get "/v1/prompts/{slug}/tags/{tag}/history" READ, "List a tag's moves, newest first" {
        query: [Limit, Cursor], body: Body::None, conditional: false,
        answers: [(200, Some("MoveList"))],
        codes: [SlugInvalid, TagInvalid, PromptNotFound, TagNotFound],
    }
    RollBackTag Post "/v1/prompts/{slug}/tags/{tag}/rollback" WRITE, "Point a tag back to where it pointed before" {
        query: [], body: Body::None, conditional: true,
        answers: [(200, Some("Tag"))],
        codes: [SlugInvalid, NotOwner, TagInvalid, PromptNotFound, TagNotFound, PreconditionFailed],
    }
    GetSnapshot Get "/v1/snapshot" READ, "Every prompt of the project under a tag, for apps to ship" {
        query: [Tag], body: Body::None, conditional: false,
        answers: [(200, Some("Snapshot")), (304, None)],
        codes: [TagInvalid],
    }
    ListEvents Get "/v1/events" WRITE, "The audit log, oldest first" {
        query: [After, Limit], body: Body::None, conditional: false,
        answers: [(200, Some("EventList"))],
        codes: [],
    }
    GetSelf Get "/v1/keys/self" READ, "What the key of this request may do" {
        query: [], body: Body::None, conditional: false,
        answers: [(200, Some("KeySelf"))],
        codes: [],
    }
    ListKeys Get "/v1/keys" ADMIN, "List a project's keys, revoked ones too; secrets are never shown again" {
        query: [Project, Limit, Cursor], body: Body::None, conditional: false,
        answers: [(200, Some("KeyList"))],
        codes: [SlugInvalid, ProjectNotFound],
    }
    CreateKey Post "/v1/keys" ADMIN, "Make a key; the answer shows it once" {
        query: [], body: Body::Required("KeyCreate"), conditional: false,
        answers: [(201, Some("NewKey"))],
        codes: [ProjectNotFound],
    }
    GetKey Get "/v1/keys/{key}" ADMIN, "Read a key, without its secret" {
        query: [], body: Body::None, conditional: false,
        answers: [(200, Some("Key"))],
        codes: [KeyNotFound],
    }
    RevokeKey Delete "/v1/keys/{key}" ADMIN, "Revoke a key, for good" {
        query: [], body: Body::None, conditional: false,
        answers: [(204, None)],
        codes: [KeyNotFound, LockOut],
    }
    ListProjects Get "/v1/projects" ADMIN, "List the projects that the key administers" {
        query: [], body: Body::None, conditional: false,
        answers: [(200, Some("ProjectList"))],
        codes: [],
    }
    CreateProject Post "/v1/projects" ADMIN, "Make a project; takes an admin of the organisation's first project" {
        query: [], body: Body::Required("ProjectCreate"), conditional: false,
        answers: [(201, Some("Project"))],
        codes: [SlugTaken],
    }
    GetProject Get "/v1/projects/{project}" ADMIN, "Read a project" {
        query: [], body: Body::None, conditional: false,
        answers: [(200, Some("Project"))],
        codes: [SlugInvalid, ProjectNotFound],
    }
    UpdateProject Patch "/v1/projects/{project}" ADMIN, "Change a project's name and browser origins" {
        query: [], body: Body::Required("ProjectChange"), conditional: false,
        answers: [(200, Some("Project"))],
        codes: [SlugInvalid, ProjectNotFound],
    }
    DeleteProject Delete "/v1/projects/{project}" ADMIN, "Delete a project: its keys stop working; it can be restored" {
        query: [], body: Body::None, conditional: false,
        answers: [(204, None)],
        codes: [SlugInvalid, ProjectNotFound, LockOut],
    }
    RestoreProject Post "/v1/projects/{project}/restore" ADMIN, "Bring a deleted project back, with its keys" {
        query: [], body: Body::None, conditional: false,
        answers: [(200, Some("Project"))],
        codes: [SlugInvalid, ProjectNotFound, LockOut],
    }
}

impl Route {
    /// Whether it changes what is stored; such a route takes an `Idempotency-Key`.
    pub fn writes(&self) -> bool {
        self.method != Method::Get && self.operation != Operation::RenderPrompt
    }

    /// The codes that every route of its kind can answer with.
    pub(crate) fn common_codes(&self) -> Vec<Code> {
        let mut codes = vec![
            Code::QueryInvalid,
            Code::NotAcceptable,
            Code::UriTooLong,
            Code::Internal,
        ];
        if matches!(self.access, Access::Key(_)) {
            codes.extend([
                Code::KeyMissing,
                Code::KeyMalformed,
                Code::KeyInvalid,
                Code::RoleRequired,
            ]);
        }
        if self.body == Body::None {
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
                Code::Overloaded,
            ]);
        }
        codes
    }
}

/// A route and what stands in its placeholders, percent-decoded.
#[derive(Debug)]
pub(crate) struct Matched {
    pub(crate) route: &'static Route,
    /// `{slug}`.
    pub(crate) slug: String,
    /// The other placeholder.
    pub(crate) name: String,
}

/// No route, or none for this method: then with the value of `Allow`.
#[derive(Debug)]
pub(crate) struct NoRoute {
    pub(crate) error: Error,
    pub(crate) allow: Option<String>,
}

/// Finds the route of a request.
pub(crate) fn find(method: &str, path: &str) -> Result<Matched, NoRoute> {
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    let fits = |route: &&Route| bind(route.path, &segments).is_some();
    let Some(best) = ROUTES.iter().filter(fits).max_by_key(|r| rank(r.path)) else {
        let error = Error::new(Code::RouteNotFound, "there is nothing at this path");
        return Err(NoRoute { error, allow: None });
    };
    let method = if method == "HEAD" { "GET" } else { method };
    let same_path = || ROUTES.iter().filter(|route| route.path == best.path);
    let Some(route) = same_path().find(|route| route.method.as_str() == method) else {
        let mut allow: Vec<&str> = same_path().map(|route| route.method.as_str()).collect();
        if allow.contains(&"GET") {
            allow.push("HEAD");
        }
        let allow = allow.join(", ");
        let error = Error::new(Code::MethodNotAllowed, format!("the route takes {allow}"));
        return Err(NoRoute {
            error,
            allow: Some(allow),
        });
    };
    let (slug, name) = bind(route.path, &segments).unwrap_or_default();
    let decode = |raw: &str| {
        percent_decode(raw).ok_or_else(|| NoRoute {
            error: Error::new(Code::SlugInvalid, "the path is not percent-encoded UTF-8"),
            allow: None,
        })
    };
    Ok(Matched {
        route,
        slug: decode(&slug)?,
        name: decode(&name)?,
    })
}

/// The longest ending wins, then the fewest placeholders.
fn rank(pattern: &str) -> (usize, usize) {
    let segments = pattern.split('/').count();
    (segments, segments - pattern.matches('{').count())
}

/// What `{slug}` and the other placeholder stand for, where the path fits the pattern.
fn bind(pattern: &str, segments: &[&str]) -> Option<(String, String)> {
    let pattern: Vec<&str> = pattern.split('/').skip(1).collect();
    let extra = segments.len().checked_sub(pattern.len())?;
    let mut segments = segments.iter().copied();
    let (mut slug, mut name) = (String::new(), String::new());
    let mut greedy = false;
    for part in pattern {
        match part {
            "{slug}" => {
                greedy = true;
                slug = segments
                    .by_ref()
                    .take(extra + 1)
                    .collect::<Vec<_>>()
                    .join("/");
            }
            placeholder if placeholder.starts_with('{') => name = segments.next()?.to_owned(),
            literal => {
                if segments.next() != Some(literal) {
                    return None;
                }
            }
        }
    }
    (greedy || extra == 0).then_some((slug, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(method: &str, path: &str) -> (Operation, String, String) {
        let found = find(method, path).unwrap();
        (found.route.operation, found.slug, found.name)
    }

    #[test]
    fn the_longest_ending_wins_and_an_encoded_slug_has_none() {
        use Operation::*;
        for (method, path, operation, slug, name) in [
            ("GET", "/v1/prompts", ListPrompts, "", ""),
            ("GET", "/v1/prompts/a", ResolvePrompt, "a", ""),
            ("HEAD", "/v1/prompts/a", ResolvePrompt, "a", ""),
            ("GET", "/v1/prompts/a/b/c", ResolvePrompt, "a/b/c", ""),
            ("GET", "/v1/prompts/a%2Fb", ResolvePrompt, "a/b", ""),
            ("GET", "/v1/prompts/versions", ResolvePrompt, "versions", ""),
            ("GET", "/v1/prompts/a/versions", ListVersions, "a", ""),
            (
                "GET",
                "/v1/prompts/a%2Fversions",
                ResolvePrompt,
                "a/versions",
                "",
            ),
            (
                "GET",
                "/v1/prompts/a%2Fversions/versions",
                ListVersions,
                "a/versions",
                "",
            ),
            (
                "GET",
                "/v1/prompts/a/%76ersions",
                ResolvePrompt,
                "a/versions",
                "",
            ),
            ("GET", "/v1/prompts/a/b/versions/7", GetVersion, "a/b", "7"),
            (
                "GET",
                "/v1/prompts/versions/versions",
                ListVersions,
                "versions",
                "",
            ),
            (
                "GET",
                "/v1/prompts/a/tags/versions",
                GetTag,
                "a",
                "versions",
            ),
            ("GET", "/v1/prompts/a/tags/history", GetTag, "a", "history"),
            ("GET", "/v1/prompts/a/tags/x/history", ListMoves, "a", "x"),
            (
                "POST",
                "/v1/prompts/a/tags/x/rollback",
                RollBackTag,
                "a",
                "x",
            ),
            ("POST", "/v1/prompts/a/draft/commit", CommitDraft, "a", ""),
            ("GET", "/v1/prompts/a%252Fb", ResolvePrompt, "a%2Fb", ""),
            ("GET", "/v1/prompts/a/", ResolvePrompt, "a/", ""),
            ("GET", "/v1/keys/self", GetSelf, "", ""),
            ("DELETE", "/v1/keys/k1", RevokeKey, "", "k1"),
        ] {
            let expected = (operation, slug.to_owned(), name.to_owned());
            assert_eq!(at(method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn a_wrong_method_says_which_are_right() {
        let allow = |method, path| find(method, path).unwrap_err().allow;
        assert_eq!(
            allow("PUT", "/v1/prompts/a").as_deref(),
            Some("GET, PATCH, DELETE, HEAD")
        );
        assert_eq!(
            allow("GET", "/v1/prompts/a/render").as_deref(),
            Some("POST")
        );
        assert_eq!(allow("GET", "/v1/nothing"), None);
        assert_eq!(allow("GET", "/v1/keys/self/x"), None);
        assert_eq!(allow("GET", "/V1/prompts"), None);
    }
}
