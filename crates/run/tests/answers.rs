//! Answers as the APIs document them, whole and as events with cuts at any byte.

#![cfg(test)]

use cuecard_run::{AnswerReader, ApiKind, ModelAnswer, ToolUse, Usage};
use serde_json::{Value, json};

fn whole(kind: ApiKind, body: Value) -> ModelAnswer {
    AnswerReader::new(kind).whole(&body)
}

/// Parses the answer in events, which must be the same wherever the bytes are cut.
fn events(kind: ApiKind, events: &[Value], end: &str) -> ModelAnswer {
    let mut stream: String = events
        .iter()
        .map(|event| format!("data: {event}\n\n"))
        .collect();
    stream.push_str(end);
    let answers: Vec<ModelAnswer> = [1, 7, stream.len()]
        .into_iter()
        .map(|size| {
            let mut reader = AnswerReader::new(kind);
            stream
                .as_bytes()
                .chunks(size)
                .for_each(|piece| reader.piece(piece));
            reader.finish()
        })
        .collect();
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
    answers[0].clone()
}

fn usage(counts: [Option<u64>; 5]) -> Option<Usage> {
    let [input, input_cached, input_cache_write, output, reasoning] = counts;
    Some(Usage {
        input,
        input_cached,
        input_cache_write,
        output,
        reasoning,
    })
}

fn look(id: &str) -> ToolUse {
    ToolUse {
        id: id.to_owned(),
        name: "look".to_owned(),
        arguments: json!({ "q": "Ada" }),
    }
}

#[test]
fn chat_completions() {
    let counts = json!({ "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
        "prompt_tokens_details": { "cached_tokens": 64 }, "completion_tokens_details": { "reasoning_tokens": 8 } });
    let expected = usage([Some(100), Some(64), None, Some(20), Some(8)]);
    let call = json!({ "id": "c1", "type": "function", "function": { "name": "look", "arguments": "{\"q\":\"Ada\"}" } });
    let answer = whole(
        ApiKind::OpenaiChat,
        json!({ "choices": [{ "index": 0, "finish_reason": "tool_calls",
            "message": { "role": "assistant", "content": "Hi", "tool_calls": [call] } }], "usage": counts }),
    );
    assert_eq!((answer.text.as_str(), answer.usage), ("Hi", expected));
    assert_eq!(answer.tool_calls, [look("c1")]);
    let delta = |delta: Value| json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] });
    let stream = [
        delta(json!({ "role": "assistant", "content": "" })),
        delta(json!({ "content": "H" })),
        delta(json!({ "content": "i" })),
        delta(
            json!({ "tool_calls": [{ "index": 0, "id": "c1", "function": { "name": "look", "arguments": "" } }] }),
        ),
        delta(json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "{\"q\":" } }] })),
        delta(json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "\"Ada\"}" } }] })),
        json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "tool_calls" }] }),
        json!({ "choices": [], "usage": counts }),
    ];
    let streamed = events(ApiKind::OpenaiChat, &stream, "data: [DONE]\n\n");
    assert_eq!(streamed, answer);
    let unended = events(ApiKind::OpenaiChat, &stream[..3], "");
    assert!(!unended.ended);
    let half = events(ApiKind::OpenaiChat, &stream, "data: {\"cho");
    assert!(!half.ended, "half an event ends the answer");
    let failed = events(
        ApiKind::OpenaiChat,
        &[json!({ "error": { "message": "overloaded" } })],
        "",
    );
    assert_eq!(failed.error.as_deref(), Some("overloaded"));
}

#[test]
fn responses() {
    let body = json!({
        "status": "completed", "error": null,
        "output": [
            { "type": "reasoning", "summary": [] },
            { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "Hi" }] },
            { "type": "function_call", "call_id": "c1", "name": "look", "arguments": "{\"q\":\"Ada\"}" },
        ],
        "usage": { "input_tokens": 100, "input_tokens_details": { "cached_tokens": 64 },
            "output_tokens": 20, "output_tokens_details": { "reasoning_tokens": 8 } },
    });
    let answer = whole(ApiKind::OpenaiResponses, body.clone());
    assert_eq!(answer.text, "Hi");
    assert_eq!(answer.tool_calls, [look("c1")]);
    assert_eq!(
        answer.usage,
        usage([Some(100), Some(64), None, Some(20), Some(8)])
    );
    let stream = [
        json!({ "type": "response.created", "response": { "status": "in_progress" } }),
        json!({ "type": "response.output_text.delta", "delta": "H" }),
        json!({ "type": "response.output_text.delta", "delta": "i" }),
        json!({ "type": "response.completed", "response": body }),
    ];
    assert_eq!(events(ApiKind::OpenaiResponses, &stream, ""), answer);
    let cut = events(ApiKind::OpenaiResponses, &stream[..3], "");
    assert_eq!((cut.text.as_str(), cut.ended), ("Hi", false));
    let failure = json!({ "type": "response.failed", "response": { "status": "failed", "error": { "message": "no" } } });
    assert_eq!(
        events(ApiKind::OpenaiResponses, &[failure], "")
            .error
            .as_deref(),
        Some("no")
    );
    let error = json!({ "type": "error", "message": "no", "code": "x" });
    assert_eq!(
        events(ApiKind::OpenaiResponses, &[error], "")
            .error
            .as_deref(),
        Some("no")
    );
}

