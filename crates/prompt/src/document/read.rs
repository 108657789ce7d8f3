//! From a JSON value to a document.

use serde_json::{Number, Value};

use super::demonstrations::{Demonstrations, Technique};
use super::reader::{Fields, Reader};
use super::{Content, Document, Input, Message, Output, Role, TemplateOptions, parameters, tools};
use crate::error::{Code, Error, Result};
use crate::issue;
use crate::json::{LazyPointer, MAX_DEPTH, Pointer};

pub(super) fn document(mut reader: Reader, mut value: Value) -> Result<Document> {
    let at = Pointer::root();
    let mut size = DocumentSize::default();
    normalize(&mut reader, &mut value, &LazyPointer::At(&at), 0, &mut size);
    if size.too_deep {
        let detail = format!("the document has more than {MAX_DEPTH} levels");
        return Err(Error::new(Code::LimitExceeded, detail));
    }
    if size.values > Document::MAX_VALUES && !reader.is_lenient() {
        return Err(too_many_values("the document"));
    }
    if size.bytes > Document::MAX_BYTES {
        let detail = format!("the document is over {} bytes", Document::MAX_BYTES);
        return Err(Error::new(Code::LimitExceeded, detail));
    }
    let document = reader
        .fields(value, &at, &known())
        .map(|fields| read(&mut reader, fields));
    match document {
        Some(document) if reader.issues.is_empty() => Ok(document),
        _ => Err(invalid(reader.issues)),
    }
}

/// The error for a document, or for the value of an import.
pub(crate) fn too_many_values(what: &str) -> Error {
    let detail = format!("{what} has more than {} values", Document::MAX_VALUES);
    Error::new(Code::LimitExceeded, detail)
}

/// Every field, and `prompt`, which is read as a system message.
fn known() -> Vec<&'static str> {
    let mut known = Document::FIELDS.to_vec();
    known.insert(1, "prompt");
    known
}

/// `document_invalid` with the one issue, or their number, as detail.
pub(crate) fn invalid(issues: Vec<crate::Issue>) -> Error {
    let detail = match issues.as_slice() {
        [only] if only.pointer.is_empty() => only.message.clone(),
        [only] => format!("{}: {}", only.pointer, only.message),
        several => format!("{} issues", several.len()),
    };
    Error::new(Code::DocumentInvalid, detail).with_issues(issues)
}

fn read(reader: &mut Reader, mut fields: Fields) -> Document {
    let messages = read_messages(reader, &mut fields);
    let inputs = fields.optional(reader, "inputs", |reader, value, at| {
        reader.unique(&value, at, &["/name", "/identifier"]);
        let inputs = reader.list(value, at, Input::read)?;
        reader.check(inputs.len() <= Input::MAX_INPUTS, at, "at most 256 inputs");
        Some(inputs)
    });
    let outputs = fields.optional(reader, "outputs", |reader, value, at| {
        reader.unique(&value, at, &["/name", "/identifier"]);
        let outputs = reader.list(value, at, Output::read)?;
        reader.check(
            outputs.len() <= Output::MAX_OUTPUTS,
            at,
            "at most 64 outputs",
        );
        Some(outputs)
    });
    let tools = fields.optional(reader, "tools", |reader, value, at| {
        reader.unique(&value, at, &["/function/name"]);
        let tools = reader.list(value, at, tools::read_tool)?;
        reader.check(tools.len() <= 128, at, "at most 128 tools");
        Some(tools)
    });
    let tool_choice = fields.optional(reader, "toolChoice", |reader, value, at| {
        tools::read_choice(reader, value, at, tools.as_deref().unwrap_or_default())
    });
    let response_format = fields.optional(reader, "responseFormat", tools::read_format);
    let asked = outputs.as_deref().and_then(super::output::response_format);
    if let (Some(given), Some(asked)) = (&response_format, asked)
        && *given != asked
    {
        let at = Pointer::root().key("responseFormat");
        reader.issue(
            issue::CONFLICT,
            &at,
            "`outputs` ask for another response format",
        );
    }
    let demonstrations = fields.optional(reader, "demonstrations", Demonstrations::read);
    if demonstrations.is_some() {
        for (index, input) in inputs.iter().flatten().enumerate() {
            let at = Pointer::root().key("inputs").item(index).key("name");
            if input.name == "demonstrations" {
                reader.issue(
                    issue::CONFLICT,
                    &at,
                    "templates read the demonstrations under this name",
                );
            }
        }
    }
    Document {
        messages,
        inputs,
        outputs,
        model: fields.optional(reader, "model", read_model),
        provider: fields.optional(reader, "provider", read_model),
        parameters: fields.optional(reader, "parameters", parameters::read),
        tools,
        tool_choice,
        response_format,
        demonstrations,
        prompting_technique: fields.optional(reader, "promptingTechnique", Technique::read),
        template: fields.optional(reader, "template", TemplateOptions::read),
        metadata: fields.optional(reader, "metadata", Reader::object),
    }
}

