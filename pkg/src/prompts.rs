//! Compiled prompts, known to JavaScript by number.

use std::cell::RefCell;

use cuecard_prompt::{Code, Document, Error, Issue, Prompt};
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::{buffer, throw, wire};

thread_local! {
    static PROMPTS: RefCell<Vec<Option<Prompt>>> = const { RefCell::new(Vec::new()) };
}

/// What JavaScript is told about a prompt when it is compiled, as JSON in the output.
#[derive(Serialize)]
struct Compiled<'a> {
    warnings: &'a [Issue],
}

/// Compiles the document in the input (JSON, or the wire form) and gives its number; [`Compiled`] is in the output.
#[wasm_bindgen]
pub fn compile(length: usize, json: bool) -> Result<usize, JsValue> {
    let document = buffer::read(length, |bytes| {
        if json {
            let value = serde_json::from_slice(bytes)
                .map_err(|error| Error::new(Code::JsonInvalid, error.to_string()))?;
            Document::from_value(value)
        } else {
            let value = wire::read(bytes).ok_or_else(garbled)?;
            Document::from_value(value)
        }
    });
    let prompt = document
        .and_then(|document| Prompt::compile(&document))
        .map_err(|error| throw::problem(&error))?;
    let compiled = Compiled {
        warnings: prompt.warnings(),
    };
    buffer::write(serde_json::to_vec(&compiled).map_err(|_| throw::internal("unprintable"))?);
    Ok(PROMPTS.with_borrow_mut(|prompts| {
        let free = prompts.iter().position(Option::is_none);
        match free.and_then(|index| prompts.get_mut(index)) {
            Some(place) => *place = Some(prompt),
            None => prompts.push(Some(prompt)),
        }
        free.unwrap_or(prompts.len() - 1)
    }))
}

/// Forgets a prompt.
#[wasm_bindgen]
pub fn release(handle: usize) {
    PROMPTS.with_borrow_mut(|prompts| {
        if let Some(place) = prompts.get_mut(handle) {
            *place = None;
        }
    });
}

/// The issues of the inputs in the input buffer.
#[wasm_bindgen]
pub fn check(handle: usize, length: usize) -> Result<JsValue, JsValue> {
    with(handle, |prompt| {
        let inputs = buffer::read(length, wire::read).ok_or_else(garbled)?;
        Ok(throw::object(&prompt.check(&inputs)))
    })
}

/// Renders with the inputs in the input buffer; the messages are in the output, as JSON.
#[wasm_bindgen]
pub fn render(handle: usize, length: usize) -> Result<(), JsValue> {
    with(handle, |prompt| {
        let inputs = buffer::read(length, wire::read).ok_or_else(garbled)?;
        let rendered = prompt.render(&inputs)?;
        let json = serde_json::to_vec(&rendered);
        buffer::write(json.map_err(|error| Error::new(Code::Internal, error.to_string()))?);
        Ok(())
    })
}

fn with<T>(handle: usize, then: impl FnOnce(&Prompt) -> Result<T, Error>) -> Result<T, JsValue> {
    PROMPTS.with_borrow(|prompts| {
        let prompt = prompts.get(handle).and_then(Option::as_ref);
        let prompt = prompt.ok_or_else(|| throw::internal("no such prompt"))?;
        then(prompt).map_err(|error| throw::problem(&error))
    })
}

fn garbled() -> Error {
    Error::new(Code::Internal, "the inputs were garbled on the way")
}
