//! The table of limits, from which docs/limits.md is generated.

use crate::document::{Content, Demonstrations, Document, Input, MAX_PARAMETERS, Output, Reader};
use crate::jinja::{Limits, MAX_BLOCKS, MAX_NESTED, MAX_TEMPLATE, Template};
use crate::json::MAX_DEPTH;
use crate::{Code, inputs, liquid, prompt};

/// One limit: what it bounds, its value, and the code of the error beyond it.
pub type LimitRow = (&'static str, String, Code);

/// Every limit of a prompt.
pub fn table() -> Vec<LimitRow> {
    let Limits {
        work,
        memory,
        depth,
        output,
    } = Limits::default();
    let limit = Code::LimitExceeded;
    let invalid = Code::DocumentInvalid;
    let document = bytes(Document::MAX_BYTES);
    let document_values = count(Document::MAX_VALUES);
    let given = bytes(inputs::MAX_BYTES);
    let values = count(inputs::MAX_VALUES);
    let names = count(inputs::MAX_NAMES);
    let turns = count(inputs::MAX_TURN_VALUES);
    let (columns, rows) = (Demonstrations::MAX_COLUMNS, count(Demonstrations::MAX_ROWS));
    let steps = count(Reader::MAX_WORK);
    let units = count(work as usize);
    vec![
        (
            "a document",
            format!("{document}, {document_values} values, {MAX_DEPTH} levels"),
            limit,
        ),
        ("messages", count(Document::MAX_MESSAGES), invalid),
        ("inputs, declared", count(Input::MAX_INPUTS), invalid),
        ("inputs, inferred", count(Input::MAX_INPUTS), limit),
        ("outputs", count(Output::MAX_OUTPUTS), invalid),
        ("parts of a message", count(Content::MAX_PARTS), invalid),
        ("parts of all messages", count(Document::MAX_PARTS), invalid),
        ("parameters", count(MAX_PARAMETERS), invalid),
        (
            "demonstrations",
            format!("{columns} columns, {rows} rows"),
            invalid,
        ),
        ("a template", bytes(MAX_TEMPLATE), limit),
        (
            "tokens of all templates",
            count(Template::MAX_TOKENS),
            limit,
        ),
        (
            "tokens of all Liquid templates of an import",
            count(liquid::MAX_TOKENS),
            limit,
        ),
        ("nested blocks", count(MAX_BLOCKS), limit),
        (
            "inputs of a render",
            format!("{given}, {values} values, {MAX_DEPTH} levels"),
            limit,
        ),
        ("names of a dict of inputs", names, limit),
        (
            "conversations of a render",
            format!("{turns} values"),
            limit,
        ),
        (
            "arguments of tool calls that are texts, together",
            format!("{} values", count(Reader::MAX_ARGUMENTS)),
            limit,
        ),
        ("checks against schemas", format!("{steps} steps"), limit),
        (
            "work of a render",
            format!(
                "{units} units: a node, an element, 16 to 256 bytes, half a value of the inputs, or a step of checking it"
            ),
            limit,
        ),
        ("memory of a render", bytes(memory as usize), limit),
        (
            "nested calls and printed levels",
            count(depth as usize),
            limit,
        ),
        ("nested nodes under way", count(MAX_NESTED as usize), limit),
        ("output of a template", bytes(output), limit),
        ("output of a prompt", bytes(prompt::MAX_OUTPUT), limit),
    ]
}

/// A number with a comma every three digits.
fn count(number: usize) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", count(number / 1000), number % 1000),
    }
}

fn bytes(number: usize) -> String {
    match number >> 20 {
        0 => format!("{} KiB", number >> 10),
        mebibytes => format!("{mebibytes} MiB"),
    }
}
