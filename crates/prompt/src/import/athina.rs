//! Athina's `prompt_template`.

use serde_json::Value;

use super::Imported;
use super::source::{Source, messages, not_empty};
use crate::error::Result;

pub(super) fn import(mut source: Source) -> Result<Imported> {
    let slug = source.take_text("prompt_slug");
    let commit_message = source.take_text("commit_message");
    let tools = not_empty(source.take("tools"));
    let choice = source.take("tool_choice");
    if tools.is_none() && choice.is_some() {
        source.loses("tool_choice", "there are no tools to choose from");
    }
    let fields = [
        ("messages", source.take("prompt").map(messages)),
        ("model", source.take("model")),
        ("provider", source.take("provider")),
        ("parameters", source.inner("parameters").into_parameters()),
        ("toolChoice", choice.filter(|_| tools.is_some())),
        ("tools", tools),
        ("responseFormat", source.take("response_format")),
        ("metadata", source.take("metadata").filter(Value::is_object)),
    ];
    source.finish(slug, commit_message, fields)
}
