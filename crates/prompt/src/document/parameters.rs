//! Model parameters: known names are checked, others are carried unchanged.

use serde_json::{Map, Value};

use super::reader::Reader;
use crate::error::Issue;
use crate::issue;
use crate::json::Pointer;
use crate::payload::parameter_of;
use crate::suggest::suggest;

/// The values of a known parameter.
enum ParameterRule {
    Between(f64, f64),
    Positive,
    Natural,
    Integer,
    Bool,
    Stop,
    Word,
}

const KNOWN: [(&str, ParameterRule); 14] = [
    ("temperature", ParameterRule::Between(0.0, 2.0)),
    ("topP", ParameterRule::Between(0.0, 1.0)),
    ("topK", ParameterRule::Natural),
    ("minP", ParameterRule::Between(0.0, 1.0)),
    ("maxTokens", ParameterRule::Natural),
    ("stop", ParameterRule::Stop),
    ("seed", ParameterRule::Integer),
    ("frequencyPenalty", ParameterRule::Between(-2.0, 2.0)),
    ("presencePenalty", ParameterRule::Between(-2.0, 2.0)),
    ("repetitionPenalty", ParameterRule::Positive),
    ("parallelToolCalls", ParameterRule::Bool),
    ("reasoningEffort", ParameterRule::Word),
    ("verbosity", ParameterRule::Word),
    ("user", ParameterRule::Word),
];

pub(super) fn read(reader: &mut Reader, value: Value, at: &Pointer) -> Option<Map<String, Value>> {
    let parameters = reader.object(value, at)?;
    let few = parameters.len() <= MAX_PARAMETERS || reader.is_lenient();
    reader.check(few, at, &format!("at most {MAX_PARAMETERS} parameters"))?;
    for (name, rule) in &KNOWN {
        if let Some(value) = parameters.get(*name) {
            rule.check(reader, value, &at.key(name));
        }
    }
    Some(parameters)
}

/// The most parameters: no API has more.
pub(crate) const MAX_PARAMETERS: usize = 256;

/// Unknown parameters that probably mean a known one: `max_tokens`, `temprature`. They are carried all the same.
pub(crate) fn near_misses(parameters: &Map<String, Value>) -> Vec<Issue> {
    // Each is compared with all known names.
    let unknown = parameters
        .keys()
        .filter(|name| !KNOWN.iter().any(|(known, _)| known == name))
        .take(MAX_PARAMETERS);
    let misses = unknown.filter_map(|name| {
        let known = KNOWN.iter().map(|(known, _)| *known);
        let known = known.filter(|known| !parameters.contains_key(*known));
        let meant = parameter_of(name)
            .map(str::to_owned)
            .or_else(|| suggest(name, known))?;
        let at = Pointer::root().key("parameters").key(name);
        let message = format!("this is carried as it is; the parameter is called `{meant}`");
        let mut issue = Issue::new(issue::NEAR_MISS, &at, message);
        issue.suggestion = Some(meant);
        Some(issue)
    });
    misses.take(Reader::MAX_ISSUES).collect()
}

impl ParameterRule {
    fn check(&self, reader: &mut Reader, value: &Value, at: &Pointer) {
        let kind = crate::json::kind(value);
        match self {
            Self::Between(low, high) => match value.as_f64() {
                Some(number) => {
                    reader.check(
                        (*low..=*high).contains(&number),
                        at,
                        &format!("a number from {low} to {high}"),
                    );
                }
                None => reader.wrong_type(at, "float", kind),
            },
            Self::Positive => match value.as_f64() {
                Some(number) => {
                    reader.check(number > 0.0, at, "a number greater than 0");
                }
                None => reader.wrong_type(at, "float", kind),
            },
            Self::Natural if value.is_u64() || value.is_i64() => {
                reader.check(
                    value.as_u64().is_some_and(|n| n > 0),
                    at,
                    "an integer from 1",
                );
            }
            Self::Integer if value.is_u64() || value.is_i64() => {}
            Self::Natural | Self::Integer => reader.wrong_type(at, "int", kind),
            Self::Bool if value.is_boolean() => {}
            Self::Bool => reader.wrong_type(at, "bool", kind),
            Self::Stop => check_stop(reader, value, at),
            Self::Word => match value.as_str() {
                Some(text) => {
                    reader.check(!text.is_empty(), at, "a text that is not empty");
                }
                None => reader.wrong_type(at, "str", kind),
            },
        }
    }
}

fn check_stop(reader: &mut Reader, value: &Value, at: &Pointer) {
    match value {
        Value::String(text) => {
            reader.check(!text.is_empty(), at, "a text that is not empty");
        }
        Value::Array(texts) => {
            reader.check(!texts.is_empty(), at, "at least one text");
            for (index, text) in texts.iter().enumerate() {
                ParameterRule::Word.check(reader, text, &at.item(index));
            }
        }
        other => reader.wrong_type(at, "str or list[str]", crate::json::kind(other)),
    }
}
