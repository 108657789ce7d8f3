//! Declared outputs, and the response format that they give.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::identifier::read_identifier;
use super::reader::Reader;
use crate::issue;
use crate::json::Pointer;

/// A declared output.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Output {
    /// The output's name, as an input's.
    pub name: String,
    /// The type.
    pub r#type: OutputType,
    /// The JSON Schema of a `json_schema` output; carried as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<Map<String, Value>>,
}

/// The type of an output.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputType {
    /// A text.
    Str,
    /// A number.
    Float,
    /// True or false.
    Bool,
    /// What `schema` describes.
    JsonSchema,
}

impl OutputType {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "str" | "string" => Some(Self::Str),
            "float" | "number" => Some(Self::Float),
            "bool" | "boolean" => Some(Self::Bool),
            "json_schema" => Some(Self::JsonSchema),
            _ => None,
        }
    }
}

impl Output {
    /// The most outputs in a document.
    pub const MAX_OUTPUTS: usize = 64;

    pub(super) fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        let mut fields = reader.fields(value, at, &["name", "type", "schema", "identifier"])?;
        let key = fields.renamed(reader, "name", "identifier");
        let name = fields.required(reader, &key, read_identifier);
        let r#type = fields.required(reader, "type", |reader, value, at| {
            reader.one_of(
                value,
                at,
                &["str", "float", "bool", "json_schema"],
                OutputType::parse,
            )
        })?;
        let schema = match r#type {
            OutputType::JsonSchema => fields.required(reader, "schema", Reader::object),
            _ => {
                let schema_at = at.key("schema");
                if fields.has("schema") {
                    reader.issue(
                        issue::CONFLICT,
                        &schema_at,
                        "only a json_schema output has a schema",
                    );
                }
                None
            }
        };
        if r#type == OutputType::JsonSchema && schema.is_none() {
            return None;
        }
        Some(Self {
            name: name?,
            r#type,
            schema,
        })
    }

    fn json_schema(&self) -> Value {
        match self.r#type {
            OutputType::Str => json!({ "type": "string" }),
            OutputType::Float => json!({ "type": "number" }),
            OutputType::Bool => json!({ "type": "boolean" }),
            OutputType::JsonSchema => self.schema.clone().unwrap_or_default().into(),
        }
    }
}

/// The response format that outputs ask for: none for a single text; the schema itself for a single `json_schema`;
/// otherwise an object with one member per output, all required.
pub(crate) fn response_format(outputs: &[Output]) -> Option<Value> {
    let (name, schema) = match outputs {
        [] => return None,
        [only] if only.r#type == OutputType::Str => return None,
        [only] if only.r#type == OutputType::JsonSchema => (only.name.as_str(), only.json_schema()),
        several => {
            let members = several
                .iter()
                .map(|output| (output.name.clone(), output.json_schema()));
            let names: Vec<_> = several.iter().map(|output| output.name.as_str()).collect();
            let properties: Map<_, _> = members.collect();
            let schema = json!({
                "type": "object",
                "properties": properties,
                "required": names,
                "additionalProperties": false,
            });
            ("outputs", schema)
        }
    };
    Some(json!({ "type": "json_schema", "json_schema": { "name": name, "schema": schema } }))
}
