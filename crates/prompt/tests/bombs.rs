//! Renders runaway templates: each ends in its error, in bounded time, memory and stack, and the next render works.
//!
//! The corpus is `tests/fixtures/bombs.json`: `template` is a list of pieces with their numbers of repetitions, an
//! input may be `{"$repeat": [text, times]}`, and `code` is the error.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that measures"
)]

use std::fmt::Write;
use std::fs;
use std::time::Duration;

use cuecard_prompt::jinja::{Inputs, Limits, Options, Str, Template, UndefinedBehavior, Value};
use cuecard_prompt::{Code, Document, Error, Prompt};
use serde_json::{Value as Json, json};

/// Bytes of a small native stack. Without optimisation, frames are several times larger.
const STACK: usize = if cfg!(debug_assertions) {
    2 << 20
} else {
    1 << 20
};
/// Processor time of compile and render together: half of the promised 50 ms, because wasm takes up to twice as long.
const TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1000 } else { 25 });
/// KiB by which the resident set may grow.
const MEMORY: u64 = 64 << 10;

#[test]
fn every_bomb_ends_in_its_error() {
    let test = std::thread::Builder::new().stack_size(STACK).spawn(run);
    let failures = test.expect("a thread").join().expect("no panic");
    assert!(failures.is_empty(), "{failures}");
}

/// Templates of one prompt share its limits, so templates below them do not add up to a bomb.
#[test]
fn many_templates_are_no_bomb() {
    let busy = "{% for i in range(60000) %}{% endfor %}";
    let messages = vec![json!({ "role": "user", "content": busy }); 256];
    let busy = json!({ "messages": messages });
    let rows: Vec<Json> = (0..1000)
        .map(|n| json!({ "q": n, "answer": "a" }))
        .collect();
    let loops = "{% for i in range(q) %}{{ i }}{% endfor %}";
    let shown = json!({
        "messages": vec![json!({ "role": "user", "content": loops }); 64],
        "inputs": [{ "name": "q", "type": "int" }],
        "promptingTechnique": "few_shot",
        "demonstrations": { "columns": [{ "id": "q", "type": "int" }, { "id": "answer", "type": "str" }], "rows": rows },
    });
    for (shows, document) in [(false, busy), (true, shown)] {
        let document = Document::from_value(document).expect("a document");
        let prompt = Prompt::compile(&document).expect("a prompt");
        let started = cpu_time();
        let inputs = if shows { json!({ "q": 1 }) } else { json!({}) };
        let error = prompt.render(&inputs).expect_err("a bomb");
        let elapsed = cpu_time().saturating_sub(started);
        assert_eq!(error.code(), Code::LimitExceeded);
        assert!(elapsed < TIME, "{elapsed:?}");
    }
    let tags = "{{ a }}".repeat(7000);
    let messages = vec![json!({ "role": "user", "content": tags }); 16];
    let document = Document::from_value(json!({ "messages": messages })).expect("a document");
    let started = cpu_time();
    let error = Prompt::compile(&document).expect_err("a bomb");
    let elapsed = cpu_time().saturating_sub(started);
    assert_eq!(error.code(), Code::LimitExceeded);
    assert!(elapsed < TIME, "{elapsed:?}");
}

/// Many names in templates, in inputs, and as candidates for a suggestion.
#[test]
fn many_names_are_no_bomb() {
    let names = |from: usize, count: usize| (from..from + count).map(|n| format!("{n:a>60}"));
    let document = |content: &str, inputs: Option<Vec<Json>>| {
        let mut document = json!({ "messages": [{ "role": "user", "content": content }] });
        match inputs {
            Some(inputs) => document["inputs"] = inputs.into(),
            None => document["template"] = json!({ "undefined": "lenient" }),
        }
        Document::from_value(document).expect("a document")
    };
    let timed = |name: &str, run: &dyn Fn()| {
        let best = (0..4).map(|_| {
            let started = cpu_time();
            run();
            cpu_time().saturating_sub(started)
        });
        let best = best.min().expect("a run");
        println!("{best:>12.1?}  {name}");
        assert!(best < TIME, "{name}: {best:?}");
    };
    let tags =
        |count: usize| (0..count).fold(String::new(), |tags, n| tags + &format!("{{{{ n{n} }}}}"));
    let open = document(&tags(9_990), None);
    timed("9,990 names in a template", &|| {
        let error = Prompt::compile(&open).expect_err("too many inputs");
        assert_eq!(error.code(), Code::LimitExceeded);
    });
    let long: String = names(0, 2_500)
        .map(|name| format!("{{{{ {name} }}}}"))
        .collect();
    timed("2,500 names of 60 letters", &|| {
        let error = Prompt::compile(&document(&long, None)).expect_err("too many tokens");
        assert_eq!(error.code(), Code::LimitExceeded);
    });
    let open = document(&tags(256), None);
    let prompt = Prompt::compile(&open).expect("a prompt");
    let given: Json = names(0, 15_000).map(|name| (name, json!(1))).collect();
    timed("15,000 inputs that 256 names do not read", &|| {
        prompt.render(&given).expect("a render");
    });
    let declared = names(20_000, 256).map(|name| json!({ "name": name, "type": "str" }));
    let closed = document("Hello", Some(declared.clone().collect()));
    let prompt = Prompt::compile(&closed).expect("a prompt");
    timed("15,000 unknown inputs beside 256 known ones", &|| {
        let error = prompt.render(&given).expect_err("unknown");
        assert_eq!(error.code(), Code::InputInvalid);
    });
    let tags: String = names(0, 2_000)
        .map(|name| format!("{{{{ {name} }}}}"))
        .collect();
    let unknown = document(&tags, Some(declared.collect()));
    timed("2,000 undefined names beside 256 known ones", &|| {
        let error = Prompt::compile(&unknown).expect_err("undefined");
        assert_eq!(error.code(), Code::TemplateUndefined);
    });
}

