//! Basalt's prompt.

use serde_json::{Value, json};

use super::Imported;
use super::source::{Source, not_empty};
use crate::document::Type;
use crate::error::Result;

pub(super) fn import(mut source: Source) -> Result<Imported> {
    if source.take("warning").is_some() {
        source.loses("warning", "it is not part of the prompt");
    }
    if source.has("text") {
        return import_prompt(source);
    }
    // As the API sends it.
    let prompt = source.inner("prompt");
    let mut imported = import_prompt(prompt)?;
    imported.losses.splice(0..0, source.rest());
    Ok(imported)
}

fn import_prompt(mut source: Source) -> Result<Imported> {
    let slug = source.take_text("slug");
    let texts = [
        ("system", source.take_text("systemText")),
        ("user", source.take_text("text")),
    ];
    let messages = texts.into_iter().filter_map(|(role, text)| {
        let text = text.filter(|text| !text.is_empty())?;
        Some(json!({ "role": role, "content": text }))
    });
    let messages: Value = messages.collect();
    let mut model = source.inner("model");
    let mut parameters = model.inner("parameters");
    let format = parameters.take_text("responseFormat");
    let schema = parameters.take("jsonObject").filter(Value::is_object);
    let format = match (format.as_deref(), schema) {
        (Some("json" | "json-object" | "json_object"), Some(schema)) => Some(
            json!({ "type": "json_schema", "json_schema": { "name": "output", "schema": schema } }),
        ),
        (Some("json" | "json-object" | "json_object"), None) => {
            Some(json!({ "type": "json_object" }))
        }
        _ => None,
    };
    let tools = not_empty(parameters.take("tools"));
    let name = model_name(&mut model);
    let inputs = not_empty(source.take("variables")).map(|variables| inputs(&variables));
    let losses = model.rest();
    source.losses.extend(losses);
    let fields = [
        ("messages", Some(messages)),
        ("inputs", inputs),
        ("model", name.map(Value::from)),
        ("parameters", parameters.into_parameters()),
        ("tools", tools),
        ("responseFormat", format),
    ];
    source.finish(slug, None, fields)
}

/// `{provider: "open-ai", model: "gpt-4o", version: "latest"}` as `openai/gpt-4o`.
fn model_name(model: &mut Source) -> Option<String> {
    let provider = model.take_text("provider");
    let client = model.take_text("client");
    if client.is_some() && client != provider {
        model.loses("client", "the model's name has one provider");
    }
    let name = model.take_text("model")?;
    match model.take_text("version").as_deref() {
        None | Some("latest") => {}
        Some(_) => model.loses("version", "the model's name has no version of its own"),
    }
    let provider = provider.map(|provider| match provider.as_str() {
        "open-ai" => "openai".to_owned(),
        _ => provider,
    });
    Some(provider.map_or_else(|| name.clone(), |provider| format!("{provider}/{name}")))
}

/// `{label: "Customer name", type}` as the input `customer_name`.
fn inputs(variables: &Value) -> Value {
    let input = |variable: &Value| {
        let label = variable
            .get("label")
            .or(variable.get("name"))
            .and_then(Value::as_str);
        let name: String = label
            .unwrap_or_default()
            .trim()
            .chars()
            .map(|c| match c {
                c if c.is_ascii_alphanumeric() || c == '_' => c.to_ascii_lowercase(),
                _ => '_',
            })
            .collect();
        let known = variable
            .get("type")
            .and_then(Value::as_str)
            .and_then(Type::parse);
        json!({ "name": name, "type": known.unwrap_or_default().as_str() })
    };
    variables
        .as_array()
        .into_iter()
        .flatten()
        .map(input)
        .collect()
}
