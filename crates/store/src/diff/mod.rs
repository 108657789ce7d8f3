//! The difference between two versions, for people and for programs.

mod align;
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
use align::MAX_PAIRS;
use fields::{compare_fields, members};
use messages::compare_messages;

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

/// The kind of a change.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// None.
    Same,
    /// Only in the later version.
    Added,
    /// Only in the earlier version.
    Removed,
    /// In both, and different.
    Changed,
}

/// A field that changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// The path: `model`, `parameters.temperature`, `inputs.customer.type`. Items with a name or an id are named by it.
    pub field: String,
    /// The kind of the change.
    pub kind: ChangeKind,
    /// The earlier value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Json>,
    /// The later value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Json>,
}

/// The change of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MessageChange {
    /// The kind of the change.
    pub kind: ChangeKind,
    /// Its role; the later one if that changed.
    pub role: String,
    /// Its index in the earlier version, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<usize>,
    /// Its index in the later version, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<usize>,
    /// Changes besides the content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// The content line by line; empty if it is equal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
}

/// A line of a message's content. An image part is the line `[image] ` and its template.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Line {
    /// `same`, `added` or `removed`.
    pub kind: ChangeKind,
    /// The line, without its end.
    pub text: String,
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
    pub const MAX_BYTES: usize = 1 << 20;
}

/// What the lines and values of a difference may still take.
struct Room {
    bytes: usize,
    /// Pairs of lines that may be compared.
    pairs: usize,
    /// Whether something did not find room.
    exceeded: bool,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            bytes: Diff::MAX_BYTES,
            pairs: MAX_PAIRS,
            exceeded: false,
        }
    }
}

impl Room {
    /// Whether there is room for so many bytes.
    fn has(&mut self, bytes: usize) -> bool {
        let has = bytes <= self.bytes;
        self.exceeded |= !has;
        has
    }

    /// Takes so many bytes, if there are as many.
    fn take(&mut self, bytes: usize) -> bool {
        let has = self.has(bytes);
        self.bytes -= if has { bytes } else { 0 };
        has
    }
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
