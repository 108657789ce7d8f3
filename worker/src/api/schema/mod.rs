//! The schemas of bodies and answers, as JSON Schema 2020-12 for `/openapi.json`. schemathesis checks real answers
//! against them (`cargo xtask test schemathesis`), so they cannot drift from the types that are serialized.

mod documents;
mod management;
mod prompts;
mod runs;

use cuecard_prompt::{Code, Slug, Tag};
use cuecard_store::CaseName;
use serde_json::{Map, Value, json};

/// A reference to one of [`all`].
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A name in paths and queries, written out: some tools do not follow a reference there.
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

/// These fields and more.
fn with(
    mut fields: Vec<(&'static str, Value)>,
    more: &[(&'static str, Value)],
) -> Vec<(&'static str, Value)> {
    fields.extend_from_slice(more);
    fields
}

/// A schema with a description.
fn with_description(mut schema: Value, description: &str) -> Value {
    if let Some(members) = schema.as_object_mut() {
        members.insert("description".to_owned(), json!(description));
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

pub(crate) fn time() -> Value {
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
                "not": { "enum": ["latest", "live"] }, "description": "A movable pointer's name." }),
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
        (
            "ConnectionName",
            json!({ "type": "string", "minLength": 1, "maxLength": Tag::MAX_BYTES, "pattern": "^[a-z][a-z0-9_-]*$",
                "not": { "const": "latest" } }),
        ),
        (
            "ExecutionId",
            json!({ "type": "string", "minLength": 21, "maxLength": 21, "pattern": "^[a-z0-9]{21}$",
                "description": "Grows with time." }),
        ),
        (
            "CaseName",
            json!({ "type": "string", "minLength": 1, "maxLength": CaseName::MAX_CHARS,
                "pattern": r"^[^\u0000-\u0020./\\\u007f-\u009f]([^\u0000-\u001f/\\\u007f-\u009f]*[^\u0000-\u0020/\\\u007f-\u009f])?$",
                "description": "The name of a case." }),
        ),
        (
            "KeyRole",
            json!({ "enum": ["read", "run", "write", "admin"] }),
        ),
        ("Scope", json!({ "enum": ["project", "organization"] })),
    ]
}

fn place() -> Value {
    object(
        &["line", "column"],
        &[("message", count()), ("line", count()), ("column", count())],
    )
}

fn issue() -> Value {
    let string = || json!({ "type": "string" });
    object(
        &["code", "pointer", "message"],
        &[
            ("code", string()),
            ("pointer", string()),
            ("message", string()),
            ("expected", string()),
            ("received", string()),
            ("suggestion", string()),
            ("at", place()),
        ],
    )
}

fn problem() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let string = || json!({ "type": "string" });
    // Open, as RFC 9457 demands.
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
            "at": place(),
            "issues": { "type": "array", "items": reference("Issue") },
            "current": { "type": "object", "description": "With `precondition_failed`: the draft or the case that is there." },
        },
    })
}

/// Every schema under its name.
pub(crate) fn all() -> Map<String, Value> {
    let groups = [
        names(),
        documents::documents(),
        documents::rendering(),
        prompts::tags(),
        prompts::cases(),
        prompts::prompts(),
        management::all(),
        runs::all(),
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
        ("Issue", issue()),
        ("Problem", problem()),
    ];
    let all = groups.into_iter().flatten().chain(single);
    all.map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}
