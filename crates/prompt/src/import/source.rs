//! A value under import, taken apart field by field.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::imported::Imported;
use crate::document::Document;
use crate::error::{Code, Error, Issue, Result};
use crate::issue;
use crate::json::Pointer;

pub(super) struct ImportSource {
    members: Map<String, Value>,
    at: Pointer,
    pub(super) losses: Vec<Issue>,
}

/// Other spellings of parameters.
const PARAMETERS: [(&str, &str); 13] = [
    ("max_tokens", "maxTokens"),
    ("maxLength", "maxTokens"),
    ("max_completion_tokens", "maxTokens"),
    ("top_p", "topP"),
    ("top_k", "topK"),
    ("min_p", "minP"),
    ("frequency_penalty", "frequencyPenalty"),
    ("presence_penalty", "presencePenalty"),
    ("repetition_penalty", "repetitionPenalty"),
    ("parallel_tool_calls", "parallelToolCalls"),
    ("reasoning_effort", "reasoningEffort"),
    ("reasoning", "reasoningEffort"),
    ("stop_sequences", "stop"),
];

impl ImportSource {
    pub(super) fn new(members: Map<String, Value>) -> Self {
        Self {
            members,
            at: Pointer::root(),
            losses: Vec::new(),
        }
    }

    /// The object in a field, to be taken apart in turn; empty where it is none.
    pub(super) fn inner(&mut self, key: &str) -> Self {
        Self {
            members: self.take_object(key).unwrap_or_default(),
            at: self.at.key(key),
            losses: Vec::new(),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.members.contains_key(key)
    }

    pub(super) fn peek(&self, key: &str) -> Option<&Value> {
        self.members.get(key)
    }

    /// A field's value; `None` for null as for a missing field.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.members
            .shift_remove(key)
            .filter(|value| !value.is_null())
    }

    pub(super) fn take_text(&mut self, key: &str) -> Option<String> {
        match self.take(key)? {
            Value::String(text) => Some(text),
            other => {
                self.members.insert(key.to_owned(), other);
                None
            }
        }
    }

    /// A field's object; any other value stays, and is listed as lost.
    pub(super) fn take_object(&mut self, key: &str) -> Option<Map<String, Value>> {
        match self.take(key)? {
            Value::Object(members) => Some(members),
            other => {
                self.members.insert(key.to_owned(), other);
                None
            }
        }
    }

    pub(super) fn loses(&mut self, key: &str, message: &str) {
        self.losses
            .push(Issue::new(issue::NOT_KEPT, self.at.key(key), message));
    }

    /// Lists every field that was not taken.
    pub(super) fn rest(&mut self) -> Vec<Issue> {
        let left = std::mem::take(&mut self.members);
        for (key, _) in left.iter().filter(|(_, value)| !value.is_null()) {
            self.loses(key, "a document has no place for it");
        }
        std::mem::take(&mut self.losses)
    }

    /// The fields that were not taken, under the names that parameters have here.
    pub(super) fn into_parameters(self) -> Result<Option<Value>> {
        let mut parameters = Map::new();
        for (name, value) in self.members {
            add_parameter(&mut parameters, &self.at.key(&name), &name, value)?;
        }
        Ok((!parameters.is_empty()).then_some(Value::Object(parameters)))
    }

    /// The original names of parameters that differ from ours in snake case, by our names.
    pub(super) fn names(&self) -> Map<String, Value> {
        let names = self.members.iter().filter(|(_, value)| !value.is_null());
        let mut odd = Map::new();
        let mut seen = BTreeSet::new();
        for (name, _) in names {
            let ours = parameter(name);
            if seen.insert(ours) && spelling(ours) != name {
                odd.insert(ours.to_owned(), name.as_str().into());
            }
        }
        odd
    }

