//! Parameters by their names in each API: one table.

use serde_json::Map;

use super::{Provider, RequestDraft};
use crate::json::Pointer;
use crate::rendered::Rendered;

/// The place of a parameter in a body.
#[derive(Clone, Copy)]
enum Destination {
    /// A member of the body.
    Top(&'static str),
    /// A member of an object in the body.
    In(&'static str, &'static str),
    /// A list of texts where the prompt may have a single one; with the most items.
    Texts(Option<&'static str>, &'static str, usize),
    /// Written by the API's own module.
    Own,
    /// Not supported.
    No,
}

use Destination::{In, No, Own, Texts, Top};

/// The names of Anthropic's API.
const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];

const G: &str = "generationConfig";

/// name, OpenAI chat, OpenAI responses, Anthropic, Gemini
const TABLE: [(&str, [Destination; 4]); 14] = [
    (
        "temperature",
        [
            Top("temperature"),
            Top("temperature"),
            Top("temperature"),
            In(G, "temperature"),
        ],
    ),
    (
        "topP",
        [Top("top_p"), Top("top_p"), Top("top_p"), In(G, "topP")],
    ),
    ("topK", [No, No, Top("top_k"), In(G, "topK")]),
    ("minP", [No, No, No, No]),
    (
        "maxTokens",
        [
            Top("max_completion_tokens"),
            Top("max_output_tokens"),
            Top("max_tokens"),
            In(G, "maxOutputTokens"),
        ],
    ),
    (
        "stop",
        [
            Texts(None, "stop", 4),
            No,
            Texts(None, "stop_sequences", usize::MAX),
            Texts(Some(G), "stopSequences", 5),
        ],
    ),
    ("seed", [Top("seed"), No, No, In(G, "seed")]),
    (
        "frequencyPenalty",
        [Top("frequency_penalty"), No, No, In(G, "frequencyPenalty")],
    ),
    (
        "presencePenalty",
        [Top("presence_penalty"), No, No, In(G, "presencePenalty")],
    ),
    ("repetitionPenalty", [No, No, No, No]),
    (
        "parallelToolCalls",
        [
            Top("parallel_tool_calls"),
            Top("parallel_tool_calls"),
            Own,
            No,
        ],
    ),
    (
        "reasoningEffort",
        [
            Top("reasoning_effort"),
            In("reasoning", "effort"),
            In("output_config", "effort"),
            Own,
        ],
    ),
    (
        "verbosity",
        [Top("verbosity"), In("text", "verbosity"), No, No],
    ),
    (
        "user",
        [Top("user"), Top("user"), In("metadata", "user_id"), No],
    ),
];

/// The parameter that has this name in some API: `maxTokens` for `max_tokens`.
pub(crate) fn parameter_of(name: &str) -> Option<&'static str> {
    let called = |place: &Destination| match place {
        Top(known) | In(_, known) | Texts(_, known, _) => *known == name,
        Own | No => false,
    };
    let mut rows = TABLE.iter();
    let row = rows.find(|(_, places)| places.iter().any(called))?;
    Some(row.0).filter(|known| *known != name)
}

pub(super) fn write(rendered: &Rendered, draft: &mut RequestDraft, provider: Provider) {
    for (name, value) in rendered.parameters.iter().flat_map(Map::iter) {
        let at = Pointer::root().key("parameters").key(name);
        let Some((_, places)) = TABLE.iter().find(|(known, _)| known == name) else {
            match provider {
                Provider::Gemini => draft.set_in(G, name, value.clone()),
                _ => draft.set(name, value.clone()),
            }
            continue;
        };
        let [chat, responses, anthropic, gemini] = *places;
        let place = match provider {
            Provider::OpenaiChat => chat,
            Provider::OpenaiResponses => responses,
            Provider::Anthropic => anthropic,
            Provider::Gemini => gemini,
        };
        match place {
            Top("temperature") if provider == Provider::Anthropic && value.as_f64() > Some(1.0) => {
                draft.loses(&at, "the temperature is at most 1 here");
            }
            In("output_config", "effort") if !EFFORTS.iter().any(|effort| value == effort) => {
                draft.loses(&at, &format!("an effort is one of {}", EFFORTS.join(", ")));
            }
            Top(key) => draft.set(key, value.clone()),
            In(object, key) => draft.set_in(object, key, value.clone()),
            Texts(object, key, most) => {
                let mut texts = value
                    .as_array()
                    .cloned()
                    .unwrap_or_else(|| vec![value.clone()]);
                if texts.len() > most {
                    draft.loses(
                        &at,
                        &format!("at most {most} stop texts; the first {most} are kept"),
                    );
                    texts.truncate(most);
                }
                match object {
                    Some(object) => draft.set_in(object, key, texts),
                    None => draft.set(key, texts),
                }
            }
            Own => {}
            No => draft.loses(&at, "there is no such parameter"),
        }
    }
}
