//! Reads JSON into types, and notes every problem on the way.

use serde_json::{Map, Value};

use crate::error::{Code, Issue};
use crate::issue;
use crate::json::{self, LazyPointer, Pointer, kind};
use crate::suggest::suggest;

/// Collects issues; a value that could not be read is `None`.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) issues: Vec<Issue>,
    work: usize,
    /// The values in texts of JSON so far.
    values: usize,
    /// Whether issues are only counted.
    pub(crate) is_quiet: bool,
    /// Whether unknown fields are ignored, as Cuecard itself wrote them, perhaps a later release.
    lenient: bool,
}

impl Reader {
    /// The most issues that are reported.
    pub(crate) const MAX_ISSUES: usize = 100;

    /// The most steps of checking against schemas: a schema and a value, or a value and one that `enum` lists.
    pub(crate) const MAX_WORK: usize = 250_000;

    /// The most values in a text of JSON that a model gave.
    pub(crate) const MAX_VALUES: usize = 100_000;

    /// The most values in all texts of JSON of a conversation.
    pub(crate) const MAX_ARGUMENTS: usize = 40_000;

    /// A reader that ignores unknown fields.
    pub(crate) fn lenient() -> Self {
        Self {
            lenient: true,
            ..Self::default()
        }
    }

    /// Whether it reads a document that Cuecard wrote, perhaps before a limit existed.
    pub(crate) fn is_lenient(&self) -> bool {
        self.lenient
    }

    /// Counts steps; false when there were too many.
    pub(crate) fn works(&mut self, steps: usize) -> bool {
        self.work = self.work.saturating_add(steps);
        self.work <= Self::MAX_WORK
    }

    /// The steps so far.
    pub(crate) fn worked(&self) -> usize {
        self.work
    }

    /// Notes that there were too many steps, so that no issue is lost in silence.
    pub(crate) fn finish_work(&mut self, at: &LazyPointer<'_>) {
        if self.work > Self::MAX_WORK {
            let message = "checking the value against its schema takes too many steps";
            self.issue(issue::TOO_LARGE, &at.pointer(), message);
        }
    }

    /// Reads a text of JSON, as `null` where it is none; `None` where all of them together have too many values, which is
    /// noted.
    pub(crate) fn json(&mut self, text: &str, at: &Pointer) -> Option<Value> {
        let left = Self::MAX_ARGUMENTS.saturating_sub(self.values);
        match json::parse_within(text, left) {
            Ok(value) => {
                self.values += json::values_of(&value);
                Some(value)
            }
            Err(error) if error.code() == Code::LimitExceeded => {
                let most = Self::MAX_ARGUMENTS;
                let message = format!("texts of JSON have more than {most} values together");
                self.issue(issue::TOO_LARGE, at, message);
                None
            }
            Err(_) => Some(Value::Null),
        }
    }

    /// Notes an issue.
    pub(crate) fn issue(
        &mut self,
        code: &str,
        at: &Pointer,
        message: impl Into<String>,
    ) -> &mut Issue {
        // The last one is overwritten when the list is full.
        self.issues.truncate(Self::MAX_ISSUES - 1);
        self.issues.push_mut(Issue::new(code, at, message))
    }

    /// Notes an issue that nobody reads.
    pub(crate) fn untold(&mut self) -> &mut Issue {
        self.issues.truncate(Self::MAX_ISSUES - 1);
        self.issues.push_mut(Issue::new("", "", ""))
    }

    /// Whether the list is full, so that more issues would replace others.
    pub(crate) fn is_full(&self) -> bool {
        self.issues.len() >= Self::MAX_ISSUES
    }

    pub(crate) fn wrong_type(&mut self, at: &Pointer, expected: &str, received: &str) {
        let issue = self.issue(
            issue::WRONG_TYPE,
            at,
            format!("expected {expected}, received {received}"),
        );
        issue.expected = Some(expected.to_owned());
        issue.received = Some(received.to_owned());
    }

    /// Notes an invalid value unless the condition holds.
    pub(crate) fn check(&mut self, condition: bool, at: &Pointer, expected: &str) -> Option<()> {
        if !condition {
            let issue = self.issue(issue::INVALID_VALUE, at, format!("expected {expected}"));
            issue.expected = Some(expected.to_owned());
        }
        condition.then_some(())
    }

    /// An object whose fields are all known.
    pub(crate) fn fields(&mut self, value: Value, at: &Pointer, known: &[&str]) -> Option<Fields> {
        let members = self.object(value, at)?;
        for key in members.keys().filter(|key| !known.contains(&key.as_str())) {
            if self.lenient || self.is_full() {
                break;
            }
            let shown: String = key.chars().take(64).collect();
            let suggestion = suggest(key, known.iter().copied());
            let issue = self.issue(
                issue::UNKNOWN_FIELD,
                &at.key(key),
                format!("there is no field `{shown}`"),
            );
            issue.expected = Some(format!("one of {}", known.join(", ")));
            issue.suggestion = suggestion;
        }
        Some(Fields {
            members,
            at: at.clone(),
        })
    }

