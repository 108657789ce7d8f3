//! Basalt: `/prompts…` with a bearer key. Version 3 is `3.0.0` there, and a reader who names none gets `production`.

use cuecard_prompt::{Code, Error, Prompt, Result, System, parse_version};
use serde_json::{Map, Value, json};

use super::api_client::{ApiAnswer, ApiClient, encode, prompt};
use super::spelling;
use super::words::{document, export, set, text, uuid};
use super::{Api, FacadeReply, bearer, body, encoded_path, no_route, query, sentence, status};
use crate::api::{ApiRequest, ApiResponse, percent_decode};

pub(super) async fn answer(request: &ApiRequest, api: &impl Api) -> ApiResponse {
    let client = ApiClient::new(api, bearer(request), request);
    let reply = match route(request, &client).await {
        Ok(reply) => reply,
        Err(error) => FacadeReply::new(status(&error), json!({ "error": sentence(&error) })),
    };
    client.labelled(reply).send()
}

async fn route(request: &ApiRequest, client: &ApiClient<'_, impl Api>) -> Result<FacadeReply> {
    client.admit(request).await?;
    // An encoded slash is part of a slug, which may end like a route.
    let path = encoded_path(request, "/prompts")?;
    let selector = (query(request, "version"), query(request, "tag"));
    let slug = |part: &str| percent_decode(part).unwrap_or_default();
    match (
        request.method.as_str(),
        path.strip_suffix("/describe"),
        path.strip_suffix("/publish"),
    ) {
        ("GET", _, _) if path.is_empty() => list(client, query(request, "featureSlug")).await,
        ("GET", Some(part), _) => describe(client, &slug(part), selector).await,
        ("POST", _, Some(part)) => publish(client, &slug(part), &body(request)?).await,
        ("GET", None, _) => get(client, &slug(path), selector, request).await,
        _ => Err(no_route()),
    }
}

type VersionAndTag = (Option<String>, Option<String>);

/// The version beats the tag, with a warning where that is of another one. Without either it is `production`.
async fn resolve(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    selector: VersionAndTag,
) -> Result<(ApiAnswer, Option<String>)> {
    let by_tag = |tag: &str| format!("tag={}", encode(&spelling::tag(tag)));
    let (version, tag) = match selector {
        (Some(version), tag) => (version, tag),
        (None, tag) => {
            let tag = tag.as_deref().unwrap_or("production");
            return Ok((client.resolve(slug, &by_tag(tag)).await?, None));
        }
    };
    let chosen = match version.as_str() {
        "latest" => by_tag("latest"),
        _ => format!("version={}", number(&version)?),
    };
    let answer = client.resolve(slug, &chosen).await?;
    let Some(tag) = tag else {
        return Ok((answer, None));
    };
    let agrees = match client.resolve(slug, &by_tag(&tag)).await {
        Ok(tagged) => tagged.json.get("version") == answer.json.get("version"),
        Err(error) => error.code() != Code::TagNotFound,
    };
    let warning = format!("the answer is the version `{version}`, not the tag `{tag}`");
    Ok((answer, (!agrees).then_some(warning)))
}

async fn get(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    selector: VersionAndTag,
    request: &ApiRequest,
) -> Result<FacadeReply> {
    let (answer, passed_over) = resolve(client, slug, selector).await?;
    let mut version = answer.json;
    // Its Python client renders only with variables, and a text has none: the other client takes it for a template.
    let is_text = version.pointer("/template/language") == Some(&json!("text"));
    if is_text && request.header("x-basalt-sdk-type") == Some("python") {
        set(&mut version, "template", json!({}));
    }
    let (mut prompt, mut losses) = export(&version, System::Basalt)?;
    // They are in the description of a prompt, which has more details of them.
    prompt.shift_remove("variables");
    losses.retain(|loss| !loss.pointer.starts_with("/inputs"));
    prompt.insert("version".to_owned(), name(version.get("version")).into());
    prompt.insert("slug".to_owned(), text(&version, "slug").into());
    if let Some(tag) = version.pointer("/resolved/tag").and_then(Value::as_str) {
        prompt.insert("tag".to_owned(), spelling::of_tag(tag).into());
    }
    let losses: Vec<String> = losses
        .iter()
        .map(|loss| format!("{}: {}", loss.pointer, loss.message))
        .collect();
    let left_out = (!losses.is_empty()).then(|| {
        let losses = losses.join("; ");
        format!("the answer leaves out parts of the prompt: {losses}")
    });
    let body = warned(json!({ "prompt": prompt }), [passed_over, left_out]);
    Ok(FacadeReply::new(200, body).with(answer.headers))
}

