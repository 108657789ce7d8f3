//! The inputs of a render: checked all at once, never quoted in an error's message.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::document::{Input, Reader, Type};
use crate::error::{Code, Error, Issue, bounded};
use crate::issue;
use crate::jinja;
use crate::json::{MAX_DEPTH, Pointer, kind};
use crate::rendered_message::RenderedMessage;
use crate::schema::Schema;
use crate::suggest::suggest;
use crate::turn;
use crate::typed;

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

/// The most bytes of inputs: texts and keys, and 8 for everything else.
pub(crate) const MAX_BYTES: usize = 4 << 20;
/// The most values in inputs, however deep.
pub(crate) const MAX_VALUES: usize = Given::MAX_COUNT;

#[derive(Clone, Debug)]
struct Declared {
    input: Input,
    schema: Option<Arc<Schema>>,
    default: Option<Value>,
}

/// The name and value of every input of a render.
pub(crate) type RenderValues<'v> = Vec<(&'v str, Cow<'v, Value>)>;

/// Inputs that a host has already read into template values: plain data, not nested deeper than JSON may be.
#[derive(Debug, Default)]
pub struct Given {
    /// The inputs by name.
    pub values: jinja::Map,
    /// Their bytes, of those that the prompt reads: texts and keys, and 8 for everything else that is no list and no dict.
    pub bytes: usize,
    /// Their values, however deep.
    pub count: usize,
}

impl Given {
    /// The most values in inputs, however deep.
    pub const MAX_COUNT: usize = 100_000;
}

/// The inputs of a render, after their check.
#[derive(Debug, Default)]
pub(crate) struct Fitted<'i> {
    pub(crate) values: Vec<(Cow<'i, str>, jinja::Value)>,
    /// The inputs that are messages.
    pub(crate) conversations: Vec<Conversation<'i>>,
}

