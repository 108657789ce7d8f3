//! Runs Jinja2's own test suite, recorded by tests/conformance/record.py, and the list of known differences.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "fixtures are well formed, or the test fails; the figures are for people"
)]

mod support;

use std::collections::BTreeMap;

use cuecard_prompt::jinja::{self, Limits, Template};
use cuecard_prompt::{Code, Error};
use serde_json::{Value as Json, json};

const SUITE: &str = include_str!("../../../tests/fixtures/jinja2/suite.json");
const SYNTAX: &str = include_str!("../../../tests/fixtures/jinja2/syntax.json");
const DIFFERENCES: &str = include_str!("../../../tests/fixtures/jinja2/differences.json");

/// The outcome of a case: text, or the code of an error.
fn render(case: &Json) -> Result<String, Code> {
    let code = |error: jinja::Error| Error::from(error).code();
    let mut source = case["template"].as_str().unwrap().to_owned();
    if case["autoescape"] == true {
        source = format!("{{% autoescape true %}}{source}{{% endautoescape %}}");
    }
    let template = Template::compile(&source, &support::options(case)).map_err(code)?;
    let context = support::map(case["context"].as_object().unwrap());
    template.render(&context, &Limits::default()).map_err(code)
}

fn differences() -> BTreeMap<String, Json> {
    let list: Vec<Json> = serde_json::from_str(DIFFERENCES).unwrap();
    let named = |entry: Json| (entry["id"].as_str().unwrap().to_owned(), entry);
    list.into_iter().map(named).collect()
}

#[test]
fn jinja2_s_own_suite_renders_as_in_jinja2() {
    let suite: Json = serde_json::from_str(SUITE).unwrap();
    let known = differences();
    let (mut passed, mut total, mut unlisted, mut vanished) = (0, 0, Vec::new(), Vec::new());
    let cases = suite["cases"].as_array().unwrap();
    for case in cases {
        // `templates_that_need_others_are_refused` tests these.
        if case["class"] == "template_include" {
            continue;
        }
        total += 1;
        let got = render(case);
        let agrees = match case["output"].as_str() {
            Some(output) => got.as_deref() == Ok(output),
            None => got.is_err(),
        };
        let id = case["id"].as_str().unwrap();
        passed += usize::from(agrees);
        match (agrees, known.contains_key(id)) {
            (true, true) => vanished.push(id.to_owned()),
            (false, false) => unlisted.push(format!(
                "{id}\n  template {}\n  jinja2   {}\n  ours     {got:?}",
                case["template"],
                if case["output"].is_null() {
                    &case["error"]
                } else {
                    &case["output"]
                },
            )),
            _ => {}
        }
    }
    println!(
        "Jinja2's own suite: {passed} of {total} ({:.1} %), beside {} that need other templates",
        100.0 * passed as f64 / total as f64,
        cases.len() - total
    );
    assert!(passed * 100 >= total * 97, "less than 97 % pass");
    assert!(
        unlisted.is_empty(),
        "not in differences.json:\n{}",
        unlisted.join("\n")
    );
    assert!(
        vanished.is_empty(),
        "listed in differences.json, but equal: {vanished:?}"
    );
}

/// Compares the parser with Jinja2, as tests/conformance/syntax.py recorded it: refused templates with message and
/// line, and accepted ones.
#[test]
fn syntax_errors_are_jinja2_s() {
    let cases: Vec<Json> = serde_json::from_str(SYNTAX).unwrap();
    let mut failures = Vec::new();
    for case in &cases {
        let template = case["template"].as_str().unwrap();
        let found = match Template::compile(template, &Default::default()) {
            Ok(_) => (Json::Null, Json::Null),
            Err(error) => {
                // Our message also tells where the unclosed block starts.
                let detail = error.detail().split(" It starts at line ").next();
                let at = error.pos().unwrap();
                assert!(at.line > 0 && at.column > 0, "{template:?}: {at:?}");
                (json!(detail), json!(at.line))
            }
        };
        let has_line = !case["line"].is_null();
        if found.0 != case["error"] || has_line && found.1 != case["line"] {
            failures.push(format!("{template:?}: {case} {found:?}"));
        }
    }
    assert!(
        cases.len() > 500 && failures.is_empty(),
        "{}",
        failures.join("\n")
    );
}

/// Every listed difference still exists, with the listed outputs. tests/conformance/parity.py checks differences of
/// whole documents through the package.
#[test]
fn every_listed_difference_is_still_true() {
    for (id, entry) in differences() {
        assert!(!entry["reason"].as_str().unwrap().is_empty(), "{id}");
        if entry.get("document").is_some() {
            continue;
        }
        let ours = render(&entry);
        let listed = match entry["ours"]["output"].as_str() {
            Some(output) => Ok(output.to_owned()),
            None => Err(entry["ours"]["error"].as_str().unwrap().to_owned()),
        };
        assert_eq!(ours.map_err(|code| code.to_string()), listed, "{id}");
        assert_ne!(entry["ours"]["output"], entry["jinja2"]["output"], "{id}");
    }
}

/// A template that needs other templates is refused when it compiles, or fails as it does in Jinja2.
#[test]
fn templates_that_need_others_are_refused() {
    let suite: Json = serde_json::from_str(SUITE).unwrap();
    let mut refused = 0;
    for case in suite["cases"].as_array().unwrap() {
        if case["class"] == "template_include" {
            let code = render(case).expect_err(case["id"].as_str().unwrap());
            refused += 1;
            assert!(
                code == Code::TemplateInclude || !case["error"].is_null(),
                "{} {code}",
                case["id"]
            );
        }
    }
    println!("refused: {refused} templates that include, import or extend others");
}
