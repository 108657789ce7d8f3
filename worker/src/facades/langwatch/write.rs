//! Prompts as LangWatch's clients write them.

use cuecard_prompt::{Code, Document, Error, Result, Slug, System};
use serde_json::{Map, Value, json};

use super::check::{check_handle, check_types, refuse};
use super::object::Surroundings;
use super::tags;
use crate::facades::api_client::{ApiClient, Precondition, absent, prompt, unchanged};
use crate::facades::words::{carry, document, set, text, written};
use crate::facades::{Api, FacadeReply};

/// The members of a body.
const KNOWN: [&str; 16] = [
    "handle",
    "scope",
    "model",
    "temperature",
    "maxTokens",
    "commitMessage",
    "authorId",
    "prompt",
    "messages",
    "inputs",
    "outputs",
    "schemaVersion",
    "tags",
    "parameters",
    "demonstrations",
    "promptingTechnique",
];

/// Fields that LangWatch lacks, kept from the version before.
const KEPT: [&str; 4] = ["provider", "tools", "toolChoice", "template"];

/// The parameters that LangWatch keeps in other fields.
const BESIDE: [&str; 2] = ["temperature", "maxTokens"];

/// Fields that an update does not name stay.
const CONTENT: [&str; 9] = [
    "prompt",
    "messages",
    "inputs",
    "outputs",
    "model",
    "temperature",
    "maxTokens",
    "demonstrations",
    "promptingTechnique",
];

/// The members of a body besides the content.
#[derive(Default)]
struct WriteNote {
    message: Option<String>,
    author: Option<String>,
    scope: Option<&'static str>,
    tags: Vec<String>,
}

pub(super) async fn create(
    client: &ApiClient<'_, impl Api>,
    body: Map<String, Value>,
) -> Result<FacadeReply> {
    let handle = body
        .get("handle")
        .and_then(Value::as_str)
        .filter(|handle| !handle.is_empty())
        .ok_or_else(|| refuse("handle", "`handle` is required"))?
        .to_owned();
    check_handle(&handle)?;
    let note = WriteNote::read(&body, client).await?;
    check_system(&body)?;
    let content = content(body, None)?;
    let message = note.message.clone();
    let mut commit = write(&content, None, &note)?;
    set(
        &mut commit,
        "commitMessage",
        message.as_deref().unwrap_or("Initial version"),
    );
    let scope = note.scope.unwrap_or("project");
    set(&mut commit, "about", json!({ "scope": scope }));
    match committed(client, &handle, commit, absent()).await {
        Err(error) if matches!(error.code(), Code::PreconditionFailed | Code::SlugTaken) => {
            Err(taken(scope))
        }
        made => made.map(|prompt| FacadeReply::written(200, prompt)),
    }
}

/// A new version: fields that the body does not name stay unchanged.
pub(super) async fn update(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    body: Map<String, Value>,
) -> Result<FacadeReply> {
    let note = WriteNote::read(&body, client).await?;
    if note.message.is_none() {
        return Err(refuse("commitMessage", "`commitMessage` is required"));
    }
    let handle = body.get("handle").and_then(Value::as_str);
    let handle = handle.map(Slug::parse).transpose()?;
    handle
        .as_ref()
        .map_or(Ok(()), |slug| check_handle(slug.as_str()))?;
    let before = client.newest(slug).await?.ok_or_else(not_found)?;
    let content = content(body, Some(&before))?;
    let mut commit = write(&content, Some(&before), &note)?;
    let mut about = Map::new();
    if let Some(handle) = handle {
        about.insert("slug".to_owned(), json!(handle));
    }
    if let Some(scope) = note.scope {
        about.insert("scope".to_owned(), json!(scope));
    }
    set(&mut commit, "about", about);
    let condition = unchanged(Some(&before));
    match committed(client, slug, commit, condition).await {
        Ok(prompt) => Ok(FacadeReply::written(200, prompt)),
        Err(error) if error.code() == Code::SlugTaken => {
            let about = client.about(slug).await?;
            Err(taken(note.scope.unwrap_or(text(&about, "scope"))))
        }
        Err(error) => Err(error),
    }
}

