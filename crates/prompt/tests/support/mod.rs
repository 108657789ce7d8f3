//! Values of tests/conformance/tagged.py and options, for the tests against Jinja2 and the example `render`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "fixtures are well formed, or the test fails"
)]

use cuecard_prompt::jinja::{Map, Options, Str, UndefinedBehavior, Value};
use serde_json::Value as Json;

/// Converts tagged JSON to a value.
pub(crate) fn value(json: &Json) -> Value {
    match json {
        Json::Array(items) => Value::list(items.iter().map(value).collect()),
        Json::Object(fields) => {
            let tagged = fields.iter().next().filter(|_| fields.len() == 1);
            match tagged.map(|(tag, inner)| (tag.as_str(), inner)) {
                Some(("$tuple", Json::Array(items))) => {
                    Value::tuple(items.iter().map(value).collect())
                }
                Some(("$markup", Json::String(text))) => Value::Str(Str::markup(text.as_str())),
                Some(("$int", Json::String(digits))) => {
                    Value::int(digits.parse().expect("an integer of 128 bits"))
                }
                Some(("$float", Json::String(text))) => {
                    Value::Float(text.parse().expect("nan, inf or -inf"))
                }
                Some(("$range", Json::Array(range))) => {
                    let [start, stop, step] =
                        [0, 1, 2].map(|at| range[at].as_i64().expect("an int"));
                    Value::range(start, stop, step)
                }
                Some(("$dict", Json::Array(pairs))) => {
                    let mut map = Map::default();
                    for pair in pairs {
                        map.insert(value(&pair[0]), value(&pair[1]))
                            .expect("a hashable key");
                    }
                    Value::dict(map)
                }
                _ => Value::dict(map(fields)),
            }
        }
        plain => Value::from_json(plain),
    }
}

/// The variables of a template.
pub(crate) fn map(fields: &serde_json::Map<String, Json>) -> Map {
    let mut map = Map::default();
    for (name, field) in fields {
        map.insert_str(Str::new(name.as_str()), value(field));
    }
    map
}

/// The options of a case, under Jinja2's names.
pub(crate) fn options(case: &Json) -> Options {
    let flag = |name: &str| case[name].as_bool().unwrap_or(false);
    Options {
        undefined: undefined(case["undefined"].as_str()),
        trim_blocks: flag("trim_blocks"),
        lstrip_blocks: flag("lstrip_blocks"),
        keep_trailing_newline: flag("keep_trailing_newline"),
        ..Options::default()
    }
}

/// Parses the behaviour of undefined values. Jinja2's default is lenient.
pub(crate) fn undefined(name: Option<&str>) -> UndefinedBehavior {
    match name {
        Some("strict") => UndefinedBehavior::Strict,
        _ => UndefinedBehavior::Lenient,
    }
}
