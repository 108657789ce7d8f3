//! `GET /openapi.json`: OpenAPI 3.1, made from the table of routes, the table of codes and the schemas.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use cuecard_prompt::{Code, Provider};
use cuecard_run::ExecutionStatus;
use serde_json::{Map, Value, json};

use super::query::Param;
use super::route::{Access, Method, Operation, ROUTES, Route, RouteBody};
use super::schema;

/// The description of the whole API, as JSON. It is made once: that takes milliseconds, and needs no key.
pub(crate) fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| document().to_string())
}

fn document() -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            let method = route.method.as_str().to_ascii_lowercase();
            methods.insert(method, operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cuecard",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Versioned, typed, tagged prompts, resolved and rendered at the edge.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "bearerFormat": "cue_…" } },
            "schemas": schema::all(),
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": lower_first(route.name),
        "summary": route.summary,
        "parameters": parameters(route),
        "responses": responses(route),
    });
    if let Some(operation) = operation.as_object_mut() {
        if let Access::Key(role) = route.access {
            operation.insert("security".to_owned(), json!([{ "key": [] }]));
            let description = format!("Takes a key with the role `{role}` or a higher one.");
            operation.insert("description".to_owned(), json!(description));
            operation.insert("x-role".to_owned(), json!(role.as_str()));
        }
        let body = match route.body {
            RouteBody::None => None,
            RouteBody::Optional(name) => Some((name, false)),
            RouteBody::Required(name) => Some((name, true)),
        };
        if let Some((name, required)) = body {
            let content = json!({ "application/json": { "schema": schema::reference(name) } });
            let body = json!({ "required": required, "content": content });
            operation.insert("requestBody".to_owned(), body);
        }
    }
    operation
}

