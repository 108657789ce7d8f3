//! Compares translations of Liquid with the recorded output of npm liquidjs: a translation gives the same text, or the
//! template is refused. `differences.json` lists other templates, as errors or as silent differences.

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
    let listed = |kind: &str, source: &str| known[kind].get(source).is_some();
    let contexts = recorded["contexts"].as_array().unwrap();
    let options = Options {
        undefined: support::undefined(Some("lenient")),
        keep_trailing_newline: true,
        ..support::options(&Value::Null)
    };
    let (mut same, mut refused, mut differing, mut wrong) = (0, 0, Vec::new(), Vec::new());
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
                let kind = if rendered.is_err() {
                    "errors"
                } else {
                    "silent"
                };
                let difference = format!("{source:?} → {jinja:?}: {rendered:?}, not {expected}");
                (!same).then_some((kind, difference))
            });
        match differs {
            None => same += 1,
            Some((kind, _)) if listed(kind, source) => differing.push((kind, source)),
            Some((kind, difference)) => wrong.push(format!("{kind}: {difference}")),
        }
    }
    for kind in ["errors", "silent"] {
        let stale = known[kind].as_object().unwrap().keys();
        let stale = stale.filter(|source| !differing.contains(&(kind, source.as_str())));
        wrong.extend(stale.map(|source| format!("{kind}: {source:?} is listed, but the same")));
    }
    let figures = format!("{same} same, {refused} refused, {} listed", differing.len());
    assert!(wrong.is_empty(), "{figures}:\n{}", wrong.join("\n"));
    assert!(same >= 422, "{figures}");
}
