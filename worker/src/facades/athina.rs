//! Athina: `/api/v1/prompt…` with the header `athina-api-key`. Its live version is the tag `production`.

use cuecard_prompt::{Code, Document, Error, Result, System, parse_version};
use serde_json::{Map, Value, json};

mod run;
mod slugs;
#[cfg(test)]
mod tests;

use super::api_client::{ApiClient, encode, prompt, unchanged};
use super::spelling;
use super::words::{carry, document, set, text, uuid, written};
use super::{Api, FacadeReply, bearer, body, no_route, path, sentence, status};
use crate::api::{ApiRequest, ApiResponse};

/// The parameters that its client takes when it builds an object of them.
const OPTIONS: [&str; 5] = [
    "temperature",
    "top_p",
    "max_tokens",
    "frequency_penalty",
    "presence_penalty",
];

/// Fields for the looks of Athina's own app.
const LABELS: [&str; 3] = ["directory", "starred", "emoji"];

/// Fields that Athina lacks, kept from the version before.
const KEPT: [&str; 8] = [
    "inputs",
    "outputs",
    "tools",
    "toolChoice",
    "responseFormat",
    "demonstrations",
    "promptingTechnique",
    "template",
];

pub(super) async fn answer(request: &ApiRequest, api: &impl Api) -> ApiResponse {
    let key = request.header("athina-api-key").map(str::to_owned);
    let client = ApiClient::new(api, key.or_else(|| bearer(request)), request);
    let reply = match route(request, &client).await {
        Ok(reply) => reply,
        Err(error) => refusal(&error),
    };
    client.labelled(reply).send()
}

async fn route(request: &ApiRequest, client: &ApiClient<'_, impl Api>) -> Result<FacadeReply> {
    client.admit(request).await?;
    let path = spelling::slug(&path(request, "/api/v1/prompt")?);
    let method = request.method.as_str();
    // The slugs' own routes are matched first, so a prompt named `slug` has only the others.
    if let Some(rest) = path.strip_prefix("slug/") {
        return match (method, rest, rest.strip_suffix("/duplicate")) {
            ("GET", "all", _) => list(client).await,
            ("POST", _, Some(slug)) => duplicate(client, slug, &body(request)?).await,
            ("DELETE", slug, _) => delete(client, slug).await,
            ("PATCH", slug, _) => describe(client, slug, body(request)?).await,
            _ => Err(no_route()),
        };
    }
    if let ("PATCH", Some(rest)) = (method, path.strip_suffix("/set-default"))
        && let Some((slug, version)) = rest.rsplit_once('/')
    {
        return set_default(client, slug, version).await;
    }
    match (method, path.rsplit_once('/')) {
        ("GET", Some((slug, "default"))) => {
            let answer = client.resolve(slug, "tag=production").await?;
            let template = template(client, &answer.json, true).await?;
            Ok(data("prompt", template).with(answer.headers))
        }
        ("GET", Some((slug, "version"))) => versions(client, slug).await,
        ("POST", Some((slug, "run"))) => run::run(client, slug, body(request)?).await,
        ("POST", _) if !path.is_empty() => commit(client, &path, body(request)?).await,
        _ => Err(no_route()),
    }
}

async fn commit(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    body: Map<String, Value>,
) -> Result<FacadeReply> {
    let parameters = body.get("parameters");
    if parameters.is_some_and(|given| !given.is_object() && !given.is_null()) {
        return Err(Error::new(Code::BodyInvalid, "`parameters` is an object"));
    }
    let imported = Document::import_from(System::Athina, body.into())?;
    if !imported.losses.is_empty() {
        let detail = "the body has members that a prompt has no place for";
        return Err(Error::new(Code::BodyInvalid, detail).with_issues(imported.losses));
    }
    if imported
        .slug
        .is_some_and(|name| spelling::slug(&name) != slug)
    {
        let detail = "`prompt_slug` is not the slug of the path";
        return Err(Error::new(Code::BodyInvalid, detail));
    }
    let before = client.newest(slug).await?;
    let mut commit = carry(imported.document, before.as_ref(), &KEPT, "athina")?;
    if let Some(message) = imported.commit_message {
        set(&mut commit, "commitMessage", message);
    }
    let url = format!("{}/versions?always=true", prompt(slug));
    let condition = unchanged(before.as_ref());
    let answer = client
        .send("POST", &url, Some(commit), Some(condition))
        .await?;
    let live = live(client, slug).await?;
    let is_live = answer.json.get("version") == Some(&live);
    let template = template(client, &answer.json, is_live).await?;
    Ok(FacadeReply {
        status: answer.status,
        ..data("prompt", template)
    })
}

async fn set_default(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    version: &str,
) -> Result<FacadeReply> {
    let version = parse_version(version)?;
    let url = format!("{}/tags/production", prompt(slug));
    let body = json!({ "version": version });
    client.send("PUT", &url, Some(body), None).await?;
    let answer = client.resolve(slug, &format!("version={version}")).await?;
    let template = template(client, &answer.json, true).await?;
    Ok(data("prompt", options_only(template)))
}

