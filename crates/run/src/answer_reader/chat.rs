//! Chat completions, and the answers of Workers AI that resemble them.

use serde_json::Value;

use super::AnswerState;

pub(super) fn whole(state: &mut AnswerState, body: &Value) {
    read(state, body, "/choices/0/message");
}

pub(super) fn event(state: &mut AnswerState, event: &Value) {
    read(state, event, "/choices/0/delta");
    // Not every server ends with `[DONE]`.
    state.answer.ended |= state.answer.finish_reason.is_some();
}

fn read(state: &mut AnswerState, body: &Value, message: &str) {
    state.fail(body.get("error"));
    if let Some(message) = body.pointer(message) {
        match message.get("content") {
            Some(Value::String(text)) => state.say(text),
            Some(Value::Array(parts)) => {
                for part in parts.iter().filter_map(|part| part.get("text")?.as_str()) {
                    state.say(part);
                }
            }
            _ => {}
        }
        let calls = message.get("tool_calls").and_then(Value::as_array);
        for (place, call) in (0..).zip(calls.into_iter().flatten()) {
            let index = call.get("index").and_then(Value::as_u64).unwrap_or(place);
            if let Some(known) = state.call(index) {
                known.named(call.get("id"), call.pointer("/function/name"));
                known.more(call.pointer("/function/arguments"));
            }
        }
    }
    state.stop(body.pointer("/choices/0/finish_reason"));
    state.count(body.get("usage"));
    workers_ai(state, body);
}

/// `{"response": …, "tool_calls": …}`
fn workers_ai(state: &mut AnswerState, body: &Value) {
    // Bare from the binding, within `result` over HTTP.
    let body = body
        .get("result")
        .filter(|result| result.is_object())
        .unwrap_or(body);
    match body.get("response") {
        Some(Value::String(text)) => state.say(text),
        Some(Value::Object(value)) => state.say(&Value::Object(value.clone()).to_string()),
        _ => return,
    }
    state.count(body.get("usage"));
    let calls = body.get("tool_calls").and_then(Value::as_array);
    for (index, call) in (0..).zip(calls.into_iter().flatten()) {
        if let Some(known) = state.call(index) {
            known.named(call.get("id"), call.get("name"));
            known.more(call.get("arguments"));
        }
    }
}
