//! Answers of model APIs, whole or event by event.

mod anthropic;
mod chat;
mod gemini;
mod responses;

use cuecard_prompt::Provider;
use serde_json::{Map, Value};

use crate::answer::{ModelAnswer, ToolUse};
use crate::connection::ApiKind;
use crate::events::Events;
use crate::usage::Usage;

/// Reads one answer.
#[derive(Debug)]
pub struct AnswerReader {
    api: Provider,
    events: Events,
    state: AnswerState,
}

/// The answer so far.
#[derive(Debug, Default)]
struct AnswerState {
    answer: ModelAnswer,
    calls: Vec<PartialToolCall>,
    /// The usage object, with what later events add to it.
    usage: Map<String, Value>,
}

/// A call of a tool, whose arguments may come in pieces of JSON.
#[derive(Debug, Default)]
struct PartialToolCall {
    /// Its index among the parts of the answer.
    index: u64,
    id: String,
    name: String,
    arguments: Arguments,
}

#[derive(Debug)]
enum Arguments {
    Text(String),
    Json(Value),
}

impl Default for Arguments {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

/// The most bytes that are kept of a text.
const MAX_TEXT: usize = 4 << 20;
/// The most calls of tools that are kept.
const MAX_CALLS: usize = 256;

impl AnswerReader {
    /// A reader of an API's answers.
    pub fn new(kind: ApiKind) -> Self {
        Self {
            api: kind.provider(),
            events: Events::default(),
            state: AnswerState::default(),
        }
    }

    /// Reads a whole answer.
    pub fn whole(mut self, body: &Value) -> ModelAnswer {
        let state = &mut self.state;
        match self.api {
            Provider::OpenaiResponses => responses::whole(state, body),
            Provider::Anthropic => anthropic::whole(state, body),
            Provider::Gemini => gemini::part(state, body),
            _ => chat::whole(state, body),
        }
        self.state.answer.ended = true;
        self.finish()
    }

    /// Reads a piece of an event stream.
    pub fn piece(&mut self, piece: &[u8]) {
        let (api, state) = (self.api, &mut self.state);
        self.events.read(piece, |data| {
            if data.trim() == "[DONE]" {
                state.answer.ended = true;
                return;
            }
            // An answer that is not JSON is left to the caller.
            let Ok(event) = serde_json::from_str::<Value>(data) else {
                return;
            };
            match api {
                Provider::OpenaiResponses => responses::event(state, &event),
                Provider::Anthropic => anthropic::event(state, &event),
                Provider::Gemini => gemini::part(state, &event),
                _ => chat::event(state, &event),
            }
        });
    }

    /// The answer so far. A stream has ended only if its last event is complete.
    pub fn finish(self) -> ModelAnswer {
        let AnswerState {
            mut answer,
            calls,
            usage,
        } = self.state;
        answer.ended &= self.events.is_between();
        answer.usage = Usage::read(self.api, &Value::Object(usage));
        answer.tool_calls = calls.into_iter().map(PartialToolCall::into_use).collect();
        answer
    }
}

impl AnswerState {
    fn say(&mut self, text: &str) {
        if self.answer.text.len() + text.len() > MAX_TEXT {
            self.answer.cut = true;
        } else {
            self.answer.text.push_str(text);
        }
    }

    fn stop(&mut self, reason: Option<&Value>) {
        if let Some(reason) = reason.and_then(Value::as_str) {
            self.answer.finish_reason = Some(reason.to_owned());
        }
    }

    fn count(&mut self, usage: Option<&Value>) {
        let members = usage.and_then(Value::as_object).into_iter().flatten();
        for (name, value) in members.filter(|(_, value)| !value.is_null()) {
            self.usage.insert(name.clone(), value.clone());
        }
    }

    /// Notes an error object, or a text in its place.
    fn fail(&mut self, error: Option<&Value>) {
        let Some(error) = error.filter(|error| !error.is_null()) else {
            return;
        };
        let words = error.get("message").unwrap_or(error);
        let words = words
            .as_str()
            .map_or_else(|| words.to_string(), str::to_owned);
        self.answer.error = Some(words);
    }

    fn call(&mut self, index: u64) -> Option<&mut PartialToolCall> {
        let place = self.calls.iter().position(|call| call.index == index);
        if let Some(place) = place {
            return self.calls.get_mut(place);
        }
        if self.calls.len() >= MAX_CALLS {
            return None;
        }
        self.calls.push(PartialToolCall {
            index,
            ..PartialToolCall::default()
        });
        self.calls.last_mut()
    }
}

impl PartialToolCall {
    fn named(&mut self, id: Option<&Value>, name: Option<&Value>) {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        if let Some(id) = text(id) {
            self.id = id;
        }
        if let Some(name) = text(name) {
            self.name = name;
        }
    }

    fn more(&mut self, piece: Option<&Value>) {
        match (piece, &mut self.arguments) {
            (Some(Value::String(piece)), Arguments::Text(text)) if text.len() < MAX_TEXT => {
                text.push_str(piece);
            }
            (Some(Value::String(_)) | None, _) => {}
            (Some(whole), arguments) => *arguments = Arguments::Json(whole.clone()),
        }
    }

    fn into_use(self) -> ToolUse {
        let arguments = match self.arguments {
            Arguments::Json(value) => value,
            Arguments::Text(text) if text.is_empty() => Value::Object(Map::new()),
            Arguments::Text(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        };
        ToolUse {
            id: self.id,
            name: self.name,
            arguments,
        }
    }
}