/// An answer that tells its reader of something.
fn warned(mut body: Value, warnings: [Option<String>; 2]) -> Value {
    let warnings: Vec<String> = warnings.into_iter().flatten().collect();
    if !warnings.is_empty() {
        set(&mut body, "warning", warnings.join(". "));
    }
    body
}

async fn describe(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    selector: VersionAndTag,
) -> Result<FacadeReply> {
    let (answer, passed_over) = resolve(client, slug, selector).await?;
    let version = &answer.json;
    let compiled = Prompt::compile(&document(version)?)?;
    let variable = |input: &cuecard_prompt::Input| {
        let mut variable = json!({ "label": input.name, "type": variable_type(input) });
        if let Some(description) = &input.description {
            set(&mut variable, "description", description.as_str());
        }
        variable
    };
    let mut described = item(&client.about(slug).await?);
    let variables: Value = compiled.inputs().iter().map(variable).collect();
    described.insert("variables".to_owned(), variables);
    described.insert("version".to_owned(), name(version.get("version")).into());
    if let Some(tag) = version.pointer("/resolved/tag").and_then(Value::as_str) {
        described.insert("tag".to_owned(), spelling::of_tag(tag).into());
    }
    let body = warned(json!({ "prompt": described }), [passed_over, None]);
    Ok(FacadeReply::new(200, body).with(answer.headers))
}

async fn list(client: &ApiClient<'_, impl Api>, feature: Option<String>) -> Result<FacadeReply> {
    let url = match feature {
        Some(feature) => format!("/v1/prompts?prefix={}%2F", encode(&feature)),
        None => "/v1/prompts".to_owned(),
    };
    let prompts = client.all(&url, "prompts").await?;
    let prompts: Vec<Value> = prompts.iter().map(|about| item(about).into()).collect();
    Ok(FacadeReply::new(200, json!({ "prompts": prompts })))
}

async fn publish(
    client: &ApiClient<'_, impl Api>,
    slug: &str,
    body: &Map<String, Value>,
) -> Result<FacadeReply> {
    let field = |key: &str| {
        let value = body.get(key).and_then(Value::as_str);
        value.filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let tag = field("newTag")
        .ok_or_else(|| Error::new(Code::QueryInvalid, "`newTag` is required, and not empty"))?;
    let url = |tag: &str| {
        let tag = spelling::tag(tag);
        format!("{}/tags/{}", prompt(slug), encode(&tag))
    };
    // From the store: a copy may be outdated.
    let pointed = async |from: &str| -> Result<Value> {
        if from == "latest" {
            let newest = client.newest(slug).await?;
            let newest = newest
                .ok_or_else(|| Error::new(Code::PromptNotFound, "there is no such prompt"))?;
            return Ok(newest.get("version").cloned().unwrap_or_default());
        }
        let pointer = client.get(&url(from)).await?.json;
        Ok(pointer.get("version").cloned().unwrap_or_default())
    };
    let version = field("version");
    let from = field("tag").or_else(|| version.is_none().then(|| "latest".to_owned()));
    let tagged = match from {
        Some(from) => Some(pointed(&from).await?),
        None => None,
    };
    let named = match version.as_deref() {
        Some("latest") => Some(pointed("latest").await?),
        Some(version) => Some(json!(number(version)?)),
        None => None,
    };
    if let (Some(named), Some(tagged)) = (&named, &tagged)
        && named != tagged
    {
        let detail = "`version` and `tag` are of two versions: name one of them";
        return Err(Error::new(Code::SelectorConflict, detail));
    }
    let version = named.or(tagged);
    let moved = json!({ "version": version });
    client.send("PUT", &url(&tag), Some(moved), None).await?;
    let body = json!({ "deploymentTag": { "id": uuid(&[slug, &tag]), "label": tag } });
    Ok(FacadeReply::new(201, body))
}

/// A prompt in a list.
fn item(about: &Value) -> Map<String, Value> {
    let latest = about.get("latest").and_then(Value::as_u64).unwrap_or(0);
    let removed = about.get("removed").and_then(Value::as_array);
    let removed: Vec<u64> = removed
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .collect();
    let there = (1..=latest)
        .rev()
        .filter(|number| !removed.contains(number));
    let versions: Vec<String> = there.map(|number| format!("{number}.0.0")).collect();
    let tags = about.get("tags").and_then(Value::as_array);
    let mut names = vec![json!("latest")];
    names.extend(
        tags.into_iter()
            .flatten()
            .filter_map(|tag| tag.get("tag")?.as_str())
            .map(|tag| spelling::of_tag(tag).into()),
    );
    let slug = text(about, "slug");
    let name = about.get("name").cloned().unwrap_or_else(|| slug.into());
    let item = [
        ("slug", json!(slug)),
        ("name", name),
        ("status", json!("live")),
        ("description", json!(text(about, "description"))),
        ("availableVersions", json!(versions)),
        ("availableTags", json!(names)),
    ];
    item.into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn variable_type(input: &cuecard_prompt::Input) -> &'static str {
    match input.r#type.as_str() {
        "int" | "float" => "number",
        "bool" => "boolean",
        "any" | "str" => "string",
        other => other,
    }
}

