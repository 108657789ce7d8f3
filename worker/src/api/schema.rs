//! The shapes of bodies and answers, as JSON Schema 2020-12 for `/openapi.json`. A test holds real answers against
//! them, so they cannot drift from the types that are serialized.

use cuecard_prompt::{Code, Slug, Tag};
use serde_json::{Map, Value, json};

/// A reference to one of [`all`].
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// One of the names that stand in paths and queries, written out: some tools do not follow a reference there.
pub(crate) fn name(name: &str) -> Value {
    let mut names = names().into_iter().filter(|(known, _)| *known == name);
    names.next().map(|(_, schema)| schema).unwrap_or_default()
}

/// An object of these members, and no others.
fn object(required: &[&str], members: &[(&str, Value)]) -> Value {
    let members: Map<String, Value> = members
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    let mut schema =
        json!({ "type": "object", "properties": members, "additionalProperties": false });
    if let (false, Some(schema)) = (required.is_empty(), schema.as_object_mut()) {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

fn list(item: &str) -> Value {
    json!({ "type": "array", "items": reference(item) })
}

fn text(max: usize) -> Value {
    json!({ "type": "string", "maxLength": max })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_992_u64 })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn page(name: &str, item: &str) -> Value {
    object(
        &[name],
        &[
            (name, list(item)),
            ("nextCursor", json!({ "type": "string" })),
        ],
    )
}

fn names() -> Vec<(&'static str, Value)> {
    let segment = "[A-Za-z0-9][A-Za-z0-9._-]*";
    let slug = format!("^{segment}(/{segment})*$");
    vec![
        (
            "Slug",
            json!({ "type": "string", "minLength": 1, "maxLength": Slug::MAX_BYTES, "pattern": slug,
                "description": "A prompt's name." }),
        ),
        (
            "TagName",
            json!({ "type": "string", "minLength": 1, "maxLength": Tag::MAX_BYTES, "pattern": "^[a-z][a-z0-9_-]*$",
                "not": { "const": "latest" }, "description": "A movable pointer's name." }),
        ),
        (
            "VersionNumber",
            json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX, "description": "1, 2, 3, … per prompt." }),
        ),
        (
            "Id",
            json!({ "type": "string", "minLength": 12, "maxLength": 12, "pattern": "^[a-z0-9]{12}$" }),
        ),
        (
            "ProjectSlug",
            json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-z0-9][a-z0-9_-]*$" }),
        ),
        ("Role", json!({ "enum": ["read", "write", "admin"] })),
        ("Scope", json!({ "enum": ["project", "organization"] })),
    ]
}

/// The fields of a document (DESIGN of the prompt document), shared by everything that carries one.
fn document_fields() -> Vec<(&'static str, Value)> {
    let parts = json!({ "oneOf": [
        object(&["type", "text"], &[("type", json!({ "const": "text" })), ("text", json!({ "type": "string" }))]),
        object(&["type", "image"], &[("type", json!({ "const": "image" })), ("image", json!({ "type": "string" }))]),
    ] });
    let message = object(
        &["role", "content"],
        &[
            (
                "role",
                json!({ "enum": ["system", "developer", "user", "assistant", "tool", "placeholder"] }),
            ),
            (
                "content",
                json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": parts, "minItems": 1 }] }),
            ),
            ("name", text(64)),
        ],
    );
    let any = || json!({ "type": "object" });
    vec![
        ("messages", json!({ "type": "array", "items": message })),
        ("inputs", json!({ "type": "array", "items": any() })),
        ("outputs", json!({ "type": "array", "items": any() })),
        ("model", json!({ "type": "string" })),
        ("provider", json!({ "type": "string" })),
        ("parameters", any()),
        ("tools", json!({ "type": "array" })),
        ("toolChoice", json!({})),
        ("responseFormat", json!({})),
        ("demonstrations", any()),
        (
            "promptingTechnique",
            json!({ "enum": ["few_shot", "in_context", "chain_of_thought"] }),
        ),
        ("template", any()),
        ("metadata", any()),
    ]
}