fn parameters(route: &Route) -> Vec<Value> {
    let placeholders = route.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        Some(json!({ "name": name, "in": "path", "required": true, "schema": placeholder(name, route.method) }))
    });
    let query = route.query.iter().map(|param| {
        let (schema, description) = query_param(*param, route.operation);
        let name = param.name();
        let mut param =
            json!({ "name": name, "in": "query", "description": description, "schema": schema });
        if let (Operation::ExportPrompt | Operation::GetExports, "to", Some(members)) =
            (route.operation, name, param.as_object_mut())
        {
            members.insert("required".to_owned(), json!(true));
        }
        param
    });
    let mut parameters: Vec<Value> = placeholders.chain(query).collect();
    let mut header = |name: &str, description: &str, schema: Value| {
        parameters.push(
            json!({ "name": name, "in": "header", "description": description, "schema": schema }),
        );
    };
    if route.writes() {
        header(
            "Idempotency-Key",
            "A retry with the same key gets the answer of the first request, for 48 hours.",
            json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }),
        );
    }
    if route.conditional {
        let schema = json!({ "type": "string", "pattern": r#"^(\*|"[!#-~]*")?$"# });
        header(
            "If-Match",
            "The change happens only if this is still the revision: an ETag, or a revision in quotes.",
            schema,
        );
    }
    if route.answers.contains(&(304, None)) {
        let schema = json!({ "type": "string" });
        header("If-None-Match", "An ETag that the caller has.", schema);
    }
    parameters
}

fn placeholder(name: &str, method: Method) -> Value {
    match name {
        "slug" => schema::name("Slug"),
        "tag" if method == Method::Get => {
            json!({ "anyOf": [schema::name("TagName"), { "const": "live" }] })
        }
        "tag" => schema::name("TagName"),
        "version" => schema::name("VersionNumber"),
        "project" => schema::name("ProjectSlug"),
        "case" => schema::name("CaseName"),
        "connection" => schema::name("ConnectionName"),
        "execution" => schema::name("ExecutionId"),
        _ => schema::name("Id"),
    }
}

fn query_param(param: Param, operation: Operation) -> (Value, &'static str) {
    let read = json!({ "enum": ["latest", "live"] });
    let selector = || json!({ "anyOf": [schema::name("TagName"), read] });
    let side = || {
        let version = schema::name("VersionNumber");
        json!({ "anyOf": [version, schema::name("TagName"), read] })
    };
    let system = || json!({ "enum": ["athina", "basalt", "langwatch"] });
    let source = || json!({ "enum": ["athina", "basalt", "langwatch", "openai"] });
    match (param, operation) {
        (Param::From, Operation::ImportPrompt) => {
            return (
                source(),
                "The system that wrote it; what it looks like when left out.",
            );
        }
        (Param::From, Operation::ImportHistory) => {
            return (
                source(),
                "The system that wrote the documents; documents of Cuecard when left out.",
            );
        }
        (Param::To, Operation::ExportPrompt | Operation::GetExports) => {
            return (system(), "The system to write it for.");
        }
        (Param::After, Operation::ListExecutions) => {
            return (
                schema::time(),
                "Only those that began at this time or later.",
            );
        }
        (Param::Tag, Operation::ListExecutions) => {
            return (
                selector(),
                "Only those whose version was reached by this tag.",
            );
        }
        (Param::Version, Operation::ListExecutions) => {
            return (schema::name("VersionNumber"), "Only those of this version.");
        }
        _ => {}
    }
    match param {
        Param::About => (
            json!({ "type": "boolean" }),
            "Whether each prompt says, as `about`, what the list of prompts says of it.",
        ),
        Param::After => (
            json!({ "type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64 }),
            "Only what came after this revision.",
        ),
        Param::Anew => (
            json!({ "type": "boolean" }),
            "Whether a new prompt is made where the one of this slug is deleted, which keeps all but its name.",
        ),
        Param::Beside => (
            json!({ "type": "boolean" }),
            "Whether the project may have another prompt of this name in the other scope: with `If-None-Match: *` a prompt of the \
             scope in `about` is made beside it. Of the two the shared one gets another slug in the project, and keeps its name \
             in all others.",
        ),
        Param::Always => (
            json!({ "type": "boolean" }),
            "Whether content equal to the newest version's makes a version, too.",
        ),
        Param::Author => (
            json!({ "type": "string", "minLength": 1, "maxLength": 200 }),
            "Whose draft: any name; the id of the caller's key when left out.",
        ),
        Param::Base => (
            schema::name("VersionNumber"),
            "The version that the draft began from; left out: that of the draft so far, or else the newest.",
        ),
        Param::Before => (schema::time(), "Only those that began before this time."),
        Param::Cursor => (cursor(operation), "`nextCursor` of the page before."),
        Param::Deleted => (
            json!({ "type": "boolean" }),
            "Whether to list the deleted prompts instead.",
        ),
        Param::From => (side(), "The older side: a version, a tag or `latest`."),
        Param::Limit => (
            json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 50 }),
            "How many entries the page has at most.",
        ),
        Param::Metadata => (
            json!({ "type": "string", "pattern": "^[^:]+:", "maxLength": 1_001 }),
            "Only those with this label: `user:42`.",
        ),
        Param::Payload => (
            json!({ "enum": Provider::ALL.map(Provider::as_str) }),
            "A model API: the answer is the body of a request to it.",
        ),
        Param::Prefix => (
            json!({ "type": "string", "maxLength": 200, "pattern": "^[A-Za-z0-9._/-]*$" }),
            "Only slugs that start with this.",
        ),
        Param::Project => (
            schema::name("ProjectSlug"),
            "Another project than the key's own.",
        ),
        Param::Prompt => (schema::name("Slug"), "Only those of this prompt."),
        Param::Status => (
            json!({ "enum": ExecutionStatus::ALL.map(ExecutionStatus::as_str) }),
            "Only those that stand so.",
        ),
        Param::Tag => (
            selector(),
            "A tag (`live` is another spelling of `production`), or `latest`. Not together with `version`.",
        ),
        Param::To => (side(), "The newer side: a version, a tag or `latest`."),
        Param::Used => (
            json!({ "type": "boolean" }),
            "Whether names that only tags of the project's own prompts have are listed, too.",
        ),
        Param::Version => (
            schema::name("VersionNumber"),
            "A version. Not together with `tag`.",
        ),
    }
}

/// The contents of a cursor are of no interest to callers.
fn cursor(operation: Operation) -> Value {
    match operation {
        Operation::ListVersions => schema::name("VersionNumber"),
        Operation::ListMoves => {
            json!({ "type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64 })
        }
        Operation::ListKeys => schema::name("Id"),
        Operation::ListExecutions => schema::name("ExecutionId"),
        Operation::ListDrafts | Operation::ListPromptDrafts => {
            json!({ "type": "string", "pattern": "^[A-Za-z0-9]{1,20}:[A-Za-z0-9]{1,20}$" })
        }
        _ => schema::name("Slug"),
    }
}

fn responses(route: &Route) -> Value {
    let mut responses = Map::new();
    for (status, schema) in route.answers {
        let mut response = json!({ "description": reason(*status) });
        if let (Some(response), Some(schema)) = (response.as_object_mut(), schema) {
            let mut content =
                json!({ "application/json": { "schema": schema::reference(schema) } });
            if let (Operation::RunPrompt, Some(content)) =
                (route.operation, content.as_object_mut())
            {
                // The model API's own events.
                content.insert("text/event-stream".to_owned(), json!({}));
            }
            response.insert("content".to_owned(), content);
            if *status == 201 {
                response.insert("links".to_owned(), links(route.operation));
            }
        }
        responses.insert(status.to_string(), response);
    }
    let mut problems: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in route.codes.iter().copied().chain(route.common_codes()) {
        problems.entry(code.status()).or_default().push(code);
    }
    for (status, codes) in problems {
        let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
        let schema = json!({
            "allOf": [schema::reference("Problem")],
            "properties": { "status": { "const": status }, "code": { "enum": names } },
        });
        let response = json!({
            "description": format!("`{}`", names.join("`, `")),
            "content": { "application/problem+json": { "schema": schema } },
        });
        responses.insert(status.to_string(), response);
    }
    if route.operation == Operation::RunPrompt {
        let problem =
            json!({ "application/problem+json": { "schema": schema::reference("Problem") } });
        let response = json!({
            "description": "`upstream_refused`, with the status of the model API's answer",
            "content": problem,
        });
        responses.insert("default".to_owned(), response);
    }
    Value::Object(responses)
}

/// Links from a new thing to every route for it.
fn links(maker: Operation) -> Value {
    let (placeholder, value) = match maker {
        Operation::CreateKey => ("{key}", "$response.body#/id"),
        Operation::CreateConnection | Operation::PutConnection => {
            ("{connection}", "$response.body#/name")
        }
        Operation::CreateProject => ("{project}", "$response.body#/slug"),
        Operation::PutTagName => ("{tag}", "$response.body#/tag"),
        _ => ("{slug}", "$response.body#/slug"),
    };
    let mut links = Map::new();
    for route in ROUTES
        .iter()
        .filter(|route| route.path.contains(placeholder))
        // A prompt's own tags differ from names for tags.
        .filter(|route| placeholder == "{slug}" || !route.path.contains("{slug}"))
    {
        let name = placeholder.trim_matches(['{', '}']);
        let mut parameters = json!({ name: value });
        if let Some(parameters) = parameters.as_object_mut() {
            if route.path.contains("{version}") {
                parameters.insert("version".to_owned(), json!("$response.body#/version"));
            }
            if route.path.contains("{tag}") && name != "tag" {
                parameters.insert("tag".to_owned(), json!("production"));
            }
        }
        let link = json!({ "operationId": lower_first(route.name), "parameters": parameters });
        links.insert(lower_first(route.name), link);
    }
    Value::Object(links)
}

fn reason(status: u16) -> &'static str {
    match status {
        201 => "Made",
        204 => "Done",
        304 => "What the caller has is still right",
        _ => "Right",
    }
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}
