//! The difference between the fields of two objects.

use std::collections::{BTreeMap, BTreeSet};

use cuecard_prompt::json;
use serde_json::{Map, Value as Json};

use super::{ChangeKind, FieldChange, Room};

/// Values by name.
pub(super) type Members<'a> = BTreeMap<&'a str, &'a Json>;

/// The members of an object.
pub(super) fn members(object: &Map<String, Json>) -> Members<'_> {
    object
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .collect()
}

/// What changed, by path. What finds no room is told without its values, and an object that does not as a whole.
pub(super) fn compare_fields(
    before: Members<'_>,
    after: Members<'_>,
    room: &mut Room,
) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    for change in changed(&before, &after) {
        compare(change.name.to_owned(), &change, room, &mut changes);
    }
    changes
}

/// Bytes of a change beside its path and its values.
const CHANGE: usize = 32;

/// A member that changed.
struct Change<'a> {
    name: &'a str,
    before: Option<&'a Json>,
    after: Option<&'a Json>,
}

fn changed<'a>(before: &Members<'a>, after: &Members<'a>) -> Vec<Change<'a>> {
    let mut names: BTreeSet<&'a str> = BTreeSet::new();
    names.extend(before.keys());
    names.extend(after.keys());
    let changes = names.into_iter().map(|name| Change {
        name,
        before: before.get(name).copied(),
        after: after.get(name).copied(),
    });
    changes
        .filter(|change| change.before != change.after)
        .collect()
}

fn compare(path: String, change: &Change<'_>, room: &mut Room, changes: &mut Vec<FieldChange>) {
    let inside = match (change.before, change.after) {
        (Some(Json::Object(before)), Some(Json::Object(after))) => {
            changed(&members(before), &members(after))
        }
        // Lists of named items are compared by name, unless only their order changed.
        (Some(Json::Array(old)), Some(Json::Array(new))) => match (by_name(old), by_name(new)) {
            (Some(old), Some(new)) => changed(&old, &new),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let names: usize = inside.iter().map(|change| change.name.len()).sum();
    if !inside.is_empty() && room.take(names + inside.len() * (path.len() + CHANGE)) {
        for change in inside {
            compare(format!("{path}.{}", change.name), &change, room, changes);
        }
        return;
    }
    let values = [change.before, change.after].into_iter().flatten();
    let shown = inside.is_empty() && room.take(values.map(|value| json::text(value).len()).sum());
    let shown = |value: Option<&Json>| value.filter(|_| shown).cloned();
    changes.push(FieldChange {
        field: path,
        kind: match (change.before, change.after) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        },
        before: shown(change.before),
        after: shown(change.after),
    });
}

/// A list by name, where each item has another `name` or `id`; a tool's name is in its `function`.
fn by_name(list: &[Json]) -> Option<Members<'_>> {
    let mut members = Members::new();
    for item in list {
        let function = item.get("function").unwrap_or(item);
        let name = function.get("name").or_else(|| item.get("id"))?.as_str()?;
        if members.insert(name, item).is_some() {
            return None;
        }
    }
    Some(members)
}
