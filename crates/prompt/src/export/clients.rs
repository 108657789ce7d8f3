//! Constructs that clients of other systems, which render by themselves, read otherwise than Jinja2 does.

use super::target::{ExportTarget, Templates, at};
use crate::document::{Content, Document, Part};
use crate::error::{Issue, Result};
use crate::import::System;
use crate::issue;
use crate::json::Pointer;

impl Document {
    /// What the clients of the systems in `metadata.readBy` lose or read otherwise.
    ///
    /// # Errors
    /// `internal`
    pub fn read_otherwise(&self) -> Result<Vec<Issue>> {
        let named = self
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.get("readBy"))
            .and_then(serde_json::Value::as_array);
        let mut issues = Vec::new();
        for name in named.into_iter().flatten() {
            match name.as_str().and_then(System::named) {
                Some(system @ (System::Athina | System::Basalt | System::Langwatch)) => {
                    let target = ExportTarget::new(true, &Templates::UNREAD);
                    issues.extend(self.export(system, target)?.losses);
                    if system == System::Basalt && !self.is_text() {
                        issues.extend(self.basalt_reads_otherwise());
                    }
                }
                _ => {
                    let at = Pointer::root().key("metadata").key("readBy");
                    let message = "systems whose clients render: athina, basalt, langwatch";
                    issues.push(Issue::new(issue::NOT_KEPT, &at, message));
                }
            }
        }
        Ok(issues)
    }

    /// Differences of the engine in Basalt's JavaScript client; its Python client uses Jinja2.
    fn basalt_reads_otherwise(&self) -> Vec<Issue> {
        let mut issues = Vec::new();
        let mut read = |text: &str, at: &Pointer| {
            let message = |what: &&str| format!("{what} in Basalt's JavaScript client");
            let found = constructs(text);
            issues.extend(
                found
                    .iter()
                    .map(|what| Issue::new(issue::NOT_KEPT, at, message(what))),
            );
        };
        for (index, message) in self.messages.iter().enumerate() {
            let at = at(index).key("content");
            match &message.content {
                Content::Text(text) => read(text, &at),
                Content::Parts(parts) => {
                    for (index, part) in parts.iter().enumerate() {
                        if let Part::Text { text } = part {
                            read(text, &at.item(index).key("text"));
                        }
                    }
                }
            }
        }
        issues
    }
}

const LINE: &str = "the end of a line that has a tag alone, and blanks before it, go";
const JSON: &str = "`tojson` leaves `<`, `>`, `&` and `'` as they are";

/// The constructs of a template that @huggingface/jinja reads otherwise, each once.
fn constructs(text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut note = |what| {
        if !found.contains(&what) {
            found.push(what);
        }
    };
    if text.contains('\r') {
        note("CR LF stays");
    }
    let from = |at: usize| text.get(at..).unwrap_or_default();
    let mut rest = 0;
    while let Some(start) = from(rest).find('{').map(|at| rest + at) {
        let open = from(start);
        let close = match open.as_bytes().get(1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                rest = start + 1;
                continue;
            }
        };
        let Some(length) = open.find(close) else {
            break;
        };
        let end = start + length + 2;
        let inside = open.get(2..length).unwrap_or_default();
        rest = end;
        if close != "}}" {
            let before = text.get(..start).unwrap_or_default();
            let unblank = before.trim_end_matches([' ', '\t']);
            let is_indented =
                unblank.len() < before.len() && (unblank.is_empty() || unblank.ends_with('\n'));
            let after = from(end).starts_with('\n');
            let strips = (inside.starts_with('-'), inside.ends_with('-'));
            if (after && !strips.1) || (is_indented && !strips.0) {
                note(LINE);
            }
        }
        if close == "#}" {
            continue;
        }
        let code = without_texts(inside);
        if close == "%}" && code.trim_matches(['-', '+', ' ']).starts_with("raw") {
            note("`raw` is an error");
            let Some(length) = from(rest).find("endraw") else {
                break;
            };
            rest += length;
            rest = from(rest).find("%}").map_or(text.len(), |at| rest + at + 2);
            continue;
        }
        if code.contains("//") || code.contains("**") {
            note("`//` and `**` are errors");
        }
        let dense: String = code.chars().filter(|char| !char.is_whitespace()).collect();
        if dense.contains("|map(\"") {
            note("`map` with the name of a filter is an error");
        }
        if dense.contains("|tojson") {
            note(JSON);
        }
    }
    found
}

/// The code with every text literal emptied to `""`.
fn without_texts(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut chars = code.chars();
    while let Some(char) = chars.next() {
        if char != '"' && char != '\'' {
            out.push(char);
            continue;
        }
        out.push_str("\"\"");
        while let Some(next) = chars.next() {
            match next {
                '\\' => drop(chars.next()),
                end if end == char => break,
                _ => {}
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_is_told_without_the_templates_being_compiled() {
        let shown = serde_json::json!({
            "columns": [{ "id": "a", "name": "a", "type": "str" }],
            "rows": [{ "id": "1", "a": "b" }],
        });
        for content in [
            "{{ a }} {{ demonstrations }}",
            "{{ a + 1 }} {{ x | upper }}",
        ] {
            let document = Document::from_value(serde_json::json!({
                "messages": [{ "role": "user", "content": content }],
                "demonstrations": shown,
                "promptingTechnique": "few_shot",
                "metadata": { "readBy": ["athina", "langwatch"] },
            }));
            let document = document.unwrap();
            let told = [System::Athina, System::Langwatch]
                .map(|system| document.export_to(system).unwrap().losses);
            assert_eq!(document.read_otherwise().unwrap(), told.concat());
        }
    }

    #[test]
    fn each_construct_is_told_once_and_plain_templates_are_not() {
        for (template, expected) in [
            ("Hi {{ name }}, {% if vip %}dear{% endif %} you", 0),
            ("{{ 'a // b ** c' }} {# {% raw %} #} { {", 0),
            ("{%- if a -%}\nx\n{%- endif -%}", 0),
            ("a\n{% if a %}\nx\n{% endif %}\n", 1),
            ("a\n  {% if a -%}x{% endif %}", 1),
            ("{{ 7 // 2 }} {{ 2 ** 3 }}", 1),
            ("{% raw %}{{ x }}{% endraw %} {{ xs | map('upper') }}", 2),
            ("{{ x | tojson }}\r\n", 2),
            ("{{ unclosed", 0),
            ("{% raw %} never closed", 1),
        ] {
            let found = constructs(template);
            assert_eq!(found.len(), expected, "{template}: {found:?}");
        }
    }
}
