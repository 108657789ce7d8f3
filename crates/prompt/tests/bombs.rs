//! Templates that would run away: each ends in its error, in bounded time, memory and stack, and the next render works.
//!
//! The corpus is `tests/fixtures/bombs.json`: `template` is pieces with how often each is repeated, an input may be
//! `{"$repeat": [text, times]}`, `code` is the error.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a test that measures"
)]

use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

use cuecard_prompt::jinja::{Inputs, Limits, Options, Str, Template, Undefined, Value};
use serde_json::Value as Json;

/// A small native stack; without optimisation frames are several times larger.
const STACK: usize = if cfg!(debug_assertions) {
    2 << 20
} else {
    1 << 20
};
/// The promise is 50 ms on an idle machine, optimised; other tests run beside this one.
const TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 10_000 } else { 500 });
/// Growth of the resident set, in KiB.
const MEMORY: u64 = 64 << 10;

#[test]
fn every_bomb_ends_in_its_error() {
    let test = std::thread::Builder::new().stack_size(STACK).spawn(run);
    let failures = test.expect("a thread").join().expect("no panic");
    assert!(failures.is_empty(), "{failures}");
}

fn run() -> String {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/bombs.json"
    );
    let bombs: Vec<Json> =
        serde_json::from_str(&fs::read_to_string(path).expect("the corpus")).expect("JSON");
    assert!(bombs.len() >= 100);
    let options = Options {
        undefined: Undefined::Lenient,
        ..Options::default()
    };
    let next = Template::compile("Hello {{ name }}", &options).expect("a template");
    let mut failures = String::new();
    for bomb in &bombs {
        let source: String = bomb["template"]
            .as_array()
            .expect("pieces")
            .iter()
            .map(repeated)
            .collect();
        let mut inputs = Inputs::default();
        for (name, value) in bomb["inputs"].as_object().expect("inputs") {
            let value = match value.get("$repeat") {
                Some(piece) => Value::from(repeated(piece)),
                None => Value::from_json(value),
            };
            inputs.insert_str(Str::new(name.as_str()), value);
        }
        let before = memory("VmRSS:");
        // Linux: sets the peak back to what is resident now.
        let measures = fs::write("/proc/self/clear_refs", "5").is_ok();
        let started = Instant::now();
        let result = Template::compile(&source, &options)
            .and_then(|template| template.render(&inputs, &Limits::default()));
        let elapsed = started.elapsed();
        let grown = memory("VmHWM:").saturating_sub(before);
        let code = match &result {
            Ok(_) => "none",
            Err(error) => error.code().as_str(),
        };
        let wanted = bomb["code"].as_str().expect("a code");
        if code != wanted || elapsed > TIME || measures && grown > MEMORY {
            let id = &bomb["id"];
            writeln!(failures, "{id}: {code}, {elapsed:?}, {grown} KiB").expect("a String");
        }
        let mut inputs = Inputs::default();
        inputs.insert_str(Str::new("name"), Value::from("Ada"));
        let output = next.render(&inputs, &Limits::default());
        assert_eq!(output.expect("a render"), "Hello Ada");
    }
    failures
}

fn repeated(piece: &Json) -> String {
    let times = piece[1].as_u64().expect("a count");
    piece[0]
        .as_str()
        .expect("a text")
        .repeat(usize::try_from(times).expect("a count"))
}

/// A line of `/proc/self/status` in KiB; 0 where there is none.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
