//! LangWatch's prompt, in the shapes of its documentation and of its API.

use serde_json::{Map, Value, json};

use super::Imported;
use super::columns;
use super::source::{ImportSource, messages, not_empty};
use crate::error::{At, Result};
use crate::liquid::{self, is_plain, liquid_to_jinja_within};

pub(super) fn import(mut source: ImportSource) -> Result<Imported> {
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
    let parameters = source.take_parameters()?;
    let runtime = source
        .take_object("parameters")
        .filter(|parameters| !parameters.is_empty());
    let mut shown = source.take("demonstrations").or(shown).map(demonstrations);
    let column_types = shown.as_mut().and_then(columns::read);
    if source.has("name") && source.take_text("name") != slug {
        source.loses("name", "a prompt is named by its slug");
    }
    let (messages, template, kept) = templates(&mut source)?;
    let mut metadata = Map::new();
    if let Some(kept) = kept {
        metadata.insert("templates".to_owned(), kept);
    }
    if let Some(types) = column_types {
        metadata.insert("columnTypes".to_owned(), types);
    }
    if let Some(runtime) = runtime {
        metadata.insert("parameters".to_owned(), runtime.into());
    }
    let fields = [
        ("messages", messages),
        ("template", template),
        ("inputs", not_empty(source.take("inputs"))),
        ("outputs", outputs),
        (
            "model",
            source.take("model").filter(|model| model != "default"),
        ),
        ("parameters", parameters),
        ("responseFormat", format.filter(|_| !says_schema)),
        (
            "demonstrations",
            shown.filter(|shown| shown.get("columns").is_some()),
        ),
        ("promptingTechnique", technique),
        (
            "metadata",
            (!metadata.is_empty()).then(|| json!({ "langwatch": metadata })),
        ),
    ];
    source.finish(slug, commit_message, fields)
}

/// The messages with `prompt` as their first, translated from Liquid; the template options; and the original Liquid
/// where the translation differs from it.
fn templates(source: &mut ImportSource) -> Result<(Option<Value>, Option<Value>, Option<Value>)> {
    let prompt = source.take_text("prompt");
    let Some(Value::Array(mut list)) = not_empty(source.take("messages")).map(messages) else {
        let Some(prompt) = prompt else {
            return Ok((None, None, None));
        };
        return translated(vec![json!({ "role": "system", "content": prompt })]);
    };
    if let Some(prompt) = prompt {
        // The API repeats `prompt` as the first message.
        let has = list.iter().any(|message| {
            message.get("role") == Some(&json!("system"))
                && message.get("content") == Some(&json!(prompt))
        });
        if !has && !prompt.is_empty() {
            list.insert(0, json!({ "role": "system", "content": prompt }));
        }
    }
    // The API sends an empty one for none.
    list.retain(|message| {
        message.get("role") != Some(&json!("system")) || message.get("content") != Some(&json!(""))
    });
    translated(list)
}

fn translated(mut list: Vec<Value>) -> Result<(Option<Value>, Option<Value>, Option<Value>)> {
    let originals: Value = list
        .iter()
        .map(|message| message.get("content").cloned().unwrap_or_default())
        .collect();
    let (mut lenient, mut newline) = (false, false);
    let mut tokens = liquid::MAX_TOKENS;
    for (index, message) in list.iter_mut().enumerate() {
        let texts: Vec<&mut Value> = match message.get_mut("content") {
            Some(Value::Array(parts)) => parts
                .iter_mut()
                .filter_map(|part| match part.get("text").is_some() {
                    true => part.get_mut("text"),
                    false => part.get_mut("image"),
                })
                .collect(),
            Some(content) => vec![content],
            None => Vec::new(),
        };
        for text in texts {
            let Value::String(liquid) = text else {
                continue;
            };
            let jinja = liquid_to_jinja_within(liquid, &mut tokens).map_err(|error| {
                let at = At {
                    message: u32::try_from(index).ok(),
                    ..error.at().unwrap_or_default()
                };
                error.with_at(at)
            })?;
            lenient |= !is_plain(liquid);
            newline |= liquid.ends_with('\n');
            *text = jinja.into();
        }
    }
    let contents: Value = list
        .iter()
        .map(|message| message.get("content").cloned().unwrap_or_default())
        .collect();
    let mut template = Map::new();
    if lenient {
        template.insert("undefined".to_owned(), "lenient".into());
    }
    if newline {
        template.insert("keepTrailingNewline".to_owned(), true.into());
    }
    Ok((
        Some(list.into()),
        (!template.is_empty()).then(|| template.into()),
        (contents != originals).then_some(originals),
    ))
}

/// A `json_schema` member beside the type is the schema.
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
fn demonstrations(mut shown: Value) -> Value {
    if shown.get("columns").is_some() {
        if let Some(shown) = shown.as_object_mut() {
            shown.shift_remove("inline");
        }
        return shown;
    }
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
        let cell = |name: &String| {
            let cell = cells(name)?.get(index).filter(|cell| !cell.is_null())?;
            Some((name.clone(), cell.clone()))
        };
        Value::Object(records.keys().filter_map(cell).collect::<Map<_, _>>())
    };
    json!({ "columns": columns, "rows": (0..count).map(row).collect::<Vec<_>>() })
}
