//! Google Gemini's `generateContent`, whose stream is of the same objects, each with a part of the answer.

use serde_json::Value;

use super::AnswerState;

pub(super) fn part(state: &mut AnswerState, body: &Value) {
    state.fail(body.get("error"));
    let parts = body
        .pointer("/candidates/0/content/parts")
        .and_then(Value::as_array);
    for part in parts.into_iter().flatten() {
        let thought = part.get("thought") == Some(&Value::Bool(true));
        if let Some(text) = part
            .get("text")
            .and_then(Value::as_str)
            .filter(|_| !thought)
        {
            state.say(text);
        }
        if let Some(asked) = part.get("functionCall") {
            let index = state.calls.len() as u64;
            if let Some(call) = state.call(index) {
                call.named(asked.get("id"), asked.get("name"));
                call.more(asked.get("args"));
            }
        }
    }
    let reason = body
        .pointer("/candidates/0/finishReason")
        .or(body.pointer("/promptFeedback/blockReason"))
        .filter(|reason| reason.is_string());
    state.stop(reason);
    state.answer.ended |= reason.is_some();
    state.count(body.get("usageMetadata"));
}