/// Schemas and values that would take long to compare.
#[test]
fn schemas_are_no_bomb() {
    let many = |count: usize, value: fn(usize) -> Json| (0..count).map(value).collect::<Json>();
    let names = many(300, |n| json!(format!("v{n}")));
    let any_of = many(
        60,
        |n| json!({ "properties": { "a": { "const": n } }, "required": ["a"] }),
    );
    let properties: Json = (0..64).map(|n| (format!("{n:a>60}"), json!({}))).collect();
    // The same schema 4,096 times.
    let composed = |schema| (0..12).fold(schema, |schema, _| json!({ "allOf": [schema, schema] }));
    let key = |n: usize| format!("key {n}");
    let wide: Json = (0..9_000).map(|n| (key(n), json!(n))).collect();
    let with = |wide: &Json, n: usize| {
        let mut wide = wide.clone();
        wide["key 999"] = json!(format!("is {n}"));
        wide
    };
    let text = |n: usize| json!(format!("{}{n:03}", "a".repeat(2_000)));
    let long = "é".repeat(500_000);
    let invalid = Some(Code::InputInvalid);
    let spent = Some(Code::LimitExceeded);
    let cases = [
        (
            json!({ "properties": { "a": { "enum": names } } }),
            many(3_000, |_| json!({ "a": "z" })),
            invalid,
        ),
        (
            json!({ "anyOf": any_of }),
            many(20_000, |_| json!({ "a": "z" })),
            invalid,
        ),
        (
            json!({ "properties": properties, "additionalProperties": false }),
            many(10_000, |n| {
                [(format!("{:a>60}", n + 99), json!(1))]
                    .into_iter()
                    .collect()
            }),
            invalid,
        ),
        (composed(json!({})), json!([long]), None),
        (composed(json!({ "maxLength": 9 })), json!([long]), spent),
        (
            composed(json!({ "additionalProperties": {} })),
            json!([wide]),
            spent,
        ),
        (
            composed(json!({ "properties": { "none": {} } })),
            json!([wide]),
            spent,
        ),
        (
            composed(json!({ "required": (0..3).map(key).collect::<Json>() })),
            json!([wide]),
            None,
        ),
        (
            json!({ "enum": (0..3).map(|n| with(&wide, n)).collect::<Json>() }),
            (100..110).map(|n| with(&wide, n)).collect(),
            spent,
        ),
        (
            json!({ "enum": (0..400).map(text).collect::<Json>() }),
            (500..990).map(text).collect(),
            spent,
        ),
    ];
    for (items, values, code) in cases {
        let document = json!({
            "messages": [{ "role": "user", "content": "" }],
            "inputs": [{ "name": "l", "type": "list", "schema": { "type": "array", "items": items } }],
        });
        let prompt = Prompt::compile(&Document::from_value(document).expect("a document"))
            .expect("a prompt");
        let inputs = json!({ "l": values });
        let started = cpu_time();
        let found = prompt.render(&inputs).err().map(|error| error.code());
        let elapsed = cpu_time().saturating_sub(started);
        println!("{elapsed:>12.1?}  {:.60}", items.to_string());
        assert_eq!(found, code, "{:.60}", items.to_string());
        assert!(elapsed < TIME, "{elapsed:?}: {:.60}", items.to_string());
    }
}

