//! `sync`: the caller's file against the newest version.

use cuecard_prompt::{Code, Document, Result, System};
use serde_json::{Map, Value, json};

use super::check::{check_types, refuse};
use super::object::Surroundings;
use super::write;
use crate::facades::api_client::{ApiClient, Precondition, absent, prompt, unchanged};
use crate::facades::words::{document, set, written};
use crate::facades::{Api, FacadeReply};

/// LangWatch's names in a file, and in its API.
const NAMES: [(&str, &str); 4] = [
    ("max_tokens", "maxTokens"),
    ("response_format", "responseFormat"),
    ("prompting_technique", "promptingTechnique"),
    ("top_p", "topP"),
];

/// The fields by which a file is compared.
const COMPARED: [&str; 9] = [
    "prompt",
    "messages",
    "inputs",
    "outputs",
    "model",
    "temperature",
    "max_tokens",
    "demonstrations",
    "prompting_technique",
];

/// A concurrent write is a conflict, as if it had been made before.
pub(super) async fn sync(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    body: Map<String, Value>,
) -> Result<FacadeReply> {
    match attempt(client, slug, body.clone()).await {
        Err(error) if error.code() == Code::PreconditionFailed => attempt(client, slug, body).await,
        reply => reply,
    }
}

async fn attempt(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    mut body: Map<String, Value>,
) -> Result<FacadeReply> {
    let message = body.get("commitMessage").and_then(Value::as_str);
    let message = message.unwrap_or("Synced from local file").to_owned();
    let local = match body.get("localVersion") {
        None | Some(Value::Null) => None,
        Some(version) => Some(
            version
                .as_u64()
                .ok_or_else(|| refuse("localVersion", "expected a whole number"))?,
        ),
    };
    let Some(Value::Object(data)) = body.shift_remove("configData") else {
        return Err(refuse("configData", "`configData` is required"));
    };
    let mut content = api_names(data)?;
    check_types(&content)?;
    content.shift_remove("responseFormat");
    if let Some(parameters) = body.shift_remove("parameters") {
        content.insert("parameters".to_owned(), parameters);
    }
    let remote = client.newest(slug).await?;
    let mut new = write::write_changes(&complete(content, remote.as_ref())?, remote.as_ref())?;
    let Some(remote) = remote else {
        set(&mut new, "commitMessage", message);
        return commit(client, slug, new, absent(), "created").await;
    };
    let hash = Document::from_value(new.clone())?.hash()?;
    let same = |version: &Value| document(version).and_then(|document| document.hash());
    let number = remote.get("version").and_then(Value::as_u64).unwrap_or(0);
    let surroundings = Surroundings::of(client).await?;
    if same(&remote)? == hash {
        let about = client.about(slug).await?;
        let prompt = surroundings.write(client, &remote, Some(&about))?;
        return Ok(result("up_to_date", Some(&prompt), None));
    }
    let local = local.unwrap_or(number);
    if local == number {
        set(&mut new, "commitMessage", message);
        return commit(client, slug, new, unchanged(Some(&remote)), "updated").await;
    }
    if local > 0 && local < number {
        let base = client.resolve(slug, &format!("version={local}")).await?;
        if same(&base.json)? == hash {
            let about = client.about(slug).await?;
            let prompt = surroundings.write(client, &remote, Some(&about))?;
            return Ok(result("up_to_date", Some(&prompt), None));
        }
    }
    let ours = written(remote, System::Langwatch)?;
    let theirs = written(new, System::Langwatch)?;
    let (ours, theirs) = (file(ours), file(theirs));
    let differences: Vec<String> = COMPARED
        .iter()
        .filter(|key| ours.get(**key) != theirs.get(**key))
        .map(|key| format!("{key} differs"))
        .collect();
    let conflict = json!({
        "localVersion": local,
        "remoteVersion": number,
        "differences": differences,
        "remoteConfigData": ours,
        "remoteParameters": ours.get("parameters").cloned().unwrap_or_else(|| json!({})),
    });
    Ok(result("conflict", None, Some(conflict)))
}

/// A file has everything but demonstrations, technique and parameters, which stay when it does not name them.
fn complete(mut content: Map<String, Value>, remote: Option<&Value>) -> Result<Map<String, Value>> {
    if let Some(remote) = remote {
        let old = written(remote.clone(), System::Langwatch)?;
        for key in ["demonstrations", "promptingTechnique", "parameters"] {
            if let (Some(value), false) = (old.get(key), content.contains_key(key)) {
                content.insert(key.to_owned(), value.clone());
            }
        }
    }
    Ok(content)
}

async fn commit(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    new: Value,
    condition: Precondition,
    action: &str,
) -> Result<FacadeReply> {
    let url = format!("{}/versions?anew=true", prompt(slug));
    let version = client
        .send("POST", &url, Some(new), Some(condition))
        .await?
        .json;
    let about = client.about(slug).await?;
    let surroundings = Surroundings::of(client).await?;
    let prompt = surroundings.write(client, &version, Some(&about))?;
    Ok(result(action, Some(&prompt), None))
}

/// `prompt`: as JSON.
fn result(action: &str, prompt: Option<&str>, conflict: Option<Value>) -> FacadeReply {
    let mut body = format!("{{\"action\":\"{action}\"");
    if let Some(prompt) = prompt {
        body.push_str(&format!(",\"prompt\":{prompt}"));
    }
    if let Some(conflict) = conflict {
        body.push_str(&format!(",\"conflictInfo\":{conflict}"));
    }
    body.push('}');
    FacadeReply::written(200, body)
}

fn api_names(data: Map<String, Value>) -> Result<Map<String, Value>> {
    let mut named = Map::new();
    for (key, value) in data {
        let known = NAMES.iter().find(|(file, _)| *file == key);
        let name = known.map_or(key.as_str(), |(_, api)| api);
        if named.get(name).is_some_and(|other| *other != value) {
            let message = format!("`{name}` is given twice, in two spellings with two values");
            return Err(refuse(&format!("configData/{key}"), &message));
        }
        named.insert(name.to_owned(), value);
    }
    Ok(named)
}

/// A file's content: the instructions are in `prompt` alone, as the file's author adds them to the messages.
fn file(mut data: Map<String, Value>) -> Map<String, Value> {
    let prompt = data.get("prompt").cloned();
    if let Some(Value::Array(messages)) = data.get_mut("messages")
        && let Some(first) = messages.first()
        && first.get("role") == Some(&json!("system"))
        && first.get("content") == prompt.as_ref()
    {
        messages.remove(0);
    }
    let rename = |key: String| {
        let known = NAMES.iter().find(|(_, api)| *api == key);
        known.map_or(key, |(file, _)| (*file).to_owned())
    };
    data.into_iter()
        .map(|(key, value)| (rename(key), value))
        .collect()
}
