//! `wrangler.jsonc`: JSON with comments.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

pub(super) fn read(file: &Path) -> Result<Value> {
    let jsonc =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&without_comments(&jsonc)).context("worker/wrangler.jsonc is not valid")
}

/// JSON from JSON with comments and trailing commas.
fn without_comments(jsonc: &str) -> String {
    let mut json = String::with_capacity(jsonc.len());
    let mut chars = jsonc.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('"', _) => {
                json.push(c);
                while let Some(c) = chars.next() {
                    json.push(c);
                    match c {
                        '\\' => json.extend(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            ('/', Some('/')) => while chars.next_if(|c| *c != '\n').is_some() {},
            ('/', Some('*')) => {
                let mut last = chars.next();
                for c in chars.by_ref() {
                    if (last, c) == (Some('*'), '/') {
                        break;
                    }
                    last = Some(c);
                }
            }
            ('}' | ']', _) => {
                if json.trim_end().ends_with(',') {
                    json.truncate(json.trim_end().len() - 1);
                }
                json.push(c);
            }
            _ => json.push(c),
        }
    }
    json
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn jsonc_becomes_json() {
        let jsonc = "{ // one\n \"a\": \"http://x/*y*/\\\"\", /* two **/ \"b\": [1, 2,],\n}";
        let value: Value = serde_json::from_str(&without_comments(jsonc)).unwrap();
        assert_eq!(value, json!({ "a": "http://x/*y*/\"", "b": [1, 2] }));
    }
}
