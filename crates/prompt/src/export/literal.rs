//! Escapes texts that another system reads as templates, so that it prints them unchanged.

/// The opening of a Liquid tag.
pub(super) const LIQUID: [&str; 2] = ["{{", "{%"];

/// The opening of a Jinja2 tag, and the marks that trim white space around it: @huggingface/jinja removes those from
/// the source even where there is no tag.
pub(super) const JINJA2: [&str; 6] = ["{{", "{%", "{#", "-%}", "-}}", "-#}"];

/// The text with each mark printed by a tag.
pub(super) fn escape(text: &str, marks: &[&str]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some(mark) = marks.iter().find(|mark| rest.starts_with(**mark)) {
            out.push_str("{{ '");
            out.push_str(mark);
            out.push_str("' }}");
            rest = rest.get(mark.len()..).unwrap_or_default();
        } else {
            out.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
    out
}
