//! Prompts, tags, differences and snapshots.

use serde_json::{Value, json};

use super::{count, list, object, page, reference, text, time};

pub(super) fn tags() -> Vec<(&'static str, Value)> {
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
            ("reason", text(1000)),
        ],
    );
    vec![
        ("TagInfo", tag),
        (
            "TagList",
            object(
                &["tags", "scope"],
                &[
                    ("tags", list("TagInfo")),
                    ("scope", reference("Scope")),
                    ("sharedAs", reference("Slug")),
                ],
            ),
        ),
        (
            "TagSet",
            object(
                &["version"],
                &[
                    ("version", reference("VersionNumber")),
                    ("reason", text(1000)),
                ],
            ),
        ),
        ("TagRollback", object(&[], &[("reason", text(1000))])),
        (
            "TagNameInfo",
            object(
                &["tag", "createdAt"],
                &[("tag", reference("TagName")), ("createdAt", time())],
            ),
        ),
        (
            "TagNameList",
            object(&["tags"], &[("tags", list("TagNameInfo"))]),
        ),
        ("Move", entry),
        ("MoveList", page("moves", "Move")),
    ]
}

pub(super) fn cases() -> Vec<(&'static str, Value)> {
    let inputs = (
        "inputs",
        json!({ "type": "object", "description": "A value for each input." }),
    );
    let case = [
        ("name", reference("CaseName")),
        inputs.clone(),
        ("revision", count()),
        ("updatedAt", time()),
        ("updatedBy", json!({ "type": "string" })),
    ];
    vec![
        ("CaseInputs", object(&["inputs"], &[inputs])),
        (
            "Case",
            object(&["name", "inputs", "revision", "updatedAt"], &case),
        ),
        ("CaseList", object(&["cases"], &[("cases", list("Case"))])),
    ]
}

pub(super) fn prompts() -> Vec<(&'static str, Value)> {
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
        ("labels", json!({ "type": "object" })),
        ("was", reference("Slug")),
        ("scope", reference("Scope")),
        ("sharedAs", reference("Slug")),
        ("latest", reference("VersionNumber")),
        (
            "removed",
            json!({ "type": "array", "items": reference("VersionNumber") }),
        ),
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
        (
            "labels",
            json!({ "type": "object", "description": "What the prompt is filed under; at most 4,000 bytes." }),
        ),
        ("slug", reference("Slug")),
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
        &["kind", "role"],
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
        (
            "truncated",
            json!({ "type": "boolean", "description": "Lines, values and fields inside of fields over 1 MiB were left out." }),
        ),
    ];
    let taken = |of: &str| {
        let members = [
            ("format", json!({ "const": 1 })),
            ("project", reference("ProjectSlug")),
            ("revision", count()),
            ("tag", json!({ "type": "string" })),
            ("createdAt", time()),
            ("prompts", list(of)),
        ];
        object(&members.each_ref().map(|(name, _)| *name), &members)
    };
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
        ("Snapshot", taken("SnapshotPrompt")),
        ("Exports", taken("ExportedPrompt")),
    ]
}
