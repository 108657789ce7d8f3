//! Athina's run: a prompt by its version, or the live one, against a model.

use cuecard_prompt::{Code, Error, Result, read_parameters};
use serde_json::{Map, Value, json};

use super::super::api_client::{ApiClient, prompt};
use super::super::words::{text, uuid};
use super::super::{Api, FacadeReply};
use super::{OPTIONS, data};

/// The members of a body. Which connection a run takes does not depend on its provider.
const KNOWN: [&str; 7] = [
    "variables",
    "version",
    "provider",
    "model",
    "parameters",
    "metadata",
    "log_prompt_run",
];

/// Members that its client subscripts are there, null if unknown.
pub(super) async fn run(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    mut body: Map<String, Value>,
) -> Result<FacadeReply> {
    body.retain(|_, value| !value.is_null());
    if let Some(unknown) = body.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        let detail = format!("a run has no member `{unknown}`");
        return Err(Error::new(Code::BodyInvalid, detail));
    }
    let variables = body.shift_remove("variables").unwrap_or_else(|| json!({}));
    let selector = match body.get("version") {
        None => "tag=production".to_owned(),
        Some(version) => {
            let version = version
                .as_str()
                .map_or_else(|| version.to_string(), str::to_owned);
            format!("version={version}")
        }
    };
    let parameters = match body.get("parameters") {
        None => Map::new(),
        Some(Value::Object(parameters)) => parameters.clone(),
        Some(_) => return Err(Error::new(Code::BodyInvalid, "`parameters` is an object")),
    };
    let mut call = json!({ "inputs": variables });
    let mut set = |key: &str, value: Value| super::set(&mut call, key, value);
    let mut ours = read_parameters(parameters.clone())?;
    if let Some(format) = ours.shift_remove("response_format") {
        ours.insert("responseFormat".to_owned(), format);
    }
    if !ours.is_empty() {
        set("parameters", ours.into());
    }
    if let Some(model) = body.get("model") {
        set("model", model.clone());
    }
    match body.get("metadata") {
        None => {}
        Some(Value::Object(labels)) => set("metadata", labels_of(labels).into()),
        Some(_) => return Err(Error::new(Code::BodyInvalid, "`metadata` is an object")),
    }
    if body.get("log_prompt_run") == Some(&json!(false)) {
        set("record", "off".into());
    }
    let path = prompt(slug);
    let rendered = json!({ "inputs": variables });
    let url = format!("{path}/render?{selector}");
    let sent = client.send("POST", &url, Some(rendered), None).await?.json;
    let version = client.resolve(slug, &selector).await?.json;
    let own = client.own().await?;
    let url = format!("{path}/run?{selector}");
    let answer = client.send("POST", &url, Some(call), None).await?;
    let got = |key: &str| answer.json.get(key).cloned().unwrap_or_default();
    let count = |key: &str| got("usage").get(key).cloned().unwrap_or_default();
    let total = match (count("input").as_u64(), count("output").as_u64()) {
        (Some(input), Some(output)) => json!(input + output),
        _ => Value::Null,
    };
    let response = match got("output") {
        Value::String(text) => text.into(),
        Value::Null => Value::Null,
        other => other.to_string().into(),
    };
    let mut options = parameters;
    options.retain(|name, _| OPTIONS.contains(&name.as_str()));
    let execution = json!({
        "id": got("execution"),
        "user_id": uuid(&["author", text(&own, "key")]),
        "org_id": text(&own, "organization"),
        "workspace_slug": text(&own, "project"),
        "prompt_template_id": uuid(&["version", text(&version, "slug"), text(&version, "id")]),
        "variables": variables,
        "language_model_id": got("model"),
        "org_model_config_id": got("connection"),
        "prompt_sent": sent.get("messages"),
        "prompt_response": response,
        "tools": sent.get("tools"),
        "tool_choice": sent.get("toolChoice"),
        "prompt_tokens": count("input"),
        "completion_tokens": count("output"),
        "total_tokens": total,
        "cost": got("cost"),
        "response_time": took(&got("startedAt"), &got("endedAt")),
        "created_at": got("startedAt"),
        "updated_at": got("endedAt"),
        "options": options,
    });
    Ok(data("prompt", execution).with(answer.headers))
}

/// Our labels are not nested: a nested value is written as JSON.
fn labels_of(metadata: &Map<String, Value>) -> Map<String, Value> {
    let plain = |value: &Value| match value {
        Value::Array(_) | Value::Object(_) => value.to_string().into(),
        plain => plain.clone(),
    };
    let given = metadata.iter().filter(|(_, value)| !value.is_null());
    given
        .map(|(name, value)| (name.clone(), plain(value)))
        .collect()
}

/// Milliseconds.
fn took(from: &Value, to: &Value) -> Value {
    let at = |time: &Value| time.as_str().and_then(cuecard_store::Timestamp::parse);
    match (at(from), at(to)) {
        (Some(from), Some(to)) => json!(to.as_ms() - from.as_ms()),
        _ => Value::Null,
    }
}
