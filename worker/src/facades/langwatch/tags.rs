//! LangWatch's tags: the organisation's names for tags, and the versions they point to.

use cuecard_prompt::{Code, Error, Result, Tag};
use serde_json::{Map, Value, json};

use super::object::slug_of;
use crate::facades::api_client::{ApiClient, encode, prompt, unchanged};
use crate::facades::words::text;
use crate::facades::{Api, FacadeReply};

/// How often a change is tried when others change the same.
const TRIES: u32 = 5;

pub(super) async fn list(client: &ApiClient<'_, impl Api>) -> Result<FacadeReply> {
    let names = names(client).await?;
    Ok(FacadeReply::new(
        200,
        names.iter().map(definition).collect(),
    ))
}

pub(super) async fn create(
    client: &ApiClient<'_, impl Api>,
    body: &Map<String, Value>,
) -> Result<FacadeReply> {
    let made = add(client, &name(body)?).await?;
    Ok(FacadeReply::new(201, made))
}

/// The new name takes over where the old one points, prompt by prompt, and then the old one goes.
pub(super) async fn rename(
    client: &ApiClient<'_, impl Api>,
    from: &str,
    body: &Map<String, Value>,
) -> Result<FacadeReply> {
    let to = name(body)?;
    check_known(client, from).await?;
    let made = add(client, &to).await?;
    for about in tagged(client, from).await? {
        take_over(client, &prompt(text(&about, "slug")), from, &to).await?;
    }
    remove(client, from).await?;
    Ok(FacadeReply::new(200, made))
}

/// Points `to` to where `from` points, and deletes `from`; if it is moved meanwhile, `to` follows.
async fn take_over(
    client: &ApiClient<'_, impl Api>,
    prompt: &str,
    from: &str,
    to: &str,
) -> Result<()> {
    let url = |tag: &str| format!("{prompt}/tags/{}", encode(tag));
    let mut tries = TRIES;
    loop {
        let pointer = match client.get(&url(from)).await {
            Err(error) if error.code() == Code::TagNotFound => return Ok(()),
            pointer => pointer?.json,
        };
        let version = json!({ "version": pointer.get("version") });
        client.send("PUT", &url(to), Some(version), None).await?;
        tries -= 1;
        let condition = unchanged(Some(&pointer));
        match client
            .send("DELETE", &url(from), None, Some(condition))
            .await
        {
            Err(error) if error.code() == Code::PreconditionFailed && tries > 0 => {}
            done => return done.map(|_| ()),
        }
    }
}

/// Its pointers go with it.
pub(super) async fn delete(client: &ApiClient<'_, impl Api>, tag: &str) -> Result<FacadeReply> {
    check_known(client, tag).await?;
    for about in tagged(client, tag).await? {
        let url = format!("{}/tags/{}", prompt(text(&about, "slug")), encode(tag));
        match client.send("DELETE", &url, None, None).await {
            Err(error) if error.code() == Code::TagNotFound => {}
            done => drop(done?),
        }
    }
    remove(client, tag).await?;
    Ok(FacadeReply {
        status: 204,
        body: None,
        headers: Vec::new(),
    })
}

pub(super) async fn assign(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    tag: &str,
    body: &Map<String, Value>,
) -> Result<FacadeReply> {
    let id = body
        .get("versionId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let versions = client
        .all(&format!("{}/versions", prompt(slug)), "versions")
        .await?;
    require(client, tag).await?;
    let version = versions.iter().find(|version| text(version, "id") == id);
    let version = version.ok_or_else(|| {
        Error::new(
            Code::BodyInvalid,
            "`versionId` is no version of this prompt",
        )
    })?;
    let url = format!("{}/tags/{}", prompt(slug), encode(tag));
    let moved = json!({ "version": version.get("version") });
    let answer = client.send("PUT", &url, Some(moved), None).await?;
    let body = json!({
        "configId": super::object::id_of(&slug_of(slug)),
        "versionId": id,
        "tag": tag,
        "updatedAt": text(&answer.json, "updatedAt"),
    });
    Ok(FacadeReply::new(200, body))
}

/// Refuses tags that the organisation does not have.
pub(super) async fn require(client: &ApiClient<'_, impl Api>, tag: &str) -> Result<()> {
    parse(tag)?;
    if is_known(client, tag).await? {
        Ok(())
    } else {
        let detail = format!("the organisation has no tag `{tag}`");
        Err(Error::new(Code::TagInvalid, detail))
    }
}

/// The organisation's names for tags, and those of prompts whose writers need no name first: answers show these, too.
async fn names(client: &ApiClient<'_, impl Api>) -> Result<Vec<Value>> {
    let mut answer = client.get("/v1/tags?used=true").await?.json;
    match answer.get_mut("tags").map(Value::take) {
        Some(Value::Array(names)) => Ok(names),
        _ => Ok(Vec::new()),
    }
}

async fn is_known(client: &ApiClient<'_, impl Api>, tag: &str) -> Result<bool> {
    let names = names(client).await?;
    Ok(names.iter().any(|name| text(name, "tag") == tag))
}

/// A tag that can be renamed and deleted.
async fn check_known(client: &ApiClient<'_, impl Api>, tag: &str) -> Result<()> {
    if parse(tag)? == Tag::production() {
        let detail = "`production` is protected: it is what readers get by default";
        return Err(Error::new(Code::TagInvalid, detail));
    }
    if is_known(client, tag).await? {
        Ok(())
    } else {
        let detail = format!("there is no tag `{tag}`");
        Err(Error::new(Code::TagNotFound, detail))
    }
}

/// A name that nobody has added before.
async fn add(client: &ApiClient<'_, impl Api>, tag: &str) -> Result<Value> {
    if !is_known(client, tag).await? {
        let answer = client.send("PUT", &name_url(tag), None, None).await?;
        if answer.status == 201 {
            return Ok(definition(&answer.json));
        }
    }
    let detail = format!("there is a tag `{tag}` already");
    Err(Error::new(Code::SlugTaken, detail))
}

/// A name that another caller removes meanwhile is gone, too.
async fn remove(client: &ApiClient<'_, impl Api>, tag: &str) -> Result<()> {
    match client.send("DELETE", &name_url(tag), None, None).await {
        Err(error) if error.code() == Code::TagNotFound => Ok(()),
        done => done.map(drop),
    }
}

fn name_url(tag: &str) -> String {
    format!("/v1/tags/{}", encode(tag))
}

fn definition(name: &Value) -> Value {
    let tag = text(name, "tag");
    json!({ "id": format!("tag_{tag}"), "name": tag, "createdAt": text(name, "createdAt") })
}

/// The project's own prompts with a tag: those of other projects only their projects change.
async fn tagged(client: &ApiClient<'_, impl Api>, tag: &str) -> Result<Vec<Value>> {
    let url = format!("/v1/prompts?tag={}", encode(tag));
    let mut prompts = client.all(&url, "prompts").await?;
    let own = client.own().await?;
    prompts.retain(|about| about.get("project") == own.get("project"));
    Ok(prompts)
}

fn name(body: &Map<String, Value>) -> Result<String> {
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    parse(name).map(|tag| tag.to_string())
}

/// A tag, or the refusal in the words of LangWatch's own server.
fn parse(name: &str) -> Result<Tag> {
    let refuse = |detail: String| Err(Error::new(Code::TagInvalid, detail));
    match name {
        "latest" => refuse("`latest` is protected".to_owned()),
        digits if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            refuse(format!("`{digits}` is numeric, as versions are"))
        }
        name => Tag::parse(name),
    }
}
