//! LangWatch: `/api/prompts…` with `X-Auth-Token`, a bearer key, or Basic `projectId:token`. A reader who names nothing
//! gets the newest version. Templates come as Liquid, are kept as Jinja2, and go back as the Liquid that was written.

mod check;
mod credentials;
mod object;
mod refusal;
mod sync;
mod tags;
#[cfg(test)]
mod tests;
mod write;

use cuecard_prompt::{Code, Error, Result, parse_version};
use cuecard_store::write_list;
use futures_util::future::join;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::api_client::{ApiAnswer, ApiClient, UnreadAnswer, encode, prompt};
use super::words::text;
use super::{Api, FacadeReply, body, encoded_path, no_route, query};
use crate::api::{ApiRequest, ApiResponse, percent_decode};
use object::{About, Around, ExportedVersion, ListedVersion, Surroundings, slug_of};

pub(super) async fn answer(request: &ApiRequest, api: &impl Api) -> ApiResponse {
    let client = ApiClient::new(api, credentials::key(request), request);
    let reply = match route(request, &client).await {
        Ok(reply) => reply,
        Err(error) => refusal::reply(&error),
    };
    client.labelled(reply).send()
}

async fn route(request: &ApiRequest, client: &ApiClient<'_, impl Api>) -> Result<FacadeReply> {
    client.admit(request).await?;
    // An encoded slash is part of a handle, which may end like a route.
    let path = encoded_path(request, "/api/prompts")?;
    let method = request.method.as_str();
    if path.is_empty() {
        return match method {
            "GET" => list(client).await,
            "POST" => write::create(client, content(request)?).await,
            _ => Err(no_route()),
        };
    }
    if path == "tags" || path.starts_with("tags/") {
        let tag = path.strip_prefix("tags/");
        return match (method, tag) {
            ("GET", None) => tags::list(client).await,
            ("POST", None) => tags::create(client, &content(request)?).await,
            ("PUT", Some(tag)) => tags::rename(client, &decoded(tag), &content(request)?).await,
            ("DELETE", Some(tag)) => tags::delete(client, &decoded(tag)).await,
            _ => Err(no_route()),
        };
    }
    if let Some((id, tag)) = path.rsplit_once("/tags/")
        && method == "PUT"
    {
        let tag = decoded(tag);
        return tags::assign(client, &slug_in(id), &tag, &content(request)?).await;
    }
    if let Some((id, rest)) = path.rsplit_once("/versions/")
        && let (Some(version), "POST") = (rest.strip_suffix("/restore"), method)
    {
        return write::restore(client, &slug_in(id), &decoded(version)).await;
    }
    match (
        method,
        path.strip_suffix("/versions"),
        path.strip_suffix("/sync"),
    ) {
        ("GET", Some(id), _) => versions(client, &slug_in(id)).await,
        ("POST", Some(id), _) => write::update(client, &slug_in(id), content(request)?).await,
        ("POST", _, Some(id)) => sync::sync(client, &slug_in(id), content(request)?).await,
        ("GET", None, _) => get(client, &decoded(path), request).await,
        ("PUT", None, None) => write::update(client, &slug_in(path), content(request)?).await,
        ("DELETE", None, None) => {
            let url = prompt(&slug_in(path));
            client.send("DELETE", &url, None, None).await?;
            Ok(FacadeReply::new(200, json!({ "success": true })))
        }
        _ => Err(no_route()),
    }
}

/// A part of a path that [`encoded_path`] has read.
fn decoded(part: &str) -> String {
    percent_decode(part).unwrap_or_default()
}

fn slug_in(part: &str) -> String {
    slug_of(&decoded(part))
}

/// A body that may be left out: its required members are then missing.
fn content(request: &ApiRequest) -> Result<Map<String, Value>> {
    match request.body.is_empty() {
        true => Ok(Map::new()),
        false => body(request),
    }
}

/// By id, handle or shorthand `handle:tag`, with `?version=` or `?tag=`.
async fn get(
    client: &ApiClient<'_, impl Api>,
    path: &str,
    request: &ApiRequest,
) -> Result<FacadeReply> {
    let (id, selector) = select(path, query(request, "version"), query(request, "tag"))?;
    let slug = slug_of(id);
    let answer = client.resolve(&slug, &selector).await?;
    let mut surroundings = Surroundings::of(client).await?;
    surroundings.around = around(client, &slug, &selector, &answer).await;
    let prompt = surroundings.write(client, &answer.json, None)?;
    Ok(FacadeReply::written(200, prompt).with(answer.headers))
}

/// The version that is meant.
fn select(path: &str, version: Option<String>, tag: Option<String>) -> Result<(&str, String)> {
    let conflict = |detail: &str| Error::new(Code::SelectorConflict, detail);
    let (id, suffix) = match path.rsplit_once(':') {
        Some((id, suffix)) => (id, Some(suffix)),
        None => (path, None),
    };
    if let Some(suffix) = suffix {
        if id.is_empty() {
            return Err(conflict("the slug must not be empty"));
        }
        if suffix.is_empty() {
            return Err(conflict("the suffix after colon must not be empty"));
        }
        if version.is_some() || tag.is_some() {
            let detail = "Conflict: shorthand syntax cannot be combined with `version` or `tag`";
            return Err(conflict(detail));
        }
        return Ok(match parse_version(suffix) {
            Ok(number) => (id, format!("version={number}")),
            Err(_) => (id, format!("tag={}", encode(suffix))),
        });
    }
    let number = version.as_deref().and_then(|text| parse_version(text).ok());
    Ok(match (version, number, tag) {
        (Some(_), _, Some(_)) => {
            return Err(conflict("Conflict: give a tag or a version, not both"));
        }
        (_, Some(number), _) => (id, format!("version={number}")),
        (_, None, Some(tag)) => (id, format!("tag={}", encode(&tag))),
        // An invalid version counts as none.
        (_, None, None) => (id, "tag=latest".to_owned()),
    })
}

