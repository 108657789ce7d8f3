//! Generates the types of `cuecard/admin` from the description of the API, and checks that they are current.
//! `UPDATE_CONTRACT=1 cargo test -p cuecard-worker api` writes the file; without, the test compares.

use std::fmt::Write;
use std::fs;

use cuecard_prompt::Document;
use serde_json::{Map, Value};

use super::Bench;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../pkg/js/admin/api.ts");

const HEAD: &str = "\
// Written by `UPDATE_CONTRACT=1 cargo test -p cuecard-worker api` from the API's own description, `/openapi.json`.
import type { Document, Issue, Json, JsonObject, Problem, RenderedPrompt } from \"../types.ts\";

";

/// Schemas whose types are in `types.ts`.
const KNOWN: [&str; 2] = ["Issue", "Problem"];

#[test]
fn typescript() {
    let openapi = Bench::new().get("/openapi.json").json();
    let written = module(&openapi);
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(FILE, &written).unwrap();
    }
    let found = fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        found == written,
        "pkg/js/admin/api.ts is not current: `UPDATE_CONTRACT=1 cargo test -p cuecard-worker api` writes it"
    );
}

fn module(openapi: &Value) -> String {
    let mut text = HEAD.to_owned();
    for (name, schema) in members(&openapi["components"]["schemas"]) {
        if !KNOWN.contains(&name.as_str()) {
            let of = type_of(schema);
            writeln!(text, "export type {} = {of};\n", named(name)).unwrap();
        }
    }
    let mut types = String::new();
    let mut table = String::new();
    for (path, methods) in members(&openapi["paths"]) {
        for (method, operation) in members(methods) {
            let id = operation["operationId"].as_str().unwrap();
            writeln!(types, "  {id}: {};", operation_of(operation)).unwrap();
            let has = |name: &str| parameters(operation, "header").any(|p| p["name"] == name);
            let repeats = has("Idempotency-Key");
            let method = method.to_uppercase();
            writeln!(
                table,
                "  {id}: {{ method: \"{method}\", path: \"{path}\", writes: {repeats} }},"
            )
            .unwrap();
        }
    }
    write!(
        text,
        "/** What each operation takes and gives. */\nexport interface Operations {{\n{types}}}\n\n"
    )
    .unwrap();
    write!(
        text,
        "/** Where each operation is; one that writes takes an `Idempotency-Key`. */\nexport const operations = {{\n{table}}} as const;\n"
    )
    .unwrap();
    text
}

fn operation_of(operation: &Value) -> String {
    let place = |place: &str| {
        let fields = parameters(operation, place).map(|parameter| {
            let optional = if parameter["required"] == true {
                ""
            } else {
                "?"
            };
            let name = parameter["name"].as_str().unwrap();
            format!("{name}{optional}: {}", type_of(&parameter["schema"]))
        });
        let fields: Vec<_> = fields.collect();
        match fields.is_empty() {
            true => "object".to_owned(),
            false => format!("{{ {} }}", fields.join("; ")),
        }
    };
    let body = &operation["requestBody"];
    let body = match body["required"].as_bool() {
        None => "undefined".to_owned(),
        Some(required) => {
            let of = type_of(&body["content"]["application/json"]["schema"]);
            if required {
                of
            } else {
                format!("{of} | undefined")
            }
        }
    };
    let answers = members(&operation["responses"])
        .filter(|(status, _)| status.starts_with('2'))
        .map(
            |(_, answer)| match answer["content"]["application/json"].get("schema") {
                Some(schema) => type_of(schema),
                None => "undefined".to_owned(),
            },
        );
    let mut answers: Vec<_> = answers.collect();
    answers.sort();
    answers.dedup();
    format!(
        "{{ path: {}; query: {}; body: {body}; answer: {} }}",
        place("path"),
        place("query"),
        answers.join(" | ")
    )
}

fn parameters<'a>(operation: &'a Value, place: &'a str) -> impl Iterator<Item = &'a Value> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.filter(move |parameter| parameter["in"] == place)
}

fn type_of(schema: &Value) -> String {
    if let Some(target) = schema["$ref"].as_str() {
        return named(target.rsplit('/').next().unwrap());
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    if let Some(values) = schema["enum"].as_array() {
        return union(values.iter().map(Value::to_string));
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(schemas) = schema[key].as_array() {
            return union(schemas.iter().map(type_of));
        }
    }
    match &schema["type"] {
        Value::Array(types) => union(types.iter().map(|one| scalar(one, schema))),
        one => scalar(one, schema),
    }
}

fn scalar(r#type: &Value, schema: &Value) -> String {
    match r#type.as_str() {
        Some("string") => "string".to_owned(),
        Some("integer" | "number") => "number".to_owned(),
        Some("boolean") => "boolean".to_owned(),
        Some("null") => "null".to_owned(),
        Some("array") => match schema.get("items") {
            Some(items) => format!("readonly ({})[]", type_of(items)),
            None => "readonly Json[]".to_owned(),
        },
        Some("object") => object(schema),
        _ => "Json".to_owned(),
    }
}

/// A schema that contains a document's fields becomes a document with additional fields.
fn object(schema: &Value) -> String {
    let Some(properties) = schema["properties"].as_object() else {
        return "JsonObject".to_owned();
    };
    let has = |name: &str| properties.contains_key(name);
    let base = match (has("demonstrations"), has("messages"), has("prompt")) {
        (true, _, true) => {
            Some("Omit<Document, \"messages\"> & Partial<Pick<Document, \"messages\">>")
        }
        (true, ..) => Some("Document"),
        (false, true, false) if has("toolChoice") => Some("RenderedPrompt"),
        _ => None,
    };
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let fields: Vec<_> = properties
        .iter()
        .filter(|(name, _)| base.is_none() || !Document::FIELDS.contains(&name.as_str()))
        .map(|(name, of)| {
            let optional = if required.contains(&name.as_str()) {
                ""
            } else {
                "?"
            };
            format!("readonly {name}{optional}: {}", type_of(of))
        })
        .collect();
    let own = format!("{{ {} }}", fields.join("; "));
    match (base, fields.is_empty()) {
        (Some(base), true) => base.to_owned(),
        (Some(base), false) => format!("{base} & {own}"),
        (None, true) => "object".to_owned(),
        (None, false) => own,
    }
}

fn union(types: impl Iterator<Item = String>) -> String {
    types.collect::<Vec<_>>().join(" | ")
}

/// A document in the description may use `prompt`, unlike one in `types.ts`.
fn named(schema: &str) -> String {
    match schema {
        "Document" => "WrittenDocument".to_owned(),
        "Prompt" => "PromptInfo".to_owned(),
        "Rendered" => "RenderedAnswer".to_owned(),
        other => other.to_owned(),
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
