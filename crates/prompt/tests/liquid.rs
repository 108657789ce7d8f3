//! Liquid against npm liquidjs, as recorded: a translation gives the same text, or the template is refused.

use std::fs;

use cuecard_prompt::jinja::{Limits, Options, Template};
use cuecard_prompt::{json, liquid_to_jinja};
use serde_json::Value;

mod support;

#[test]
fn a_translation_gives_what_liquid_gives_or_is_refused() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/liquid/");
    let read = |name: &str| json::parse(&fs::read_to_string(format!("{folder}{name}")).unwrap());
    let recorded = read("cases.json").unwrap();
    let known = read("differences.json").unwrap();
    let known = known["differences"].as_object().unwrap();
    let contexts = recorded["contexts"].as_array().unwrap();
    let options = Options {
        undefined: support::undefined(Some("lenient")),
        keep_trailing_newline: true,
        ..support::options(&Value::Null)
    };
    let (mut same, mut refused, mut wrong) = (0, 0, Vec::new());
    for case in recorded["cases"].as_array().unwrap() {
        let source = case["template"].as_str().unwrap();
        let Ok(jinja) = liquid_to_jinja(source) else {
            refused += 1;
            continue;
        };
        let template = Template::compile(&jinja, &options);
        let differs = contexts
            .iter()
            .zip(case["outputs"].as_array().unwrap())
            .find_map(|(context, expected)| {
                let rendered = template.as_ref().map_err(Clone::clone).and_then(|t| {
                    t.render(
                        &support::map(context.as_object().unwrap()),
                        &Limits::default(),
                    )
                });
                let same = match (&rendered, expected.get("output")) {
                    (Ok(output), Some(Value::String(wanted))) => output == wanted,
                    (Err(_), None) => true,
                    _ => false,
                };
                (!same).then(|| format!("{source:?} → {jinja:?}: {rendered:?}, not {expected}"))
            });
        match differs {
            None => same += 1,
            Some(_) if known.contains_key(source) => {}
            Some(difference) => wrong.push(difference),
        }
    }
    assert!(
        wrong.is_empty(),
        "{same} same, {refused} refused, {} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        same >= 300,
        "{same} same, {refused} refused, {} known",
        known.len()
    );
}