#[test]
fn messages() {
    let counts = json!({ "input_tokens": 30, "cache_creation_input_tokens": 6, "cache_read_input_tokens": 64, "output_tokens": 20 });
    let answer = whole(
        ApiKind::Anthropic,
        json!({
            "content": [{ "type": "thinking", "thinking": "…" }, { "type": "text", "text": "Hi" },
                { "type": "tool_use", "id": "t1", "name": "look", "input": { "q": "Ada" } }],
            "stop_reason": "tool_use", "usage": counts,
        }),
    );
    assert_eq!(answer.text, "Hi");
    assert_eq!(answer.tool_calls, [look("t1")]);
    assert_eq!(
        answer.usage,
        usage([Some(100), Some(64), Some(6), Some(20), None])
    );
    let stream = [
        json!({ "type": "message_start", "message": { "usage": {
            "input_tokens": 30, "cache_creation_input_tokens": 6, "cache_read_input_tokens": 64, "output_tokens": 1 } } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "ping" }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": "Hi" } }),
        json!({ "type": "content_block_start", "index": 1, "content_block": { "type": "tool_use", "id": "t1", "name": "look", "input": {} } }),
        json!({ "type": "content_block_delta", "index": 1, "delta": { "type": "input_json_delta", "partial_json": "{\"q\": \"A" } }),
        json!({ "type": "content_block_delta", "index": 1, "delta": { "type": "input_json_delta", "partial_json": "da\"}" } }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "tool_use" }, "usage": { "output_tokens": 20 } }),
        json!({ "type": "message_stop" }),
    ];
    assert_eq!(events(ApiKind::Anthropic, &stream, ""), answer);
    assert!(!events(ApiKind::Anthropic, &stream[..8], "").ended);
    let error = json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } });
    assert_eq!(
        events(ApiKind::Anthropic, &[error], "").error.as_deref(),
        Some("Overloaded")
    );
}

#[test]
fn generate_content() {
    let counts = json!({ "promptTokenCount": 90, "toolUsePromptTokenCount": 10, "cachedContentTokenCount": 64,
        "candidatesTokenCount": 12, "thoughtsTokenCount": 8, "totalTokenCount": 120 });
    let part = |parts: Value, end: Value| json!({ "candidates": [{ "content": { "role": "model", "parts": parts }, "finishReason": end }] });
    let mut body = part(
        json!([{ "text": "…", "thought": true }, { "text": "Hi" }, { "functionCall": { "id": "f1", "name": "look", "args": { "q": "Ada" } } }]),
        json!("STOP"),
    );
    body["usageMetadata"] = counts.clone();
    let answer = whole(ApiKind::Gemini, body);
    assert_eq!(answer.text, "Hi");
    assert_eq!(answer.tool_calls, [look("f1")]);
    assert_eq!(
        answer.usage,
        usage([Some(100), Some(64), None, Some(20), Some(8)])
    );
    let mut last = part(
        json!([{ "functionCall": { "id": "f1", "name": "look", "args": { "q": "Ada" } } }]),
        json!("STOP"),
    );
    last["usageMetadata"] = counts;
    let stream = [
        part(json!([{ "text": "H" }]), Value::Null),
        part(json!([{ "text": "i" }]), Value::Null),
        last,
    ];
    assert_eq!(events(ApiKind::Gemini, &stream, ""), answer);
    assert!(!events(ApiKind::Gemini, &stream[..2], "").ended);
    let blocked = json!({ "promptFeedback": { "blockReason": "SAFETY" } });
    assert!(events(ApiKind::Gemini, &[blocked], "").ended);
}

#[test]
fn workers_ai() {
    let counts = json!({ "prompt_tokens": 10, "completion_tokens": 2 });
    let answer = whole(
        ApiKind::WorkersAi,
        json!({ "response": "Hi", "usage": counts }),
    );
    assert_eq!(
        (answer.text.as_str(), answer.usage),
        ("Hi", usage([Some(10), None, None, Some(2), None]))
    );
    let stream = [
        json!({ "response": "H" }),
        json!({ "response": "i" }),
        json!({ "response": "", "usage": counts }),
    ];
    let streamed = events(ApiKind::WorkersAi, &stream, "data: [DONE]\n\n");
    assert_eq!(
        (streamed.text, streamed.usage, streamed.ended),
        ("Hi".to_owned(), answer.usage, true)
    );
}

#[test]
fn what_counts_nothing_is_unknown() {
    for kind in ApiKind::ALL {
        assert_eq!(whole(kind, json!({})).usage, None, "{kind:?}");
        assert_eq!(
            whole(kind, json!({ "usage": {}, "usageMetadata": {} })).usage,
            None
        );
        for odd in [
            json!(null),
            json!([]),
            json!("x"),
            json!({ "choices": 1, "output": 2, "content": 3, "candidates": 4 }),
        ] {
            let answer = whole(kind, odd);
            assert_eq!((answer.text.as_str(), answer.error), ("", None));
        }
    }
}
