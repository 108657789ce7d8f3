//! The difference between two versions, for people and for programs.

mod align;
mod change;
mod fields;
mod messages;

use cuecard_prompt::{Document, Error, Result, Selector, Slug, VersionNumber};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::Store;
use crate::context::Principal;
use crate::lookup;
use crate::resolve::{select, version_of};
use crate::sql::Sql;
use change::{MAX_BYTES, Room};
use fields::{compare_fields, members};
use messages::compare_messages;

pub use change::{ChangeKind, FieldChange, Line, MessageChange};

/// The difference between two versions of a prompt.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diff {
    /// The prompt.
    pub slug: Slug,
    /// The earlier version.
    pub from: VersionNumber,
    /// The later version.
    pub to: VersionNumber,
    /// Whether the content is equal.
    pub equal: bool,
    /// One line for people: `2 fields changed, 1 message added`.
    pub summary: String,
    /// Changes outside the messages.
    pub fields: Vec<FieldChange>,
    /// All messages, in order, unchanged ones too.
    pub messages: Vec<MessageChange>,
    /// Whether lines, values and fields inside of fields were left out, because there are more than
    /// [`Self::MAX_BYTES`] of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

impl<S: Sql> Store<S> {
    /// The difference between two versions of a prompt.
    ///
    /// # Errors
    /// `prompt_not_found`, `tag_not_found`, `version_not_found`
    pub fn diff(
        &self,
        actor: &Principal,
        slug: &Slug,
        from: &Selector,
        to: &Selector,
    ) -> Result<Diff> {
        let found = lookup::readable(&self.sql, actor, slug)?;
        let version = |selector| {
            let (number, _) = select(&self.sql, &found, slug, selector)?;
            version_of(&self.sql, found.id, slug, number)?
                .version
                .read()
        };
        let (before, after) = (version(from)?, version(to)?);
        let mut room = Room::default();
        let (fields, messages) = difference(&before.document, &after.document, &mut room)?;
        Ok(Diff {
            slug: slug.clone(),
            from: before.version,
            to: after.version,
            equal: before.hash == after.hash,
            summary: summary(&fields, &messages),
            fields,
            messages,
            truncated: room.exceeded,
        })
    }
}

impl Diff {
    /// The most bytes of lines, and of values with the paths of their fields, approximately.
    pub const MAX_BYTES: usize = MAX_BYTES;
}

/// The difference between two documents: fields, messages.
fn difference(
    before: &Document,
    after: &Document,
    room: &mut Room,
) -> Result<(Vec<FieldChange>, Vec<MessageChange>)> {
    let (mut before, mut after) = (object(before)?, object(after)?);
    let old = messages_of(before.remove("messages"));
    let new = messages_of(after.remove("messages"));
    let messages = compare_messages(&old, &new, room);
    let fields = compare_fields(members(&before), members(&after), room);
    Ok((fields, messages))
}

fn object(document: &Document) -> Result<Map<String, Json>> {
    match serde_json::to_value(document) {
        Ok(Json::Object(object)) => Ok(object),
        _ => Err(Error::new(
            cuecard_prompt::Code::Internal,
            "a document is no object",
        )),
    }
}

fn messages_of(value: Option<Json>) -> Vec<Map<String, Json>> {
    let list = match value {
        Some(Json::Array(list)) => list,
        _ => Vec::new(),
    };
    let object = |message| match message {
        Json::Object(object) => Some(object),
        _ => None,
    };
    list.into_iter().filter_map(object).collect()
}

fn summary(fields: &[FieldChange], messages: &[MessageChange]) -> String {
    let fields = fields.iter().map(|field| ("field", field.kind));
    let changed = messages.iter().filter(|m| m.kind != ChangeKind::Same);
    let all: Vec<_> = fields.chain(changed.map(|m| ("message", m.kind))).collect();
    let mut parts = Vec::new();
    for what in ["field", "message"] {
        for (kind, verb) in [
            (ChangeKind::Changed, "changed"),
            (ChangeKind::Added, "added"),
            (ChangeKind::Removed, "removed"),
        ] {
            match all.iter().filter(|one| **one == (what, kind)).count() {
                0 => {}
                1 => parts.push(format!("1 {what} {verb}")),
                count => parts.push(format!("{count} {what}s {verb}")),
            }
        }
    }
    if parts.is_empty() {
        "no difference".to_owned()
    } else {
        parts.join(", ")
    }
}