    /// A required member of an object whose other members may be anything.
    pub(crate) fn member<'m>(
        &mut self,
        members: &'m Map<String, Value>,
        key: &str,
        at: &Pointer,
    ) -> Option<&'m Value> {
        let value = members.get(key);
        if value.is_none() {
            let message = format!("`{key}` is required");
            self.issue(issue::MISSING_FIELD, &at.key(key), message);
        }
        value
    }

    /// A [`Reader::member`] that is a text.
    pub(crate) fn member_text(
        &mut self,
        members: &Map<String, Value>,
        key: &str,
        at: &Pointer,
    ) -> Option<String> {
        match self.member(members, key, at)? {
            Value::String(text) => Some(text.clone()),
            other => {
                self.wrong_type(&at.key(key), "str", kind(other));
                None
            }
        }
    }

    pub(crate) fn object(&mut self, value: Value, at: &Pointer) -> Option<Map<String, Value>> {
        match value {
            Value::Object(members) => Some(members),
            other => {
                self.wrong_type(at, "dict", kind(&other));
                None
            }
        }
    }

    pub(crate) fn text(&mut self, value: Value, at: &Pointer) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            other => {
                self.wrong_type(at, "str", kind(&other));
                None
            }
        }
    }

    pub(crate) fn bool(&mut self, value: Value, at: &Pointer) -> Option<bool> {
        if !value.is_boolean() {
            self.wrong_type(at, "bool", kind(&value));
        }
        value.as_bool()
    }

    /// A text out of a few.
    pub(crate) fn one_of<T>(
        &mut self,
        value: Value,
        at: &Pointer,
        names: &[&str],
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(value, at)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.not_one_of(&text, at, names);
        }
        parsed
    }

    fn not_one_of(&mut self, text: &str, at: &Pointer, names: &[&str]) {
        if self.is_full() {
            return;
        }
        let expected = format!("one of {}", names.join(", "));
        let suggestion = suggest(text, names.iter().copied());
        let issue = self.issue(issue::INVALID_VALUE, at, format!("expected {expected}"));
        issue.expected = Some(expected);
        issue.suggestion = suggestion;
    }

    /// A list, each item read.
    pub(crate) fn list<T>(
        &mut self,
        value: Value,
        at: &Pointer,
        mut read: impl FnMut(&mut Self, Value, &Pointer) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Value::Array(items) = value else {
            self.wrong_type(at, "list", kind(&value));
            return None;
        };
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            if self.is_full() {
                return None;
            }
            list.extend(read(self, item, &at.item(index)));
        }
        Some(list)
    }

    /// Notes every name that a list has more than once; `places` is where an item has its name.
    pub(crate) fn unique(&mut self, list: &Value, at: &Pointer, places: &[&str]) {
        let mut seen = std::collections::BTreeSet::new();
        for (index, item) in list.as_array().into_iter().flatten().enumerate() {
            let mut named = places
                .iter()
                .filter_map(|place| Some((place, item.pointer(place)?.as_str()?)));
            if let Some((place, name)) = named.next()
                && !seen.insert(name)
            {
                let at = at.item(index).join(place);
                self.issue(issue::DUPLICATE, &at, "the name is used twice");
            }
        }
    }
}

/// The fields of an object that is being read.
#[derive(Debug)]
pub(crate) struct Fields {
    members: Map<String, Value>,
    at: Pointer,
}

impl Fields {
    /// The object's place.
    pub(crate) fn pointer(&self) -> &Pointer {
        &self.at
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.members.contains_key(key)
    }

    /// Reads an optional field.
    pub(crate) fn optional<T>(
        &mut self,
        reader: &mut Reader,
        key: &str,
        read: impl FnOnce(&mut Reader, Value, &Pointer) -> Option<T>,
    ) -> Option<T> {
        let (value, at) = self.take(key)?;
        read(reader, value, &at)
    }

    fn take(&mut self, key: &str) -> Option<(Value, Pointer)> {
        let value = self.members.get_mut(key)?.take();
        Some((value, self.at.key(key)))
    }

    /// Reads a required field.
    pub(crate) fn required<T>(
        &mut self,
        reader: &mut Reader,
        key: &str,
        read: impl FnOnce(&mut Reader, Value, &Pointer) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            self.missing(reader, key);
        }
        self.optional(reader, key, read)
    }

    fn missing(&self, reader: &mut Reader, key: &str) {
        let message = format!("`{key}` is required");
        reader.issue(issue::MISSING_FIELD, &self.at.key(key), message);
    }

    /// Reads a field with two spellings; both at once are a conflict.
    pub(crate) fn renamed(&mut self, reader: &mut Reader, key: &str, alias: &str) -> String {
        if !self.has(alias) {
            return key.to_owned();
        }
        if self.has(key) {
            reader.issue(
                issue::CONFLICT,
                &self.at.key(alias),
                format!("`{alias}` is another spelling of `{key}`; give one of them"),
            );
        }
        alias.to_owned()
    }
}
