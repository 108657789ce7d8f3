//! Basalt's prompt.

use serde_json::{Map, Value, json};

use super::Imported;
use super::source::{ImportSource, not_empty};
use crate::document::Type;
use crate::error::Result;

pub(super) fn import(mut source: ImportSource) -> Result<Imported> {
    if source.take("warning").is_some() {
        source.loses("warning", "it is not part of the prompt");
    }
    if source.has("text") {
        return import_prompt(source);
    }
    // The shape that the API sends.
    let prompt = source.inner("prompt");
    let mut imported = import_prompt(prompt)?;
    imported.losses.splice(0..0, source.rest());
    Ok(imported)
}

fn import_prompt(mut source: ImportSource) -> Result<Imported> {
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
    // Its clients send 0 for "not set".
    if parameters.peek("maxLength") == Some(&json!(0)) {
        parameters.take("maxLength");
    }
    let (tools, choice) = match parameters.take("tools") {
        Some(Value::Object(mut set)) => (
            not_empty(set.shift_remove("tools")),
            set.shift_remove("toolChoice"),
        ),
        tools => (not_empty(tools), None),
    };
    let mut kept = Map::new();
    let name = model_name(&mut model, &mut kept);
    let inputs = not_empty(source.take("variables")).map(|variables| inputs(&variables));
    let losses = model.rest();
    source.losses.extend(losses);
    let fields = [
        ("messages", Some(messages)),
        ("inputs", inputs),
        ("model", name.map(Value::from)),
        ("parameters", parameters.into_parameters()?),
        ("toolChoice", choice.filter(|_| tools.is_some())),
        ("tools", tools),
        (
            "metadata",
            (!kept.is_empty()).then(|| json!({ "basalt": { "model": kept } })),
        ),
        ("responseFormat", format),
    ];
    source.finish(slug, None, fields)
}

/// `{provider: "open-ai", model: "gpt-4o", version: "latest"}` as `openai/gpt-4o`; anything else is kept as metadata.
fn model_name(model: &mut ImportSource, kept: &mut Map<String, Value>) -> Option<String> {
    let provider = model.take_text("provider");
    let client = model.take_text("client");
    if let Some(client) = client.filter(|client| Some(client) != provider.as_ref()) {
        kept.insert("client".to_owned(), client.into());
    }
    let version = model.take_text("version");
    if let Some(version) = version.filter(|version| version != "latest") {
        kept.insert("version".to_owned(), version.into());
    }
    let name = model.take_text("model").filter(|name| !name.is_empty())?;
    let provider = provider.filter(|provider| !provider.is_empty());
    let provider = provider.map(|provider| match provider.as_str() {
        "open-ai" => "openai".to_owned(),
        _ => provider,
    });
    Some(provider.map_or_else(|| name.clone(), |provider| format!("{provider}/{name}")))
}

/// `{label: "Customer name", type, description}` as the input `customer_name`.
pub(crate) fn inputs(variables: &Value) -> Value {
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
        let mut input = json!({ "name": name, "type": known.unwrap_or_default().as_str() });
        let about = variable.get("description").and_then(Value::as_str);
        if let (Some(about), Some(input)) = (about, input.as_object_mut()) {
            input.insert("description".to_owned(), about.into());
        }
        input
    };
    variables
        .as_array()
        .into_iter()
        .flatten()
        .map(input)
        .collect()
}
