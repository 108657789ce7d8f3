//! What a difference tells, and how much of it.

use serde::Serialize;
use serde_json::Value as Json;

use super::align::MAX_PAIRS;

/// The most bytes of lines, and of values with the paths of their fields, approximately.
pub(super) const MAX_BYTES: usize = 1 << 20;

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

/// What the lines and values of a difference may still take.
pub(super) struct Room {
    pub(super) bytes: usize,
    /// Pairs of lines that may be compared.
    pub(super) pairs: usize,
    /// Whether something did not find room.
    pub(super) exceeded: bool,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            bytes: MAX_BYTES,
            pairs: MAX_PAIRS,
            exceeded: false,
        }
    }
}

impl Room {
    /// Whether there is room for so many bytes.
    pub(super) fn has(&mut self, bytes: usize) -> bool {
        let has = bytes <= self.bytes;
        self.exceeded |= !has;
        has
    }

    /// Takes so many bytes, if there are as many.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let has = self.has(bytes);
        self.bytes -= if has { bytes } else { 0 };
        has
    }
}
