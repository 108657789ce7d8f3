//! Basalt's prompt. Fields that its clients need are always there: texts are empty rather than missing.

use serde_json::{Map, Value, json};

use super::literal::{JINJA2, escape};
use super::target::{ExportTarget, Exported, at, is_system, json, set};
use crate::document::{Document, Input, Role, Technique, Type};
use crate::error::Result;
use crate::import::basalt_inputs;
use crate::json::Pointer;
use crate::prompt::CHAIN_OF_THOUGHT;

/// Parameters with the same names in Basalt.
const PARAMETERS: [&str; 7] = [
    "temperature",
    "topP",
    "topK",
    "frequencyPenalty",
    "presencePenalty",
    "reasoningEffort",
    "verbosity",
];

pub(super) fn export(document: &Document, mut target: ExportTarget) -> Result<Exported> {
    let (mut system, mut user) = (Vec::new(), Vec::new());
    for (index, message) in document.messages.iter().enumerate() {
        let text = target.text(message, &at(index));
        if is_system(message.role) {
            system.push(text);
            continue;
        }
        if message.role != Role::User {
            target.loses(at(index).key("role"), "there is one text of the user there");
        }
        user.push(text);
    }
    if system.len() > 1 || user.len() > 1 {
        target.loses(
            Pointer::root().key("messages"),
            "there are two texts there, so messages are joined",
        );
    }
    system.extend(shown(document, &target));
    target.put("text", written(document, &user));
    target.put("systemText", written(document, &system));
    if let Some(inputs) = &document.inputs {
        let variables = variables(inputs, &mut target)?;
        target.put("variables", variables);
    }
    let model = model(document, &mut target);
    target.put("model", model);
    target.has_no_place_for(
        document,
        &[
            "outputs",
            "provider",
            "demonstrations",
            "promptingTechnique",
            "template",
        ],
    );
    Ok(target.finish())
}

/// Messages as one template. A text that is no template becomes one that prints it; Jinja2 drops a newline at the end.
fn written(document: &Document, texts: &[String]) -> String {
    let text = texts.join("\n\n");
    if !document.is_text() {
        return text;
    }
    let end = if text.ends_with('\n') { "\n" } else { "" };
    escape(&text, &JINJA2) + end
}

/// What the technique shows a model, as far as one text can: the examples, or the instruction to reason. Templates that
/// place the examples themselves cannot be told from others there.
fn shown(document: &Document, target: &ExportTarget) -> Option<String> {
    let text = match (document.prompting_technique?, &document.demonstrations) {
        (Technique::ChainOfThought, _) => CHAIN_OF_THOUGHT.to_owned(),
        (_, Some(table)) if !places_demonstrations(document, target) => {
            (target.templates.examples)(table)
        }
        _ => return None,
    };
    // A text is escaped as a whole.
    Some(if document.is_text() {
        text
    } else {
        escape(&text, &JINJA2)
    })
}

fn places_demonstrations(document: &Document, target: &ExportTarget) -> bool {
    (target.templates.compile)(document).is_some_and(|prompt| prompt.places_demonstrations())
}

/// The declared inputs; those that Basalt's shape changes are listed as losses.
fn variables(inputs: &[Input], target: &mut ExportTarget) -> Result<Value> {
    let mut variables = Vec::with_capacity(inputs.len());
    for (index, input) in inputs.iter().enumerate() {
        let r#type = match input.r#type {
            Type::Int | Type::Float => "number",
            Type::Bool => "boolean",
            Type::Any | Type::Str => "string",
            other => other.as_str(),
        };
        let mut variable = json!({ "label": input.name, "type": r#type });
        if let Some(description) = &input.description {
            set(&mut variable, "description", description.as_str());
        }
        let again = basalt_inputs(&json!([variable]));
        if again.get(0) != Some(&json(input)?) {
            let at = Pointer::root().key("inputs").item(index);
            target.loses(at, "only name, description and kind are told there");
        }
        variables.push(variable);
    }
    Ok(variables.into())
}

fn model(document: &Document, target: &mut ExportTarget) -> Value {
    let kept = |key: &str| {
        let basalt = document.metadata.as_ref()?.get("basalt")?.get("model")?;
        basalt.get(key)?.as_str().map(str::to_owned)
    };
    let whole = document.model.as_deref().unwrap_or_default();
    let (provider, name) = whole.split_once('/').unwrap_or(("", whole));
    let provider = if provider == "openai" {
        "open-ai"
    } else {
        provider
    };
    let (format, schema) = format(document);
    let mut parameters = Map::new();
    let has = document.parameters.clone().unwrap_or_default();
    // The clients take a number and no null; they read 0 as "not set".
    let longest = has.get("maxTokens").cloned().unwrap_or_else(|| json!(0));
    parameters.insert("maxLength".to_owned(), longest);
    parameters.insert("responseFormat".to_owned(), format.into());
    for (name, value) in &has {
        if PARAMETERS.contains(&name.as_str()) {
            parameters.insert(name.clone(), value.clone());
        } else if name != "maxTokens" {
            let at = Pointer::root().key("parameters").key(name);
            target.loses(at, "it has no place there");
        }
    }
    if let Some(schema) = schema {
        parameters.insert("jsonObject".to_owned(), schema);
    }
    if let Some(tools) = &document.tools {
        let mut set = json!({ "tools": tools });
        if let (Some(choice), Some(set)) = (&document.tool_choice, set.as_object_mut()) {
            set.insert("toolChoice".to_owned(), choice.clone());
        }
        parameters.insert("tools".to_owned(), set);
    }
    json!({
        "provider": provider,
        "client": kept("client").unwrap_or_else(|| provider.to_owned()),
        "model": name,
        "version": kept("version").unwrap_or_else(|| "latest".to_owned()),
        "parameters": parameters,
    })
}

/// Basalt's name of the response format, and its schema.
fn format(document: &Document) -> (&'static str, Option<Value>) {
    let Some(format) = &document.response_format else {
        return ("text", None);
    };
    match format.get("type").and_then(Value::as_str) {
        Some("json_schema") => ("json", format.pointer("/json_schema/schema").cloned()),
        Some("json_object") => ("json", None),
        _ => ("text", None),
    }
}
