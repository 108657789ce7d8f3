//! The difference between two lists of messages.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use super::align::{MAX_PAIRS, Step, align};
use super::change::{ChangeKind, Line, MessageChange, Room};
use super::fields::{Members, compare_fields, members};

/// All messages, in order, each with what changed.
pub(super) fn compare_messages(
    old: &[Map<String, Json>],
    new: &[Map<String, Json>],
    room: &mut Room,
) -> Vec<MessageChange> {
    let mut changes = Vec::new();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for step in align(old, new, &mut { MAX_PAIRS }) {
        match step {
            Step::Remove(at) => removed.extend(old.get(at).map(|message| (at, message))),
            Step::Add(at) => added.extend(new.get(at).map(|message| (at, message))),
            Step::Keep(before, after) => {
                pair_up(&mut removed, &mut added, &mut changes, room);
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
    pair_up(&mut removed, &mut added, &mut changes, room);
    changes
}

type Numbered<'a> = (usize, &'a Map<String, Json>);

/// Between two unchanged messages, a removed and an added one of the same role count as one that changed.
fn pair_up<'a>(
    removed: &mut Vec<Numbered<'a>>,
    added: &mut Vec<Numbered<'a>>,
    changes: &mut Vec<MessageChange>,
    room: &mut Room,
) {
    let roles = |messages: &[Numbered<'a>]| -> Vec<Option<&'a Json>> {
        messages
            .iter()
            .map(|(_, message)| message.get("role"))
            .collect()
    };
    let steps = align(&roles(removed), &roles(added), &mut { MAX_PAIRS });
    changes.extend(steps.into_iter().map(|step| match step {
        Step::Keep(old, new) => message_change(removed.get(old), added.get(new), room),
        Step::Remove(old) => message_change(removed.get(old), None, room),
        Step::Add(new) => message_change(None, added.get(new), room),
    }));
    removed.clear();
    added.clear();
}

fn message_change(
    before: Option<&Numbered<'_>>,
    after: Option<&Numbered<'_>>,
    room: &mut Room,
) -> MessageChange {
    let (old, new) = (before.map(|(_, m)| *m), after.map(|(_, m)| *m));
    let kind = match (old, new) {
        (Some(_), Some(_)) => ChangeKind::Changed,
        (Some(_), None) => ChangeKind::Removed,
        _ => ChangeKind::Added,
    };
    let fields = match (old, new) {
        (Some(old), Some(new)) => compare_fields(others(old), others(new), room),
        _ => Vec::new(),
    };
    let (before_lines, after_lines) = (lines_of(old), lines_of(new));
    let lines = match before_lines == after_lines {
        true => Vec::new(),
        false => compare_lines(&before_lines, &after_lines, room),
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

/// What a message has beside its content.
fn others(message: &Map<String, Json>) -> Members<'_> {
    let mut others = members(message);
    others.remove("content");
    others
}

fn lines_of(message: Option<&Map<String, Json>>) -> Vec<Cow<'_, str>> {
    let mut lines = Vec::new();
    match message.and_then(|message| message.get("content")) {
        Some(Json::String(text)) => lines.extend(text.split('\n').map(Cow::Borrowed)),
        Some(Json::Array(parts)) => {
            for part in parts {
                if let Some(text) = part.get("text").and_then(Json::as_str) {
                    lines.extend(text.split('\n').map(Cow::Borrowed));
                } else {
                    let image = part.get("image").and_then(Json::as_str).unwrap_or_default();
                    lines.push(format!("[image] {image}").into());
                }
            }
        }
        _ => {}
    }
    lines
}

/// Bytes of a line beside its text.
const LINE: usize = 32;

fn compare_lines(old: &[Cow<'_, str>], new: &[Cow<'_, str>], room: &mut Room) -> Vec<Line> {
    // Every line of either is a line of the difference.
    if !room.has(LINE * old.len().max(new.len())) {
        return Vec::new();
    }
    let lines = align(old, new, &mut room.pairs)
        .into_iter()
        .map(|step| match step {
            Step::Keep(at, _) => (ChangeKind::Same, old.get(at)),
            Step::Remove(at) => (ChangeKind::Removed, old.get(at)),
            Step::Add(at) => (ChangeKind::Added, new.get(at)),
        });
    let lines: Vec<_> = lines
        .map(|(kind, text)| (kind, text.map(Cow::as_ref).unwrap_or_default()))
        .collect();
    if !room.take(lines.iter().map(|(_, text)| text.len() + LINE).sum()) {
        return Vec::new();
    }
    let line = |(kind, text): (ChangeKind, &str)| Line {
        kind,
        text: text.to_owned(),
    };
    lines.into_iter().map(line).collect()
}
