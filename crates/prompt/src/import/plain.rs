//! A Cuecard document in a less strict spelling.

use serde_json::Value;

use super::Imported;
use super::source::{ImportSource, messages};
use crate::error::Result;

/// Our names, and other spellings of them.
const FIELDS: [(&str, &str); 14] = [
    ("prompt", "prompt"),
    ("messages", "messages"),
    ("inputs", "inputs"),
    ("outputs", "outputs"),
    ("model", "model"),
    ("provider", "provider"),
    ("parameters", "parameters"),
    ("tools", "tools"),
    ("toolChoice", "tool_choice"),
    ("responseFormat", "response_format"),
    ("demonstrations", "demonstrations"),
    ("promptingTechnique", "prompting_technique"),
    ("template", "template"),
    ("metadata", "metadata"),
];

pub(super) fn import(mut source: ImportSource) -> Result<Imported> {
    let slug = source.take_text("slug");
    let commit_message = source
        .take_text("commitMessage")
        .or_else(|| source.take_text("commit_message"));
    let field = |source: &mut ImportSource, (key, other): (&'static str, &'static str)| {
        let value = match key {
            "messages" => source.take(key).map(messages),
            "parameters" => source.inner(key).into_parameters()?,
            _ => source.take(key).or_else(|| source.take(other)),
        };
        Ok((key, value))
    };
    let fields = FIELDS.into_iter().map(|names| field(&mut source, names));
    let fields: Vec<(&'static str, Option<Value>)> = fields.collect::<Result<_>>()?;
    source.finish(slug, commit_message, fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;

    #[test]
    fn every_field_of_a_document_is_taken() {
        let names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        let (prompt, fields) = names.split_first().unwrap();
        assert_eq!((*prompt, fields), ("prompt", &Document::FIELDS[..]));
    }
}