/// What a version has besides its content.
fn version_fields() -> Vec<(&'static str, Value)> {
    vec![
        ("slug", reference("Slug")),
        ("version", reference("VersionNumber")),
        ("id", json!({ "type": "string" })),
        (
            "hash",
            json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
        ),
        ("commitMessage", text(4000)),
        ("author", text(200)),
        ("createdAt", time()),
    ]
}

fn with(
    mut fields: Vec<(&'static str, Value)>,
    more: &[(&'static str, Value)],
) -> Vec<(&'static str, Value)> {
    fields.extend_from_slice(more);
    fields
}

const VERSION: [&str; 6] = ["messages", "slug", "version", "id", "hash", "createdAt"];

fn documents() -> Vec<(&'static str, Value)> {
    let document = document_fields();
    let resolved = object(
        &["revision"],
        &[("tag", reference("TagName")), ("revision", count())],
    );
    let version = with(document.clone(), &version_fields());
    let resolved_version = with(version.clone(), &[("resolved", resolved)]);
    let tags = json!({ "type": "array", "items": reference("TagName") });
    let history = with(version.clone(), &[("tags", tags), ("revision", count())]);
    let draft = [
        ("slug", reference("Slug")),
        ("base", reference("VersionNumber")),
        ("revision", count()),
        ("updatedAt", time()),
        ("updatedBy", json!({ "type": "string" })),
    ];
    let note = [
        ("commitMessage", text(4000)),
        ("author", text(200)),
        (
            "tags",
            json!({ "type": "array", "items": reference("TagName"), "maxItems": 20 }),
        ),
    ];
    // `prompt` is another way to write the first system message, so neither it nor `messages` is required alone.
    let written = with(document.clone(), &[("prompt", json!({ "type": "string" }))]);
    vec![
        ("Document", object(&[], &written)),
        ("Commit", object(&[], &with(written, &note))),
        ("CommitDraft", object(&[], &note)),
        ("Version", object(&VERSION, &version)),
        (
            "HistoryEntry",
            object(&[&VERSION[..], &["tags", "revision"]].concat(), &history),
        ),
        ("VersionList", page("versions", "HistoryEntry")),
        (
            "DraftInfo",
            object(&["slug", "revision", "updatedAt"], &draft),
        ),
        ("DraftList", page("drafts", "DraftInfo")),
        (
            "Draft",
            object(
                &["messages", "slug", "revision", "updatedAt"],
                &with(document.clone(), &draft),
            ),
        ),
        (
            "ResolvedVersion",
            object(&[&VERSION[..], &["resolved"]].concat(), &resolved_version),
        ),
    ]
}

fn rendering() -> Vec<(&'static str, Value)> {
    let resolved = object(
        &["slug", "version", "hash", "revision"],
        &[
            ("slug", reference("Slug")),
            ("version", reference("VersionNumber")),
            ("hash", json!({ "type": "string" })),
            ("tag", reference("TagName")),
            ("revision", count()),
        ],
    );
    let rendered = [
        "messages",
        "model",
        "provider",
        "parameters",
        "tools",
        "toolChoice",
        "responseFormat",
    ];
    let rendered = document_fields()
        .into_iter()
        .filter(|(name, _)| rendered.contains(name));
    let rendered = with(rendered.collect(), &[("resolved", resolved)]);
    vec![
        (
            "RenderRequest",
            object(
                &["inputs"],
                &[(
                    "inputs",
                    json!({ "type": "object", "description": "A value for each input." }),
                )],
            ),
        ),
        ("Rendered", object(&["messages", "resolved"], &rendered)),
    ]
}

fn tags() -> Vec<(&'static str, Value)> {
    let tag = object(
        &["tag", "version", "revision", "updatedAt"],
        &[
            ("tag", reference("TagName")),
            ("version", reference("VersionNumber")),
            ("revision", count()),
            ("updatedAt", time()),
            ("updatedBy", json!({ "type": "string" })),
        ],
    );
    let entry = object(
        &["revision", "kind", "at"],
        &[
            ("revision", count()),
            (
                "kind",
                json!({ "enum": ["commit", "set", "rollback", "delete"] }),
            ),
            ("from", reference("VersionNumber")),
            ("to", reference("VersionNumber")),
            ("at", time()),
            ("by", json!({ "type": "string" })),
        ],
    );
    vec![
        ("Tag", tag),
        ("TagList", object(&["tags"], &[("tags", list("Tag"))])),
        (
            "TagSet",
            object(&["version"], &[("version", reference("VersionNumber"))]),
        ),
        ("Move", entry),
        ("MoveList", page("moves", "Move")),
    ]
}

fn prompts() -> Vec<(&'static str, Value)> {
    let pointer = object(
        &["tag", "version"],
        &[
            ("tag", reference("TagName")),
            ("version", reference("VersionNumber")),
        ],
    );
    let prompt = [
        ("slug", reference("Slug")),
        ("id", json!({ "type": "string" })),
        ("project", reference("ProjectSlug")),
        ("name", text(200)),
        ("description", text(4000)),
        ("scope", reference("Scope")),
        ("latest", reference("VersionNumber")),
        ("tags", json!({ "type": "array", "items": pointer })),
        ("revision", count()),
        ("createdAt", time()),
        ("updatedAt", time()),
        ("deletedAt", time()),
    ];
    let always = [
        "slug",
        "id",
        "project",
        "scope",
        "latest",
        "tags",
        "revision",
        "createdAt",
        "updatedAt",
    ];
    let removable = |max: usize| json!({ "type": ["string", "null"], "maxLength": max, "description": "`null` removes it." });
    let change = [
        ("name", removable(200)),
        ("description", removable(4000)),
        ("scope", reference("Scope")),
    ];
    let source = [
        ("slug", reference("Slug")),
        (
            "tag",
            json!({ "anyOf": [reference("TagName"), { "const": "latest" }] }),
        ),
        ("version", reference("VersionNumber")),
    ];
    let kind = || json!({ "enum": ["same", "added", "removed", "changed"] });
    let field = object(
        &["field", "kind"],
        &[
            ("field", json!({ "type": "string" })),
            ("kind", kind()),
            ("before", json!({})),
            ("after", json!({})),
        ],
    );
    let line = object(
        &["kind", "text"],
        &[("kind", kind()), ("text", json!({ "type": "string" }))],
    );
    let message = object(
        &["kind", "role", "fields", "lines"],
        &[
            ("kind", kind()),
            ("role", json!({ "type": "string" })),
            ("before", count()),
            ("after", count()),
            ("fields", json!({ "type": "array", "items": field.clone() })),
            ("lines", json!({ "type": "array", "items": line })),
        ],
    );
    let diff = [
        ("slug", reference("Slug")),
        ("from", reference("VersionNumber")),
        ("to", reference("VersionNumber")),
        ("equal", json!({ "type": "boolean" })),
        ("summary", json!({ "type": "string" })),
        ("fields", json!({ "type": "array", "items": field })),
        ("messages", json!({ "type": "array", "items": message })),
    ];
    let snapshot = [
        ("format", json!({ "const": 1 })),
        ("project", reference("ProjectSlug")),
        ("revision", count()),
        ("tag", json!({ "type": "string" })),
        ("createdAt", time()),
        ("prompts", list("ResolvedVersion")),
    ];
    vec![
        ("Prompt", object(&always, &prompt)),
        ("PromptList", page("prompts", "Prompt")),
        ("PromptChange", object(&[], &change)),
        ("Duplicate", object(&["slug"], &source)),
        (
            "Diff",
            object(
                &[
                    "slug", "from", "to", "equal", "summary", "fields", "messages",
                ],
                &diff,
            ),
        ),
        (
            "Snapshot",
            object(
                &[
                    "format",
                    "project",
                    "revision",
                    "tag",
                    "createdAt",
                    "prompts",
                ],
                &snapshot,
            ),
        ),
    ]
}

fn management() -> Vec<(&'static str, Value)> {
    let key = vec![
        ("id", reference("Id")),
        ("project", reference("ProjectSlug")),
        ("role", reference("Role")),
        ("name", text(200)),
        ("createdAt", time()),
        ("createdBy", json!({ "type": "string" })),
        ("expiresAt", time()),
        ("revokedAt", time()),
    ];
    let secret = json!({ "type": "string", "description": "The key itself; shown once." });
    let origins = json!({ "type": "array", "items": text(300), "maxItems": 50,
        "description": "Browser origins that may use the project's keys: `https://app.example`, or `*`." });
    let own = [
        ("organization", reference("Id")),
        ("project", reference("ProjectSlug")),
        ("key", reference("Id")),
        ("name", text(200)),
        ("role", reference("Role")),
        ("expiresAt", time()),
        ("allowedOrigins", origins.clone()),
        ("revision", count()),
    ];
    let event = [
        ("revision", count()),
        ("at", time()),
        ("key", json!({ "type": "string" })),
        ("actor", json!({ "type": "string" })),
        ("requestId", json!({ "type": "string" })),
        ("action", json!({ "type": "string" })),
        ("slug", reference("Slug")),
        ("detail", json!({ "type": "object" })),
    ];
    let project = [
        ("slug", reference("ProjectSlug")),
        ("name", text(200)),
        ("allowedOrigins", origins.clone()),
        ("revision", count()),
        ("createdAt", time()),
        ("updatedAt", time()),
        ("deletedAt", time()),
    ];
    let removable = json!({ "type": ["string", "null"], "maxLength": 200, "description": "`null` removes it." });
    vec![
        (
            "Event",
            object(&["revision", "at", "action", "detail"], &event),
        ),
        ("EventList", page("events", "Event")),
        (
            "KeySelf",
            object(
                &[
                    "organization",
                    "project",
                    "key",
                    "role",
                    "allowedOrigins",
                    "revision",
                ],
                &own,
            ),
        ),
        ("Key", object(&KEY, &key)),
        ("KeyList", page("keys", "Key")),
        ("NewKey", object(&KEY, &with(key, &[("key", secret)]))),
        (
            "KeyCreate",
            object(
                &["role"],
                &[
                    ("role", reference("Role")),
                    ("project", reference("ProjectSlug")),
                    ("name", text(200)),
                    ("expiresAt", time()),
                ],
            ),
        ),
        (
            "Project",
            object(
                &[
                    "slug",
                    "allowedOrigins",
                    "revision",
                    "createdAt",
                    "updatedAt",
                ],
                &project,
            ),
        ),
        (
            "ProjectList",
            object(&["projects"], &[("projects", list("Project"))]),
        ),
        (
            "ProjectCreate",
            object(
                &["slug"],
                &[
                    ("slug", reference("ProjectSlug")),
                    ("name", text(200)),
                    ("allowedOrigins", origins.clone()),
                ],
            ),
        ),
        (
            "ProjectChange",
            object(&[], &[("name", removable), ("allowedOrigins", origins)]),
        ),
    ]
}

const KEY: [&str; 4] = ["id", "project", "role", "createdAt"];

fn problem() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let place = object(
        &["line", "column"],
        &[("message", count()), ("line", count()), ("column", count())],
    );
    let string = || json!({ "type": "string" });
    let issue = object(
        &["code", "pointer", "message"],
        &[
            ("code", string()),
            ("pointer", string()),
            ("message", string()),
            ("expected", string()),
            ("received", string()),
            ("suggestion", string()),
            ("at", place.clone()),
        ],
    );
    // Open, as RFC 9457 wants it.
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code", "detail", "instance"],
        "properties": {
            "type": string(),
            "title": string(),
            "status": { "type": "integer" },
            "code": { "enum": codes },
            "detail": string(),
            "instance": string(),
            "at": place,
            "issues": { "type": "array", "items": issue },
        },
    })
}

/// Every schema under its name.
pub(crate) fn all() -> Map<String, Value> {
    let groups = [
        names(),
        documents(),
        rendering(),
        tags(),
        prompts(),
        management(),
    ];
    let single = [
        (
            "Health",
            object(&["status"], &[("status", json!({ "const": "ok" }))]),
        ),
        (
            "Openapi",
            json!({ "type": "object", "required": ["openapi", "info", "paths"] }),
        ),
        ("Problem", problem()),
    ];
    let all = groups.into_iter().flatten().chain(single);
    all.map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}
