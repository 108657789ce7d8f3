//! OpenAI's responses.

use serde_json::Value;

use super::AnswerState;

pub(super) fn whole(state: &mut AnswerState, body: &Value) {
    state.fail(body.get("error"));
    let items = body.get("output").and_then(Value::as_array);
    for (index, item) in (0..).zip(items.into_iter().flatten()) {
        match item.get("type").and_then(Value::as_str) {
            Some("function_call") => {
                if let Some(call) = state.call(index) {
                    call.named(item.get("call_id"), item.get("name"));
                    call.more(item.get("arguments"));
                }
            }
            Some("message") => {
                let parts = item.get("content").and_then(Value::as_array);
                for part in parts.into_iter().flatten() {
                    let text = part.get("text").or(part.get("refusal"));
                    state.say(text.and_then(Value::as_str).unwrap_or_default());
                }
            }
            _ => {}
        }
    }
    state.stop(
        body.pointer("/incomplete_details/reason")
            .or(body.get("status")),
    );
    state.count(body.get("usage"));
}

pub(super) fn event(state: &mut AnswerState, event: &Value) {
    match event.get("type").and_then(Value::as_str) {
        Some("response.output_text.delta" | "response.refusal.delta") => {
            let delta = event.get("delta").and_then(Value::as_str);
            state.say(delta.unwrap_or_default());
        }
        // The last event repeats the whole answer.
        Some("response.completed" | "response.incomplete" | "response.failed") => {
            if let Some(response) = event.get("response") {
                let said = std::mem::take(&mut state.answer.text);
                whole(state, response);
                if state.answer.text.is_empty() {
                    state.answer.text = said;
                }
            }
            state.answer.ended = true;
        }
        Some("error") => {
            state.fail(event.get("error").or(Some(event)));
        }
        _ => {}
    }
}