/// Large valid prompts stay well within the limits: they render even with half of the work.
#[test]
fn large_but_honest() {
    let rows: Vec<Json> = (0..100)
        .map(|n| {
            let text = format!("{n} {}", "some words of a field ".repeat(4));
            json!({ "id": n, "question": text, "context": text, "answer": text, "score": 0.5 })
        })
        .collect();
    let shots = "{% for row in rows %}\n### {{ loop.index }}. {{ row.id }}\nQ: {{ row.question|trim }}\n\
                 {% if row.context %}Context: {{ row.context|upper }}\n{% endif %}\
                 A: {{ row.answer }} ({{ row.score|round(2) }})\n{% endfor %}{{ question }}";
    let items: Vec<Json> = (0..1000)
        .map(|n| json!({ "name": format!("item {n}"), "price": f64::from(n) / 8.0, "tags": ["a", "b"] }))
        .collect();
    let lines = "You are a careful assistant. ".repeat(90);
    let loops = format!(
        "{lines}{{% for item in items %}}{{% if not loop.first %}}, {{% endif %}}{{{{ item.name|title }}}}: \
         {{{{ '%.2f'|format(item.price) }}}} {{% for tag in item.tags %}}#{{{{ tag }}}} {{% endfor %}}{{% endfor %}}\
         {{% set cheap = items|selectattr('price', 'lt', 10)|map(attribute='name')|list %}}{{{{ cheap|join(', ') }}}}\
         {{% for group in items|groupby('tags') %}}{{{{ group.grouper }}}} {{{{ group.list|length }}}}{{% endfor %}}"
    );
    let long = "x".repeat((1 << 20) - 100);
    let cases = [
        ("{{ document }}", json!({ "document": long })),
        ("{{ document|trim|upper }}", json!({ "document": long })),
        (shots, json!({ "rows": rows, "question": "?" })),
        (&loops, json!({ "items": items })),
        ("{{ items|tojson }}", json!({ "items": items })),
        (
            "{% for item in items %}\n{{ item|tojson(indent=2) }}{% endfor %}",
            json!({ "items": items }),
        ),
    ];
    for (source, context) in &cases {
        let mut inputs = Inputs::default();
        for (name, value) in context.as_object().expect("inputs") {
            inputs.insert_str(Str::new(name.as_str()), Value::from_json(value));
        }
        let template = Template::compile(source, &Options::default()).expect("a template");
        let limits = Limits::default();
        let limits = Limits {
            work: limits.work / 2,
            memory: limits.memory / 2,
            ..limits
        };
        let output = template.render(&inputs, &limits);
        assert!(output.is_ok(), "{:.60}: {output:?}", source);
    }
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
        undefined: UndefinedBehavior::Lenient,
        ..Options::default()
    };
    let next = Template::compile("Hello {{ name }}", &options).expect("a template");
    let mut failures = String::new();
    let mut table: Vec<(Duration, u64, &str)> = Vec::new();
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
        // On Linux, this resets the peak to the current resident set.
        let measures = fs::write("/proc/self/clear_refs", "5").is_ok();
        let run = || {
            let started = cpu_time();
            let result = Template::compile(&source, &options)
                .and_then(|template| template.render(&inputs, &Limits::default()))
                .map_err(Error::from);
            (result, cpu_time().saturating_sub(started))
        };
        let (result, mut elapsed) = run();
        // Repeats a slow run and takes the shortest time, because other processes slow the machine down.
        for _ in 0..3 {
            if elapsed > TIME {
                elapsed = elapsed.min(run().1);
            }
        }
        let grown = memory("VmHWM:").saturating_sub(before);
        let id = bomb["id"].as_str().expect("an id");
        let code = match &result {
            Ok(_) => "none",
            Err(error) => error.code().as_str(),
        };
        let wanted = bomb["code"].as_str().expect("a code");
        if code != wanted || elapsed > TIME || measures && grown > MEMORY {
            writeln!(failures, "{id}: {code}, {elapsed:?}, {grown} KiB").expect("a String");
        }
        table.push((elapsed, grown, id));
        let mut inputs = Inputs::default();
        inputs.insert_str(Str::new("name"), Value::from("Ada"));
        let output = next.render(&inputs, &Limits::default());
        assert_eq!(output.expect("a render"), "Hello Ada");
    }
    table.sort_unstable();
    println!("{} bombs; the slowest and the largest:", table.len());
    for (elapsed, grown, id) in table.iter().rev().take(12) {
        println!("{elapsed:>12.1?} {grown:>6} KiB  {id}");
    }
    table.sort_unstable_by_key(|(_, grown, _)| *grown);
    for (elapsed, grown, id) in table.iter().rev().take(3) {
        println!("{elapsed:>12.1?} {grown:>6} KiB  {id}");
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

/// Processor time of this thread. Zero, which disables the time limit, where the system does not report it.
fn cpu_time() -> Duration {
    // Linux updates the counter when the thread yields.
    std::thread::yield_now();
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = stat.split_whitespace().next().and_then(|n| n.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// A line of `/proc/self/status` in KiB, or 0 without such a line.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
