//! Declared inputs.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::identifier::read_identifier;
use super::reader::Reader;
use super::types::Type;
use crate::issue;
use crate::jinja;
use crate::json::{self, LazyPointer, Pointer};
use crate::schema::Schema;
use crate::typed::{self, kind};

/// A declared input.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Input {
    /// The name that templates read, an identifier of Python: a letter or `_`, then letters, digits and `_`, at most 64
    /// characters.
    pub name: String,
    /// The type.
    pub r#type: Type,
    /// Whether a render needs it; by default, whether it has no `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// The value of an input that is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// A description for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The allowed values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#enum: Option<Vec<Value>>,
    /// Narrows a `dict` or a list: JSON Schema, the subset that [`Schema`] lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<Map<String, Value>>,
}

impl Input {
    /// The most inputs of a document, declared or inferred.
    pub const MAX_INPUTS: usize = 256;

    /// A required input.
    pub fn new(name: impl Into<String>, r#type: Type) -> Self {
        Self {
            name: name.into(),
            r#type,
            ..Self::default()
        }
    }

    /// Whether a render fails without it.
    pub fn is_required(&self) -> bool {
        self.required.unwrap_or(self.default.is_none())
    }

    pub(super) fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        let known = [
            "name",
            "type",
            "required",
            "default",
            "description",
            "enum",
            "schema",
            "identifier",
        ];
        let mut fields = reader.fields(value, at, &known)?;
        let key = fields.renamed(reader, "name", "identifier");
        let name = fields.required(reader, &key, read_identifier);
        let r#type = fields.required(reader, "type", Type::read);
        let required = fields.optional(reader, "required", Reader::bool);
        let description = fields.optional(reader, "description", Reader::text);
        let r#enum = fields.optional(reader, "enum", |reader, value, at| {
            let values = reader.list(value, at, |reader, value, at| {
                if let Some(r#type) = r#type {
                    let given = jinja::Value::from_json(&value);
                    typed::fit(reader, &given, r#type, &LazyPointer::At(at))?;
                }
                Some(value)
            })?;
            reader.check(!values.is_empty(), at, "at least one value")?;
            reader.check(
                r#type.is_none_or(Type::is_scalar),
                at,
                "no `enum`: the type is not str, int, float or bool",
            )?;
            Some(values)
        });
        let mut compiled = None;
        let schema = fields.optional(reader, "schema", |reader, value, at| {
            reader.check(
                r#type.is_none_or(|t| t.is_list() || t == Type::Dict),
                at,
                "no `schema`: the type is not dict or a list",
            )?;
            compiled = Schema::read(reader, &value, at);
            reader.object(value, at)
        });
        let mut input = Self {
            name: name?,
            r#type: r#type?,
            required,
            default: None,
            description,
            r#enum,
            schema,
        };
        input.default = fields.optional(reader, "default", |reader, value, at| {
            if required == Some(true) {
                reader.issue(
                    issue::CONFLICT,
                    at,
                    "an input with a default is not required",
                );
            }
            let given = jinja::Value::from_json(&value);
            input.fit(reader, compiled.as_ref(), &given, &LazyPointer::At(at))?;
            Some(value)
        });
        Some(input)
    }

    /// A value that this input's type, `enum` and compiled `schema` accept, in the form of the type.
    pub(crate) fn fit<'v>(
        &self,
        reader: &mut Reader,
        schema: Option<&Schema>,
        value: &'v jinja::Value,
        at: &LazyPointer<'_>,
    ) -> Option<Cow<'v, jinja::Value>> {
        let value = typed::fit(reader, value, self.r#type, at)?;
        if let Some(values) = &self.r#enum
            && !values.iter().any(|allowed| typed::equal(allowed, &value))
        {
            let expected = format!("one of {}", json::brief_json(values));
            let issue = reader.issue(
                issue::NOT_IN_ENUM,
                &at.pointer(),
                format!("expected {expected}"),
            );
            issue.expected = Some(expected);
            issue.received = Some(kind(&value).to_owned());
            return None;
        }
        if let Some(schema) = schema {
            schema.check(reader, &value, at)?;
        }
        Some(value)
    }

    /// The input's schema, compiled.
    pub(crate) fn compile_schema(&self) -> Option<Schema> {
        self.schema.as_ref().map(Schema::of)
    }
}