/// `messages`, with `prompt` as one system message before them. A first system message that says the same as `prompt`
/// is that message.
fn read_messages(reader: &mut Reader, fields: &mut Fields) -> Vec<Message> {
    let alone = fields.has("prompt");
    let prompt = fields
        .optional(reader, "prompt", Reader::text)
        .map(|text| Message {
            role: Role::System,
            content: Content::Text(text),
            name: None,
        });
    let at = fields.pointer().key("messages");
    let messages = if alone {
        fields.optional(reader, "messages", read_message_list)
    } else {
        fields.required(reader, "messages", read_message_list)
    };
    let mut messages = messages.unwrap_or_default();
    if let Some(prompt) = prompt
        && messages.first() != Some(&prompt)
    {
        messages.insert(0, prompt);
    }
    let most = format!("at most {} messages", Document::MAX_MESSAGES);
    reader.check(messages.len() <= Document::MAX_MESSAGES, &at, &most);
    messages
}

fn read_message_list(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Vec<Message>> {
    let items = value.as_array().map_or(&[][..], Vec::as_slice);
    if items.is_empty() && value.is_array() {
        reader.check(false, at, "at least one message");
    }
    // Counted before they are read, as reading takes time.
    let most = format!("at most {} messages", Document::MAX_MESSAGES);
    reader.check(items.len() <= Document::MAX_MESSAGES, at, &most)?;
    let parts = items
        .iter()
        .filter_map(|item| item.get("content")?.as_array());
    let parts: usize = parts.map(Vec::len).sum();
    let most = format!("at most {} parts of all messages", Document::MAX_PARTS);
    reader.check(
        reader.is_lenient() || parts <= Document::MAX_PARTS,
        at,
        &most,
    )?;
    reader.list(value, at, Message::read)
}

fn read_model(reader: &mut Reader, value: Value, at: &Pointer) -> Option<String> {
    let text = reader.text(value, at)?;
    let printable = text.chars().all(|c| !c.is_control() && !c.is_whitespace());
    reader.check(
        printable && (1..=200).contains(&text.len()),
        at,
        "1 to 200 bytes without white space",
    )?;
    Some(text)
}

#[derive(Default)]
struct DocumentSize {
    bytes: usize,
    values: usize,
    too_deep: bool,
}

/// Gives every number the one form that JSON's readers agree on: 2.0 is 2, and integers stay within ±(2^53 - 1).
/// Counts levels, values and bytes, roughly as canonical JSON would.
fn normalize(
    reader: &mut Reader,
    value: &mut Value,
    at: &LazyPointer<'_>,
    depth: usize,
    size: &mut DocumentSize,
) {
    const SAFE: f64 = 9_007_199_254_740_991.0;
    size.bytes += 1;
    size.values += 1;
    if size.values > Document::MAX_VALUES && !reader.is_lenient() {
        return;
    }
    match value {
        Value::Number(number) => {
            size.bytes += 8;
            let double = number.as_f64().unwrap_or_default();
            if !number.is_f64() && double.abs() > SAFE {
                let issue = reader.issue(
                    issue::UNSAFE_INTEGER,
                    &at.pointer(),
                    "the integer is outside ±(2^53 - 1)",
                );
                issue.expected = Some("an integer within ±(2^53 - 1), or a str".to_owned());
            }
            if number.is_f64() && double.fract() == 0.0 && double.abs() <= SAFE {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "an integer within ±(2^53 - 1)"
                )]
                let integer = double as i64;
                *number = Number::from(integer);
            }
        }
        Value::String(text) => size.bytes += text.len(),
        Value::Array(_) | Value::Object(_) if depth == MAX_DEPTH => {
            size.too_deep = true;
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                normalize(reader, item, &at.item(index), depth + 1, size);
            }
        }
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                size.bytes += key.len();
                normalize(reader, member, &at.key(key), depth + 1, size);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}