/// An earlier version's content as a new version.
pub(super) async fn restore(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    id: &str,
) -> Result<FacadeReply> {
    let versions = client
        .all(&format!("{}/versions", prompt(slug)), "versions")
        .await?;
    let version = versions.iter().find(|version| text(version, "id") == id);
    let version = version.ok_or_else(|| {
        Error::new(
            Code::VersionNotFound,
            "there is no such version of this prompt",
        )
    })?;
    let mut commit = document(version)?.to_value()?;
    let number = version.get("version").and_then(Value::as_u64).unwrap_or(0);
    set(
        &mut commit,
        "commitMessage",
        format!("Restore from version {number}"),
    );
    let condition = unchanged(versions.first());
    committed(client, slug, commit, condition)
        .await
        .map(|prompt| FacadeReply::written(200, prompt))
}

/// Commits, and returns the new version in LangWatch's shape, as JSON.
async fn committed(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    commit: Value,
    condition: Precondition,
) -> Result<String> {
    // A handle is free again if its prompt is deleted, or belongs to the other scope.
    let url = format!("{}/versions?anew=true&beside=true", prompt(slug));
    let version = client
        .send("POST", &url, Some(commit), Some(condition))
        .await?;
    let about = client.about(text(&version.json, "slug")).await?;
    let surroundings = Surroundings::of(client).await?;
    surroundings.write(client, &version.json, Some(&about))
}

/// The whole content in LangWatch's words: the body's, and the fields that it leaves unchanged.
pub(super) fn content(
    mut body: Map<String, Value>,
    before: Option<&Value>,
) -> Result<Map<String, Value>> {
    let unknown = body.keys().find(|key| !KNOWN.contains(&key.as_str()));
    if let Some(key) = unknown {
        return Err(refuse(key, "the body has no such member"));
    }
    body.retain(|_, value| !value.is_null());
    for beside in [
        "handle",
        "scope",
        "commitMessage",
        "authorId",
        "schemaVersion",
        "tags",
    ] {
        body.shift_remove(beside);
    }
    let Some(before) = before else {
        return Ok(body);
    };
    check_both(&body)?;
    let mut old = written(before.clone(), System::Langwatch)?;
    let replaces_system = body.contains_key("prompt") || has_system(&body);
    if replaces_system {
        old.shift_remove("prompt");
    }
    if let Some(Value::Array(messages)) = old.get_mut("messages") {
        messages.retain(|message| message.get("role") != Some(&json!("system")));
    }
    for (key, value) in old {
        if (CONTENT.contains(&key.as_str()) || key == "parameters") && !body.contains_key(&key) {
            body.insert(key, value);
        }
    }
    Ok(body)
}

/// The commit of a content.
pub(super) fn write_content(content: &Map<String, Value>, before: Option<&Value>) -> Result<Value> {
    let imported = Document::import_from(System::Langwatch, content.clone().into())?;
    let document = imported.document.declare_missing()?;
    let mut new = carry(document, before, &KEPT, "langwatch")?;
    // The parameters that have no field there.
    let old = before.and_then(|before| before.get("parameters")?.as_object());
    let kept = old
        .into_iter()
        .flatten()
        .filter(|(name, _)| !BESIDE.contains(&name.as_str()));
    let mut parameters = new.get("parameters").cloned().unwrap_or_else(|| json!({}));
    for (name, value) in kept {
        set(&mut parameters, name, value.clone());
    }
    if parameters
        .as_object()
        .is_some_and(|parameters| !parameters.is_empty())
    {
        set(&mut new, "parameters", parameters);
    }
    Ok(new)
}

/// The commit of a content in which unchanged parts are kept as they were: an export may have worded them
/// differently.
pub(super) fn write_changes(content: &Map<String, Value>, before: Option<&Value>) -> Result<Value> {
    let mut new = write_content(content, before)?;
    let Some(before) = before else {
        return Ok(new);
    };
    let same = write_content(&self::content(Map::new(), Some(before))?, Some(before))?;
    let old = document(before)?.to_value()?;
    let (Some(members), Some(old)) = (new.as_object_mut(), old.as_object()) else {
        return Ok(new);
    };
    let changed = |key: &str, new: &Map<String, Value>| new.get(key) != same.get(key);
    let retold = changed("messages", members);
    for key in members
        .keys()
        .chain(old.keys())
        .cloned()
        .collect::<Vec<_>>()
    {
        // Liquid that was written here is read as its translation requires.
        if changed(&key, members) || (key == "template" && retold) {
            continue;
        }
        match old.get(&key) {
            Some(value) => members.insert(key, value.clone()),
            None => members.shift_remove(&key),
        };
    }
    let text = members
        .get("template")
        .and_then(|template| template.get("language"))
        == Some(&json!("text"));
    if retold && text {
        members.shift_remove("template");
    }
    Ok(new)
}

