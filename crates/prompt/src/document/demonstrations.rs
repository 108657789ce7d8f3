//! Demonstrations: the few-shot table.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::identifier::read_identifier;
use super::reader::Reader;
use super::types::Type;
use crate::issue;
use crate::jinja;
use crate::json::{LazyPointer, Pointer};
use crate::suggest::suggest;
use crate::typed;

/// The few-shot table: typed columns, and rows with a value for each.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Demonstrations {
    /// The columns of the table; their ids are names of inputs and outputs.
    pub columns: Vec<Column>,
    /// The examples, in order.
    pub rows: Vec<Row>,
}

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// The name of an input or output.
    pub id: String,
    /// A label for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The type of its cells.
    pub r#type: Type,
}

/// A row of the table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Row {
    /// Identifies the row; unique in the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Column id → value.
    #[serde(flatten)]
    pub cells: Map<String, Value>,
}

/// How demonstrations and reasoning are put into the messages.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Technique {
    /// Each row becomes a user and an assistant message before the real turn.
    FewShot,
    /// The rows are written into the system message.
    InContext,
    /// An instruction to reason is added to the system message.
    ChainOfThought,
}

impl Technique {
    pub(super) fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        let names = ["few_shot", "in_context", "chain_of_thought"];
        reader.one_of(value, at, &names, |text| match text {
            "few_shot" => Some(Self::FewShot),
            "in_context" => Some(Self::InContext),
            "chain_of_thought" => Some(Self::ChainOfThought),
            _ => None,
        })
    }
}

impl Demonstrations {
    /// The most columns.
    pub const MAX_COLUMNS: usize = 64;
    /// The most rows.
    pub const MAX_ROWS: usize = 1000;

    pub(super) fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        let mut fields = reader.fields(value, at, &["columns", "rows"])?;
        let columns = fields.required(reader, "columns", |reader, value, at| {
            reader.unique(&value, at, &["/id"]);
            let columns = reader.list(value, at, Column::read)?;
            reader.check(columns.len() <= Self::MAX_COLUMNS, at, "at most 64 columns");
            Some(columns)
        })?;
        let rows = fields.required(reader, "rows", |reader, value, at| {
            reader.unique(&value, at, &["/id"]);
            let rows = reader.list(value, at, |reader, value, at| {
                Row::read(reader, value, at, &columns)
            })?;
            reader.check(rows.len() <= Self::MAX_ROWS, at, "at most 1000 rows");
            Some(rows)
        })?;
        Some(Self { columns, rows })
    }
}

impl Column {
    fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Self> {
        let mut fields = reader.fields(value, at, &["id", "name", "type"])?;
        let id = fields.required(reader, "id", |reader, value, at| {
            let id = read_identifier(reader, value, at)?;
            reader.check(
                id != "id",
                at,
                "another name than `id`, which is the row's own",
            )?;
            Some(id)
        });
        let name = fields.optional(reader, "name", Reader::text);
        let r#type = fields.required(reader, "type", Type::read);
        Some(Self {
            id: id?,
            name,
            r#type: r#type?,
        })
    }

    /// The label of a column as readers of the examples see it: the name, or else the id.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

impl Row {
    fn read(reader: &mut Reader, value: Value, at: &Pointer, columns: &[Column]) -> Option<Self> {
        let (mut id, mut cells) = (None, Map::new());
        for (key, value) in reader.object(value, at)? {
            let at = at.key(&key);
            if key == "id" {
                id = reader.text(value, &at);
                continue;
            }
            if let Some(column) = columns.iter().find(|column| column.id == key) {
                let given = jinja::Value::from_json(&value);
                typed::fit(reader, &given, column.r#type, &LazyPointer::At(&at));
            } else {
                let suggestion = suggest(&key, columns.iter().map(|column| column.id.as_str()));
                reader
                    .issue(issue::UNKNOWN_FIELD, &at, "there is no such column")
                    .suggestion = suggestion;
            }
            cells.insert(key, value);
        }
        Some(Self { id, cells })
    }
}
