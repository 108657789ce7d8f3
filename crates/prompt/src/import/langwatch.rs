//! LangWatch's prompt, as its documentation and as its API write it.

use serde_json::{Map, Value, json};

use super::Imported;
use super::source::{Source, messages, not_empty};
use crate::error::Result;

pub(super) fn import(mut source: Source) -> Result<Imported> {
    let slug = source.take_text("handle");
    let commit_message = source.take_text("commitMessage");
    let outputs = not_empty(source.take("outputs")).map(outputs);
    // The API derives the response format from the outputs.
    let format = source.take("responseFormat");
    let says_schema = outputs.as_ref().is_some_and(|outputs| {
        outputs
            .as_array()
            .into_iter()
            .flatten()
            .any(|output| output.get("type") == Some(&json!("json_schema")))
    });
    let technique = source.take("promptingTechnique");
    let (technique, shown) = match technique {
        Some(Value::Object(mut technique)) => (
            technique.shift_remove("type"),
            technique.shift_remove("demonstrations"),
        ),
        technique => (technique, None),
    };
    let parameters = source.take_parameters();
    let runtime = source
        .take("parameters")
        .filter(|parameters| parameters.as_object().is_some_and(|p| !p.is_empty()));
    let shown = source.take("demonstrations").or(shown).map(demonstrations);
    if source.has("name") && source.take_text("name") != slug {
        source.loses("name", "a prompt is named by its slug");
    }
    let fields = [
        ("prompt", source.take("prompt")),
        ("messages", not_empty(source.take("messages")).map(messages)),
        ("inputs", not_empty(source.take("inputs"))),
        ("outputs", outputs),
        ("model", source.take("model")),
        ("parameters", parameters),
        ("responseFormat", format.filter(|_| !says_schema)),
        (
            "demonstrations",
            shown.filter(|shown| shown.get("columns").is_some()),
        ),
        ("promptingTechnique", technique),
        ("metadata", runtime),
    ];
    source.finish(slug, commit_message, fields)
}

/// `json_schema` beside the type is the schema.
fn outputs(outputs: Value) -> Value {
    let Value::Array(outputs) = outputs else {
        return outputs;
    };
    let output = |output: Value| {
        let Value::Object(mut output) = output else {
            return output;
        };
        output.retain(|_, value| !value.is_null());
        if let Some(schema) = output.shift_remove("json_schema") {
            let inner = schema.get("schema").cloned();
            output.insert("schema".to_owned(), inner.unwrap_or(schema));
        }
        output.into()
    };
    outputs.into_iter().map(output).collect()
}

/// `{columns, rows}`, or the API's `{inline: {records: {column: [cell, …]}, columnTypes: [{name, type}]}}`.
fn demonstrations(shown: Value) -> Value {
    let Some(inline) = shown.get("inline") else {
        return shown;
    };
    let types = inline.get("columnTypes").and_then(Value::as_array);
    let columns: Vec<Value> = types
        .into_iter()
        .flatten()
        .map(|column| json!({ "id": column.get("name"), "type": column.get("type") }))
        .collect();
    let records = inline
        .get("records")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let cells = |name: &str| records.get(name).and_then(Value::as_array);
    let count = records
        .keys()
        .filter_map(|name| cells(name))
        .map(Vec::len)
        .max()
        .unwrap_or_default();
    let row = |index: usize| {
        let cell = |name: &String| Some((name.clone(), cells(name)?.get(index)?.clone()));
        Value::Object(records.keys().filter_map(cell).collect::<Map<_, _>>())
    };
    json!({ "columns": columns, "rows": (0..count).map(row).collect::<Vec<_>>() })
}