    /// Takes model parameters that stand beside other fields.
    pub(super) fn take_parameters(&mut self) -> Result<Option<Value>> {
        let spellings = PARAMETERS.iter().map(|(spelling, _)| *spelling);
        let own = [
            "temperature",
            "maxTokens",
            "topP",
            "topK",
            "seed",
            "stop",
            "verbosity",
        ];
        let names = own.into_iter().chain(spellings);
        let mut taken = Self::new(Map::new());
        for name in names {
            if let Some(value) = self.take(name) {
                taken.members.insert(name.to_owned(), value);
            }
        }
        taken.into_parameters()
    }

    pub(super) fn finish(
        mut self,
        slug: Option<String>,
        commit_message: Option<String>,
        fields: impl IntoIterator<Item = (&'static str, Option<Value>)>,
    ) -> Result<Imported> {
        let losses = self.rest();
        let fields = fields
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)));
        let document = Document::from_value(Value::Object(fields.collect()))?;
        Ok(Imported {
            document,
            slug,
            commit_message,
            losses,
        })
    }
}

/// A parameter's name in snake case.
pub(crate) fn spelling(name: &str) -> &str {
    let known = PARAMETERS.iter().find(|(_, ours)| *ours == name);
    // `stop` has the same name in snake case.
    let known = known.filter(|(_, ours)| ours.contains(|c: char| c.is_ascii_uppercase()));
    known.map_or(name, |(spelling, _)| spelling)
}

fn parameter(name: &str) -> &str {
    let known = PARAMETERS.iter().find(|(spelling, _)| *spelling == name);
    known.map_or(name, |(_, name)| name)
}

/// Adds a parameter under the name that it has here. Two spellings of one parameter with different values are refused,
/// as only one of them could be kept.
pub(super) fn add_parameter(
    parameters: &mut Map<String, Value>,
    at: &Pointer,
    name: &str,
    value: Value,
) -> Result<()> {
    let ours = parameter(name);
    match parameters.get(ours) {
        _ if value.is_null() => {}
        None => {
            parameters.insert(ours.to_owned(), value);
        }
        Some(other) if *other == value => {}
        Some(_) => {
            let message = format!("`{ours}` is given twice, in two spellings with two values");
            let error = Error::new(Code::DocumentInvalid, message.as_str());
            return Err(error.with_issues(vec![Issue::new(issue::CONFLICT, at, message)]));
        }
    }
    Ok(())
}

/// Parameters as other systems spell them, under the names that they have here.
///
/// # Errors
/// `document_invalid` (two spellings of one parameter with different values)
pub fn read_parameters(given: Map<String, Value>) -> Result<Map<String, Value>> {
    let (mut parameters, root) = (Map::new(), Pointer::root().key("parameters"));
    for (name, value) in given {
        add_parameter(&mut parameters, &root.key(&name), &name, value)?;
    }
    Ok(parameters)
}

/// Messages with OpenAI's `image_url` parts, and with the role `import` for a placeholder.
pub(super) fn messages(messages: Value) -> Value {
    let Value::Array(messages) = messages else {
        return messages;
    };
    let message = |message: Value| {
        let Value::Object(mut message) = message else {
            return message;
        };
        message.retain(|_, value| !value.is_null());
        if message.get("role") == Some(&json!("import")) {
            message.insert("role".to_owned(), "placeholder".into());
        }
        if let Some(Value::Array(parts)) = message.get_mut("content") {
            for part in parts {
                if let Some(url) = part
                    .pointer("/image_url/url")
                    .or(part.get("image_url"))
                    .cloned()
                {
                    *part = json!({ "type": "image", "image": url });
                }
            }
        }
        message.into()
    };
    // One more than allowed is enough to report too many.
    let read = messages.into_iter().take(Document::MAX_MESSAGES + 1);
    read.map(message).collect()
}

/// A list, or nothing when it is empty.
pub(super) fn not_empty(value: Option<Value>) -> Option<Value> {
    value.filter(|value| value.as_array().is_none_or(|items| !items.is_empty()))
}
