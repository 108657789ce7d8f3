//! Athina's `prompt_template`.

use serde_json::{Map, Value, json};

use super::target::{ExportTarget, Exported, json, set};
use crate::document::{Content, Document, Message, Part, Role};
use crate::error::Result;
use crate::import::spelling;

pub(super) fn export(document: &Document, mut target: ExportTarget) -> Result<Exported> {
    let messages: Result<Vec<Value>> = document.messages.iter().map(message).collect();
    target.put("prompt", messages?);
    target.maybe("model", document.model.clone());
    target.maybe("provider", document.provider.clone());
    let metadata = document.metadata.as_ref();
    let names = metadata.and_then(|metadata| metadata.get("athina")?.get("parameters"));
    let parameters = document.parameters.as_ref().map(|parameters| {
        let named = |(name, value): (&String, &Value)| {
            let kept = names.and_then(|names| names.get(name)?.as_str());
            (kept.unwrap_or(spelling(name)).to_owned(), value.clone())
        };
        parameters.iter().map(named).collect::<Map<_, _>>()
    });
    target.maybe("parameters", parameters);
    target.maybe("tools", document.tools.clone());
    target.maybe("tool_choice", document.tool_choice.clone());
    target.maybe("response_format", document.response_format.clone());
    target.maybe("metadata", document.metadata.clone());
    target.has_no_place_for(
        document,
        &[
            "inputs",
            "outputs",
            "demonstrations",
            "promptingTechnique",
            "template",
        ],
    );
    Ok(target.finish())
}

/// A placeholder has the role `import`, an image is OpenAI's `image_url`.
fn message(message: &Message) -> Result<Value> {
    let mut value = json(message)?;
    if message.role == Role::Placeholder {
        set(&mut value, "role", "import");
    }
    if let Content::Parts(parts) = &message.content {
        let part = |part: &Part| match part {
            Part::Text { text } => json!({ "type": "text", "text": text }),
            Part::Image { image } => json!({ "type": "image_url", "image_url": { "url": image } }),
            Part::Other(part) => json!(part),
        };
        set(
            &mut value,
            "content",
            parts.iter().map(part).collect::<Value>(),
        );
    }
    Ok(value)
}
