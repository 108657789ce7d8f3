//! LangWatch's tags: names that the organisation has, and where they point.

use cuecard_prompt::{Code, Error, Result, Tag};
use serde_json::{Map, Value, json};

use super::object::slug_of;
use crate::facades::caller::{Caller, Condition, encode, prompt, unchanged};
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
    unchanged: Condition,
}

/// How often a change is tried when others change the same.
const TRIES: u32 = 5;

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
            unchanged: unchanged(kept.as_ref()),
        })
    }

    /// Changes the list. All names are in one place, so who changes another name meanwhile is no conflict.
    async fn change<T>(
        caller: &Caller<'_, impl House>,
        change: impl Fn(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let mut tries = TRIES;
        loop {
            let mut names = Self::read(caller).await?;
            let given = change(&mut names)?;
            tries -= 1;
            match names.write(caller).await {
                Err(error) if error.code() == Code::PreconditionFailed && tries > 0 => {}
                written => return written.map(|()| given),
            }
        }
    }

    async fn write(self, caller: &Caller<'_, impl House>) -> Result<()> {
        let url = format!("{}/versions", prompt(NAMES));
        let commit = json!({
            "messages": [{ "role": "system", "content": "The names of tags that LangWatch's clients have made." }],
            "metadata": { "langwatch": { "tags": self.list } },
        });
        caller
            .send("POST", &url, Some(commit), Some(self.unchanged))
            .await?;
        Ok(())
    }

    fn definition(&self, tag: &str) -> Value {
        json!({ "id": format!("tag_{tag}"), "name": tag, "createdAt": self.since })
    }

    fn has(&self, tag: &str) -> bool {
        self.list.iter().any(|name| name == tag)
    }

    fn add(&mut self, tag: &str) -> Result<Value> {
        if self.has(tag) {
            let detail = format!("there is a tag `{tag}` already");
            return Err(Error::new(Code::SlugTaken, detail));
        }
        self.list.push(tag.to_owned());
        Ok(self.definition(tag))
    }

    fn remove(&mut self, tag: &str) -> Result<()> {
        if !self.has(tag) {
            let detail = format!("the organisation has no tag `{tag}`");
            return Err(Error::new(Code::TagNotFound, detail));
        }
        self.list.retain(|name| name != tag);
        Ok(())
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
    let made = Names::change(caller, |names| names.add(&tag)).await?;
    Ok(Reply::new(201, made))
}

/// The new name takes over where the old one points, prompt by prompt.
pub(super) async fn rename(
    caller: &Caller<'_, impl House>,
    from: &str,
    body: &Map<String, Value>,
) -> Result<Reply> {
    let to = name(body)?;
    Tag::parse(from)?;
    let change = |names: &mut Names| {
        names.remove(from)?;
        names.add(&to)
    };
    let made = Names::change(caller, change).await?;
    for about in tagged(caller, from).await? {
        take_over(caller, &prompt(text(&about, "slug")), from, &to).await?;
    }
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
    Tag::parse(tag)?;
    Names::change(caller, |names| names.remove(tag)).await?;
    for about in tagged(caller, tag).await? {
        let url = format!("{}/tags/{}", prompt(text(&about, "slug")), encode(tag));
        caller.send("DELETE", &url, None, None).await?;
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
    let answer = caller.send("PUT", &url, Some(moved), None).await?;
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

async fn tagged(caller: &Caller<'_, impl House>, tag: &str) -> Result<Vec<Value>> {
    caller
        .all(&format!("/v1/prompts?tag={}", encode(tag)), "prompts")
        .await
}

fn name(body: &Map<String, Value>) -> Result<String> {
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    Tag::parse(name).map(|tag| tag.to_string())
}
