//! A version as LangWatch's API writes it. Its clients require some fields always and fail on null in others.

use std::borrow::Cow;

use cuecard_prompt::{Code, Error, Result, Slug, System};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::facades::Api;
use crate::facades::api_client::{ApiClient, unusable};
use crate::facades::words::{text, written};
use crate::hex::hex;

/// The facts around a version.
pub(super) struct Surroundings {
    organization: String,
    project: String,
    /// Its Python client cannot read the response format that LangWatch sends; the outputs carry the same.
    is_python: bool,
    pub(super) around: Around,
}

/// The facts that a version does not carry itself.
#[derive(Default)]
pub(super) struct Around {
    /// Tags of the version, if the store does not give them.
    pub(super) tags: Vec<String>,
    /// `project` or `organization`, likewise.
    pub(super) scope: String,
    /// Its handle, if its slug differs.
    pub(super) handle: Option<String>,
    /// When the newest version was made, if the version is another.
    pub(super) updated: Option<String>,
}

impl Surroundings {
    pub(super) async fn of(client: &ApiClient<'_, impl Api>) -> Result<Self> {
        let own = client.own().await?;
        Ok(Self {
            organization: text(&own, "organization").to_owned(),
            project: text(&own, "project").to_owned(),
            is_python: client.agent.contains("python"),
            around: Around::default(),
        })
    }

    /// `about`: the store's facts of the prompt, if they were asked for.
    pub(super) fn write(
        &self,
        client: &ApiClient<'_, impl Api>,
        version: &Value,
        about: Option<&Value>,
    ) -> Result<String> {
        let about = about.map(About::of).transpose()?;
        let facts = VersionFacts::deserialize(version).map_err(|_| unusable())?;
        let content = || Ok(version.clone());
        let mut out = String::new();
        self.write_facts(client, facts, about.as_ref(), content, &mut out)?;
        Ok(out)
    }

    /// The same for a version of a list. Its content is parsed only if its shape is not kept.
    pub(super) fn write_unread(
        &self,
        client: &ApiClient<'_, impl Api>,
        version: ListedVersion<'_>,
        about: Option<&About<'_>>,
        out: &mut String,
    ) -> Result<()> {
        let ListedVersion { facts, json } = version;
        self.write_facts(client, facts, about, || read(json), out)
    }

    /// The same for a version whose content came in LangWatch's shape.
    pub(super) fn write_exported(
        &self,
        version: ExportedVersion<'_>,
        out: &mut String,
    ) -> Result<()> {
        let ExportedVersion(facts) = version;
        let shape = facts.prompt.ok_or_else(unusable)?.get();
        // What only a parse can tell is rare in a list.
        let differs = |member| self.is_python && shape.contains(member);
        if differs(r#""responseFormat":"#) || differs(r#""columnTypes":"#) {
            let content = self.completed(read(shape)?);
            return self.write_around(facts, None, false, &content, out);
        }
        let content = shape.get(1..shape.len() - 1).unwrap_or_default();
        if content.starts_with(r#""model":"#) {
            return self.write_around(facts, None, false, content, out);
        }
        let content = format!(r#""model":"{NO_MODEL}",{content}"#);
        self.write_around(facts, None, false, &content, out)
    }

    fn write_facts(
        &self,
        client: &ApiClient<'_, impl Api>,
        version: VersionFacts<'_>,
        about: Option<&About<'_>>,
        parsed: impl Fn() -> Result<Value>,
        out: &mut String,
    ) -> Result<()> {
        let reader = if self.is_python { "python" } else { "any" };
        let key = format!("{} langwatch {reader} {}", self.organization, version.hash);
        let content = client.shaped(&key, || self.content(parsed()?))?;
        // Where neither says so, the version was marked.
        let is_untold = about.or(version.about.as_ref()).is_none() && self.around.scope.is_empty();
        let is_marked = is_untold
            && parsed()?.pointer("/metadata/langwatch/scope") == Some(&json!("ORGANIZATION"));
        self.write_around(version, about, is_marked, &content, out)
    }

    /// Writes a content, which has no braces, and what is told beside it.
    fn write_around(
        &self,
        version: VersionFacts<'_>,
        about: Option<&About<'_>>,
        is_marked: bool,
        content: &str,
        out: &mut String,
    ) -> Result<()> {
        let about = about.or(version.about.as_ref());
        let shared_as = about.and_then(|about| about.shared_as.as_deref());
        let handle = shared_as.or(self.around.handle.as_deref());
        let handle = handle.unwrap_or(&version.slug);
        let tags = self.tags(version.version, about).into_iter();
        let head = ShapeFacts {
            id: id_of(&version.slug),
            handle,
            name: handle,
            scope: match about.map_or(self.around.scope.as_str(), |about| &about.scope) {
                "organization" => "ORGANIZATION",
                _ if is_marked => "ORGANIZATION",
                _ => "PROJECT",
            },
            project_id: &self.project,
            organization_id: &self.organization,
            version: version.version,
            version_id: &version.id,
            updated_at: self.around.updated.as_ref().unwrap_or(&version.created_at),
            created_at: &version.created_at,
            deleted_at: (),
            tags: tags
                .map(|name| TaggedAs {
                    name,
                    version_id: &version.id,
                })
                .collect(),
            commit_message: version.commit_message.as_deref(),
            author_id: version.author.as_deref(),
        };
        let head = serde_json::to_string(&head)
            .map_err(|_| Error::new(Code::Internal, "a prompt cannot be written"))?;
        out.push('{');
        out.push_str(content);
        out.push(',');
        out.push_str(head.get(1..).unwrap_or_default());
        Ok(())
    }

    /// The members that depend on the version's content alone, without the braces.
    fn content(&self, version: Value) -> Result<String> {
        Ok(self.completed(written(version, System::Langwatch)?))
    }

    fn completed(&self, mut object: Map<String, Value>) -> String {
        if self.is_python {
            object.shift_remove("responseFormat");
            without_types(object.get_mut("demonstrations"));
        }
        // Its clients refuse an empty name; a model of that name counts as none when it is written.
        object.entry("model").or_insert_with(|| json!(NO_MODEL));
        let text = Value::Object(object).to_string();
        text.get(1..text.len() - 1).unwrap_or_default().to_owned()
    }

    fn tags<'a>(&'a self, version: u64, about: Option<&'a About<'_>>) -> Vec<&'a str> {
        let Some(about) = about else {
            return self.around.tags.iter().map(String::as_str).collect();
        };
        let latest = (about.latest == version).then_some("latest");
        let here = about.tags.iter().filter(|tag| tag.version == version);
        latest
            .into_iter()
            .chain(here.map(|tag| &*tag.tag))
            .collect()
    }
}

