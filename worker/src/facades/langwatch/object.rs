//! A version as LangWatch's API writes it. Its clients require some fields always and fail on null in others.

use cuecard_prompt::{Result, Slug, System};
use serde_json::{Value, json};

use crate::facades::Api;
use crate::facades::api_client::ApiClient;
use crate::facades::words::{text, written};
use crate::hex::hex;

/// The facts around a version.
pub(super) struct Surroundings {
    organization: String,
    project: String,
    /// Its Python client cannot read the response format that LangWatch sends; the outputs carry the same.
    is_python: bool,
    /// Tags of the version, if the store does not give them.
    pub(super) tags: Vec<String>,
    /// `project` or `organization`, likewise.
    pub(super) scope: String,
    /// Its handle, if its slug differs.
    pub(super) handle: Option<String>,
    /// When the newest version was made, if the version is another.
    pub(super) updated: Option<String>,
}

/// The facts that a version does not carry itself.
#[derive(Default)]
pub(super) struct Around {
    pub(super) tags: Vec<String>,
    pub(super) scope: String,
    pub(super) handle: Option<String>,
    pub(super) updated: Option<String>,
}

impl Surroundings {
    pub(super) async fn of(client: &ApiClient<'_, impl Api>) -> Result<Self> {
        let own = client.own().await?;
        Ok(Self {
            organization: text(&own, "organization").to_owned(),
            project: text(&own, "project").to_owned(),
            is_python: client.agent.contains("python"),
            tags: Vec::new(),
            scope: String::new(),
            handle: None,
            updated: None,
        })
    }

    /// With the facts that copies carry of the prompt.
    pub(super) fn note(&mut self, around: Around) {
        self.tags = around.tags;
        self.scope = around.scope;
        self.handle = around.handle;
        self.updated = around.updated;
    }

    /// `about`: the store's facts of the prompt, if they were asked for.
    pub(super) fn write(&self, mut version: Value, about: Option<&Value>) -> Result<Value> {
        let mut stated = |key: &str| {
            version
                .as_object_mut()
                .and_then(|all| all.shift_remove(key))
        };
        let mut text_of = |key: &str| match stated(key) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        let (slug, id, created) = (text_of("slug"), text_of("id"), text_of("createdAt"));
        let (message, author) = (stated("commitMessage"), stated("author"));
        let number = stated("version").unwrap_or_default();
        let shared = self.is_shared(&version, about);
        let tags = self.tags(&number, about).into_iter();
        let tags: Value = tags
            .map(|tag| json!({ "name": tag, "versionId": id }))
            .collect();
        let mut object = written(version, System::Langwatch)?;
        if self.is_python {
            object.shift_remove("responseFormat");
            without_types(object.get_mut("demonstrations"));
        }
        let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
        put("id", id_of(&slug).into());
        let shared_as = about.and_then(|about| about.get("sharedAs")?.as_str());
        let handle = shared_as.or(self.handle.as_deref()).unwrap_or(&slug);
        put("handle", handle.into());
        put("name", handle.into());
        put(
            "scope",
            if shared { "ORGANIZATION" } else { "PROJECT" }.into(),
        );
        put("projectId", self.project.as_str().into());
        put("organizationId", self.organization.as_str().into());
        put("version", number);
        put("versionId", id.into());
        let updated = self.updated.as_ref().unwrap_or(&created);
        put("updatedAt", updated.as_str().into());
        put("createdAt", created.into());
        put("deletedAt", Value::Null);
        put("tags", tags);
        for (key, value) in [("commitMessage", message), ("authorId", author)] {
            value.map(|value| put(key, value));
        }
        // Its clients refuse an empty name; a model of that name counts as none when it is written.
        object.entry("model").or_insert_with(|| json!("default"));
        Ok(object.into())
    }

    fn tags(&self, number: &Value, about: Option<&Value>) -> Vec<String> {
        let Some(about) = about else {
            return self.tags.clone();
        };
        let number = Some(number);
        let latest = (about.get("latest") == number).then(|| "latest".to_owned());
        let tags = about.get("tags").and_then(Value::as_array);
        let here = tags
            .into_iter()
            .flatten()
            .filter(|tag| tag.get("version") == number)
            .map(|tag| text(tag, "tag").to_owned());
        latest.into_iter().chain(here).collect()
    }

    fn is_shared(&self, version: &Value, about: Option<&Value>) -> bool {
        match about.map_or(self.scope.as_str(), |about| text(about, "scope")) {
            // If neither is at hand, the version was marked.
            "" => version.pointer("/metadata/langwatch/scope") == Some(&json!("ORGANIZATION")),
            scope => scope == "organization",
        }
    }
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
