//! The types of LangWatch's tables, which are those of its datasets.

use serde_json::{Map, Value};

use crate::document::{Reader, Type};
use crate::jinja;
use crate::json::{LazyPointer, Pointer};
use crate::typed;

/// LangWatch's name of a type, if it has one.
pub(crate) fn written(r#type: Type) -> Option<&'static str> {
    Some(match r#type {
        Type::Str => "string",
        Type::Float => "number",
        Type::Bool => "boolean",
        Type::Image => "image",
        Type::List => "list",
        Type::Messages => "chat_messages",
        Type::Any => "json",
        _ => return None,
    })
}

/// Gives each column of a table a type of ours that all its cells have. Returns LangWatch's types by column where ours
/// cannot express them.
pub(super) fn read(table: &mut Value) -> Option<Value> {
    let rows = table.get("rows").cloned().unwrap_or_default();
    let columns = table.get_mut("columns").and_then(Value::as_array_mut)?;
    let mut kept = Map::new();
    for column in columns {
        let (Some(id), Some(theirs)) = (text(column, "id"), text(column, "type")) else {
            continue;
        };
        let ours = match theirs.as_str() {
            "date" => Type::Str,
            "json" | "spans" | "rag_contexts" | "annotations" | "evaluations" => Type::Any,
            other => match Type::parse(other) {
                Some(known) => known,
                None => continue,
            },
        };
        let cells = rows.as_array().into_iter().flatten();
        let fits = cells.filter_map(|row| row.get(&id)).all(|cell| {
            let mut reader = Reader::default();
            let (cell, root) = (jinja::Value::from_json(cell), Pointer::root());
            typed::fit(&mut reader, &cell, ours, &LazyPointer::At(&root));
            reader.issues.is_empty()
        });
        let ours = if fits { ours } else { Type::Any };
        if written(ours) != Some(theirs.as_str()) && Type::parse(&theirs) != Some(ours) {
            kept.insert(id, theirs.into());
        }
        if let Some(column) = column.as_object_mut() {
            column.insert("type".to_owned(), ours.as_str().into());
        }
    }
    (!kept.is_empty()).then(|| kept.into())
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}