/// `3` as Basalt writes versions.
fn name(version: Option<&Value>) -> String {
    let number = version.and_then(Value::as_u64).unwrap_or_default();
    format!("{number}.0.0")
}

/// The number of `3.0.0` or `3`. No other version exists.
fn number(version: &str) -> Result<cuecard_prompt::VersionNumber> {
    parse_version(version.strip_suffix(".0.0").unwrap_or(version))
        .map_err(|_| Error::new(Code::VersionNotFound, "there is no such version"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::api::tests::Bench;
    use crate::facades::tests::ask;

    #[test]
    fn a_version_and_a_tag_of_two_versions() {
        let bench = Bench::new();
        bench.commit("x", "one");
        bench.commit("x", "two");
        let get = |url: &str| ask(&bench, "GET", url, None);
        for (selector, version, warns) in [
            ("version=2.0.0&tag=production", "2.0.0", true),
            ("version=latest&tag=production", "2.0.0", true),
            ("version=1.0.0&tag=none", "1.0.0", true),
            ("version=1.0.0&tag=production", "1.0.0", false),
            ("version=2.0.0&tag=latest", "2.0.0", false),
            ("version=2.0.0", "2.0.0", false),
            ("tag=production", "1.0.0", false),
            ("", "1.0.0", false),
        ] {
            for path in ["/prompts/x", "/prompts/x/describe"] {
                let (status, body) = get(&format!("{path}?{selector}"));
                assert_eq!(status, 200, "{selector}");
                assert_eq!(body["prompt"]["version"], version, "{selector}");
                let warning = body["warning"].as_str();
                assert_eq!(warning.is_some(), warns, "{path}?{selector}: {warning:?}");
            }
        }
        let publish = |body| ask(&bench, "POST", "/prompts/x/publish", Some(body));
        let (status, refused) =
            publish(json!({ "newTag": "a", "version": "2.0.0", "tag": "production" }));
        let told = refused["error"].as_str().unwrap();
        assert_eq!(
            (status, told.contains("two versions")),
            (400, true),
            "{told}"
        );
        assert_eq!(get("/prompts/x?tag=a").0, 404);
        for body in [
            json!({ "newTag": "a", "version": "1.0.0", "tag": "production" }),
            json!({ "newTag": "b", "version": "latest", "tag": "latest" }),
            json!({ "newTag": "c" }),
        ] {
            assert_eq!(publish(body).0, 201);
        }
        let at = |tag: &str| get(&format!("/prompts/x?tag={tag}")).1["prompt"]["version"].clone();
        assert_eq!([at("a"), at("b"), at("c")], ["1.0.0", "2.0.0", "2.0.0"]);
    }
}
