//! Tests the static check: it catches faulty edits of valid prompts, and reports nothing about valid prompts.
//!
//! The edits below make both corpora from `tests/fixtures/check/valid.json`, identically in every run.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

use std::fs;
use std::path::Path;

use cuecard_prompt::{Document, Prompt, json};
use serde_json::{Value, json};

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/check")
        .join(name);
    json::parse(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The result of the check: a code if it refuses the document, and all issues and warnings.
fn check(document: &Value) -> (Option<String>, Vec<Value>) {
    let compiled =
        Document::from_value(document.clone()).and_then(|document| Prompt::compile(&document));
    match compiled {
        Ok(prompt) => (
            None,
            prompt.warnings().iter().map(|issue| json!(issue)).collect(),
        ),
        Err(error) => {
            let issues = error.issues().iter().map(|issue| json!(issue)).collect();
            (Some(error.code().to_string()), issues)
        }
    }
}

/// Calls `edit` with each template of the document.
fn templates(document: &mut Value, edit: &mut dyn FnMut(&mut String)) {
    for message in document["messages"].as_array_mut().unwrap() {
        if message["role"] == "placeholder" {
            continue;
        }
        match &mut message["content"] {
            Value::String(text) => edit(text),
            Value::Array(parts) => {
                for part in parts {
                    for key in ["text", "image"] {
                        if let Some(Value::String(text)) = part.get_mut(key) {
                            edit(text);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// Byte ranges of the words in a template's tags that read or write a variable. Attributes, keyword arguments and
/// strings do not count.
fn words(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut tag, mut quote) = (0, false, None);
    if text.contains("{% raw %}") {
        at = text.find("{% endraw %}").unwrap() + 2;
    }
    while at < bytes.len() {
        let two = &bytes[at..(at + 2).min(bytes.len())];
        match bytes[at] {
            c if quote == Some(c) => quote = None,
            _ if quote.is_some() => {}
            b'{' if !tag && two == b"{#" => {
                at = text[at..].find("#}").map_or(bytes.len(), |end| at + end)
            }
            b'{' if two == b"{{" || two == b"{%" => tag = true,
            b'}' | b'%' if tag && (two == b"}}" || two == b"%}") => tag = false,
            b'\'' | b'"' if tag => quote = Some(bytes[at]),
            c if tag && (c.is_ascii_alphabetic() || c == b'_') => {
                let start = at;
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                    at += 1;
                }
                let attribute = start > 0 && bytes[start - 1] == b'.';
                let keyword = bytes.get(at) == Some(&b'=') && bytes.get(at + 1) != Some(&b'=');
                if !attribute && !keyword {
                    found.push((start, at));
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Renames a variable in a template: every use, or the first only. Returns whether there was one.
fn rename(text: &mut String, from: &str, to: &str, first: bool) -> bool {
    let hits: Vec<_> = words(text)
        .into_iter()
        .filter(|(start, end)| &text[*start..*end] == from)
        .collect();
    let count = if first { 1 } else { hits.len() };
    for (start, end) in hits.iter().take(count).rev() {
        text.replace_range(*start..*end, to);
    }
    !hits.is_empty()
}

fn input_names(document: &Value) -> Vec<String> {
    let inputs = document["inputs"].as_array().into_iter().flatten();
    inputs
        .map(|input| input["name"].as_str().unwrap().to_owned())
        .collect()
}

/// Edits that keep a prompt correct.
fn harmless(document: &Value) -> Vec<(&'static str, Value)> {
    let mut edits = vec![("as it is", document.clone())];
    let mut edit = |name, change: &mut dyn FnMut(&mut Value)| {
        let mut edited = document.clone();
        change(&mut edited);
        edits.push((name, edited));
    };
    edit("renamed inputs", &mut |document| {
        let renamed = |name: &str| Value::from(format!("{name}_2"));
        for name in input_names(document) {
            templates(document, &mut |text| {
                rename(text, &name, &format!("{name}_2"), false);
            });
            for message in document["messages"].as_array_mut().unwrap() {
                if message["role"] == "placeholder"
                    && message["content"] == format!("{{{{ {name} }}}}")
                {
                    message["content"] = format!("{{{{ {name}_2 }}}}").into();
                }
            }
            for column in document
                .pointer_mut("/demonstrations/columns")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                if column["id"] == *name {
                    column["id"] = renamed(&name);
                }
            }
            for row in document
                .pointer_mut("/demonstrations/rows")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                if let Some(cell) = row.as_object_mut().unwrap().shift_remove(&name) {
                    row[format!("{name}_2")] = cell;
                }
            }
            templates(document, &mut |text| {
                *text = text.replace(&format!("d.{name} "), &format!("d.{name}_2 "))
            });
        }
        for input in document["inputs"].as_array_mut().unwrap() {
            input["name"] = renamed(input["name"].as_str().unwrap());
        }
    });
    edit("comments and white space", &mut |document| {
        templates(document, &mut |text| {
            *text = format!(
                "{{# {{{{ x }}}} #}}{}\n",
                text.replace("{{ ", "{{-\n  ").replace("\u{20}%}", "\t-%}")
            )
        });
    });
    edit("within a condition", &mut |document| {
        templates(document, &mut |text| {
            *text = format!("{{% if true %}}{text}{{% endif %}}")
        });
    });
    edit("inferred inputs", &mut |document| {
        drop(document.as_object_mut().unwrap().shift_remove("inputs"))
    });
    edit("accepted spellings and another order", &mut |document| {
        let inputs = document["inputs"].as_array_mut().unwrap();
        inputs.reverse();
        for input in inputs {
            let spelling = match input["type"].as_str().unwrap() {
                "str" => "string",
                "int" => "integer",
                "float" => "number",
                "bool" => "boolean",
                "dict" => "object",
                "list" => "array",
                "messages" => "chat_messages",
                other => other,
            };
            input["type"] = spelling.into();
        }
    });
    edits
}

/// Typical mistakes as edits. The result omits edits that do not apply to this prompt.
fn faulty(document: &Value) -> Vec<(String, Value)> {
    let mut edits = Vec::new();
    let mut edit = |name: String, change: &mut dyn FnMut(&mut Value) -> bool| {
        let mut edited = document.clone();
        if change(&mut edited) {
            assert_ne!(edited, *document, "{name}");
            edits.push((name, edited));
        }
    };
    for name in input_names(document) {
        let swapped = misspell(&name);
        edit(
            format!("misspelt `{swapped}` where it is read"),
            &mut |document| {
                let mut done = false;
                templates(document, &mut |text| {
                    done = done || rename(text, &name, &swapped, true)
                });
                done
            },
        );
        edit(
            format!("misspelt `{swapped}` where it is declared"),
            &mut |document| {
                let inputs = document["inputs"].as_array_mut().unwrap().iter_mut();
                inputs
                    .filter(|input| input["name"] == *name)
                    .for_each(|input| input["name"] = swapped.clone().into());
                true
            },
        );
        edit(format!("`{name}` is no longer declared"), &mut |document| {
            document["inputs"]
                .as_array_mut()
                .unwrap()
                .retain(|input| input["name"] != *name);
            true
        });
    }
    edit("an input that nothing reads".into(), &mut |document| {
        document["inputs"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "name": "left_over", "type": "str" }));
        true
    });
    let replacements = [
        (" | join", " | jion"),
        (" | length", " | lenght"),
        (" | trim", " | tirm"),
        (" | upper", " | uper"),
        (" | sort(", " | sorted("),
        (" | map(", " | mapp("),
        (" | default(", " | defualt("),
        (" | round", " | ronud"),
        (" | tojson", " | json"),
        (" | title", " | titel"),
        (" | first", " | fisrt"),
        (" | list", " | lsit"),
        (" is defined", " is defiend"),
        (" is even", " is evne"),
        (" is number", " is numeric"),
        (" is odd", " is odddd"),
        (" is not defined", " is not set"),
        (" is string", " is str"),
        ("{% endif %}", ""),
        ("{% endfor %}", ""),
        ("{% endfor %}", "{% endif %}"),
        ("{% endif %}", "{% fi %}"),
        ("{% endmacro %}", ""),
        ("{% endwith %}", ""),
        ("{% endset %}", ""),
        ("{% endcall %}", ""),
        ("{% endraw %}", ""),
        (" in ", " of "),
        (" }}", " }"),
        (" %}", " }"),
        ("{% if ", "{% fi "),
        ("{% for ", "{% foreach "),
        ("{% elif ", "{% else if "),
        (") }}", " }}"),
        ("'", ""),
        ("{{ ", "{{ { "),
        (" }}", " | }}"),
        (" }}", " ~ }}"),
        ("order.lines", "order.line"),
        ("order.address", "order.adress"),
        ("address.city", "address.town"),
        ("line.sku", "line.skuu"),
        ("doc.title", "doc.titel"),
        ("user.email", "user.mail"),
        ("order.id", "order.number"),
        ("order['address']", "order['addres']"),
        ("name.strip()", "name.strp()"),
        ("text.replace(", "text.sub("),
        ("item }}", "itme }}"),
        ("loop.index }}", "lopp.index }}"),
        ("ns.total }}", "nss.total }}"),
        ("greeting }}", "greting }}"),
        ("caller()", "callr()"),
        ("namespace(", "namespce("),
        ("range(", "rnage("),
    ];
    for (from, to) in replacements {
        edit(format!("`{to}` for `{from}`"), &mut |document| {
            let mut done = false;
            templates(document, &mut |text| {
                if !done && text.contains(from) {
                    *text = text.replacen(from, to, 1);
                    done = true;
                }
            });
            done
        });
    }
    edit("a misspelt role".into(), &mut |document| {
        document["messages"][0]["role"] = "usr".into();
        true
    });
    edit("a misspelt field".into(), &mut |document| {
        document["message"] = json!([]);
        true
    });
    edit("a default of another type".into(), &mut |document| {
        let input = &mut document["inputs"][0];
        input["default"] = if input["type"] == "dict" {
            json!([])
        } else {
            json!({})
        };
        true
    });
    edits
}

fn misspell(name: &str) -> String {
    let mut chars: Vec<char> = name.chars().collect();
    match (1..chars.len()).find(|&index| chars[index - 1] != chars[index] && chars[index] != '_') {
        Some(index) => chars.swap(index - 1, index),
        None => chars.push('x'),
    }
    chars.into_iter().collect()
}

#[test]
fn good_prompts_raise_no_alarm() {
    let fixture = fixture("valid.json");
    let mut alarms = Vec::new();
    let mut count = 0;
    for prompt in fixture["prompts"].as_array().unwrap() {
        for (name, document) in harmless(&prompt["document"]) {
            count += 1;
            let said = check(&document);
            if said != (None, Vec::new()) {
                alarms.push(format!(
                    "{} ({name}): {said:?}\n    {}",
                    prompt["id"], document["messages"]
                ));
            }
        }
    }
    println!(
        "static check: {count} valid prompts, {} false alarms",
        alarms.len()
    );
    assert!(count >= 200);
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}

#[test]
fn faulty_edits_are_caught() {
    let fixture = fixture("valid.json");
    let mut missed = Vec::new();
    let mut count = 0;
    for prompt in fixture["prompts"].as_array().unwrap() {
        for (name, document) in faulty(&prompt["document"]) {
            count += 1;
            if check(&document) == (None, Vec::new()) {
                missed.push(format!(
                    "{}: {name}\n    {}",
                    prompt["id"], document["messages"]
                ));
            }
        }
    }
    let caught = count - missed.len();
    let share = 100.0 * f64::from(u32::try_from(caught).unwrap())
        / f64::from(u32::try_from(count).unwrap());
    println!("static check: {caught} of {count} faulty edits caught, {share:.1} %");
    println!("missed:\n{}", missed.join("\n"));
    assert!(count >= 200);
    assert!(share >= 95.0, "{}", missed.join("\n"));
}

/// Codes, places and suggestions of findings, written by hand.
#[test]
fn the_check_says_what_and_where() {
    for case in fixture("findings.json")["cases"].as_array().unwrap() {
        let (code, mut found) = check(&case["document"]);
        assert_eq!(
            json!(code),
            case.get("code").cloned().unwrap_or_default(),
            "{}: {found:#?}",
            case["id"]
        );
        for issue in &mut found {
            let issue = issue.as_object_mut().unwrap();
            issue.retain(|key, _| ["code", "pointer", "at", "suggestion"].contains(&key.as_str()));
        }
        assert_eq!(json!(found), case["issues"], "{}", case["id"]);
    }
}

/// The check covers grammar that only Jinja2 has, and long templates.
#[test]
fn every_template_that_compiles_is_checked() {
    let elifs: String = (0..1000)
        .map(|n| format!("{{% elif known == {n} %}}{n}"))
        .collect();
    let long = format!("{{% if known %}}{elifs}{{% else %}}{{{{ mispelt }}}}{{% endif %}}");
    for template in [
        "{{ known + +mispelt }}",
        "{{ known, mispelt }}",
        "{% print known, mispelt %}",
        "{% for a, b in known, mispelt %}{{ a }}{{ b }}{% endfor %}",
        "{% set (a, b) = known, mispelt %}{{ a }}{{ b }}",
        "{% macro m() %}{% block b %}{{ known }}{{ mispelt }}{% endblock %}{% endmacro %}{{ m() }}",
        "{% if known: %}{{ mispelt }}{% endif %}",
        "{% filter upper|replace(known, mispelt) %}x{% endfilter %}",
        "{{ known[mispelt, 1] }}",
        "{{ known is sameas mispelt }}",
        "{{ dict(a=1, *known, **mispelt) }}",
        "{% for a in known recursive %}{{ loop(a + mispelt) }}{% endfor %}",
        "{% for a in known if a > mispelt %}{{ a }}{% endfor %}",
        &long,
    ] {
        let inputs = json!([{ "name": "known", "type": "any" }]);
        let (code, found) = check(&json!({ "prompt": template, "inputs": inputs }));
        assert_eq!(code.as_deref(), Some("template_undefined"), "{template}");
        assert_eq!(found.len(), 1, "{template}: {found:#?}");
        assert_eq!(found[0]["code"], "undefined_name", "{template}");
    }
}

/// The check of templates full of errors stays bounded.
#[test]
fn the_check_has_an_end() {
    let many = "{{ aaaaaaaa | bbbbbb }}{{ cccccc.dddd }}".repeat(2500);
    let inputs: Vec<_> = (0..256)
        .map(|n| json!({ "name": format!("input_{n}"), "type": "int" }))
        .collect();
    let (code, found) =
        check(&json!({ "messages": [{ "role": "user", "content": many }], "inputs": inputs }));
    assert_eq!(
        (code.as_deref(), found.len()),
        (Some("template_unknown_name"), 100)
    );
    let elifs: String = (0..4000)
        .map(|n| format!("{{% elif x{} is undefined %}}{n}", n % 255))
        .collect();
    let (code, found) = check(&json!({ "prompt": format!("{{% if y %}}{elifs}{{% endif %}}") }));
    assert_eq!((code, found.len()), (None, 0));
    let (code, _) =
        check(&json!({ "prompt": format!("{{{{ z }}}}{{% if y %}}{elifs}{{% endif %}}") }));
    assert_eq!(code.as_deref(), Some("limit_exceeded"), "257 names");
}

/// The inferred inputs, and whether each is required.
#[test]
fn every_name_that_is_looked_up_is_inferred() {
    for (template, expected) in [
        (
            "{% if c %}{% set tools = c %}{% endif %}{{ tools }}",
            "c tools?",
        ),
        ("{% set a = 1 %}{{ a }}", ""),
        ("{{ a }}{% set a = 1 %}{{ a }}", "a"),
        ("{% set a = a|default('x') %}{{ a }}", "a?"),
        (
            "{% if c %}{% set a = 1 %}{% else %}{% set a = 2 %}{% endif %}{{ a }}",
            "c a?",
        ),
        (
            "{% if a is not defined %}{% set a = none %}{% endif %}{{ a }}",
            "a?",
        ),
        (
            "{% for x in xs %}{{ x }}{{ y }}{% set y = x %}{% endfor %}{{ y }}",
            "xs y",
        ),
        (
            "{% macro m(a, b=c) %}{{ a }}{{ b }}{{ late }}{{ kwargs }}{% endmacro %}{{ late }}{% set late = 1 %}{{ m(1) }}",
            "c late",
        ),
        (
            "{% macro m() %}{{ late }}{% endmacro %}{% if c %}{% set late = 1 %}{% endif %}{{ m() }}",
            "c late?",
        ),
        ("{% with a = b %}{{ a }}{% endwith %}{{ a }}", "b a"),
        (
            "{% set a = 1 %}{% block b %}{{ a }}{{ d }}{% endblock %}",
            "d a?",
        ),
        (
            "{{ loop }}{{ caller }}{{ varargs }}{{ self }}",
            "loop caller varargs",
        ),
        ("{{ range(3) }}{{ namespace(a=1) }}{{ x }}", "x"),
    ] {
        let document = json!({ "prompt": template });
        let prompt = Prompt::compile(&Document::from_value(document).unwrap()).unwrap();
        let inferred = prompt.inputs().iter().map(|input| {
            let optional = if input.is_required() { "" } else { "?" };
            format!("{}{optional}", input.name)
        });
        let inferred = inferred.collect::<Vec<_>>();
        let mut expected: Vec<_> = expected.split_whitespace().collect();
        let mut inferred: Vec<_> = inferred.iter().map(String::as_str).collect();
        expected.sort_unstable();
        inferred.sort_unstable();
        assert_eq!(inferred, expected, "{template}");
    }
}

/// An inferred input replaces the global of its name.
#[test]
fn an_input_wins_over_a_global() {
    for name in ["range", "dict", "lipsum", "cycler", "joiner", "namespace"] {
        for undefined in ["strict", "lenient"] {
            let document = json!({
                "messages": [{ "role": "user", "content": format!("{{{{ {name} }}}}") }],
                "template": { "undefined": undefined },
            });
            let prompt = Prompt::compile(&Document::from_value(document).unwrap()).unwrap();
            assert_eq!(prompt.inputs(), [], "{name}");
            let rendered = prompt.render(&json!({ name: "given" })).unwrap();
            assert_eq!(json!(rendered.messages[0].content), "given", "{name}");
            assert!(prompt.render(&json!({})).is_ok(), "{name}");
        }
    }
}

/// A declared input hides the global of its name, even if the caller omits the input.
#[test]
fn a_declared_input_hides_a_global() {
    for name in ["range", "dict", "lipsum", "cycler", "joiner", "namespace"] {
        for undefined in ["strict", "lenient"] {
            let document = json!({
                "messages": [{
                    "role": "user",
                    "content": format!("{{{{ {name} is defined }}}}{{% if {name} %}}{{{{ {name} }}}}{{% endif %}}"),
                }],
                "inputs": [{ "name": name, "type": "str", "required": false }],
                "template": { "undefined": undefined },
            });
            let prompt = Prompt::compile(&Document::from_value(document).unwrap()).unwrap();
            for (given, expected) in [
                (json!({}), "False"),
                (json!({ name: "given" }), "Truegiven"),
            ] {
                let rendered = prompt.render(&given).unwrap();
                assert_eq!(json!(rendered.messages[0].content), expected, "{name}");
            }
        }
    }
}

/// An unknown filter or test in a branch is an error under `strict`, and a warning under `lenient`.
#[test]
fn unknown_filters_in_branches() {
    for (template, lenient) in [
        ("{% if a %}{{ a|nope }}{% endif %}", true),
        ("{{ a|nope if a }}", true),
        (
            "{% if a %}{% for b in c %}{{ b is nope }}{% endfor %}{% endif %}",
            false,
        ),
        ("{{ a|nope }}", false),
        ("{{ a is nope }}", false),
    ] {
        for undefined in ["strict", "lenient"] {
            let document = json!({ "prompt": template, "template": { "undefined": undefined } });
            let (code, found) = check(&document);
            let passes = lenient && undefined == "lenient";
            assert_eq!(code.is_none(), passes, "{template} {undefined}");
            assert_eq!(found.len(), 1, "{template} {undefined}: {found:?}");
            if passes {
                let prompt = Prompt::compile(&Document::from_value(document).unwrap()).unwrap();
                assert!(prompt.render(&json!({ "a": false })).is_ok());
                assert!(prompt.render(&json!({ "a": true })).is_err());
            }
        }
    }
}
