//! The inputs of a render: checked all at once, never quoted in an error's message.

mod size;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::document::{Input, Reader, Type};
use crate::error::{Code, Error, Issue, bounded};
use crate::issue;
use crate::jinja::{Map, Value};
use crate::json::{self, LazyPointer, Pointer};
use crate::rendered_message::RenderedMessage;
use crate::schema::Schema;
use crate::suggest::suggest;
use crate::typed;
use size::{Size, count_down};

pub(crate) use size::{MAX_BYTES, MAX_NAMES, MAX_VALUES, work_of};

/// The inputs that a prompt takes.
#[derive(Clone, Debug)]
pub(crate) struct DeclaredInputs {
    declared: Vec<Declared>,
    names: BTreeSet<String>,
    /// Jinja2's globals that an input of their name may replace.
    globals: BTreeSet<String>,
    /// Whether missing and unknown inputs pass: inferred inputs of a lenient prompt.
    open: bool,
}

/// The most values in all conversations: to read a message takes longer than to read other data.
pub(crate) const MAX_TURN_VALUES: usize = 32_000;

/// Units of work of a value, and of one in a conversation besides.
const VALUE_WORK: usize = 2;
const TURN_WORK: usize = 4;
/// Bytes of inputs per unit of work.
const WORK_BYTES: usize = 128;

#[derive(Clone, Debug)]
struct Declared {
    input: Input,
    schema: Option<Arc<Schema>>,
    default: Option<Json>,
}

/// Inputs that a host has already read into template values: plain data, not nested deeper than JSON may be.
#[derive(Debug, Default)]
pub struct Given {
    /// The inputs by name.
    pub values: Map,
    /// Their bytes, of those that the prompt reads: texts and keys, and 8 for everything else that is no list and no dict.
    pub bytes: usize,
    /// Their values, however deep.
    pub count: usize,
}

impl Given {
    /// The most values in inputs, however deep.
    pub const MAX_COUNT: usize = MAX_VALUES;
    /// The most names of one dict.
    pub const MAX_NAMES: usize = MAX_NAMES;

    /// Whether there are more bytes or values than inputs may have.
    pub(crate) fn is_too_large(&self) -> bool {
        self.bytes > MAX_BYTES || self.count > MAX_VALUES
    }
}

/// The inputs of a render, after their check.
#[derive(Debug, Default)]
pub(crate) struct Fitted<'i> {
    pub(crate) values: Vec<(Cow<'i, str>, Value)>,
    /// The inputs that are messages.
    pub(crate) conversations: Vec<Conversation<'i>>,
    /// Units of work of reading and checking them.
    pub(crate) work: usize,
}

/// An input that is messages.
#[derive(Debug)]
pub(crate) struct Conversation<'i> {
    pub(crate) name: &'i str,
    /// Its JSON.
    pub(crate) items: Cow<'i, Json>,
    /// Its messages, where the check has read them and no place has taken them.
    pub(crate) read: Option<Vec<RenderedMessage>>,
}

impl DeclaredInputs {
    /// `schema_of` gives the compiled schema of an input.
    pub(crate) fn new(
        inputs: &[Input],
        globals: BTreeSet<String>,
        open: bool,
        schema_of: impl Fn(&str) -> Option<Arc<Schema>>,
    ) -> Self {
        let declare = |input: &Input| {
            let default = input.default.as_ref();
            let default = default.map(|value| typed::fit_json(value, input.r#type));
            Declared {
                input: input.clone(),
                schema: schema_of(&input.name),
                default,
            }
        };
        // A loop, not `collect`: that would sort first, with more code in the wasm for each kind of set.
        let mut names = BTreeSet::new();
        names.extend(inputs.iter().map(|input| input.name.clone()));
        Self {
            declared: inputs.iter().map(declare).collect(),
            names,
            globals,
            open,
        }
    }

    /// Whether missing and unknown inputs pass.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Jinja2's globals that an input of their name may replace.
    pub(crate) fn globals(&self) -> impl Iterator<Item = &str> {
        self.globals.iter().map(String::as_str)
    }

    /// Whether there is an input of this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether an input of this name is ignored, whatever it is and however much.
    fn passes(&self, name: &str) -> bool {
        self.open && !self.knows(name) && !self.globals.contains(name)
    }

    /// Every issue of the given inputs.
    pub(crate) fn check(&self, inputs: &Json) -> Vec<Issue> {
        let given = self.given(inputs);
        let read = given.and_then(|given| self.read(&given).map(drop));
        bounded(read.err().unwrap_or_default())
    }

    /// The inputs of a render from JSON.
    pub(crate) fn fit_json(&self, inputs: &Json) -> crate::Result<Fitted<'_>> {
        let given = self.given(inputs);
        let read = given.and_then(|given| self.read(&given));
        read.map_err(refusal)
    }

    /// The inputs of a render from template values; `None` where they are too large, which the host tells in its own
    /// words.
    pub(crate) fn fit(&self, given: &Given) -> Option<crate::Result<Fitted<'_>>> {
        let is_too_large = given.is_too_large() || self.talks_too_much(given);
        (!is_too_large).then(|| self.read(given).map_err(refusal))
    }

    /// Whether the conversations have more values than they may.
    fn talks_too_much(&self, given: &Given) -> bool {
        // Nearly all inputs have fewer values in all, and none of them is counted again.
        if given.count <= MAX_TURN_VALUES {
            return false;
        }
        let mut left = MAX_TURN_VALUES;
        let mut declared = self.declared.iter().map(|declared| &declared.input);
        declared.any(|input| {
            let is_conversation = input.r#type == Type::Messages;
            let value = given.values.get_str(&input.name);
            value.is_some_and(|value| is_conversation && count_down(value, &mut left).is_none())
        })
    }

