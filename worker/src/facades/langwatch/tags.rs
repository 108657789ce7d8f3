//! LangWatch's tags: names that the organisation has, and where they point.

use cuecard_prompt::{Code, Error, Result, Tag};
use serde_json::{Map, Value, json};

use super::object::slug_of;
use crate::facades::caller::{Caller, encode, prompt};
use crate::facades::words::text;
use crate::facades::{House, Reply};

/// The prompt whose metadata has the names that the organisation's clients made: LangWatch has names that point nowhere.
pub(super) const NAMES: &str = "langwatch.tags";

/// The names that every organisation begins with.
const FIRST: [&str; 2] = ["production", "staging"];

/// The names, and what is needed to change them.
struct Names {
    list: Vec<String>,
    since: String,
}

impl Names {
    async fn read(caller: &Caller<'_, impl House>) -> Result<Self> {
        let kept = caller.newest(NAMES).await?;
        let list = kept
            .as_ref()
            .and_then(|kept| kept.pointer("/metadata/langwatch/tags")?.as_array());
        let names = |list: &Vec<Value>| {
            let names = list.iter().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        };
        let since = kept.as_ref().map_or("", |kept| text(kept, "createdAt"));
        Ok(Self {
            list: list.map_or_else(|| FIRST.map(str::to_owned).to_vec(), names),
            since: Some(since)
                .filter(|since| !since.is_empty())
                .unwrap_or("1970-01-01T00:00:00.000Z")
                .to_owned(),
        })
    }

    async fn write(self, caller: &Caller<'_, impl House>) -> Result<()> {
        let url = format!("{}/versions", prompt(NAMES));
        let commit = json!({
            "messages": [{ "role": "system", "content": "The names of tags that LangWatch's clients have made." }],
            "metadata": { "langwatch": { "tags": self.list } },
        });
        caller.send("POST", &url, Some(commit), &[]).await?;
        Ok(())
    }

    fn definition(&self, tag: &str) -> Value {
        json!({ "id": format!("tag_{tag}"), "name": tag, "createdAt": self.since })
    }

    fn has(&self, tag: &str) -> bool {
        self.list.iter().any(|name| name == tag)
    }
}

pub(super) async fn list(caller: &Caller<'_, impl House>) -> Result<Reply> {
    let names = Names::read(caller).await?;
    let list: Vec<Value> = names.list.iter().map(|tag| names.definition(tag)).collect();
    Ok(Reply::new(200, list.into()))
}

pub(super) async fn create(
    caller: &Caller<'_, impl House>,
    body: &Map<String, Value>,
) -> Result<Reply> {
    let tag = name(body)?;
    let mut names = Names::read(caller).await?;
    if names.has(&tag) {
        let detail = format!("there is a tag `{tag}` already");
        return Err(Error::new(Code::SlugTaken, detail));
    }
    let made = names.definition(&tag);
    names.list.push(tag);
    names.write(caller).await?;
    Ok(Reply::new(201, made))
}

/// The new name takes over where the old one points, prompt by prompt.
pub(super) async fn rename(
    caller: &Caller<'_, impl House>,
    from: &str,
    body: &Map<String, Value>,
) -> Result<Reply> {
    let to = name(body)?;
    let mut names = known(caller, from).await?;
    if names.has(&to) {
        let detail = format!("there is a tag `{to}` already");
        return Err(Error::new(Code::SlugTaken, detail));
    }
    let made = names.definition(&to);
    names.list.retain(|name| name != from);
    names.list.push(to.clone());
    names.write(caller).await?;
    for about in tagged(caller, from).await? {
        let version = pointed(&about, from);
        let slug = prompt(text(&about, "slug"));
        let body = json!({ "version": version });
        caller
            .send(
                "PUT",
                &format!("{slug}/tags/{}", encode(&to)),
                Some(body),
                &[],
            )
            .await?;
        caller
            .send(
                "DELETE",
                &format!("{slug}/tags/{}", encode(from)),
                None,
                &[],
            )
            .await?;
    }
    Ok(Reply::new(200, made))
}

/// Where it points goes with it.
pub(super) async fn delete(caller: &Caller<'_, impl House>, tag: &str) -> Result<Reply> {
    let mut names = known(caller, tag).await?;
    names.list.retain(|name| name != tag);
    names.write(caller).await?;
    for about in tagged(caller, tag).await? {
        let url = format!("{}/tags/{}", prompt(text(&about, "slug")), encode(tag));
        caller.send("DELETE", &url, None, &[]).await?;
    }
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
    let answer = caller.send("PUT", &url, Some(moved), &[]).await?;
    let body = json!({
        "configId": super::object::id_of(&slug_of(slug)),
        "versionId": id,
        "tag": tag,
        "updatedAt": text(&answer.json, "updatedAt"),
    });
    Ok(Reply::new(200, body))
}

/// Refuses tags that the organisation does not have. `live` is of every prompt.
pub(super) async fn require(caller: &Caller<'_, impl House>, tag: &str) -> Result<()> {
    Tag::parse(tag)?;
    if tag == "live" || Names::read(caller).await?.has(tag) {
        Ok(())
    } else {
        let detail = format!("the organisation has no tag `{tag}`");
        Err(Error::new(Code::TagInvalid, detail))
    }
}

/// All names, of which this is one.
async fn known(caller: &Caller<'_, impl House>, tag: &str) -> Result<Names> {
    Tag::parse(tag)?;
    let names = Names::read(caller).await?;
    if names.has(tag) {
        Ok(names)
    } else {
        let detail = format!("the organisation has no tag `{tag}`");
        Err(Error::new(Code::TagNotFound, detail))
    }
}

async fn tagged(caller: &Caller<'_, impl House>, tag: &str) -> Result<Vec<Value>> {
    caller
        .all(&format!("/v1/prompts?tag={}", encode(tag)), "prompts")
        .await
}

fn pointed(about: &Value, tag: &str) -> Option<Value> {
    let tags = about.get("tags")?.as_array()?;
    let found = tags.iter().find(|pointer| text(pointer, "tag") == tag)?;
    found.get("version").cloned()
}

fn name(body: &Map<String, Value>) -> Result<String> {
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    Tag::parse(name).map(|tag| tag.to_string())
}
