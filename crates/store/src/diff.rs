//! The difference between two versions, for people and for programs.

use std::collections::BTreeSet;

use cuecard_prompt::{Document, Error, Result, Selector, Slug, VersionNumber, json};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::Store;
use crate::align::{Step, align};
use crate::context::Principal;
use crate::lookup;
use crate::resolve::{select, version_of};
use crate::sql::Sql;

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
    /// Whether lines and values were left out, because there are more than [`Self::MAX_BYTES`] of them.
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
        let (fields, messages) = difference(&before.document, &after.document)?;
        let mut diff = Diff {
            slug: slug.clone(),
            from: before.version,
            to: after.version,
            equal: before.hash == after.hash,
            summary: summary(&fields, &messages),
            fields,
            messages,
            truncated: false,
        };
        diff.truncate();
        Ok(diff)
    }
}

impl Diff {
    /// The most bytes of lines and values, approximately.
    pub const MAX_BYTES: usize = 1 << 20;

    /// Leaves out the lines and values beyond the limit; the kind of each change stays.
    fn truncate(&mut self) {
        let mut left = Self::MAX_BYTES;
        for message in &mut self.messages {
            let bytes = message.lines.iter().map(|line| line.text.len() + 32).sum();
            if !spend(&mut left, bytes) {
                message.lines.clear();
                self.truncated = true;
            }
        }
        let inside = self
            .messages
            .iter_mut()
            .flat_map(|message| &mut message.fields);
        for field in self.fields.iter_mut().chain(inside) {
            let values = [&field.before, &field.after].into_iter().flatten();
            if !spend(&mut left, values.map(|value| json::text(value).len()).sum()) {
                (field.before, field.after) = (None, None);
                self.truncated = true;
            }
        }
    }
}

/// Takes that many bytes from the rest, if there are as many.
fn spend(left: &mut usize, bytes: usize) -> bool {
    let rest = left.checked_sub(bytes);
    *left = rest.unwrap_or(*left);
    rest.is_some()
}

/// The difference between two documents: fields, messages.
pub(crate) fn difference(
    before: &Document,
    after: &Document,
) -> Result<(Vec<FieldChange>, Vec<MessageChange>)> {
    let (mut before, mut after) = (object(before)?, object(after)?);
    let old = messages_of(before.remove("messages"));
    let new = messages_of(after.remove("messages"));
    let mut fields = Vec::new();
    compare_objects("", &before, &after, &mut fields);
    Ok((fields, compare_messages(&old, &new)))
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

fn compare_objects(
    path: &str,
    before: &Map<String, Json>,
    after: &Map<String, Json>,
    changes: &mut Vec<FieldChange>,
) {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        compare(path, before.get(name), after.get(name), changes);
    }
}

fn compare(
    path: String,
    before: Option<&Json>,
    after: Option<&Json>,
    changes: &mut Vec<FieldChange>,
) {
    let kind = match (before, after) {
        (Some(before), Some(after)) if before == after => return,
        (Some(Json::Object(before)), Some(Json::Object(after))) => {
            return compare_objects(&path, before, after, changes);
        }
        (Some(Json::Array(old)), Some(Json::Array(new))) => {
            // Lists of named items are compared by name, unless only their order changed.
            if let (Some(old), Some(new)) = (by_name(old), by_name(new)) {
                let count = changes.len();
                compare_objects(&path, &old, &new, changes);
                if changes.len() > count {
                    return;
                }
            }
            ChangeKind::Changed
        }
        (Some(_), Some(_)) => ChangeKind::Changed,
        (None, Some(_)) => ChangeKind::Added,
        (Some(_), None) => ChangeKind::Removed,
        (None, None) => return,
    };
    changes.push(FieldChange {
        field: path,
        kind,
        before: before.cloned(),
        after: after.cloned(),
    });
}

/// A list as an object, where each item has another `name` or `id`; a tool's name is in its `function`.
fn by_name(list: &[Json]) -> Option<Map<String, Json>> {
    let mut object = Map::new();
    for item in list {
        let function = item.get("function").unwrap_or(item);
        let name = function.get("name").or_else(|| item.get("id"))?.as_str()?;
        if object.insert(name.to_owned(), item.clone()).is_some() {
            return None;
        }
    }
    Some(object)
}

