//! Tools, tool choice and response format: carried unchanged, their shapes checked.

use serde_json::{Map, Value};

use super::reader::{Fields, Reader};
use crate::issue;
use crate::json::{Pointer, kind};

const NAME: &str = "1 to 64 letters, digits, `_` and `-`";

/// `{type: "function", function: {name, description?, parameters?, strict?}}`; a tool of another type is a provider's
/// own and is carried unchanged.
pub(super) fn read_tool(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Value> {
    let tool = reader.object(value, at)?;
    match tool.get("type") {
        Some(Value::String(other)) if other != "function" => {
            reader.check(
                !other.is_empty(),
                &at.key("type"),
                "`function` or a provider's own tool type",
            )?;
        }
        _ => {
            let mut fields = reader.fields(tool.clone().into(), at, &["type", "function"])?;
            fields.required(reader, "type", Reader::text);
            fields.required(reader, "function", |reader, value, at| {
                let known = ["name", "description", "parameters", "strict"];
                let mut function = reader.fields(value, at, &known)?;
                function_name(reader, &mut function);
                function.optional(reader, "description", Reader::text);
                function.optional(reader, "parameters", Reader::object);
                function.optional(reader, "strict", Reader::bool)
            });
        }
    }
    Some(tool.into())
}

/// `"auto"`, `"none"`, `"required"` or `{type: "function", function: {name}}` with the name of one of the tools.
pub(super) fn read_choice(
    reader: &mut Reader,
    value: Value,
    at: &Pointer,
    tools: &[Value],
) -> Option<Value> {
    match &value {
        Value::String(_) => {
            let words = ["auto", "none", "required"];
            reader.one_of(value.clone(), at, &words, |text| {
                words.contains(&text).then_some(())
            })?;
        }
        Value::Object(_) => {
            let mut fields = reader.fields(value.clone(), at, &["type", "function"])?;
            fields.required(reader, "type", |reader, value, at| {
                reader.one_of(value, at, &["function"], |text| {
                    (text == "function").then_some(())
                })
            });
            let name = fields.required(reader, "function", |reader, value, at| {
                let mut function = reader.fields(value, at, &["name"])?;
                function_name(reader, &mut function)
            })?;
            let is_tool = tools
                .iter()
                .any(|tool| tool.pointer("/function/name").and_then(Value::as_str) == Some(&name));
            reader.check(
                is_tool,
                &at.key("function").key("name"),
                "the name of one of the tools",
            );
        }
        other => {
            reader.wrong_type(at, "str or dict", kind(other));
            return None;
        }
    }
    if tools.is_empty() {
        reader.issue(issue::CONFLICT, at, "there are no tools to choose from");
    }
    Some(value)
}

/// `{type: "text"}`, `{type: "json_object"}` or `{type: "json_schema", json_schema: {name, schema, description?,
/// strict?}}`.
pub(super) fn read_format(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Value> {
    let mut fields = reader.fields(value.clone(), at, &["type", "json_schema"])?;
    let types = ["text", "json_object", "json_schema"];
    let r#type = fields.required(reader, "type", |reader, value, at| {
        reader.one_of(value, at, &types, |text| {
            types.into_iter().find(|t| *t == text)
        })
    })?;
    if r#type == "json_schema" {
        fields.required(reader, "json_schema", |reader, value, at| {
            let mut schema =
                reader.fields(value, at, &["name", "schema", "description", "strict"])?;
            function_name(reader, &mut schema);
            schema.optional(reader, "description", Reader::text);
            schema.optional(reader, "strict", Reader::bool);
            schema
                .required(reader, "schema", Reader::object)
                .map(drop::<Map<_, _>>)
        });
    } else if fields.has("json_schema") {
        let at = at.key("json_schema");
        reader.issue(
            issue::CONFLICT,
            &at,
            "only the type json_schema has a schema",
        );
    }
    Some(value)
}

fn function_name(reader: &mut Reader, fields: &mut Fields) -> Option<String> {
    fields.required(reader, "name", |reader, value, at| {
        let name = reader.text(value, at)?;
        reader.check(super::message::is_name(&name), at, NAME)?;
        Some(name)
    })
}
