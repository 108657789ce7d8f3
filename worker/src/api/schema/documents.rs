//! Documents, versions, drafts and what is rendered from them.

use cuecard_store::Import;
use serde_json::{Value, json};

use super::{count, object, page, reference, text, time, with};

/// The fields of a document, shared by everything that carries one.
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
    let flag = json!({ "type": "boolean" });
    let template = object(
        &[],
        &[
            ("language", json!({ "enum": ["jinja2", "text"] })),
            (
                "dialect",
                json!({ "enum": ["jinja2", "huggingface"], "description": "`huggingface`: chat templates as the `apply_chat_template` of `transformers` renders them." }),
            ),
            ("undefined", json!({ "enum": ["strict", "lenient"] })),
            ("trimBlocks", flag.clone()),
            ("lstripBlocks", flag.clone()),
            ("keepTrailingNewline", flag),
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
        ("template", template),
        ("metadata", any()),
    ]
}

/// The fields of a version besides its content.
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

const VERSION: [&str; 6] = ["messages", "slug", "version", "id", "hash", "createdAt"];

const COMMITTED: [&str; 9] = [
    "messages",
    "slug",
    "version",
    "id",
    "hash",
    "createdAt",
    "created",
    "revision",
    "warnings",
];

pub(super) fn documents() -> Vec<(&'static str, Value)> {
    let document = document_fields();
    let resolved = object(
        &["revision"],
        &[
            ("tag", reference("TagName")),
            ("revision", count()),
            (
                "plan",
                json!({ "type": "object", "description": "How `cuecard/client` renders the version without the engine, where that is possible. Of no meaning to anybody else." }),
            ),
        ],
    );
    let version = with(document.clone(), &version_fields());
    let exported_prompt = with(
        version_fields(),
        &[
            ("prompt", reference("ForeignPrompt")),
            ("resolved", resolved.clone()),
            ("about", reference("Prompt")),
        ],
    );
    let resolved_version = with(version.clone(), &[("resolved", resolved)]);
    let tags = json!({ "type": "array", "items": reference("TagName") });
    let history = with(version.clone(), &[("tags", tags), ("revision", count())]);
    let lost = || {
        (
            "lost",
            json!({ "type": "array", "items": reference("Issue") }),
        )
    };
    let issues = || json!({ "type": "array", "items": reference("Issue") });
    let committed = with(
        version.clone(),
        &[
            (
                "created",
                json!({ "type": "boolean", "description": "Whether the version is new: not where the newest has this content." }),
            ),
            ("revision", count()),
            ("warnings", issues()),
        ],
    );
    let imported = with(committed.clone(), &[lost()]);
    let exported = [
        ("slug", reference("Slug")),
        ("version", reference("VersionNumber")),
        ("prompt", json!({ "type": "object" })),
        lost(),
    ];
    let draft = [
        ("slug", reference("Slug")),
        (
            "author",
            json!({ "type": "string", "description": "Whose it is: a key's id, or the name that was given." }),
        ),
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
    let numbers = || json!({ "type": "array", "items": reference("VersionNumber") });
    let taken = [
        ("added", numbers()),
        ("kept", numbers()),
        ("removed", numbers()),
        (
            "tags",
            json!({ "type": "array", "items": reference("TagName") }),
        ),
        (
            "versions",
            json!({ "type": "array", "items": object(&["version", "lost"], &[
                ("version", reference("VersionNumber")),
                ("document", reference("Document")),
                lost(),
            ]) }),
        ),
    ];
    let old = object(
        &["version", "document"],
        &[
            ("version", reference("VersionNumber")),
            (
                "document",
                json!({ "type": "object", "description": "As the system of `from` writes it." }),
            ),
            ("commitMessage", text(4000)),
            ("author", text(200)),
            ("createdAt", time()),
        ],
    );
    let old = [
        (
            "versions",
            json!({ "type": "array", "items": old, "maxItems": Import::MAX_VERSIONS }),
        ),
        (
            "tags",
            json!({
                "type": "object",
                "description": "Tag to version; a tag that the prompt has already stays where it is.",
                "propertyNames": reference("TagName"),
                "additionalProperties": reference("VersionNumber"),
            }),
        ),
        ("description", text(4000)),
        (
            "dryRun",
            json!({ "type": "boolean", "description": "Say what would be taken over, with the documents, and do nothing." }),
        ),
    ];
    // `prompt` is another spelling of the first system message, so neither it nor `messages` is required alone.
    let written = with(document.clone(), &[("prompt", json!({ "type": "string" }))]);
    vec![
        ("Document", object(&[], &written)),
        (
            "Commit",
            object(
                &[],
                &with(
                    with(written, &note),
                    &[("about", reference("PromptChange"))],
                ),
            ),
        ),
        ("CommitDraft", object(&[], &note)),
        ("Version", object(&VERSION, &version)),
        ("CommittedVersion", object(&COMMITTED, &committed)),
        (
            "HistoryEntry",
            object(&[&VERSION[..], &["tags", "revision"]].concat(), &history),
        ),
        (
            "ForeignPrompt",
            json!({ "type": "object", "description": "A prompt as Athina, Basalt or LangWatch writes it." }),
        ),
        (
            "ImportedVersion",
            object(&[&COMMITTED[..], &["lost"]].concat(), &imported),
        ),
        ("History", object(&["versions"], &old)),
        (
            "TakenHistory",
            object(&["added", "kept", "removed", "tags", "versions"], &taken),
        ),
        (
            "Exported",
            object(&["slug", "version", "prompt", "lost"], &exported),
        ),
        ("VersionList", page("versions", "HistoryEntry")),
        (
            "DraftInfo",
            object(&["slug", "author", "revision", "updatedAt"], &draft),
        ),
        ("DraftList", page("drafts", "DraftInfo")),
        (
            "Draft",
            object(
                &["messages", "slug", "author", "revision", "updatedAt"],
                &with(document.clone(), &draft),
            ),
        ),
        (
            "SnapshotPrompt",
            object(
                &[&VERSION[..], &["resolved"]].concat(),
                &with(resolved_version.clone(), &[("about", reference("Prompt"))]),
            ),
        ),
        (
            "ExportedPrompt",
            object(
                &[
                    "slug",
                    "version",
                    "id",
                    "hash",
                    "createdAt",
                    "prompt",
                    "resolved",
                    "about",
                ],
                &exported_prompt,
            ),
        ),
        (
            "ResolvedVersion",
            object(&[&VERSION[..], &["resolved"]].concat(), &resolved_version),
        ),
    ]
}

pub(super) fn rendering() -> Vec<(&'static str, Value)> {
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
    let rendered = with(rendered.collect(), &[("resolved", resolved.clone())]);
    let payload = [
        (
            "model",
            json!({ "type": "string", "description": "As the API names it; for Gemini a part of the URL." }),
        ),
        (
            "body",
            json!({ "type": "object", "description": "The body of the request." }),
        ),
        (
            "losses",
            json!({ "type": "array", "items": reference("Issue"), "description": "What was left out as the API cannot say it, and what it wants and the prompt does not have; pointers into the rendered prompt." }),
        ),
        ("resolved", resolved),
    ];
    vec![
        (
            "RenderRequest",
            object(
                &["inputs"],
                &[
                    (
                        "inputs",
                        json!({ "type": "object", "description": "A value for each input." }),
                    ),
                    (
                        "now",
                        json!({ "type": "string", "format": "date-time", "description": "The moment that `strftime_now` tells in templates of the dialect `huggingface`, as the clock of its offset shows it; by default that of the request, in UTC." }),
                    ),
                ],
            ),
        ),
        ("Rendered", object(&["messages", "resolved"], &rendered)),
        (
            "RenderedPayload",
            object(&["body", "losses", "resolved"], &payload),
        ),
        (
            "RenderAnswer",
            json!({ "oneOf": [reference("Rendered"), reference("RenderedPayload")], "description": "`RenderedPayload` where `payload` names an API." }),
        ),
    ]
}
