//! Prompts that JavaScript can render by itself: nothing but text and variables that are printed as they are.
//!
//! Such a prompt needs no engine: its output is the pieces in a row. What is not surely of that kind has no plan, and an
//! input that is not surely a plain string sends JavaScript back to the engine. `js/plan.ts` runs the plan.

use cuecard_prompt::{Content, Document, Input, Prompt, Rendered, Role, Type, Undefined};
use serde::Serialize;
use serde_json::{Map, Value};

/// How to render without the engine.
#[derive(Debug, Serialize)]
pub(crate) struct Plan {
    /// Every declared input, in order.
    names: Vec<String>,
    /// Which of them must be strings; the others must be dicts.
    strings: Vec<bool>,
    /// Whether other inputs pass, unread.
    open: bool,
    /// The pieces of each message.
    messages: Vec<Vec<Piece>>,
    /// What the engine makes of empty inputs: roles, names, and all that is in a rendered prompt beside messages.
    rendered: Rendered,
}

/// A piece of a message.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Piece {
    Text(String),
    /// The index of an input.
    Input(usize),
    /// The index of an input, and a key in it.
    Member(usize, String),
}

/// The names of Python's `dict` that an attribute finds before a key.
const METHODS: [&str; 11] = [
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];

impl Plan {
    /// The plan of a document, if it is simple enough and gives what the engine gives.
    pub(crate) fn of(document: &Document, prompt: &Prompt) -> Option<Self> {
        let inputs = prompt.inputs();
        let lenient =
            document.template.and_then(|template| template.undefined) == Some(Undefined::Lenient);
        let open = document.inputs.is_none() && lenient;
        let plain = document.demonstrations.is_none() && document.prompting_technique.is_none();
        let simple = |input: &Input| {
            matches!(input.r#type, Type::Str | Type::Dict | Type::Any)
                && input.r#enum.is_none()
                && input.schema.is_none()
        };
        if !plain || !inputs.iter().all(simple) {
            return None;
        }
        let keeps_newline = document
            .template
            .and_then(|template| template.keep_trailing_newline);
        let message = |message: &cuecard_prompt::Message| match (&message.role, &message.content) {
            (Role::Placeholder, _) | (_, Content::Parts(_)) => None,
            (_, Content::Text(text)) => pieces(text, keeps_newline.unwrap_or(false), inputs),
        };
        let messages: Vec<_> = document
            .messages
            .iter()
            .map(message)
            .collect::<Option<_>>()?;
        let reads = |index: usize, whole: bool| {
            messages.iter().flatten().any(|piece| match piece {
                Piece::Text(_) => false,
                Piece::Input(of) => whole && *of == index,
                Piece::Member(of, _) => !whole && *of == index,
            })
        };
        let is_string = |(index, input): (usize, &Input)| match input.r#type {
            Type::Str => Some(true),
            Type::Dict => Some(false),
            _ if reads(index, true) => Some(true),
            _ => reads(index, false).then_some(false),
        };
        Some(Self {
            open,
            names: inputs.iter().map(|input| input.name.clone()).collect(),
            strings: inputs
                .iter()
                .enumerate()
                .map(is_string)
                .collect::<Option<_>>()?,
            rendered: prove(prompt, &messages)?,
            messages,
        })
    }
}

/// Renders with values that tell which they are: the pieces in a row must be what the engine makes of them.
fn prove(prompt: &Prompt, messages: &[Vec<Piece>]) -> Option<Rendered> {
    let mark = |index: usize, key: &str| format!("<{index}.{key}>");
    let mut values = Map::new();
    for (index, input) in prompt.inputs().iter().enumerate() {
        let members = messages.iter().flatten().filter_map(|piece| match piece {
            Piece::Member(of, key) if *of == index => Some((key.clone(), mark(index, key).into())),
            _ => None,
        });
        let members: Map<_, _> = members.collect();
        let whole = members.is_empty() && input.r#type != Type::Dict;
        let value = if whole {
            mark(index, "").into()
        } else {
            Value::Object(members)
        };
        values.insert(input.name.clone(), value);
    }
    let mut rendered = prompt.render(&Value::Object(values)).ok()?;
    let same = rendered.messages.len() == messages.len()
        && rendered
            .messages
            .iter()
            .zip(messages)
            .all(|(message, pieces)| {
                let texts = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::Input(index) => mark(*index, ""),
                    Piece::Member(index, key) => mark(*index, key),
                });
                message.content == Content::Text(texts.collect())
            });
    for message in &mut rendered.messages {
        message.content = Content::default();
    }
    same.then_some(rendered)
}

/// The pieces of a template that is text and `{{ name }}` or `{{ name.key }}`, without tags, comments or carriage returns.
fn pieces(template: &str, keeps_newline: bool, inputs: &[Input]) -> Option<Vec<Piece>> {
    if ["{%", "{#", "\r"]
        .iter()
        .any(|part| template.contains(part))
    {
        return None;
    }
    let mut rest = if keeps_newline {
        template
    } else {
        template.strip_suffix('\n').unwrap_or(template)
    };
    let mut pieces = Vec::new();
    while let Some((text, after)) = rest.split_once("{{") {
        if !text.is_empty() {
            pieces.push(Piece::Text(text.to_owned()));
        }
        let (expression, after) = after.split_once("}}")?;
        pieces.push(variable(
            expression.trim_matches([' ', '\n', '\t']),
            inputs,
        )?);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Some(pieces)
}

fn variable(expression: &str, inputs: &[Input]) -> Option<Piece> {
    let (name, key) = match expression.split_once('.') {
        Some((name, key)) => (name, Some(key)),
        None => (expression, None),
    };
    let index = inputs.iter().position(|input| input.name == name)?;
    let r#type = inputs.get(index)?.r#type;
    match key {
        None => (r#type != Type::Dict).then_some(Piece::Input(index)),
        Some(key) => {
            let plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
                && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && !METHODS.contains(&key);
            (plain && r#type != Type::Str).then(|| Piece::Member(index, key.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(content: &str) -> Value {
        let document = Document::from_value(json!({
            "messages": [{ "role": "user", "content": content }],
            "inputs": [{ "name": "a", "type": "str" }, { "name": "d", "type": "dict" }],
        }));
        let document = document.unwrap();
        let plan = Prompt::compile(&document)
            .ok()
            .and_then(|prompt| Plan::of(&document, &prompt));
        json!(plan.map(|plan| plan.messages))
    }

    #[test]
    fn text_and_variables() {
        assert_eq!(
            plan("x {{ a }}{{a}}\ny {{ d.b_1 }}\n"),
            json!([["x ", 0, 0, "\ny ", [1, "b_1"]]])
        );
        assert_eq!(plan("}} %} { { #"), json!([["}} %} { { #"]]));
    }

    #[test]
    fn everything_else_is_the_engines() {
        for content in [
            "{{ b }}",
            "{{ a.b }}",
            "{{ d }}",
            "{{ d.items }}",
            "{{ d.__class__ }}",
            "{{ d.b.c }}",
            "{{ d['b'] }}",
            "{{- a }}",
            "{{ a -}}",
            "{{ a|upper }}",
            "{{ a",
            "{{{ a }}}",
            "{% if a %}{% endif %}",
            "{# a #}",
            "{{ a }}\r\n",
            "{{ 'a' }}",
            "{{ (a) }}",
            "{{ a b }}",
        ] {
            assert_eq!(plan(content), Value::Null, "{content}");
        }
    }
}
