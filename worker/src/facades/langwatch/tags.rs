//! LangWatch's tags: names that the organisation has, and where they point.

use cuecard_prompt::{Code, Error, Result, Tag};
use serde_json::{Map, Value, json};

use super::object::slug_of;
use crate::facades::caller::{Caller, encode, prompt, unchanged};
use crate::facades::words::text;
use crate::facades::{House, Reply};

/// How often a change is tried when others change the same.
const TRIES: u32 = 5;

pub(super) async fn list(caller: &Caller<'_, impl House>) -> Result<Reply> {
    let names = names(caller).await?;
    Ok(Reply::new(200, names.iter().map(definition).collect()))
}

pub(super) async fn create(
    caller: &Caller<'_, impl House>,
    body: &Map<String, Value>,
) -> Result<Reply> {
    let made = add(caller, &name(body)?).await?;
    Ok(Reply::new(201, made))
}

/// The new name takes over where the old one points, prompt by prompt, and then the old one goes.
pub(super) async fn rename(
    caller: &Caller<'_, impl House>,
    from: &str,
    body: &Map<String, Value>,
) -> Result<Reply> {
    let to = name(body)?;
    check_known(caller, from).await?;
    let made = add(caller, &to).await?;
    for about in tagged(caller, from).await? {
        take_over(caller, &prompt(text(&about, "slug")), from, &to).await?;
    }
    remove(caller, from).await?;
    Ok(Reply::new(200, made))
}

/// Points `to` where `from` points, which is then gone; where it is moved meanwhile, `to` follows.
async fn take_over(
    caller: &Caller<'_, impl House>,
    prompt: &str,
    from: &str,
    to: &str,
) -> Result<()> {
    let url = |tag: &str| format!("{prompt}/tags/{}", encode(tag));
    let mut tries = TRIES;
    loop {
        let pointer = match caller.get(&url(from)).await {
            Err(error) if error.code() == Code::TagNotFound => return Ok(()),
            pointer => pointer?.json,
        };
        let version = json!({ "version": pointer.get("version") });
        caller.send("PUT", &url(to), Some(version), None).await?;
        tries -= 1;
        let condition = unchanged(Some(&pointer));
        match caller
            .send("DELETE", &url(from), None, Some(condition))
            .await
        {
            Err(error) if error.code() == Code::PreconditionFailed && tries > 0 => {}
            done => return done.map(|_| ()),
        }
    }
}

/// Where it points goes with it.
pub(super) async fn delete(caller: &Caller<'_, impl House>, tag: &str) -> Result<Reply> {
    check_known(caller, tag).await?;
    for about in tagged(caller, tag).await? {
        let url = format!("{}/tags/{}", prompt(text(&about, "slug")), encode(tag));
        match caller.send("DELETE", &url, None, None).await {
            Err(error) if error.code() == Code::TagNotFound => {}
            done => drop(done?),
        }
    }
    remove(caller, tag).await?;
    Ok(Reply {
        status: 204,
        body: None,
        headers: Vec::new(),
    })
}

pub(super) async fn assign(
    caller: &Caller<'_, impl House>,
    slug: &str,
    tag: &str,
    body: &Map<String, Value>,
) -> Result<Reply> {
    let id = body
        .get("versionId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let versions = caller
        .all(&format!("{}/versions", prompt(slug)), "versions")
        .await?;
    require(caller, tag).await?;
    let version = versions.iter().find(|version| text(version, "id") == id);
    let version = version.ok_or_else(|| {
        Error::new(
            Code::BodyInvalid,
            "`versionId` is no version of this prompt",
        )
    })?;
    let url = format!("{}/tags/{}", prompt(slug), encode(tag));
    let moved = json!({ "version": version.get("version") });
    let answer = caller.send("PUT", &url, Some(moved), None).await?;
    let body = json!({
        "configId": super::object::id_of(&slug_of(slug)),
        "versionId": id,
        "tag": tag,
        "updatedAt": text(&answer.json, "updatedAt"),
    });
    Ok(Reply::new(200, body))
}

/// Refuses tags that the organisation does not have.
pub(super) async fn require(caller: &Caller<'_, impl House>, tag: &str) -> Result<()> {
    parse(tag)?;
    if is_known(caller, tag).await? {
        Ok(())
    } else {
        let detail = format!("the organisation has no tag `{tag}`");
        Err(Error::new(Code::TagInvalid, detail))
    }
}

/// The organisation's names for tags, and those that prompts got where nobody asks for a name first: answers show these, too.
async fn names(caller: &Caller<'_, impl House>) -> Result<Vec<Value>> {
    let mut answer = caller.get("/v1/tags?used=true").await?.json;
    match answer.get_mut("tags").map(Value::take) {
        Some(Value::Array(names)) => Ok(names),
        _ => Ok(Vec::new()),
    }
}

async fn is_known(caller: &Caller<'_, impl House>, tag: &str) -> Result<bool> {
    let names = names(caller).await?;
    Ok(names.iter().any(|name| text(name, "tag") == tag))
}

/// A tag that can be renamed and deleted.
async fn check_known(caller: &Caller<'_, impl House>, tag: &str) -> Result<()> {
    if parse(tag)? == Tag::production() {
        let detail = "`production` is protected: it is what readers get by default";
        return Err(Error::new(Code::TagInvalid, detail));
    }
    if is_known(caller, tag).await? {
        Ok(())
    } else {
        let detail = format!("there is no tag `{tag}`");
        Err(Error::new(Code::TagNotFound, detail))
    }
}

/// A name that nobody has added before.
async fn add(caller: &Caller<'_, impl House>, tag: &str) -> Result<Value> {
    if !is_known(caller, tag).await? {
        let answer = caller.send("PUT", &name_url(tag), None, None).await?;
        if answer.status == 201 {
            return Ok(definition(&answer.json));
        }
    }
    let detail = format!("there is a tag `{tag}` already");
    Err(Error::new(Code::SlugTaken, detail))
}

/// A name that somebody else removes meanwhile is gone, too.
async fn remove(caller: &Caller<'_, impl House>, tag: &str) -> Result<()> {
    match caller.send("DELETE", &name_url(tag), None, None).await {
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
async fn tagged(caller: &Caller<'_, impl House>, tag: &str) -> Result<Vec<Value>> {
    let url = format!("/v1/prompts?tag={}", encode(tag));
    let mut prompts = caller.all(&url, "prompts").await?;
    let own = caller.own().await?;
    prompts.retain(|about| about.get("project") == own.get("project"));
    Ok(prompts)
}

fn name(body: &Map<String, Value>) -> Result<String> {
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    parse(name).map(|tag| tag.to_string())
}

/// A tag, or why not in the words of LangWatch's own server.
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
