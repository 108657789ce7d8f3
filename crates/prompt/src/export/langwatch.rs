//! LangWatch's prompt, as its API sends it. Its clients fail on null, so unset fields are left out.

use serde_json::{Map, Value, json};

use super::literal::{LIQUID, escape};
use super::target::{ExportTarget, Exported, at, is_system, json, set};
use crate::document::{
    Column, Content, Demonstrations, Document, Input, Message, Output, OutputType, Role, Type,
};
use crate::error::Result;
use crate::import::written;
use crate::json::Pointer;
use crate::liquid::liquid_to_jinja;

/// Parameters that are fields of the prompt itself.
const BESIDE: [&str; 2] = ["temperature", "maxTokens"];

pub(super) fn export(document: &Document, mut target: ExportTarget) -> Result<Exported> {
    let kept = document
        .metadata
        .as_ref()
        .and_then(|metadata| metadata.get("langwatch"));
    let liquid = kept.and_then(|kept| kept.get("templates"));
    // First, so that a list of many tells without a parse who has one.
    target.maybe("model", document.model.clone());
    let mut messages = Vec::new();
    for (index, message) in document.messages.iter().enumerate() {
        let text = target.text(message, &at(index));
        let original = liquid.and_then(|liquid| liquid.get(index)?.as_str());
        let content = match original {
            // The kept Liquid counts only while the message still is its translation.
            Some(original) if says(original, &message.content) => original.to_owned(),
            _ if document.is_text() => escape(&text, &LIQUID),
            _ => {
                if target.tells && (document.template.is_some() || reads_otherwise(&text)) {
                    let at = at(index).key("content");
                    target.loses(at, "it is Jinja2, which Liquid reads otherwise");
                }
                text
            }
        };
        messages.push((role(message, index, &mut target), content));
    }
    let system = messages.iter().find(|(role, _)| *role == "system");
    target.put("prompt", system.map_or("", |(_, content)| content.as_str()));
    let all = messages
        .iter()
        .map(|(role, content)| json!({ "role": role, "content": content }));
    target.put("messages", all.collect::<Value>());
    let inputs = inputs(document, &mut target);
    target.put("inputs", inputs);
    target.put("outputs", outputs(document)?);
    let parameters = document.parameters.clone().unwrap_or_default();
    for (name, value) in parameters {
        if BESIDE.contains(&name.as_str()) {
            target.put(&name, value);
        } else {
            let at = Pointer::root().key("parameters").key(&name);
            target.loses(at, "it has no place there");
        }
    }
    target.maybe("responseFormat", response_format(document)?);
    target.maybe(
        "demonstrations",
        document
            .demonstrations
            .as_ref()
            .map(|shown| demonstrations(shown, kept.and_then(|kept| kept.get("columnTypes"))))
            .transpose()?,
    );
    if let Some(technique) = document.prompting_technique {
        target.put("promptingTechnique", json!({ "type": json(&technique)? }));
    }
    let runtime = kept.and_then(|kept| kept.get("parameters")).cloned();
    target.put("parameters", runtime.unwrap_or_else(|| json!({})));
    if document.is_text() {
        let message = "a text is written there as a template that prints it";
        target.loses(Pointer::root().key("template"), message);
    }
    target.has_no_place_for(document, &["provider", "tools", "toolChoice"]);
    Ok(target.finish())
}

fn says(liquid: &str, content: &Content) -> bool {
    match content {
        Content::Text(text) => liquid_to_jinja(liquid).is_ok_and(|jinja| jinja == *text),
        Content::Parts(_) => false,
    }
}

/// Whether Liquid would read a Jinja2 template otherwise.
fn reads_otherwise(jinja: &str) -> bool {
    liquid_to_jinja(jinja).map_or(true, |same| same != jinja)
}

fn role(message: &Message, index: usize, target: &mut ExportTarget) -> &'static str {
    match message.role {
        role if is_system(role) => "system",
        Role::Assistant => "assistant",
        Role::User => "user",
        _ => {
            target.loses(at(index).key("role"), "there is no such role there");
            "user"
        }
    }
}

/// The declared inputs, or else the ones that templates ask for.
fn inputs(document: &Document, target: &mut ExportTarget) -> Value {
    let inferred = match &document.inputs {
        Some(_) => None,
        None => (target.templates.compile)(document),
    };
    let inputs = match (&document.inputs, &inferred) {
        (Some(inputs), _) => inputs.as_slice(),
        (None, Some(prompt)) => prompt.inputs(),
        (None, None) => &[],
    };
    let mut input = |(index, input): (usize, &Input)| {
        let r#type = match input.r#type {
            Type::Any => "str",
            // LangWatch has no type for lists of whole numbers.
            Type::Int => {
                let at = Pointer::root().key("inputs").item(index).key("type");
                target.loses(at, "whole numbers are `float` there");
                "float"
            }
            Type::Messages => "chat_messages",
            other => other.as_str(),
        };
        json!({ "identifier": input.name, "type": r#type })
    };
    inputs.iter().enumerate().map(&mut input).collect()
}

fn outputs(document: &Document) -> Result<Value> {
    let output = |output: &Output| {
        let mut value = json!({ "identifier": output.name, "type": json(&output.r#type)? });
        if let (Some(schema), Some(value)) = (&output.schema, value.as_object_mut()) {
            value.insert("json_schema".to_owned(), schema.clone().into());
        }
        Ok(value)
    };
    match &document.outputs {
        Some(outputs) if !outputs.is_empty() => outputs.iter().map(output).collect(),
        _ => Ok(json!([{ "identifier": "output", "type": "str" }])),
    }
}

/// LangWatch has one shape: `{type: "json_schema", json_schema: {name, schema}}`.
fn response_format(document: &Document) -> Result<Option<Value>> {
    let from_outputs = document
        .outputs
        .iter()
        .flatten()
        .find(|output| output.r#type == OutputType::JsonSchema);
    if let Some(output) = from_outputs {
        let schema = output.schema.clone().unwrap_or_default();
        return Ok(Some(json!({
            "type": "json_schema",
            "json_schema": { "name": output.name, "schema": schema },
        })));
    }
    Ok(document
        .response_format
        .clone()
        .filter(|format| format.get("type") == Some(&json!("json_schema"))))
}

/// In the shape of their API, and, as that has no labels, in the shape of their data model page too.
fn demonstrations(shown: &Demonstrations, kept: Option<&Value>) -> Result<Value> {
    let kept = |column: &Column| kept?.get(&column.id)?.as_str();
    let own = |column: &Column| kept(column).or_else(|| written(column.r#type));
    let records: Map<String, Value> = shown
        .columns
        .iter()
        .map(|column| {
            let cell = |row: &crate::document::Row| {
                row.cells.get(&column.id).cloned().unwrap_or(Value::Null)
            };
            (column.id.clone(), shown.rows.iter().map(cell).collect())
        })
        .collect();
    let types: Vec<Value> = shown
        .columns
        .iter()
        .map(|column| {
            let near = match column.r#type {
                Type::Int => "number",
                Type::Dict => "json",
                _ => "list",
            };
            json!({ "name": column.id, "type": own(column).unwrap_or(near) })
        })
        .collect();
    let mut value = json(shown)?;
    let columns = value.get_mut("columns").and_then(Value::as_array_mut);
    for (written, column) in columns.into_iter().flatten().zip(&shown.columns) {
        if let Some(r#type) = own(column) {
            set(written, "type", r#type);
        }
    }
    set(
        &mut value,
        "inline",
        json!({ "records": records, "columnTypes": types }),
    );
    Ok(value)
}
