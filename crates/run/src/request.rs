//! The caller's settings of a run.

use cuecard_prompt::{Code, Document, Error, Issue, Rendered, Result};
use serde_json::{Map, Value, json};

use crate::execution::Recording;

/// The body of a request to run a prompt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunRequest {
    /// The inputs of the render.
    pub inputs: Map<String, Value>,
    /// Content in place of a version's, so that a draft can be run.
    pub document: Option<Value>,
    /// A model in place of the prompt's.
    pub model: Option<String>,
    /// Parameters that override the prompt's.
    pub parameters: Map<String, Value>,
    /// The name of a connection.
    pub connection: Option<String>,
    /// Whether to stream the API's events, rather than one answer.
    pub stream: bool,
    /// How much is kept of the run, if not as the project says.
    pub record: Option<Recording>,
    /// Labels of the execution.
    pub metadata: Map<String, Value>,
}

impl RunRequest {
    /// The most labels of an execution.
    pub const MAX_LABELS: usize = 32;
    /// The most bytes of a label's name, and of its text.
    pub const MAX_LABEL_BYTES: usize = 500;

    /// Parses a body.
    ///
    /// # Errors
    /// `body_invalid` with every issue
    pub fn parse(body: Value) -> Result<Self> {
        let Value::Object(mut members) = body else {
            let issue = Issue::new("wrong_type", "", "the body is a JSON object");
            return Err(invalid(vec![issue]));
        };
        let mut reader = MemberReader::default();
        let inputs = reader.object(&mut members, "inputs");
        if inputs.is_none() && reader.issues.is_empty() {
            let issue = Issue::new("missing_field", "/inputs", "`inputs` is required");
            reader.issues.push(issue);
        }
        let call = Self {
            inputs: inputs.unwrap_or_default(),
            document: reader.object(&mut members, "document").map(Value::Object),
            model: reader.text(&mut members, "model"),
            parameters: reader
                .object(&mut members, "parameters")
                .unwrap_or_default(),
            connection: reader.text(&mut members, "connection"),
            stream: reader
                .member(&mut members, "stream", "true or false", |v| v.as_bool())
                .unwrap_or(false),
            record: reader.member(
                &mut members,
                "record",
                "`off`, `usage` or `full`",
                |value| value.as_str().and_then(Recording::parse),
            ),
            metadata: reader
                .member(&mut members, "metadata", LABELS, |value| {
                    value
                        .as_object()
                        .filter(|labels| are_labels(labels))
                        .cloned()
                })
                .unwrap_or_default(),
        };
        for name in members.keys() {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            reader.issues.push(Issue::new(
                "unknown_field",
                pointer,
                "the body has inputs, document, model, parameters, connection, stream, record, metadata",
            ));
        }
        if reader.issues.is_empty() {
            Ok(call)
        } else {
            Err(invalid(reader.issues))
        }
    }

    /// The rendered prompt with this call's model and parameters.
    ///
    /// # Errors
    /// `document_invalid`: parameters that no prompt could have
    pub fn apply(&self, rendered: &mut Rendered) -> Result<()> {
        if let Some(model) = &self.model {
            rendered.model = Some(model.clone());
        }
        if !self.parameters.is_empty() {
            let all = rendered.parameters.get_or_insert_default();
            all.extend(self.parameters.clone());
            // The document's rules say which parameters are valid.
            Document::from_value(json!({ "prompt": "", "parameters": all }))?;
        }
        Ok(())
    }
}

const LABELS: &str =
    "an object of at most 32 texts, numbers and booleans, each of at most 500 bytes";

/// Whether these are valid labels.
pub(crate) fn are_labels(labels: &Map<String, Value>) -> bool {
    labels.len() <= RunRequest::MAX_LABELS
        && labels.iter().all(|(name, value)| {
            let bytes = match value {
                Value::String(text) => text.len(),
                Value::Number(_) | Value::Bool(_) => 0,
                _ => return false,
            };
            !name.is_empty()
                && name.len() <= RunRequest::MAX_LABEL_BYTES
                && bytes <= RunRequest::MAX_LABEL_BYTES
        })
}

#[derive(Default)]
struct MemberReader {
    issues: Vec<Issue>,
}

impl MemberReader {
    fn member<T>(
        &mut self,
        members: &mut Map<String, Value>,
        name: &str,
        expected: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = members.shift_remove(name)?;
        let read = read(&value);
        if read.is_none() {
            let message = format!("`{name}` is not what is expected");
            self.issues.push(Issue {
                expected: Some(expected.to_owned()),
                received: Some(cuecard_prompt::json::kind(&value).to_owned()),
                ..Issue::new("wrong_type", format!("/{name}"), message)
            });
        }
        read
    }

    fn object(
        &mut self,
        members: &mut Map<String, Value>,
        name: &str,
    ) -> Option<Map<String, Value>> {
        self.member(members, name, "an object", |value| {
            value.as_object().cloned()
        })
    }

    fn text(&mut self, members: &mut Map<String, Value>, name: &str) -> Option<String> {
        self.member(members, name, "a text of 1 to 500 bytes", |value| {
            let text = value
                .as_str()
                .filter(|text| (1..=500).contains(&text.len()));
            text.map(str::to_owned)
        })
    }
}

fn invalid(issues: Vec<Issue>) -> Error {
    let detail = match issues.len() {
        1 => "1 issue".to_owned(),
        n => format!("{n} issues"),
    };
    Error::new(Code::BodyInvalid, detail).with_issues(issues)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_read_whole() {
        let body = json!({
            "inputs": { "name": "Ada" }, "document": { "messages": [] }, "model": "m", "parameters": { "temperature": 0 }, "connection": "c",
            "stream": true, "record": "full", "metadata": { "user": "u1", "n": 3 },
        });
        let call = RunRequest::parse(body).unwrap();
        assert_eq!(call.model.as_deref(), Some("m"));
        assert_eq!(call.document, Some(json!({ "messages": [] })));
        assert!(call.stream);
        assert_eq!(call.record, Some(Recording::Full));
        let mut rendered = Rendered::default();
        call.apply(&mut rendered).unwrap();
        assert_eq!(rendered.model.as_deref(), Some("m"));
        assert_eq!(rendered.parameters, Some(call.parameters));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let body = json!({ "stream": "yes", "record": "all", "metadata": { "a": {} }, "model": "", "x": 1 });
        let error = RunRequest::parse(body).unwrap_err();
        let pointers: Vec<&str> = error.issues().iter().map(|i| i.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["/inputs", "/model", "/stream", "/record", "/metadata", "/x"]
        );
        assert_eq!(
            RunRequest::parse(json!([])).unwrap_err().code(),
            Code::BodyInvalid
        );
    }

    #[test]
    fn parameters_are_those_of_a_document() {
        let call = RunRequest {
            parameters: Map::from_iter([("temperature".to_owned(), json!(9))]),
            ..RunRequest::default()
        };
        let error = call.apply(&mut Rendered::default()).unwrap_err();
        assert_eq!(error.code(), Code::DocumentInvalid);
    }
}