/// The model of a prompt that names none.
const NO_MODEL: &str = "default";

/// A version of the list of all prompts, whose content is in LangWatch's shape.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct ExportedVersion<'a>(#[serde(borrow)] VersionFacts<'a>);

impl ExportedVersion<'_> {
    pub(super) fn created_at(&self) -> &str {
        &self.0.created_at
    }
}

/// A version of a list, whose content is not parsed yet.
pub(super) struct ListedVersion<'a> {
    facts: VersionFacts<'a>,
    json: &'a str,
}

impl<'a> ListedVersion<'a> {
    pub(super) fn of(json: &'a str) -> Result<Self> {
        let facts = read(json)?;
        Ok(Self { facts, json })
    }

    pub(super) fn created_at(&self) -> &str {
        &self.facts.created_at
    }
}

/// A version without its content.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionFacts<'a> {
    #[serde(borrow)]
    slug: Cow<'a, str>,
    version: u64,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    hash: Cow<'a, str>,
    created_at: String,
    #[serde(borrow)]
    commit_message: Option<Cow<'a, str>>,
    #[serde(borrow)]
    author: Option<Cow<'a, str>>,
    #[serde(borrow)]
    about: Option<About<'a>>,
    /// The content, in an export.
    #[serde(borrow)]
    prompt: Option<&'a RawValue>,
}

/// The store's facts of a prompt that are read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct About<'a> {
    latest: u64,
    #[serde(borrow)]
    tags: Vec<TagAt<'a>>,
    #[serde(borrow)]
    scope: Cow<'a, str>,
    #[serde(borrow)]
    shared_as: Option<Cow<'a, str>>,
}

impl<'a> About<'a> {
    pub(super) fn of(about: &'a Value) -> Result<Self> {
        Self::deserialize(about).map_err(|_| unusable())
    }
}

#[derive(Deserialize)]
struct TagAt<'a> {
    #[serde(borrow)]
    tag: Cow<'a, str>,
    version: u64,
}

/// The members beside the content.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShapeFacts<'a> {
    id: String,
    handle: &'a str,
    name: &'a str,
    scope: &'static str,
    project_id: &'a str,
    organization_id: &'a str,
    version: u64,
    version_id: &'a str,
    updated_at: &'a str,
    created_at: &'a str,
    deleted_at: (),
    tags: Vec<TaggedAs<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TaggedAs<'a> {
    name: &'a str,
    version_id: &'a str,
}

/// Parses part of an answer of Cuecard's.
pub(super) fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T> {
    serde_json::from_str(json).map_err(|_| unusable())
}

/// The Python client reads no types of columns but `string`, so it gets the table only as the documentation has it.
fn without_types(demonstrations: Option<&mut Value>) {
    let Some(demonstrations) = demonstrations.and_then(Value::as_object_mut) else {
        return;
    };
    let types = demonstrations
        .get("inline")
        .and_then(|inline| inline.get("columnTypes"));
    let types = types.and_then(Value::as_array).into_iter().flatten();
    if !types.clone().all(|column| text(column, "type") == "string") {
        demonstrations.shift_remove("inline");
    }
}

/// An id that names its prompt, so that it can be read without a look-up.
pub(super) fn id_of(slug: &str) -> String {
    format!("prompt_{}", hex(slug.as_bytes()))
}

/// The slug of an id or a handle.
pub(super) fn slug_of(id: &str) -> String {
    let named = || {
        let hex = id.strip_prefix("prompt_")?.as_bytes();
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let byte = |pair: &[u8]| match pair {
            [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = hex.chunks(2).map(byte).collect();
        let slug = String::from_utf8(bytes?).ok()?;
        Slug::parse(slug.as_str()).is_ok().then_some(slug)
    };
    named().unwrap_or_else(|| id.to_owned())
}