/// Drafts are templates without a version, for callers who may see them.
async fn versions(client: &ApiClient<'_, impl Api>, slug: &str) -> Result<FacadeReply> {
    let drafts = format!("{}/drafts", prompt(slug));
    let drafts = match client.all(&drafts, "drafts").await {
        // Callers who may not see them do without, and they are not worth an outage.
        Err(error) if matches!(error.code().status(), 403 | 502 | 503) => Vec::new(),
        drafts => drafts?,
    };
    let mut templates = Vec::new();
    for draft in &drafts {
        let author = encode(text(draft, "author"));
        let url = format!("{}/draft?author={author}", prompt(slug));
        let mut draft = client.get(&url).await?.json;
        let hash = document(&draft)?.hash()?;
        let updated = text(&draft, "updatedAt").to_owned();
        for (key, value) in [("id", author), ("hash", hash), ("createdAt", updated)] {
            set(&mut draft, key, value);
        }
        templates.push(template(client, &draft, false).await?);
    }
    let versions = client
        .all(&format!("{}/versions", prompt(slug)), "versions")
        .await?;
    let live = live(client, slug).await?;
    for version in &versions {
        let is_live = version.get("version") == Some(&live);
        templates.push(template(client, version, is_live).await?);
    }
    Ok(data("versions", templates.into()))
}

async fn list(client: &ApiClient<'_, impl Api>) -> Result<FacadeReply> {
    let own = client.own().await?;
    let pages = client.pages("/v1/prompts").await?;
    Ok(FacadeReply::written(200, slugs::list(&pages, &own)?))
}

async fn delete(client: &ApiClient<'_, impl Api>, slug: &str) -> Result<FacadeReply> {
    client.send("DELETE", &prompt(slug), None, None).await?;
    let message = format!("deleted {slug} and its versions");
    let body = json!({ "status": "success", "message": message });
    Ok(FacadeReply::new(200, body))
}

async fn duplicate(
    client: &ApiClient<'_, impl Api>,
    from: &str,
    body: &Map<String, Value>,
) -> Result<FacadeReply> {
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    let name = &spelling::slug(name);
    let url = format!("{}/duplicate", prompt(from));
    let answer = client
        .send("POST", &url, Some(json!({ "slug": name })), None)
        .await?;
    let own = client.own().await?;
    let about = client.about(name).await?;
    let template = template(client, &answer.json, true).await?;
    let made = json!({
        "newPromptTemplateSlug": slugs::slug(&about, &own)?,
        "newPromptTemplate": options_only(template),
    });
    Ok(FacadeReply {
        status: 201,
        ..data("slug", made)
    })
}

/// Folder, star and emoji are labels of the prompt.
async fn describe(
    client: &ApiClient<'_, impl Api>,
    name: &str,
    body: Map<String, Value>,
) -> Result<FacadeReply> {
    let own = client.own().await?;
    let about = client.about(name).await?;
    let known = body.keys().all(|key| LABELS.contains(&key.as_str()));
    if !known || body.is_empty() {
        let detail = "the body has one of `directory`, `starred` and `emoji`";
        return Err(Error::new(Code::BodyInvalid, detail));
    }
    let mut labels = about.get("labels").cloned().unwrap_or_else(|| json!({}));
    for (key, value) in body {
        if let (Value::Null, Some(labels)) = (&value, labels.as_object_mut()) {
            labels.shift_remove(&key);
        } else {
            set(&mut labels, &key, value);
        }
    }
    let change = json!({ "labels": labels });
    let condition = unchanged(Some(&about));
    let about = client
        .send("PATCH", &prompt(name), Some(change), Some(condition))
        .await?;
    Ok(data("slug", slugs::slug(&about.json, &own)?))
}

/// The number of the live version.
async fn live(client: &ApiClient<'_, impl Api>, slug: &str) -> Result<Value> {
    match client
        .get(&format!("{}/tags/production", prompt(slug)))
        .await
    {
        Ok(tag) => Ok(tag.json.get("version").cloned().unwrap_or_default()),
        Err(error) if error.code() == Code::TagNotFound => Ok(Value::Null),
        Err(error) => Err(error),
    }
}

/// A version as Athina's `prompt_template`, with the names of its documentation and those of its client.
async fn template(
    client: &ApiClient<'_, impl Api>,
    version: &Value,
    is_live: bool,
) -> Result<Value> {
    let own = client.own().await?;
    let content = written(version.clone(), System::Athina)?;
    let get = |key: &str| content.get(key).cloned().unwrap_or_default();
    Ok(json!({
        "id": uuid(&["version", text(version, "slug"), text(version, "id")]),
        "user_id": uuid(&["author", text(version, "author")]),
        "org_id": text(&own, "organization"),
        "workspace_slug": text(&own, "project"),
        "prompt_template_slug_id": slugs::slug_id(&own, text(version, "slug")),
        "prompt_slug": spelling::of_slug(text(version, "slug")),
        "version": version.get("version"),
        "user_version": version.get("version"),
        "is_default": is_live,
        "is_live": is_live,
        "commit_message": text(version, "commitMessage"),
        "prompt": get("prompt"),
        "model": get("model"),
        "provider": content.get("provider").cloned().unwrap_or_else(|| "default".into()),
        "org_model_config_id": null,
        "org_model_config": null,
        "parameters": content.get("parameters").cloned().unwrap_or_else(|| json!({})),
        "tools": get("tools"),
        "tool_choice": get("tool_choice"),
        "hash": uuid(&["hash", text(version, "hash")]),
        "created_at": text(version, "createdAt"),
        "updated_at": text(version, "createdAt"),
    }))
}

/// Without the parameters that break its client here.
fn options_only(mut template: Value) -> Value {
    if let Some(parameters) = template
        .get_mut("parameters")
        .and_then(Value::as_object_mut)
    {
        parameters.retain(|name, _| OPTIONS.contains(&name.as_str()));
    }
    template
}

fn data(name: &str, value: Value) -> FacadeReply {
    let body = json!({ "status": "success", "data": { name: value } });
    FacadeReply::new(200, body)
}

fn refusal(error: &Error) -> FacadeReply {
    let body = json!({
        "status": "error",
        "error": error.code().title(),
        "details": { "message": sentence(error) },
    });
    FacadeReply::new(status(error), body)
}
