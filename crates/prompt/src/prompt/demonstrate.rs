//! Puts demonstrations into the messages.

use serde_json::{Map, Value};

use crate::check::Findings;
use crate::document::{
    Column, Demonstrations, Document, Input, OutputType, Reader, Role, Row, Technique, Type,
    invalid,
};
use crate::error::{Issue, Result};
use crate::issue;
use crate::jinja;
use crate::json::{self, LazyPointer, Pointer};
use crate::suggest::suggest;
use crate::template::print;
use crate::typed;

/// The demonstrations of a prompt, ready for a render.
#[derive(Debug, Default)]
pub(super) enum ShownDemonstrations {
    /// No demonstrations.
    #[default]
    No,
    /// A template names them: the rows, as a list of dicts.
    Placed(Value),
    /// Before the real turn, one user and one assistant message each.
    Pairs {
        /// The inputs that have a column.
        inputs: Vec<String>,
        pairs: Vec<DemonstrationPair>,
    },
    /// In the system message.
    InContext(String),
}

/// One demonstration.
#[derive(Debug)]
pub(super) struct DemonstrationPair {
    /// The row's inputs.
    pub(super) inputs: Vec<(String, Value)>,
    /// The model's answer.
    pub(super) answer: String,
}

pub(super) fn plan(
    document: &Document,
    inputs: &[Input],
    placed: bool,
    findings: &mut Findings,
) -> Result<ShownDemonstrations> {
    let technique = document.prompting_technique;
    let at = Pointer::root().key("demonstrations");
    let shows = matches!(technique, Some(Technique::FewShot | Technique::InContext));
    let Some(table) = &document.demonstrations else {
        if shows {
            let message = "the technique needs demonstrations";
            return Err(invalid(vec![Issue::new(
                issue::MISSING_FIELD,
                &at,
                message,
            )]));
        }
        return Ok(ShownDemonstrations::No);
    };
    if placed {
        return Ok(ShownDemonstrations::Placed(rows(table)));
    }
    match technique {
        Some(Technique::InContext) => Ok(ShownDemonstrations::InContext(examples(table))),
        Some(Technique::FewShot) => pairs(document, table, inputs, &at),
        _ => {
            let message = "no template names the demonstrations, and no technique places them";
            findings
                .warnings
                .push(Issue::new(issue::UNUSED_DEMONSTRATIONS, &at, message));
            Ok(ShownDemonstrations::No)
        }
    }
}

fn cell(row: &Row, column: &Column) -> Option<Value> {
    let cell = row.cells.get(&column.id)?;
    Some(typed::fit_json(cell, column.r#type))
}

fn cells<'a>(row: &'a Row, table: &'a Demonstrations) -> impl Iterator<Item = (&'a Column, Value)> {
    table
        .columns
        .iter()
        .filter_map(|column| Some((column, cell(row, column)?)))
}

/// The rows as templates read them: in column order, typed.
fn rows(table: &Demonstrations) -> Value {
    let row = |row: &Row| {
        let id = row
            .id
            .iter()
            .map(|id| ("id".to_owned(), Value::from(id.as_str())));
        let cells = cells(row, table).map(|(column, value)| (column.id.clone(), value));
        Value::Object(id.chain(cells).collect::<Map<_, _>>())
    };
    table.rows.iter().map(row).collect()
}

/// The rows as a paragraph.
pub(crate) fn examples(table: &Demonstrations) -> String {
    let example = |row: &Row| {
        let lines = cells(row, table)
            .map(|(column, value)| format!("{}: {}", column.label(), print(&value)));
        lines.collect::<Vec<_>>().join("\n")
    };
    let examples: Vec<_> = table.rows.iter().map(example).collect();
    format!("Examples:\n\n{}", examples.join("\n\n"))
}

fn pairs(
    document: &Document,
    table: &Demonstrations,
    inputs: &[Input],
    at: &Pointer,
) -> Result<ShownDemonstrations> {
    let mut reader = Reader::default();
    let columns_at = at.key("columns");
    let input = |column: &Column| inputs.iter().find(|input| input.name == column.id);
    let outputs = document.outputs.as_deref();
    for (index, column) in table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| input(column).is_none())
    {
        if let Some(outputs) = outputs
            && !outputs.iter().any(|output| output.name == column.id)
        {
            let names = inputs
                .iter()
                .map(|input| &input.name)
                .chain(outputs.iter().map(|output| &output.name));
            let suggestion = suggest(&column.id, names.map(String::as_str));
            let at = columns_at.item(index).key("id");
            reader
                .issue(
                    issue::INVALID_VALUE,
                    &at,
                    "expected the name of an input or output",
                )
                .suggestion = suggestion;
        }
    }
    let (asked, answered): (Vec<_>, Vec<_>) = table
        .columns
        .iter()
        .partition(|column| input(column).is_some());
    if answered.is_empty() {
        reader.check(false, &columns_at, "a column for an output");
    }
    if !document
        .messages
        .iter()
        .any(|message| message.role == Role::User)
    {
        let at = Pointer::root().key("messages");
        reader.check(false, &at, "a user message for few_shot to repeat");
    }
    let mut pairs = Vec::with_capacity(table.rows.len());
    for (index, row) in table.rows.iter().enumerate() {
        let at = at.key("rows").item(index);
        let mut pair = DemonstrationPair {
            inputs: Vec::new(),
            answer: String::new(),
        };
        for column in &asked {
            let at = at.key(&column.id);
            match (cell(row, column), input(column)) {
                (Some(mut value), Some(input)) => {
                    let schema = input.compile_schema();
                    if column.r#type == Type::Any && input.r#type == Type::Str {
                        // A cell may be a number where the column is a text.
                        value = print(&value).into_owned().into();
                    }
                    let (value, at) = (jinja::Value::from_json(&value), LazyPointer::At(&at));
                    let value = input.fit(&mut reader, schema.as_ref(), &value, &at);
                    let value = value.and_then(|value| typed::to_json(&value));
                    pair.inputs
                        .extend(value.map(|value| (input.name.clone(), value)));
                }
                (None, Some(input)) if input.is_required() => {
                    reader.issue(
                        issue::MISSING_FIELD,
                        &at,
                        format!("`{}` is required", column.id),
                    );
                }
                _ => {}
            }
        }
        for column in answered
            .iter()
            .filter(|column| !row.cells.contains_key(&column.id))
        {
            reader.issue(
                issue::MISSING_FIELD,
                &at.key(&column.id),
                format!("`{}` is required", column.id),
            );
        }
        pair.answer = answer(document, row, &answered);
        pairs.push(pair);
    }
    if !reader.issues.is_empty() {
        return Err(invalid(reader.issues));
    }
    Ok(ShownDemonstrations::Pairs {
        inputs: asked.iter().map(|column| column.id.clone()).collect(),
        pairs,
    })
}

/// A single output is its printed text, or its JSON where it has a schema; several are a JSON object.
fn answer(document: &Document, row: &Row, columns: &[&Column]) -> String {
    let value = |column: &&Column| cell(row, column);
    if let [only] = columns {
        let value = value(only).unwrap_or_default();
        let output = document
            .outputs
            .iter()
            .flatten()
            .find(|output| output.name == only.id);
        let is_json = output.is_some_and(|output| output.r#type == OutputType::JsonSchema);
        return match value {
            Value::Array(_) | Value::Object(_) => json::text(&value),
            value if is_json && !value.is_string() => json::text(&value),
            value => print(&value).into_owned(),
        };
    }
    let members = columns
        .iter()
        .filter_map(|column| Some((column.id.clone(), value(column)?)));
    json::text(&members.collect::<Map<_, _>>().into())
}