/// From copies, as the version is; without a usable copy, by the version itself.
async fn around(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    selector: &str,
    answer: &ApiAnswer,
) -> Around {
    let mut around = Around::default();
    let version = answer.json.get("version");
    let url = prompt(slug);
    let (latest, tags) = (format!("{url}?tag=latest"), format!("{url}/tags"));
    let latest = async {
        match selector {
            "tag=latest" => None,
            _ => client.get_at_hand(&latest).await.ok(),
        }
    };
    let (latest, tags) = join(latest, client.get_at_hand(&tags)).await;
    let newest = match (&latest, selector) {
        (Some(latest), _) => Some(&latest.json),
        (None, "tag=latest") => Some(&answer.json),
        (None, _) => None,
    };
    if newest.is_some_and(|newest| newest.get("version") == version) {
        around.tags.push("latest".to_owned());
    }
    around.updated = newest.map(|newest| text(newest, "createdAt").to_owned());
    if let Ok(all) = tags {
        text(&all.json, "scope").clone_into(&mut around.scope);
        let shared_as = all.json.get("sharedAs").and_then(Value::as_str);
        around.handle = shared_as.map(str::to_owned);
        let all = all.json.get("tags").and_then(Value::as_array);
        let here = all.into_iter().flatten();
        let here = here.filter(|tag| tag.get("version") == version);
        around
            .tags
            .extend(here.map(|tag| text(tag, "tag").to_owned()));
    }
    // That copy may be older.
    if let Some(tag) = answer.json.pointer("/resolved/tag").and_then(Value::as_str)
        && !around.tags.iter().any(|known| known == tag)
    {
        around.tags.push(tag.to_owned());
    }
    around
}

async fn list(client: &ApiClient<'_, impl Api>) -> Result<FacadeReply> {
    let surroundings = Surroundings::of(client).await?;
    let url = "/v1/exports?tag=latest&to=langwatch";
    let out = match client.get_unread(url).await {
        Ok(exports) => exported(&surroundings, &exports)?,
        Err(error) if matches!(error.code().status(), 404 | 502 | 503) => {
            // An origin of an earlier release has no such route, and a copy of its snapshot may be at hand.
            let url = "/v1/snapshot?tag=latest&about=true";
            let snapshot = client.get_unread(url).await.map_err(too_long)?;
            translated(client, &surroundings, &snapshot)?
        }
        Err(error) => return Err(too_long(error)),
    };
    Ok(FacadeReply::written(200, out))
}

fn too_long(error: Error) -> Error {
    match error.code() {
        Code::LimitExceeded => {
            let detail = "the prompts together are too long for this list, which has every content: \
                `GET /v1/prompts` lists their names, and each can be read";
            Error::new(Code::LimitExceeded, detail)
        }
        _ => error,
    }
}

/// The list of all prompts, the newest first, from contents in LangWatch's shape.
fn exported(surroundings: &Surroundings, exports: &UnreadAnswer) -> Result<String> {
    let Listed::<ExportedVersion<'_>> { mut prompts } = exports.read()?;
    // Sorted by slug so far, which stays so for equal times.
    prompts.sort_by(|a, b| b.created_at().cmp(a.created_at()));
    let mut out = String::new();
    write_list(&mut out, prompts, |out, prompt| {
        surroundings.write_exported(prompt, out)
    })?;
    Ok(out)
}

/// The same from documents.
fn translated(
    client: &ApiClient<'_, impl Api>,
    surroundings: &Surroundings,
    snapshot: &UnreadAnswer,
) -> Result<String> {
    let Listed::<&RawValue> { prompts } = snapshot.read()?;
    let prompts = prompts.iter().map(|json| ListedVersion::of(json.get()));
    let mut prompts: Vec<ListedVersion<'_>> = prompts.collect::<Result<_>>()?;
    prompts.sort_by(|a, b| b.created_at().cmp(a.created_at()));
    let mut out = String::new();
    write_list(&mut out, prompts, |out, prompt| {
        surroundings.write_unread(client, prompt, None, out)
    })?;
    Ok(out)
}

async fn versions(client: &ApiClient<'_, impl Api>, slug: &str) -> Result<FacadeReply> {
    let mut surroundings = Surroundings::of(client).await?;
    let pages = client.pages(&format!("{}/versions", prompt(slug))).await?;
    let about = client.about(slug).await?;
    let pages = pages.iter().map(|page| {
        let UnreadVersions { versions } = page.read()?;
        Ok(versions)
    });
    let versions: Vec<Vec<&RawValue>> = pages.collect::<Result<_>>()?;
    let versions = versions.iter().flatten();
    let mut versions = versions
        .map(|version| ListedVersion::of(version.get()))
        .peekable();
    if let Some(Ok(newest)) = versions.peek() {
        surroundings.around.updated = Some(newest.created_at().to_owned());
    }
    let about = About::of(&about)?;
    let mut out = String::new();
    write_list(&mut out, versions, |out, version| {
        surroundings.write_unread(client, version?, Some(&about), out)
    })?;
    Ok(FacadeReply::written(200, out))
}

/// The prompts of a snapshot or of exports.
#[derive(Deserialize)]
struct Listed<T> {
    prompts: Vec<T>,
}

#[derive(Deserialize)]
struct UnreadVersions<'a> {
    #[serde(borrow)]
    versions: Vec<&'a RawValue>,
}
