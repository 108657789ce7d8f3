//! Anthropic's messages.

use serde_json::Value;

use super::AnswerState;

pub(super) fn whole(state: &mut AnswerState, body: &Value) {
    state.fail(body.get("error"));
    let blocks = body.get("content").and_then(Value::as_array);
    for (index, block) in (0..).zip(blocks.into_iter().flatten()) {
        begin(state, index, block);
    }
    state.stop(body.get("stop_reason"));
    state.count(body.get("usage"));
}

pub(super) fn event(state: &mut AnswerState, event: &Value) {
    let index = event.get("index").and_then(Value::as_u64).unwrap_or(0);
    match event.get("type").and_then(Value::as_str) {
        Some("message_start") => state.count(event.pointer("/message/usage")),
        Some("content_block_start") => {
            if let Some(block) = event.get("content_block") {
                begin(state, index, block);
            }
        }
        Some("content_block_delta") => {
            if let Some(text) = event.pointer("/delta/text").and_then(Value::as_str) {
                state.say(text);
            }
            if let Some(piece) = event.pointer("/delta/partial_json")
                && let Some(call) = state.call(index)
            {
                call.more(Some(piece));
            }
        }
        Some("message_delta") => {
            state.stop(event.pointer("/delta/stop_reason"));
            state.count(event.get("usage"));
        }
        Some("message_stop") => state.answer.ended = true,
        Some("error") => state.fail(event.get("error")),
        _ => {}
    }
}

fn begin(state: &mut AnswerState, index: u64, block: &Value) {
    match block.get("type").and_then(Value::as_str) {
        Some("text") => {
            let text = block.get("text").and_then(Value::as_str);
            state.say(text.unwrap_or_default());
        }
        Some("tool_use") => {
            if let Some(call) = state.call(index) {
                call.named(block.get("id"), block.get("name"));
                // A stream begins with an empty object, and the pieces follow.
                let input = block.get("input");
                call.more(input.filter(|input| input.as_object().is_none_or(|i| !i.is_empty())));
            }
        }
        _ => {}
    }
}
