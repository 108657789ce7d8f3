//! A model's text, checked against the outputs that a version declares.

use serde_json::Value;

use crate::document::{Output, OutputType, Reader};
use crate::error::{Issue, bounded};
use crate::issue;
use crate::jinja;
use crate::json::{LazyPointer, Pointer, kind};
use crate::schema::Schema;

/// `format` is the requested response format. Text that should be JSON and is not stays text.
pub(super) fn read(outputs: &[Output], format: Option<&Value>, text: &str) -> (Value, Vec<Issue>) {
    let format = format.and_then(|format| format.get("type")?.as_str());
    let wants_json = match outputs {
        [] => matches!(format, Some("json_schema" | "json_object")),
        [only] => only.r#type != OutputType::Str,
        _ => true,
    };
    if !wants_json {
        return (text.into(), Vec::new());
    }
    let root = Pointer::root();
    if most_values(text) > Reader::MAX_VALUES {
        let most = Reader::MAX_VALUES;
        let message = format!("the output has more than {most} values");
        let issue = Issue::new(issue::TOO_LARGE, &root, message);
        return (text.into(), vec![issue]);
    }
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        let issue = Issue {
            expected: Some("JSON".to_owned()),
            received: Some("str".to_owned()),
            ..Issue::new(issue::SCHEMA_MISMATCH, &root, "the output is not JSON")
        };
        return (text.into(), vec![issue]);
    };
    let mut reader = Reader::default();
    match outputs {
        [only] if only.r#type == OutputType::JsonSchema => check(only, &mut reader, &value, &root),
        [] => {}
        several => members(several, &mut reader, &value),
    }
    (value, bounded(reader.issues))
}

/// The values that a JSON text has at most: one, and one for each comma and each list or object.
fn most_values(text: &str) -> usize {
    let (mut count, mut in_text, mut escaped) = (1, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => count += 1,
            _ => {}
        }
    }
    count
}

/// Several outputs are the members of an object.
fn members(outputs: &[Output], reader: &mut Reader, value: &Value) {
    let root = Pointer::root();
    let Some(members) = value.as_object() else {
        reader.wrong_type(&root, "dict", kind(value));
        return;
    };
    for output in outputs {
        let at = root.key(&output.name);
        match members.get(&output.name) {
            Some(value) => check(output, reader, value, &at),
            None => {
                let message = format!("the output `{}` is missing", output.name);
                reader.issue(issue::SCHEMA_MISMATCH, &at, message);
            }
        }
    }
}

fn check(output: &Output, reader: &mut Reader, value: &Value, at: &Pointer) {
    let (fits, expected) = match output.r#type {
        OutputType::Str => (value.is_string(), "str"),
        OutputType::Float => (value.is_number(), "float"),
        OutputType::Bool => (value.is_boolean(), "bool"),
        OutputType::JsonSchema => return check_schema(output, reader, value, at),
    };
    if !fits {
        reader.wrong_type(at, expected, kind(value));
    }
}

fn check_schema(output: &Output, reader: &mut Reader, value: &Value, at: &Pointer) {
    let schema = Value::Object(output.schema.clone().unwrap_or_default());
    let mut of_schema = Reader::default();
    let read = Schema::read(&mut of_schema, &schema, &Pointer::root());
    match read {
        Some(schema) if of_schema.issues.is_empty() => {
            let value = jinja::Value::from_json(value);
            schema.check(reader, &value, &LazyPointer::At(at));
        }
        _ => {
            let message = format!(
                "the schema of `{}` has keywords that outputs are not checked against",
                output.name
            );
            reader.issue(issue::NOT_SUPPORTED, at, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Document, Prompt};

    fn output(outputs: serde_json::Value, text: &str) -> (serde_json::Value, Vec<String>) {
        let document = json!({ "prompt": "x", "outputs": outputs });
        let prompt = Prompt::compile(&Document::from_value(document).unwrap()).unwrap();
        let (value, issues) = prompt.output(text);
        let issues = issues.iter().map(|i| format!("{} {}", i.code, i.pointer));
        (value, issues.collect())
    }

    #[test]
    fn text_is_text() {
        assert_eq!(output(json!([]), "{}"), (json!("{}"), vec![]));
        let str = json!([{ "name": "answer", "type": "str" }]);
        assert_eq!(output(str, "{}"), (json!("{}"), vec![]));
    }

    #[test]
    fn a_schema_is_held_against_the_whole() {
        let schema = json!({ "type": "object", "properties": { "n": { "type": "integer" } }, "required": ["n"] });
        let outputs = json!([{ "name": "answer", "type": "json_schema", "schema": schema }]);
        assert_eq!(
            output(outputs.clone(), r#"{"n":1}"#),
            (json!({ "n": 1 }), vec![])
        );
        let said = |text| output(outputs.clone(), text).1;
        assert_eq!(said(r#"{"n":"1"}"#), ["schema_mismatch /n"]);
        assert_eq!(said("Sure! {}"), ["schema_mismatch "]);
        let odd =
            json!([{ "name": "answer", "type": "json_schema", "schema": { "$ref": "#/$defs/x" } }]);
        assert_eq!(output(odd, "{}").1, ["not_supported "]);
    }

    #[test]
    fn an_output_of_many_values_stays_text() {
        let outputs = json!([{ "name": "answer", "type": "json_schema", "schema": {} }]);
        let list = |count| format!("[{}1]", "[],".repeat(count));
        assert!(output(outputs.clone(), &list(49_999)).1.is_empty());
        let (value, said) = output(outputs.clone(), &list(50_000));
        assert_eq!(
            (value, said),
            (json!(list(50_000)), vec!["too_large ".into()])
        );
        let said = output(outputs, &json!(",[\\\",[".repeat(100_000)).to_string()).1;
        assert!(said.is_empty());
    }

    #[test]
    fn several_outputs_are_members() {
        let outputs =
            json!([{ "name": "text", "type": "str" }, { "name": "score", "type": "float" }]);
        let said = |text| output(outputs.clone(), text).1;
        assert!(said(r#"{"text":"a","score":1}"#).is_empty());
        assert_eq!(
            said(r#"{"text":1}"#),
            ["wrong_type /text", "schema_mismatch /score"]
        );
        assert_eq!(said("[]"), ["wrong_type "]);
    }
}
