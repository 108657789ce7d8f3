//! Changes of a prompt as a whole, in a `PATCH` or with a commit.

use cuecard_prompt::{Error, Slug};
use cuecard_store::{PromptPatch, Scope};
use serde_json::{Map, Value};

use super::body::{BodyFields, Read, parsed, removable, text};

/// The changes, as a member of a commit.
pub(crate) fn about(value: &Value) -> Read<PromptPatch> {
    let whole = |error: Error| match error.issues() {
        [issue, ..] => format!(
            "{}: {}",
            issue.pointer,
            issue.expected.as_deref().unwrap_or(&issue.message)
        ),
        [] => error.detail().to_owned(),
    };
    let mut fields = BodyFields::of(value.clone()).map_err(whole)?;
    let patch = read(&mut fields);
    fields.finish(Some(patch)).map_err(whole)
}

/// Reads them from members of a body.
pub(crate) fn read(fields: &mut BodyFields) -> PromptPatch {
    PromptPatch {
        name: fields.optional("name", removable(text(200))),
        description: fields.optional("description", removable(text(4000))),
        scope: fields.optional("scope", scope),
        labels: fields.optional("labels", members),
        slug: fields.optional("slug", parsed(Slug::parse)),
    }
}

fn members(value: &Value) -> Read<Map<String, Value>> {
    let members = value.as_object().cloned();
    members.ok_or_else(|| "an object".to_owned())
}

fn scope(value: &Value) -> Read<Scope> {
    serde_json::from_value(value.clone()).map_err(|_| "`project` or `organization`".to_owned())
}