/// An input that is messages.
#[derive(Debug)]
pub(crate) struct Conversation<'i> {
    pub(crate) name: &'i str,
    /// Its JSON.
    pub(crate) items: Cow<'i, Value>,
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
            let default = input.default.as_ref().map(|value| {
                let fitted = typed::fit(
                    &mut Reader::default(),
                    value,
                    input.r#type,
                    &Pointer::root(),
                );
                fitted.map_or_else(|| value.clone(), Cow::into_owned)
            });
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
    pub(crate) fn check(&self, given: &Value) -> Vec<Issue> {
        bounded(self.read(given).err().unwrap_or_default())
    }

    /// The inputs of a render.
    pub(crate) fn values<'v>(&'v self, given: &'v Value) -> crate::Result<RenderValues<'v>> {
        self.read(given).map_err(|issues| {
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
        })
    }

    /// The inputs of a render from template values; `None` where they do not fit: the JSON way then reports why.
    pub(crate) fn fit(&self, given: &Given) -> Option<Fitted<'_>> {
        if given.bytes > MAX_BYTES || given.count > MAX_VALUES {
            return None;
        }
        let mut reader = Reader::default();
        let mut fitted = Fitted::default();
        let mut found = 0;
        for declared in &self.declared {
            let Input { name, r#type, .. } = &declared.input;
            let value = match (given.values.get_str(name), &declared.default) {
                (Some(value), _) => {
                    found += 1;
                    if *r#type == Type::Messages {
                        let items = typed::to_json(value)?;
                        let (root, roles) = (Pointer::root(), turn::SPEAKERS);
                        let read = turn::read_all(&mut reader, items.as_array()?, &root, roles);
                        fitted.conversations.push(Conversation {
                            name,
                            items: Cow::Owned(items),
                            read: Some(read),
                        });
                        value.clone()
                    } else {
                        declared.fit_value(&mut reader, value)?
                    }
                }
                (None, Some(default)) => {
                    if *r#type == Type::Messages {
                        fitted.conversations.push(Conversation {
                            name,
                            items: Cow::Borrowed(default),
                            read: None,
                        });
                    }
                    jinja::Value::from_json(default)
                }
                (None, None) if declared.input.is_required() && !self.open => return None,
                (None, None) => continue,
            };
            fitted.values.push((Cow::Borrowed(name), value));
        }
        if found < given.values.len() {
            for (name, value) in given.values.entries() {
                let name = name.as_str()?;
                if self.knows(name) || self.passes(name) {
                    continue;
                }
                if !self.globals.contains(name) {
                    return None;
                }
                fitted
                    .values
                    .push((Cow::Owned(name.to_owned()), value.clone()));
            }
        }
        reader.issues.is_empty().then_some(fitted)
    }

    fn read<'v>(&'v self, given: &'v Value) -> Result<RenderValues<'v>, Vec<Issue>> {
        let mut reader = Reader::default();
        let root = Pointer::root();
        let Value::Object(given) = given else {
            reader.wrong_type(&root, "dict", kind(given));
            return Err(reader.issues);
        };
        let read = given.iter().filter(|(name, _)| !self.passes(name));
        if let Some(issue) = too_much(read) {
            return Err(vec![issue]);
        }
        let mut values = Vec::with_capacity(self.declared.len());
        for declared in &self.declared {
            let name = declared.input.name.as_str();
            let value = match (given.get(name), &declared.default) {
                (Some(value), _) => {
                    let schema = declared.schema.as_deref();
                    declared
                        .input
                        .fit(&mut reader, schema, value, &root.key(name))
                }
                (None, Some(default)) => Some(Cow::Borrowed(default)),
                (None, None) => {
                    if declared.input.is_required() && !self.open {
                        let message = format!("`{name}` is required");
                        let issue = reader.issue(issue::MISSING_INPUT, &root.key(name), message);
                        issue.expected = Some(declared.input.r#type.to_string());
                    }
                    None
                }
            };
            values.extend(value.map(|value| (name, value)));
        }
        for (name, value) in given {
            if self.knows(name) || self.passes(name) {
                continue;
            }
            if self.globals.contains(name) {
                values.push((name, Cow::Borrowed(value)));
            } else if !reader.is_full() {
                self.note_unknown(&mut reader, name, given);
            }
        }
        if reader.issues.is_empty() {
            Ok(values)
        } else {
            Err(reader.issues)
        }
    }

    fn note_unknown(&self, reader: &mut Reader, name: &str, given: &Map<String, Value>) {
        // A given input is never suggested for a misspelt one.
        let names = self
            .declared
            .iter()
            .map(|declared| declared.input.name.as_str());
        let suggestion = suggest(name, names.filter(|name| !given.contains_key(*name)));
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
    /// As [`Input::fit`]; an `enum` and a schema check JSON.
    fn fit_value(&self, reader: &mut Reader, value: &jinja::Value) -> Option<jinja::Value> {
        let value = typed::fit_value(value, self.input.r#type)?;
        if self.schema.is_some() || self.input.r#enum.is_some() {
            let json = typed::to_json(&value)?;
            self.input
                .fit(reader, self.schema.as_deref(), &json, &Pointer::root())?;
        }
        Some(value)
    }
}

/// Units of work of copying a value.
pub(crate) fn work_of(value: &Value) -> usize {
    let mut size = Size::default();
    size.add(value, 0);
    size.values * 8 + size.bytes / 16
}

fn too_much<'v>(given: impl Iterator<Item = (&'v String, &'v Value)>) -> Option<Issue> {
    let mut size = Size::default();
    for (name, value) in given {
        size.bytes += name.len();
        size.add(value, 1);
    }
    let limit = |code, message: String| Some(Issue::new(code, "", message));
    if size.deep {
        limit(
            issue::TOO_DEEP,
            format!("the inputs have more than {MAX_DEPTH} levels"),
        )
    } else if size.bytes > MAX_BYTES {
        limit(
            issue::TOO_LARGE,
            format!("the inputs are over {MAX_BYTES} bytes"),
        )
    } else if size.values > MAX_VALUES {
        limit(
            issue::TOO_LARGE,
            format!("the inputs have more than {MAX_VALUES} values"),
        )
    } else {
        None
    }
}

#[derive(Default)]
struct Size {
    bytes: usize,
    values: usize,
    deep: bool,
}

impl Size {
    fn add(&mut self, value: &Value, depth: usize) {
        self.values += 1;
        match value {
            Value::String(text) => self.bytes += text.len(),
            Value::Array(_) | Value::Object(_) if depth == MAX_DEPTH => self.deep = true,
            Value::Array(items) => items.iter().for_each(|item| self.add(item, depth + 1)),
            Value::Object(members) => members.iter().for_each(|(key, member)| {
                self.bytes += key.len();
                self.add(member, depth + 1);
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => self.bytes += 8,
        }
    }
}
