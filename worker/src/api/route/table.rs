//! Every route, row by row.

use cuecard_prompt::Code;
use cuecard_store::KeyRole;

use super::{Access, Invalidates, Method, Route, RouteBody};
use crate::api::query::Param;

macro_rules! routes {
    ($($operation:ident $method:ident $path:literal $access:expr, $summary:literal {
        query: [$($param:ident),*],
        body: $body:expr,
        conditional: $guard:literal,
        invalidates: $invalidates:ident,
        answers: [$(($status:literal, $schema:expr)),*],
        codes: [$($code:ident),*],
    })*) => {
        /// The operation of a route; named as in `/openapi.json`.
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
            invalidates: Invalidates::$invalidates,
            answers: &[$(($status, $schema)),*],
            codes: &[$(Code::$code),*],
        }),*];
    };
}

const PUBLIC: Access = Access::Public;
const READ: Access = Access::Key(KeyRole::Read);
const RUN: Access = Access::Key(KeyRole::Run);
const WRITE: Access = Access::Key(KeyRole::Write);
const ADMIN: Access = Access::Key(KeyRole::Admin);

routes! {
    GetHealth Get "/healthz" PUBLIC, "Liveness: the Worker runs" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("Health"))],
        codes: [],
    }
    GetOpenapi Get "/openapi.json" PUBLIC, "This description of the API" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("Openapi"))],
        codes: [],
    }
    ListPrompts Get "/v1/prompts" READ, "List the prompts that the project can read, by slug; deleted ones take the role `write`" {
        query: [Prefix, Tag, Deleted, Limit, Cursor], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("PromptList"))],
        codes: [TagInvalid],
    }
    ResolvePrompt Get "/v1/prompts/{slug}" READ, "Resolve a tag (`production` when none is given), `latest` or a version" {
        query: [Tag, Version], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("ResolvedVersion")), (304, None)],
        codes: [SlugInvalid, TagInvalid, VersionInvalid, SelectorConflict, PromptNotFound, TagNotFound, VersionNotFound],
    }
    UpdatePrompt Patch "/v1/prompts/{slug}" WRITE, "Change slug, name, description, labels or scope" {
        query: [], body: RouteBody::Required("PromptChange"), conditional: true, invalidates: Prompt,
        answers: [(200, Some("Prompt"))],
        codes: [SlugInvalid, NotOwner, PromptNotFound, SlugTaken, PreconditionFailed],
    }
    DeletePrompt Delete "/v1/prompts/{slug}" WRITE, "Delete a prompt; it can be restored" {
        query: [], body: RouteBody::None, conditional: true, invalidates: PromptRemoved,
        answers: [(204, None)],
        codes: [SlugInvalid, NotOwner, PromptNotFound, PreconditionFailed],
    }
    RestorePrompt Post "/v1/prompts/{slug}/restore" WRITE, "Bring a deleted prompt back, with everything intact" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Prompt,
        answers: [(200, Some("Prompt"))],
        codes: [SlugInvalid, PromptNotFound, SlugTaken],
    }
    PurgePrompt Post "/v1/prompts/{slug}/purge" ADMIN, "Remove a deleted prompt for good; its slug is free again" {
        query: [], body: RouteBody::None, conditional: false, invalidates: PromptRemoved,
        answers: [(204, None)],
        codes: [SlugInvalid, PromptNotFound, PreconditionFailed],
    }
    DuplicatePrompt Post "/v1/prompts/{slug}/duplicate" WRITE, "Make a new prompt from a version of this one" {
        query: [], body: RouteBody::Required("Duplicate"), conditional: false, invalidates: Prompt,
        answers: [(201, Some("CommittedVersion"))],
        codes: [SelectorConflict, SlugInvalid, PromptNotFound, TagNotFound, VersionNotFound, SlugTaken],
    }
    RenderPrompt Post "/v1/prompts/{slug}/render" READ, "Render a prompt with inputs" {
        query: [Tag, Version, Payload], body: RouteBody::Required("RenderRequest"), conditional: false, invalidates: Nothing,
        answers: [(200, Some("RenderAnswer"))],
        codes: [
            SlugInvalid, TagInvalid, VersionInvalid, SelectorConflict, PromptNotFound, TagNotFound, VersionNotFound,
            InputInvalid, RenderFailed, LimitExceeded, PayloadUnsupported
        ],
    }
    CommitVersion Post "/v1/prompts/{slug}/versions" WRITE, "Commit a version; the first one makes the prompt" {
        query: [Always, Anew, Beside], body: RouteBody::Required("Commit"), conditional: true, invalidates: Prompt,
        answers: [(200, Some("CommittedVersion")), (201, Some("CommittedVersion"))],
        codes: [
            SlugInvalid, NotOwner, DocumentInvalid, TemplateSyntax, TemplateUndefined, TemplateUnknownName, TemplateInclude,
            LimitExceeded, VersionNotFound, SlugTaken, PreconditionFailed
        ],
    }
    ListVersions Get "/v1/prompts/{slug}/versions" READ, "List a prompt's versions, newest first" {
        query: [Limit, Cursor], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("VersionList"))],
        codes: [SlugInvalid, PromptNotFound],
    }
    GetVersion Get "/v1/prompts/{slug}/versions/{version}" READ, "Read a version" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("Version")), (304, None)],
        codes: [SlugInvalid, VersionInvalid, PromptNotFound, VersionNotFound],
    }
    RemoveVersion Delete "/v1/prompts/{slug}/versions/{version}" WRITE, "Remove a version that no tag points to, for good; its number stays used" {
        query: [], body: RouteBody::None, conditional: false, invalidates: VersionRemoved,
        answers: [(204, None)],
        codes: [SlugInvalid, VersionInvalid, NotOwner, PromptNotFound, VersionNotFound, VersionInUse],
    }
    DiffVersions Get "/v1/prompts/{slug}/diff" READ, "What differs between two versions, by field and by message" {
        query: [From, To], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("Diff"))],
        codes: [SlugInvalid, TagInvalid, VersionInvalid, PromptNotFound, TagNotFound, VersionNotFound],
    }
    ImportPrompt Post "/v1/prompts/{slug}/import" WRITE, "Commit a prompt of another system, and tell what a document has no place for" {
        query: [From], body: RouteBody::Required("ForeignPrompt"), conditional: true, invalidates: Prompt,
        answers: [(200, Some("ImportedVersion")), (201, Some("ImportedVersion"))],
        codes: [
            SlugInvalid, NotOwner, DocumentInvalid, TemplateSyntax, TemplateUndefined, TemplateUnknownName, TemplateInclude,
            LimitExceeded, VersionNotFound, SlugTaken, PreconditionFailed
        ],
    }
    ImportHistory Post "/v1/prompts/{slug}/history" ADMIN, "Take over a prompt's history from another system: numbers, dates, authors, messages, tags; run again it only adds" {
        query: [From], body: RouteBody::Required("History"), conditional: false, invalidates: Prompt,
        answers: [(200, Some("TakenHistory"))],
        codes: [
            SlugInvalid, NotOwner, DocumentInvalid, TemplateSyntax, TemplateUndefined, TemplateUnknownName, TemplateInclude,
            LimitExceeded, VersionNotFound, SlugTaken, PreconditionFailed
        ],
    }
    ExportPrompt Get "/v1/prompts/{slug}/export" READ, "Read a version as another system writes it, and what that has no place for" {
        query: [To, Tag, Version], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("Exported")), (304, None)],
        codes: [SlugInvalid, TagInvalid, VersionInvalid, SelectorConflict, PromptNotFound, TagNotFound, VersionNotFound],
    }
    ListDrafts Get "/v1/drafts" WRITE, "List the project's drafts, by slug and author" {
        query: [Limit, Cursor], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("DraftList"))],
        codes: [],
    }
    ListPromptDrafts Get "/v1/prompts/{slug}/drafts" WRITE, "List a prompt's drafts, by author" {
        query: [Limit, Cursor], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("DraftList"))],
        codes: [SlugInvalid],
    }
    GetDraft Get "/v1/prompts/{slug}/draft" WRITE, "Read an author's draft" {
        query: [Author], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("Draft")), (304, None)],
        codes: [SlugInvalid, PromptNotFound, DraftNotFound],
    }
    PutDraft Put "/v1/prompts/{slug}/draft" WRITE, "Keep content without a version, in an author's draft" {
        query: [Author, Base], body: RouteBody::Required("Document"), conditional: true, invalidates: Nothing,
        answers: [(200, Some("Draft"))],
        codes: [
            SlugInvalid, NotOwner, VersionInvalid, DocumentInvalid, LimitExceeded, VersionNotFound, SlugTaken, PreconditionFailed
        ],
    }
    DeleteDraft Delete "/v1/prompts/{slug}/draft" WRITE, "Throw an author's draft away" {
        query: [Author], body: RouteBody::None, conditional: true, invalidates: Nothing,
        answers: [(204, None)],
        codes: [SlugInvalid, PromptNotFound, DraftNotFound, PreconditionFailed],
    }
    CommitDraft Post "/v1/prompts/{slug}/draft/commit" WRITE, "Make an author's draft a version; other authors' drafts stay" {
        query: [Author], body: RouteBody::Optional("CommitDraft"), conditional: true, invalidates: Prompt,
        answers: [(200, Some("CommittedVersion")), (201, Some("CommittedVersion"))],
        codes: [
            SlugInvalid, NotOwner, DocumentInvalid, TemplateSyntax, TemplateUndefined, TemplateUnknownName, TemplateInclude,
            LimitExceeded, DraftNotFound, VersionNotFound, SlugTaken, PreconditionFailed
        ],
    }
    ListCases Get "/v1/prompts/{slug}/cases" WRITE, "List a prompt's cases, which are named inputs, by name" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("CaseList"))],
        codes: [SlugInvalid, PromptNotFound],
    }
    GetCase Get "/v1/prompts/{slug}/cases/{case}" WRITE, "Read a case" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("Case")), (304, None)],
        codes: [SlugInvalid, CaseInvalid, PromptNotFound, CaseNotFound],
    }
    PutCase Put "/v1/prompts/{slug}/cases/{case}" WRITE, "Keep a case: at most 100 of a prompt, of 1 MiB together" {
        query: [], body: RouteBody::Required("CaseInputs"), conditional: true, invalidates: Nothing,
        answers: [(200, Some("Case"))],
        codes: [SlugInvalid, CaseInvalid, NotOwner, PromptNotFound, LimitExceeded, PreconditionFailed],
    }
    DeleteCase Delete "/v1/prompts/{slug}/cases/{case}" WRITE, "Remove a case" {
        query: [], body: RouteBody::None, conditional: true, invalidates: Nothing,
        answers: [(204, None)],
        codes: [SlugInvalid, CaseInvalid, NotOwner, PromptNotFound, CaseNotFound, PreconditionFailed],
    }
    ListTags Get "/v1/prompts/{slug}/tags" READ, "List a prompt's tags" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("TagList"))],
        codes: [SlugInvalid, PromptNotFound],
    }
    GetTag Get "/v1/prompts/{slug}/tags/{tag}" READ, "Read where a tag points" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("TagInfo")), (304, None)],
        codes: [SlugInvalid, TagInvalid, PromptNotFound, TagNotFound],
    }
    PutTag Put "/v1/prompts/{slug}/tags/{tag}" WRITE, "Point a tag at a version" {
        query: [], body: RouteBody::Required("TagSet"), conditional: true, invalidates: Prompt,
        answers: [(200, Some("TagInfo"))],
        codes: [SlugInvalid, NotOwner, TagInvalid, PromptNotFound, VersionNotFound, PreconditionFailed],
    }
    DeleteTag Delete "/v1/prompts/{slug}/tags/{tag}" WRITE, "Remove a tag; its history stays" {
        query: [], body: RouteBody::None, conditional: true, invalidates: TagRemoved,
        answers: [(204, None)],
        codes: [SlugInvalid, NotOwner, TagInvalid, PromptNotFound, TagNotFound, PreconditionFailed],
    }
    ListMoves Get "/v1/prompts/{slug}/tags/{tag}/history" READ, "List a tag's moves, newest first" {
        query: [Limit, Cursor], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("MoveList"))],
        codes: [SlugInvalid, TagInvalid, PromptNotFound, TagNotFound],
    }
    RollBackTag Post "/v1/prompts/{slug}/tags/{tag}/rollback" WRITE, "Point a tag back to where it pointed before" {
        query: [], body: RouteBody::Optional("TagRollback"), conditional: true, invalidates: Prompt,
        answers: [(200, Some("TagInfo"))],
        codes: [SlugInvalid, NotOwner, TagInvalid, PromptNotFound, TagNotFound, VersionNotFound, PreconditionFailed],
    }
    ListTagNames Get "/v1/tags" READ, "List the organisation's names for tags, by name; they point nowhere" {
        query: [Used], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("TagNameList"))],
        codes: [],
    }
    PutTagName Put "/v1/tags/{tag}" WRITE, "Add a name for tags, of at most 1,000; one that is there stays" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("TagNameInfo")), (201, Some("TagNameInfo"))],
        codes: [TagInvalid, LimitExceeded],
    }
    DeleteTagName Delete "/v1/tags/{tag}" WRITE, "Remove a name for tags; prompts keep their tags of that name" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(204, None)],
        codes: [TagInvalid, TagNotFound],
    }
    GetSnapshot Get "/v1/snapshot" READ, "Every prompt of the project under a tag, for apps to ship" {
        query: [Tag, About], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("Snapshot")), (304, None)],
        codes: [TagInvalid, LimitExceeded],
    }
    GetExports Get "/v1/exports" READ, "Every prompt of the project under a tag, as another system writes it" {
        query: [Tag, To], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("Exports")), (304, None)],
        codes: [TagInvalid, LimitExceeded],
    }
    RunPrompt Post "/v1/prompts/{slug}/run" RUN, "Run a prompt: render it and send it to a model API" {
        query: [Tag, Version], body: RouteBody::Required("RunRequest"), conditional: false, invalidates: Nothing,
        answers: [(200, Some("RunAnswer"))],
        codes: [
            SlugInvalid, TagInvalid, VersionInvalid, SelectorConflict, PromptNotFound, TagNotFound, VersionNotFound,
            InputInvalid, RenderFailed, LimitExceeded, PayloadUnsupported, DocumentInvalid, TemplateSyntax, TemplateUndefined,
            TemplateUnknownName, TemplateInclude, ConnectionNotFound,
            ConnectionUnusable, UpstreamRefused, UpstreamUnavailable, UpstreamBadResponse, UpstreamTimeout,
            StoreUnwritable
        ],
    }
    ListExecutions Get "/v1/executions" RUN, "List the project's executions, newest first, without what went in and came out" {
        query: [Prompt, Version, Tag, Status, After, Before, Metadata, Limit, Cursor], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("ExecutionList"))],
        codes: [SlugInvalid, TagInvalid, VersionInvalid, StoreUnwritable],
    }
    GetExecution Get "/v1/executions/{execution}" RUN, "Read an execution, with what went in and came out where that is kept" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("Execution"))],
        codes: [ExecutionNotFound, StoreUnwritable],
    }
    DeleteExecution Delete "/v1/executions/{execution}" WRITE, "Delete an execution" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(204, None)],
        codes: [ExecutionNotFound, StoreUnwritable],
    }
    GetRunSettings Get "/v1/runs/settings" RUN, "What the project's runs go by: connections without secrets, recording, names from elsewhere" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("RunSettings"))],
        codes: [],
    }
    ListConnections Get "/v1/connections" ADMIN, "List the project's connections to model APIs, by name" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("ConnectionList"))],
        codes: [],
    }
    CreateConnection Post "/v1/connections" ADMIN, "Make a connection; its secret is named, the Worker has it" {
        query: [], body: RouteBody::Required("Connection"), conditional: false, invalidates: Runs,
        answers: [(201, Some("Connection"))],
        codes: [SlugTaken, LimitExceeded],
    }
    GetConnection Get "/v1/connections/{connection}" ADMIN, "Read a connection" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("Connection"))],
        codes: [ConnectionNotFound],
    }
    PutConnection Put "/v1/connections/{connection}" ADMIN, "Make a connection or replace it" {
        query: [], body: RouteBody::Required("ConnectionSet"), conditional: false, invalidates: Runs,
        answers: [(200, Some("Connection")), (201, Some("Connection"))],
        codes: [LimitExceeded],
    }
    DeleteConnection Delete "/v1/connections/{connection}" ADMIN, "Remove a connection" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Runs,
        answers: [(204, None)],
        codes: [ConnectionNotFound],
    }
    ListEvents Get "/v1/events" WRITE, "The audit log, oldest first" {
        query: [After, Limit], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("EventList"))],
        codes: [],
    }
    GetSelf Get "/v1/keys/self" READ, "What the key of this request may do" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("KeySelf"))],
        codes: [],
    }
    GetRevisions Get "/v1/revisions" READ, "Where all projects of the organisation stand, for caches: one question instead of one for each project and key" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("Revisions"))],
        codes: [],
    }
    ListKeys Get "/v1/keys" ADMIN, "List a project's keys, revoked ones too; secrets are never shown again" {
        query: [Project, Limit, Cursor], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("KeyList"))],
        codes: [SlugInvalid, ProjectNotFound],
    }
    CreateKey Post "/v1/keys" ADMIN, "Make a key; the answer shows it once" {
        query: [], body: RouteBody::Required("KeyCreate"), conditional: false, invalidates: Keys,
        answers: [(201, Some("NewKey"))],
        codes: [ProjectNotFound],
    }
    GetKey Get "/v1/keys/{key}" ADMIN, "Read a key, without its secret" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("KeyInfo"))],
        codes: [KeyNotFound],
    }
    UpdateKey Patch "/v1/keys/{key}" ADMIN, "Change how much a key may run" {
        query: [], body: RouteBody::Required("KeyChange"), conditional: false, invalidates: Keys,
        answers: [(200, Some("KeyInfo"))],
        codes: [KeyNotFound],
    }
    RevokeKey Delete "/v1/keys/{key}" ADMIN, "Revoke a key, for good" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Keys,
        answers: [(204, None)],
        codes: [KeyNotFound, LockOut],
    }
    ListProjects Get "/v1/projects" ADMIN, "List the projects that the key administers" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("ProjectList"))],
        codes: [],
    }
    CreateProject Post "/v1/projects" ADMIN, "Make a project; takes an admin of the organisation's first project" {
        query: [], body: RouteBody::Required("ProjectCreate"), conditional: false, invalidates: Keys,
        answers: [(201, Some("ProjectInfo"))],
        codes: [SlugTaken],
    }
    GetProject Get "/v1/projects/{project}" ADMIN, "Read a project" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Nothing,
        answers: [(200, Some("ProjectInfo"))],
        codes: [SlugInvalid, ProjectNotFound],
    }
    UpdateProject Patch "/v1/projects/{project}" ADMIN, "Change a project's name and browser origins" {
        query: [], body: RouteBody::Required("ProjectChange"), conditional: false, invalidates: Keys,
        answers: [(200, Some("ProjectInfo"))],
        codes: [SlugInvalid, ProjectNotFound],
    }
    DeleteProject Delete "/v1/projects/{project}" ADMIN, "Delete a project: its keys stop working; it can be restored" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Keys,
        answers: [(204, None)],
        codes: [SlugInvalid, ProjectNotFound, LockOut],
    }
    RestoreProject Post "/v1/projects/{project}/restore" ADMIN, "Bring a deleted project back, with its keys" {
        query: [], body: RouteBody::None, conditional: false, invalidates: Keys,
        answers: [(200, Some("ProjectInfo"))],
        codes: [SlugInvalid, ProjectNotFound, LockOut],
    }
}