fn write(content: &Map<String, Value>, before: Option<&Value>, note: &WriteNote) -> Result<Value> {
    let mut commit = write_changes(content, before)?;
    let scope = match note.scope {
        Some(scope) => scope == "organization",
        None => before
            .and_then(|before| before.pointer("/metadata/langwatch/scope"))
            .is_some(),
    };
    // If only a copy is at hand, this shows it.
    mark_shared(&mut commit, scope);
    for (key, value) in [("commitMessage", &note.message), ("author", &note.author)] {
        if let Some(value) = value {
            set(&mut commit, key, value.as_str());
        }
    }
    if !note.tags.is_empty() {
        set(&mut commit, "tags", json!(note.tags));
    }
    Ok(commit)
}

fn mark_shared(commit: &mut Value, shared: bool) {
    if !shared {
        if let Some(Value::Object(langwatch)) = commit.pointer_mut("/metadata/langwatch") {
            langwatch.shift_remove("scope");
        }
        return;
    }
    let mut metadata = commit.get("metadata").cloned().unwrap_or_else(|| json!({}));
    let mut langwatch = metadata
        .get("langwatch")
        .cloned()
        .unwrap_or_else(|| json!({}));
    set(&mut langwatch, "scope", "ORGANIZATION");
    set(&mut metadata, "langwatch", langwatch);
    set(commit, "metadata", metadata);
}

impl WriteNote {
    async fn read(body: &Map<String, Value>, client: &ApiClient<'_, impl Api>) -> Result<Self> {
        check_types(body)?;
        let field = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        let scope = match field("scope").as_deref() {
            None => None,
            Some("PROJECT") => Some("project"),
            Some("ORGANIZATION") => Some("organization"),
            Some(_) => return Err(refuse("scope", "`PROJECT` or `ORGANIZATION`")),
        };
        let tags = body.get("tags").and_then(Value::as_array);
        let tags = tags.into_iter().flatten().filter_map(Value::as_str);
        let tags: Vec<String> = tags.map(str::to_owned).collect();
        for tag in &tags {
            tags::require(client, tag).await?;
        }
        Ok(Self {
            message: field("commitMessage"),
            author: field("authorId"),
            scope,
            tags,
        })
    }
}

fn has_system(body: &Map<String, Value>) -> bool {
    let messages = body.get("messages").and_then(Value::as_array);
    messages
        .into_iter()
        .flatten()
        .any(|message| message.get("role") == Some(&json!("system")))
}

/// The instructions come as `prompt` or as a message.
fn check_system(body: &Map<String, Value>) -> Result<()> {
    check_both(body)?;
    let has_prompt = body
        .get("prompt")
        .and_then(Value::as_str)
        .is_some_and(|prompt| !prompt.is_empty());
    if has_prompt || has_system(body) {
        Ok(())
    } else {
        Err(Error::new(Code::QueryInvalid, "System prompt is required."))
    }
}

fn check_both(body: &Map<String, Value>) -> Result<()> {
    if body.get("prompt").is_some_and(Value::is_string) && has_system(body) {
        let detail = "System prompt and prompt cannot be set at the same time";
        return Err(Error::new(Code::PreconditionFailed, detail));
    }
    Ok(())
}

/// A project has one prompt per handle, and the organisation another.
fn taken(scope: &str) -> Error {
    let scope = scope.to_ascii_uppercase();
    let detail = format!("Prompt handle already exists for scope {scope}");
    Error::new(Code::SlugTaken, detail)
}

fn not_found() -> Error {
    Error::new(Code::PromptNotFound, "Prompt not found")
}
