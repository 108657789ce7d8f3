//! Any bytes are compiled and rendered, or end in an error: no panic, no overflow, no endless run.
//!
//! The first byte chooses: a JSON document, a template, or a template of fragments, each chosen by one byte.
#![no_main]

use cuecard_prompt::{Document, Prompt, json, liquid_to_jinja};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else {
        return;
    };
    let content = match first % 4 {
        0 => return whole(rest),
        1 => String::from_utf8_lossy(rest).into_owned(),
        _ => rest.iter().map(|&byte| fragment(byte)).collect(),
    };
    let _ = liquid_to_jinja(&content);
    run(json!({ "messages": [{ "role": "user", "content": content }], "template": { "language": "text" } }));
    let mut template = json!({ "undefined": if first & 4 == 0 { "strict" } else { "lenient" } });
    for (bit, name) in [
        (8, "trimBlocks"),
        (16, "lstripBlocks"),
        (32, "keepTrailingNewline"),
    ] {
        template[name] = (first & bit != 0).into();
    }
    run(json!({ "messages": [{ "role": "user", "content": content }], "template": template }));
});

fn whole(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(document) = json::parse(text)
    {
        run(document);
    }
}

fn run(document: Value) {
    let Ok(document) = Document::from_value(document) else {
        return;
    };
    let Ok(prompt) = Prompt::compile(&document) else {
        return;
    };
    let _ = prompt.plan();
    let inputs = json!({
        "s": "Straße <b>\n x, y", "n": -7, "f": 2.5e-7, "b": true, "z": null, "l": [3, "a", [1.5, null], {"k": 1}],
        "d": {"k": "v", "a b": [1, 2], "n": {"k": 0}}, "e": "", "m": [{"k": 2, "g": "x"}, {"k": 1, "g": "y"}],
    });
    // Only inputs that are read: an undeclared input would end every render.
    let names: Vec<_> = prompt
        .inputs()
        .iter()
        .map(|input| input.name.clone())
        .collect();
    let given: Value = match inputs {
        Value::Object(all) => all
            .into_iter()
            .filter(|(name, _)| names.contains(name))
            .collect(),
        other => other,
    };
    let _ = prompt.check(&given);
    let _ = prompt.render(&given);
}

fn fragment(byte: u8) -> &'static str {
    FRAGMENTS[usize::from(byte) % FRAGMENTS.len()]
}

#[rustfmt::skip]
const FRAGMENTS: &[&str] = &[
    "{{ ", " }}", "{% if ", " %}", "{% endif %}", "{% for x in ", "{% endfor %}", "{% else %}", "{% elif ", "{% set y = ",
    "{% set y %}", "{% endset %}", "{% macro q(p, r=1) %}", "{% endmacro %}", "{{ q(", "{% call q(", "{% endcall %}",
    "{% filter ", "{% endfilter %}", "{% with y = ", "{% endwith %}", "{% block u %}", "{% block v scoped %}", "{% endblock %}",
    "{% raw %}", "{% endraw %}", "{# ", " #}", "{%- ", " -%}", "{{- ", " -}}", "{% do ", "{% break %}", "{% continue %}",
    "{% autoescape true %}", "{% endautoescape %}", " recursive %}", " if ", " else ", "for x, y in ", "{% set ns.k = ",
    "namespace(k=1)", "ns", "loop", "loop(", "loop.index", "loop.cycle(", "loop.changed(", "caller()", "super()", "self.u()",
    "range(", "dict(", "cycler(", "joiner(", "lipsum(", "x", "y", "s", "n", "f", "b", "z", "l", "d", "e", "m", "q", "p",
    "1", "0", "-1", "2.5", "1e300", "99999999999999999999", "'a'", "''", "'%s %d %5.2f'", "'{} {0!r:>9}'", "none", "true",
    " + ", " - ", " * ", " / ", " // ", " % ", " ** ", " ~ ", " == ", " != ", " < ", " >= ", " in ", " not in ", " not ",
    " and ", " or ", " is ", " is not ", "(", ")", "[", "]", "{", "}", ", ", ": ", ".", "=", "|", "*", "**", ".k", "['k']",
    "[0]", "[::-1]", "[1:", "abs", "attr('k')", "batch(2, 0)", "capitalize", "center(9)", "default('v')", "dictsort",
    "escape", "e", "filesizeformat", "first", "float", "forceescape", "format(1, s)", "groupby('g')", "indent(2, true)",
    "int(0, 16)", "items", "join(', ')", "last", "length", "list", "lower", "map('upper')", "map(attribute='k')", "max",
    "min", "pprint", "random", "reject('odd')", "rejectattr('k')", "replace('a', s)", "reverse", "round(2, 'floor')", "safe",
    "select", "selectattr('k', 'gt', 1)", "slice(3)", "sort(true)", "string", "striptags", "sum(attribute='k')", "title",
    "tojson(2)", "trim", "truncate(5)", "unique", "upper", "urlencode", "urlize", "wordcount", "wordwrap(3)", "xmlattr",
    "defined", "divisibleby(3)", "sameas(y)", "mapping", "sequence", "iterable", "callable", "number", ".items()", ".get(",
    ".split(", ".format(", ".append(", ".update(", ".join(", ".upper()", ".replace(", ".zfill(20)", ".splitlines()",
    ".encode()", ".count(", ".title()", "text", "\n", " ", "ä€😀", "\u{130}", "\r\n",
];
