//! Athina's `prompt_template`.

use serde_json::{Value, json};

use super::Imported;
use super::source::{ImportSource, messages, not_empty};
use crate::error::Result;

pub(super) fn import(mut source: ImportSource) -> Result<Imported> {
    let slug = source.take_text("prompt_slug");
    let commit_message = source.take_text("commit_message");
    let tools = not_empty(source.take("tools"));
    let choice = source.take("tool_choice");
    if tools.is_none() && choice.is_some() {
        source.loses("tool_choice", "there are no tools to choose from");
    }
    let parameters = source.inner("parameters");
    let names = parameters.names();
    let mut metadata = source.take_object("metadata");
    if !names.is_empty() {
        let kept = metadata.get_or_insert_default();
        kept.insert("athina".to_owned(), json!({ "parameters": names }));
    }
    let fields = [
        ("messages", source.take("prompt").map(messages)),
        ("model", source.take("model")),
        ("provider", source.take("provider")),
        ("parameters", parameters.into_parameters()?),
        ("toolChoice", choice.filter(|_| tools.is_some())),
        ("tools", tools),
        ("responseFormat", source.take("response_format")),
        ("metadata", metadata.map(Value::Object)),
    ];
    source.finish(slug, commit_message, fields)
}
