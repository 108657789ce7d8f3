//! Runs, executions and connections.

use cuecard_run::{ApiKind, Connection, ExecutionStatus, RunRequest};
use serde_json::{Value, json};

use super::{count, list, object, page, reference, text, time, with, with_description};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("RunRequest", request()),
        ("RunAnswer", answer()),
        ("Usage", usage()),
        ("Execution", execution(true)),
        ("ExecutionListed", execution(false)),
        ("ExecutionList", page("executions", "ExecutionListed")),
        (
            "Connection",
            object(
                &["name", "kind"],
                &with(vec![("name", reference("ConnectionName"))], &connection()),
            ),
        ),
        (
            "ConnectionSet",
            object(
                &["kind"],
                &with(vec![("name", reference("ConnectionName"))], &connection()),
            ),
        ),
        (
            "ConnectionList",
            object(&["connections"], &[("connections", list("Connection"))]),
        ),
        ("RunSettings", settings()),
    ]
}

fn labels() -> Value {
    json!({ "type": "object", "maxProperties": RunRequest::MAX_LABELS,
        "additionalProperties": { "type": ["string", "number", "boolean"] },
        "description": "Labels of the execution, to list by." })
}

fn recording() -> Value {
    json!({ "enum": ["off", "usage", "full"] })
}

fn request() -> Value {
    let object_of = |description: &str| json!({ "type": "object", "description": description });
    let boolean = json!({ "type": "boolean", "default": false,
        "description": "Whether the model API's own events are wanted, as they come." });
    object(
        &["inputs"],
        &[
            ("inputs", object_of("What the prompt is rendered with.")),
            (
                "document",
                with_description(
                    reference("Document"),
                    "Content to run in place of a version's, such as a draft; takes the role `write`.",
                ),
            ),
            ("model", name("A model in place of the prompt's.")),
            ("parameters", object_of("On top of the prompt's.")),
            (
                "connection",
                name(
                    "The name of a connection; chosen by the model, or the default, when left out.",
                ),
            ),
            ("stream", boolean),
            (
                "record",
                with_description(recording(), "In place of what the project keeps."),
            ),
            ("metadata", labels()),
        ],
    )
}

fn name(description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 500, "description": description })
}

fn usage() -> Value {
    let count = || json!({ "type": ["integer", "null"], "minimum": 0 });
    let members = [
        "input",
        "inputCached",
        "inputCacheWrite",
        "output",
        "reasoning",
    ];
    let schema = object(&members, &members.map(|member| (member, count())));
    with_description(
        schema,
        "Tokens as OpenTelemetry counts them: `input` holds those read from and written to a cache, `output` those of reasoning. null: the model API does not say.",
    )
}

fn maybe(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn cost() -> Value {
    json!({ "type": ["number", "null"], "description": "By the connection's prices; null where a price or a count that it takes is not known." })
}

fn answer() -> Value {
    let resolved = json!({ "type": "object", "description": "The version, its hash, and how it was reached." });
    let tool_call = json!({ "type": "object", "required": ["name", "arguments"], "properties": {
        "id": { "type": "string" }, "name": { "type": "string" }, "arguments": true } });
    object(
        &["execution", "output", "usage", "cost", "resolved"],
        &[
            (
                "execution",
                json!({ "type": ["string", "null"], "description": "The id of the record; null where none is kept." }),
            ),
            (
                "output",
                json!({ "description": "The model's text; JSON where the outputs ask for it; null where there is none." }),
            ),
            ("toolCalls", json!({ "type": "array", "items": tool_call })),
            ("finishReason", json!({ "type": "string" })),
            (
                "issues",
                json!({ "type": "array", "items": reference("Issue"), "description": "How the output does not fit the version's outputs." }),
            ),
            (
                "losses",
                json!({ "type": "array", "items": reference("Issue"), "description": "What the model API cannot say of the prompt." }),
            ),
            ("usage", maybe(reference("Usage"))),
            ("cost", cost()),
            ("connection", json!({ "type": "string" })),
            ("model", json!({ "type": "string" })),
            ("startedAt", time()),
            ("endedAt", time()),
            ("resolved", resolved),
        ],
    )
}

fn execution(whole: bool) -> Value {
    let string = || json!({ "type": "string" });
    let error = object(
        &["code", "detail"],
        &[
            ("code", string()),
            ("detail", string()),
            ("upstreamStatus", count()),
        ],
    );
    let members = vec![
        ("id", reference("ExecutionId")),
        ("prompt", reference("Slug")),
        ("version", reference("VersionNumber")),
        ("hash", string()),
        ("tag", string()),
        ("connection", string()),
        ("model", string()),
        ("key", string()),
        (
            "status",
            json!({ "enum": ExecutionStatus::ALL.map(ExecutionStatus::as_str) }),
        ),
        ("startedAt", time()),
        ("firstTokenAt", time()),
        ("endedAt", time()),
        ("usage", maybe(reference("Usage"))),
        ("cost", cost()),
        ("issues", list("Issue")),
        ("error", error),
        ("metadata", labels()),
    ];
    let bodies = [
        ("inputs", json!({})),
        ("messages", json!({})),
        ("output", json!({})),
        (
            "leftOut",
            json!({ "type": "array", "items": string(), "description": "What was too long to be kept whole." }),
        ),
    ];
    let members = if whole {
        with(members, &bodies)
    } else {
        members
    };
    object(
        &[
            "id",
            "connection",
            "key",
            "status",
            "startedAt",
            "usage",
            "cost",
        ],
        &members,
    )
}

fn connection() -> Vec<(&'static str, Value)> {
    let price = || json!({ "type": "number", "minimum": 0 });
    let rates = ["input", "inputCached", "inputCacheWrite", "output"];
    let prices = object(&[], &rates.map(|rate| (rate, price())));
    let prices = with_description(prices, "For a million tokens each.");
    let model = object(
        &["name"],
        &[("name", name("As the API names it.")), ("prices", prices)],
    );
    vec![
        ("kind", json!({ "enum": ApiKind::ALL.map(ApiKind::as_str) })),
        (
            "baseUrl",
            json!({ "type": "string", "maxLength": 2_000, "description": "https, or http on this machine; none for `workers_ai`." }),
        ),
        (
            "secret",
            json!({ "type": "string", "pattern": "^UPSTREAM_[A-Z0-9_]+$", "maxLength": 100, "description": "The name of the Worker's secret." }),
        ),
        (
            "secretHeader",
            json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9-]+$", "description": "The header that takes the secret, where it is not the usual one." }),
        ),
        (
            "models",
            json!({ "type": "array", "items": model, "maxItems": Connection::MAX_MODELS }),
        ),
        ("default", json!({ "type": "boolean", "default": false })),
    ]
}

fn settings() -> Value {
    let recording = object(
        &["mode", "days"],
        &[("mode", recording()), ("days", count())],
    );
    let aliases = json!({ "type": "object", "additionalProperties": text(200) });
    object(
        &["connections", "recording", "aliases"],
        &[
            ("connections", list("Connection")),
            ("recording", recording),
            ("aliases", aliases),
        ],
    )
}