    /// JSON as template values, without the inputs that are ignored.
    fn given(&self, inputs: &Json) -> Result<Given, Vec<Issue>> {
        let Json::Object(members) = inputs else {
            let mut reader = Reader::default();
            reader.wrong_type(&Pointer::root(), "dict", json::kind(inputs));
            return Err(reader.issues);
        };
        let read: Vec<_> = members
            .iter()
            .filter(|(name, _)| !self.passes(name))
            .collect();
        let mut size = Size {
            names: read.len(),
            ..Size::default()
        };
        for (name, value) in &read {
            size.bytes += name.len();
            size.add(value, 1);
        }
        if let Some(issue) = size.too_much() {
            return Err(vec![issue]);
        }
        let entry =
            |(name, value): (&String, _)| (Value::str(name.as_str()), Value::from_json(value));
        let given = Given {
            values: Map::of_distinct(read.into_iter().map(entry).collect()),
            bytes: size.bytes,
            count: size.values,
        };
        if self.talks_too_much(&given) {
            let message = format!("the conversations have more than {MAX_TURN_VALUES} values");
            return Err(vec![Issue::new(issue::TOO_LARGE, "", message)]);
        }
        Ok(given)
    }

    fn read(&self, given: &Given) -> Result<Fitted<'_>, Vec<Issue>> {
        let mut reader = Reader::default();
        let mut fitted = Fitted {
            work: given.count * VALUE_WORK + given.bytes / WORK_BYTES,
            ..Fitted::default()
        };
        let mut found = 0;
        for declared in &self.declared {
            let name = declared.input.name.as_str();
            let value = given.values.get_str(name);
            found += usize::from(value.is_some());
            let value = match value {
                Some(value) => declared.read(&mut reader, &mut fitted, value),
                None => declared.left_out(&mut reader, &mut fitted, self.open),
            };
            let value = value.map(|value| (Cow::Borrowed(name), value));
            fitted.values.extend(value);
        }
        if found < given.values.len() {
            self.read_others(&mut reader, &mut fitted, given);
        }
        fitted.work += reader.worked();
        if reader.issues.is_empty() {
            Ok(fitted)
        } else {
            Err(reader.issues)
        }
    }

    /// The inputs that are not declared.
    fn read_others(&self, reader: &mut Reader, fitted: &mut Fitted<'_>, given: &Given) {
        for (name, value) in given.values.entries() {
            let name = name.as_str().unwrap_or_default();
            if self.knows(name) || self.passes(name) {
                continue;
            }
            if self.globals.contains(name) {
                let name = Cow::Owned(name.to_owned());
                fitted.values.push((name, value.clone()));
            } else if !reader.is_full() {
                self.note_unknown(reader, name, given);
            }
        }
    }

    fn note_unknown(&self, reader: &mut Reader, name: &str, given: &Given) {
        // A given input is never suggested for a misspelt one.
        let names = self
            .declared
            .iter()
            .map(|declared| declared.input.name.as_str());
        let names = names.filter(|name| given.values.get_str(name).is_none());
        let suggestion = suggest(name, names);
        let shown: String = name.chars().take(64).collect();
        let issue = reader.issue(
            issue::UNKNOWN_INPUT,
            &Pointer::root().key(name),
            format!("there is no input `{shown}`"),
        );
        issue.suggestion = suggestion;
    }
}

impl Declared {
    fn read<'i>(
        &'i self,
        reader: &mut Reader,
        fitted: &mut Fitted<'i>,
        value: &Value,
    ) -> Option<Value> {
        let Input { name, r#type, .. } = &self.input;
        let root = Pointer::root();
        let root = LazyPointer::At(&root);
        let at = root.key(name);
        if *r#type == Type::Messages && matches!(value, Value::List(_)) {
            let (items, messages) = typed::conversation(reader, value, &at)?;
            fitted.work += json::values_of(&items) * TURN_WORK;
            fitted.conversations.push(Conversation {
                name,
                items: Cow::Owned(items),
                read: Some(messages),
            });
            return Some(value.clone());
        }
        let fitting = self.input.fit(reader, self.schema.as_deref(), value, &at);
        fitting.map(Cow::into_owned)
    }

    fn left_out<'i>(
        &'i self,
        reader: &mut Reader,
        fitted: &mut Fitted<'i>,
        is_open: bool,
    ) -> Option<Value> {
        let Input { name, r#type, .. } = &self.input;
        if self.default.is_none() && self.input.is_required() && !is_open {
            let message = format!("`{name}` is required");
            let at = Pointer::root().key(name);
            let issue = reader.issue(issue::MISSING_INPUT, &at, message);
            issue.expected = Some(r#type.to_string());
        }
        let default = self.default.as_ref()?;
        if *r#type == Type::Messages {
            fitted.conversations.push(Conversation {
                name,
                items: Cow::Borrowed(default),
                read: None,
            });
        }
        Some(Value::from_json(default))
    }
}

fn refusal(issues: Vec<Issue>) -> Error {
    let limit = issues
        .iter()
        .any(|issue| [issue::TOO_DEEP, issue::TOO_LARGE].contains(&issue.code.as_str()));
    let code = if limit {
        Code::LimitExceeded
    } else {
        Code::InputInvalid
    };
    let detail = match issues.as_slice() {
        [only] if only.pointer.is_empty() => only.message.clone(),
        [only] => format!("{}: {}", only.pointer, only.message),
        several => format!("{} issues", several.len()),
    };
    Error::new(code, detail).with_issues(issues)
}
