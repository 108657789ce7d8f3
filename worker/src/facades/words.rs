//! Shared by the facades: documents in and out.

use cuecard_prompt::{Code, Document, Error, Issue, Prompt, Result, System, Version};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The members beside the document in a version's JSON, in addition to those of every version.
const BESIDE: [&str; 8] = [
    "resolved",
    // In a history.
    "tags",
    "revision",
    // In a draft.
    "base",
    "updatedAt",
    "updatedBy",
    // In the answer to a commit.
    "created",
    "warnings",
];

/// A version's text field; empty where it is missing.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The document of a version's JSON.
pub(super) fn document(version: &Value) -> Result<Document> {
    let mut members = version.as_object().cloned().unwrap_or_default();
    members.retain(|key, _| {
        let key = key.as_str();
        !Version::MEMBERS.contains(&key) && !BESIDE.contains(&key)
    });
    Document::from_value(members.into())
}

/// A version as a system writes its content, and what that leaves out.
pub(super) fn export(version: &Value, system: System) -> Result<(Map<String, Value>, Vec<Issue>)> {
    let exported = document(version)?.export_to(system)?;
    Ok((members(exported.value)?, exported.losses))
}

/// A version as a system writes its content, without the losses.
pub(super) fn written(version: Value, system: System) -> Result<Map<String, Value>> {
    // The members beside the content are ignored.
    members(Document::from_stored(version)?.write_as(system)?)
}

fn members(exported: Value) -> Result<Map<String, Value>> {
    match exported {
        Value::Object(members) => Ok(members),
        _ => Err(Error::new(Code::Internal, "an export is an object")),
    }
}

/// Completes new content with fields that its system lacks, from the version before, so that a change made there does
/// not undo one made elsewhere. The metadata that `system` keeps belongs to the content it came with.
pub(super) fn carry(
    document: Document,
    before: Option<&Value>,
    fields: &[&str],
    system: &str,
) -> Result<Value> {
    let mut new = document.to_value()?;
    let (Some(before), Some(members)) = (before, new.as_object_mut()) else {
        return Ok(new);
    };
    for field in fields {
        if let (Some(kept), false) = (before.get(*field), members.contains_key(*field)) {
            members.insert((*field).to_owned(), kept.clone());
        }
    }
    if let (Some(Value::Object(old)), true) = (before.get("metadata"), true) {
        let metadata = members
            .entry("metadata")
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(metadata) = metadata.as_object_mut() {
            for (key, value) in old {
                if !metadata.contains_key(key) && key != system {
                    metadata.insert(key.clone(), value.clone());
                }
            }
        }
        if members
            .get("metadata")
            .and_then(Value::as_object)
            .is_some_and(Map::is_empty)
        {
            members.shift_remove("metadata");
        }
    }
    // Inputs that were declared for other templates do not constrain the new ones.
    let compiles = Document::from_value(new.clone())
        .and_then(|document| Prompt::compile(&document).map(|_| ()));
    if let Err(error) = compiles
        && error.code() == Code::TemplateUndefined
        && fields.contains(&"inputs")
        && let Some(members) = new.as_object_mut()
    {
        members.shift_remove("inputs");
    }
    Ok(new)
}

/// Sets an object's member.
pub(super) fn set(object: &mut Value, key: &str, value: impl Into<Value>) {
    if let Some(members) = object.as_object_mut() {
        members.insert(key.to_owned(), value.into());
    }
}

/// The same UUID (of version 8, RFC 9562) for the same parts.
pub(super) fn uuid(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let hex = format!("{:x}", hash.finalize());
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}