fn compare_messages(old: &[Map<String, Json>], new: &[Map<String, Json>]) -> Vec<MessageChange> {
    let mut changes = Vec::new();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for step in align(old, new) {
        match step {
            Step::Remove(at) => removed.extend(old.get(at).map(|message| (at, message))),
            Step::Add(at) => added.extend(new.get(at).map(|message| (at, message))),
            Step::Keep(before, after) => {
                pair_up(&mut removed, &mut added, &mut changes);
                changes.push(MessageChange {
                    kind: ChangeKind::Same,
                    role: role(old.get(before)),
                    before: Some(before),
                    after: Some(after),
                    fields: Vec::new(),
                    lines: Vec::new(),
                });
            }
        }
    }
    pair_up(&mut removed, &mut added, &mut changes);
    changes
}

type Numbered<'a> = (usize, &'a Map<String, Json>);

/// Between two unchanged messages, a removed and an added one of the same role count as one that changed.
fn pair_up<'a>(
    removed: &mut Vec<Numbered<'a>>,
    added: &mut Vec<Numbered<'a>>,
    changes: &mut Vec<MessageChange>,
) {
    let roles = |messages: &[Numbered<'a>]| -> Vec<Option<&'a Json>> {
        messages
            .iter()
            .map(|(_, message)| message.get("role"))
            .collect()
    };
    let steps = align(&roles(removed), &roles(added));
    changes.extend(steps.into_iter().map(|step| match step {
        Step::Keep(old, new) => message_change(removed.get(old), added.get(new)),
        Step::Remove(old) => message_change(removed.get(old), None),
        Step::Add(new) => message_change(None, added.get(new)),
    }));
    removed.clear();
    added.clear();
}

fn message_change(before: Option<&Numbered<'_>>, after: Option<&Numbered<'_>>) -> MessageChange {
    let (old, new) = (before.map(|(_, m)| *m), after.map(|(_, m)| *m));
    let kind = match (old, new) {
        (Some(_), Some(_)) => ChangeKind::Changed,
        (Some(_), None) => ChangeKind::Removed,
        _ => ChangeKind::Added,
    };
    let mut fields = Vec::new();
    if let (Some(old), Some(new)) = (old, new) {
        let others = |message: &Map<String, Json>| {
            let mut message = message.clone();
            message.remove("content");
            message
        };
        compare_objects("", &others(old), &others(new), &mut fields);
    }
    let lines = match (lines_of(old), lines_of(new)) {
        (old, new) if old == new => Vec::new(),
        (old, new) => compare_lines(&old, &new),
    };
    MessageChange {
        kind,
        role: role(new.or(old)),
        before: before.map(|(at, _)| *at),
        after: after.map(|(at, _)| *at),
        fields,
        lines,
    }
}

fn role(message: Option<&Map<String, Json>>) -> String {
    let role = message.and_then(|message| message.get("role")?.as_str());
    role.unwrap_or_default().to_owned()
}

fn lines_of(message: Option<&Map<String, Json>>) -> Vec<String> {
    let lines = |text: &str| -> Vec<String> { text.split('\n').map(str::to_owned).collect() };
    match message.and_then(|message| message.get("content")) {
        Some(Json::String(text)) => lines(text),
        Some(Json::Array(parts)) => {
            let part = |part: &Json| match part.get("text").and_then(Json::as_str) {
                Some(text) => lines(text),
                None => {
                    let image = part.get("image").and_then(Json::as_str);
                    vec![format!("[image] {}", image.unwrap_or_default())]
                }
            };
            parts.iter().flat_map(part).collect()
        }
        _ => Vec::new(),
    }
}

fn compare_lines(old: &[String], new: &[String]) -> Vec<Line> {
    let steps = align(old, new).into_iter();
    let line = |step| {
        let (kind, text) = match step {
            Step::Keep(at, _) => (ChangeKind::Same, old.get(at)),
            Step::Remove(at) => (ChangeKind::Removed, old.get(at)),
            Step::Add(at) => (ChangeKind::Added, new.get(at)),
        };
        let text = text.cloned().unwrap_or_default();
        Line { kind, text }
    };
    steps.map(line).collect()
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
