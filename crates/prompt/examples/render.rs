//! Renders templates, one JSON object per line in and out; for tests/conformance/parity.py.
//!
//! In: `{"template", "contexts": [tagged values], "undefined": ["lenient", "strict"], "trim_blocks"?, …}`.
//! Out: `{"results": [{"output"} or {"error", "detail"}], "inputs": [names] or null}`: every context in every mode of
//! `undefined`; the inputs that are inferred where none are declared, unless the template does not compile.
//!
//! Or in: `{"document", "inputs": [values]}`, and out what the npm package gives for it (tests/conformance/answer.mjs).
#![expect(
    clippy::expect_used,
    reason = "a program for tests: what it is given is well formed"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{BufRead, Write};

use cuecard_prompt::jinja::{Limits, LocalTime, Options, Template};
use cuecard_prompt::{Document, Prompt, RenderOptions};
use serde_json::{Value as Json, json};

fn main() {
    // The generator nests its templates less than the limits allow.
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let job: Json = serde_json::from_str(&line.expect("UTF-8")).expect("JSON");
        let answer = match job.get("document") {
            Some(document) => rendered(document, &job),
            None => json!({ "results": results(&job), "inputs": inferred(&job) }),
        };
        writeln!(out, "{answer}").expect("a reader");
        // A caller that sends one job at a time waits for the answer.
        out.flush().expect("a reader");
    }
}

fn results(job: &Json) -> Vec<Json> {
    let source = job["template"].as_str().expect("a template");
    let contexts: Vec<_> = job["contexts"]
        .as_array()
        .expect("contexts")
        .iter()
        .map(|context| context.as_object().expect("a context"))
        .collect();
    let mut results = Vec::new();
    for mode in job["undefined"].as_array().expect("modes") {
        let options = Options {
            undefined: support::undefined(mode.as_str()),
            ..support::options(job)
        };
        let template = Template::compile(source, &options);
        for context in &contexts {
            let rendered = match &template {
                Ok(template) => template.render(&support::map(context), &Limits::default()),
                Err(error) => Err(error.clone()),
            };
            results.push(match rendered.map_err(cuecard_prompt::Error::from) {
                Ok(output) => json!({ "output": output }),
                Err(error) => json!({ "error": error.code(), "detail": error.detail() }),
            });
        }
    }
    results
}

fn inferred(job: &Json) -> Option<Vec<String>> {
    let flag = |name: &str| job[name].as_bool().unwrap_or(false);
    let document = json!({
        "messages": [{ "role": "user", "content": job["template"] }],
        "template": {
            "undefined": "lenient",
            "trimBlocks": flag("trim_blocks"),
            "lstripBlocks": flag("lstrip_blocks"),
        },
    });
    let prompt = Prompt::compile(&Document::from_value(document).ok()?).ok()?;
    let names = prompt.inputs().iter().map(|input| input.name.clone());
    Some(names.collect())
}

fn rendered(document: &Json, job: &Json) -> Json {
    let options = RenderOptions {
        // The time that tests/conformance/record_chat.py sets.
        now: job
            .get("now")
            .and_then(|_| LocalTime::from_ms(1_709_190_309_060)),
        work: None,
    };
    let inferred = document.get("inputs").is_none();
    let compiled = Document::from_value(document.clone());
    let compiled = compiled.and_then(|document| Prompt::compile(&document));
    let inputs = job["inputs"]
        .as_array()
        .expect("inputs")
        .iter()
        .map(untagged);
    let results = inputs.map(|inputs| {
        let rendered = compiled.as_ref().map_err(Clone::clone);
        match rendered.and_then(|prompt| prompt.render_with(&inputs, options)) {
            Ok(rendered) => {
                json!({ "output": rendered.messages.first().map(|message| &message.content) })
            }
            Err(error) => {
                let codes: Vec<_> = error.issues().iter().map(|issue| &issue.code).collect();
                let (code, at, detail) = (error.code(), error.at(), error.detail());
                json!({ "error": code, "codes": codes, "at": at, "detail": detail })
            }
        }
    });
    let results: Vec<_> = results.collect();
    let names = compiled.ok().filter(|_| inferred).map(|prompt| {
        let names = prompt.inputs().iter().map(|input| input.name.clone());
        names.collect::<Vec<_>>()
    });
    json!({ "results": results, "inputs": names })
}

/// Integers beyond JavaScript's range come as `{"$int": digits}`.
fn untagged(value: &Json) -> Json {
    match value {
        Json::Array(items) => items.iter().map(untagged).collect(),
        Json::Object(fields) => match fields.get("$int").and_then(Json::as_str) {
            Some(digits) => digits.parse::<i64>().expect("an integer of 64 bits").into(),
            None => fields
                .iter()
                .map(|(key, value)| (key.clone(), untagged(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        },
        plain => plain.clone(),
    }
}
