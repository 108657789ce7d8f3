//! The difference between the fields of two objects.

use std::collections::{BTreeMap, BTreeSet};

use cuecard_prompt::json;
use serde_json::{Map, Value as Json};

use super::change::{ChangeKind, FieldChange, Room};

/// Values by name.
pub(super) type Members<'a> = BTreeMap<&'a str, &'a Json>;

/// The members of an object.
pub(super) fn members(object: &Map<String, Json>) -> Members<'_> {
    object
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .collect()
}

/// What changed, by path. An object whose changes find no room is told as a whole, without its values.
pub(super) fn compare_fields(
    before: Members<'_>,
    after: Members<'_>,
    room: &mut Room,
) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    for (name, before, after) in pairs(&before, &after) {
        let change = MemberPair {
            name,
            outer: None,
            before,
            after,
        };
        if !change.compare(room, &mut changes) {
            changes.push(change.tell(false));
        }
    }
    changes
}

/// Bytes of a change beside its path and its values.
const CHANGE: usize = 32;

/// A member of both objects, or of one.
struct MemberPair<'a> {
    name: &'a str,
    /// The object that it is in.
    outer: Option<&'a Self>,
    before: Option<&'a Json>,
    after: Option<&'a Json>,
}

type Pair<'a> = (&'a str, Option<&'a Json>, Option<&'a Json>);

fn pairs<'a>(before: &Members<'a>, after: &Members<'a>) -> Vec<Pair<'a>> {
    let mut names: BTreeSet<&'a str> = BTreeSet::new();
    names.extend(before.keys());
    names.extend(after.keys());
    let pair = |name| (name, before.get(name).copied(), after.get(name).copied());
    names.into_iter().map(pair).collect()
}

impl MemberPair<'_> {
    /// Notes what changed; false if there is no room for it.
    fn compare(&self, room: &mut Room, changes: &mut Vec<FieldChange>) -> bool {
        match (self.before, self.after) {
            (Some(Json::Object(before)), Some(Json::Object(after))) => {
                return self.inside(&members(before), &members(after), room, changes);
            }
            // Lists of named items are compared by name, unless only their order changed.
            (Some(Json::Array(old)), Some(Json::Array(new))) => {
                if let (Some(before), Some(after)) = (by_name(old), by_name(new)) {
                    let count = changes.len();
                    let fits = self.inside(&before, &after, room, changes);
                    if !fits
                        || changes.len() > count
                        || old.iter().map(name_of).eq(new.iter().map(name_of))
                    {
                        return fits;
                    }
                } else if old == new {
                    return true;
                }
            }
            (before, after) if before == after => return true,
            _ => {}
        }
        let fits = room.take(self.path_len() + CHANGE);
        if fits {
            let values = [self.before, self.after].into_iter().flatten();
            let shown = room.take(values.map(|value| json::text(value).len()).sum());
            changes.push(self.tell(shown));
        }
        fits
    }

    fn inside(
        &self,
        before: &Members<'_>,
        after: &Members<'_>,
        room: &mut Room,
        changes: &mut Vec<FieldChange>,
    ) -> bool {
        let (count, bytes) = (changes.len(), room.bytes);
        let fits = pairs(before, after)
            .into_iter()
            .all(|(name, before, after)| {
                let change = MemberPair {
                    name,
                    outer: Some(self),
                    before,
                    after,
                };
                change.compare(room, changes)
            });
        if fits {
            return true;
        }
        changes.truncate(count);
        room.bytes = bytes;
        let fits = room.take(self.path_len() + CHANGE);
        if fits {
            changes.push(self.tell(false));
        }
        fits
    }

    fn tell(&self, with_values: bool) -> FieldChange {
        let shown = |value: Option<&Json>| value.filter(|_| with_values).cloned();
        FieldChange {
            field: self.path(),
            kind: match (self.before, self.after) {
                (None, _) => ChangeKind::Added,
                (_, None) => ChangeKind::Removed,
                _ => ChangeKind::Changed,
            },
            before: shown(self.before),
            after: shown(self.after),
        }
    }

    fn path(&self) -> String {
        let mut path = String::with_capacity(self.path_len());
        self.write_path(&mut path);
        path
    }

    fn write_path(&self, path: &mut String) {
        if let Some(outer) = self.outer {
            outer.write_path(path);
            path.push('.');
        }
        path.push_str(self.name);
    }

    fn path_len(&self) -> usize {
        let outer = self.outer.map_or(0, |outer| outer.path_len() + 1);
        outer + self.name.len()
    }
}

/// A list by name, where each item has another.
fn by_name(list: &[Json]) -> Option<Members<'_>> {
    let mut members = Members::new();
    for item in list {
        if members.insert(name_of(item)?, item).is_some() {
            return None;
        }
    }
    Some(members)
}

/// The `name` or `id` of an item; a tool's name is in its `function`.
fn name_of(item: &Json) -> Option<&str> {
    let function = item.get("function").unwrap_or(item);
    function.get("name").or_else(|| item.get("id"))?.as_str()
}
