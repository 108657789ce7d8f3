//! Compiled prompts, known to JavaScript by number.

use std::cell::RefCell;

use cuecard_prompt::jinja::LocalTime;
use cuecard_prompt::{
    Code, Document, Error, Input, Issue, Plan, Prompt, RenderOptions, Rendered, RenderedMessage,
};
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::{buffer, output, packed, throw, wire};

thread_local! {
    static PROMPTS: RefCell<Vec<Option<Prompt>>> = const { RefCell::new(Vec::new()) };
}

/// The facts that JavaScript gets when a prompt is compiled, as JSON in the output.
#[derive(Serialize)]
struct Compiled<'a> {
    inputs: &'a [Input],
    warnings: &'a [Issue],
    /// The names that are read, where others pass unread.
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<Vec<&'a str>>,
    plan: Option<Plan<'a>>,
    /// The parts of a render that inputs do not change.
    rest: &'a Rendered,
}

/// Compiles the document in the input and gives its number; what JavaScript needs to know of it is in the output. In
/// one that is stored, fields of a later release are passed over.
///
/// # Errors
/// As `Document::from_value` and `Prompt::compile`.
#[wasm_bindgen]
pub fn compile(stored: bool, length: usize) -> Result<usize, JsValue> {
    let value = buffer::read(length, wire::read).ok_or_else(garbled);
    let read = if stored {
        Document::from_stored
    } else {
        Document::from_value
    };
    value
        .and_then(read)
        .and_then(|document| keep(&document))
        .map_err(|error| throw::problem(&error))
}

/// What stands beside the stored document in the input so that a host renders it without the engine, as JSON in the
/// output; `null` where it has no plan.
///
/// # Errors
/// As `Document::from_stored` and `Prompt::compile`.
#[wasm_bindgen]
pub fn ship(length: usize) -> Result<(), JsValue> {
    let shipped = || -> Result<Vec<u8>, Error> {
        let value = buffer::read(length, wire::read).ok_or_else(garbled)?;
        let document = Document::from_stored(value)?;
        let shipped = Prompt::compile(&document)?.shipped(&document, &document.hash()?);
        serde_json::to_vec(&shipped).map_err(|_| Error::new(Code::Internal, "unprintable"))
    };
    shipped()
        .map(buffer::write)
        .map_err(|error| throw::problem(&error))
}

/// The hash of the document in the input.
///
/// # Errors
/// As `Document::from_value`.
#[wasm_bindgen]
pub fn hash(length: usize) -> Result<String, JsValue> {
    let value = buffer::read(length, wire::read).ok_or_else(garbled);
    value
        .and_then(Document::from_value)
        .and_then(|document| document.hash())
        .map_err(|error| throw::problem(&error))
}

fn keep(document: &Document) -> Result<usize, Error> {
    let prompt = Prompt::compile(document)?;
    let compiled = Compiled {
        inputs: prompt.inputs(),
        warnings: prompt.warnings(),
        names: prompt.open_names(),
        plan: prompt.plan(),
        rest: prompt.rest(),
    };
    let json = serde_json::to_vec(&compiled);
    buffer::write(json.map_err(|_| Error::new(Code::Internal, "unprintable"))?);
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
///
/// # Errors
/// `internal`
#[wasm_bindgen]
pub fn check(handle: usize, length: usize) -> Result<JsValue, JsValue> {
    with(handle, |prompt| {
        let inputs = buffer::read(length, wire::read).ok_or_else(garbled)?;
        Ok(throw::object(&prompt.check(&inputs)))
    })
}

/// Renders with the inputs in the input buffer; the messages are in the output, in the form of [`output`]. `now`:
/// milliseconds since 1970 of a clock on the wall. `work`: what the render may do, in the units of the limits, or 0 for
/// as much as usual.
///
/// # Errors
/// As `Prompt::render`.
#[wasm_bindgen]
pub fn render(handle: usize, length: usize, now: f64, work: u32) -> Result<(), JsValue> {
    with(handle, |prompt| {
        let inputs = buffer::read(length, wire::read).ok_or_else(garbled)?;
        put_out(&prompt.messages_with(&inputs, options(now, work))?)
    })
}

/// [`render`] with inputs in the form of [`packed`], which begin with `words` words; `false` where they are not of this
/// form or are too large, which a walk tells.
///
/// # Errors
/// As `Prompt::render`.
#[wasm_bindgen]
pub fn render_packed(
    handle: usize,
    words: usize,
    length: usize,
    now: f64,
    work: u32,
) -> Result<bool, JsValue> {
    with(handle, |prompt| {
        let given = buffer::read(length, |bytes| packed::read(bytes, words));
        let messages = given.and_then(|given| prompt.messages_of(&given, options(now, work)));
        let Some(messages) = messages.transpose()? else {
            return Ok(false);
        };
        put_out(&messages).map(|()| true)
    })
}

fn options(now: f64, work: u32) -> RenderOptions {
    // `NaN` would become 1970.
    let shown = (!now.is_nan()).then_some(now as i64);
    RenderOptions {
        now: shown.and_then(LocalTime::from_ms),
        work: (work > 0).then_some(work.into()),
    }
}

fn put_out(messages: &[RenderedMessage]) -> Result<(), Error> {
    let bytes = output::bytes(messages);
    buffer::write(bytes.ok_or_else(|| Error::new(Code::Internal, "unprintable"))?);
    Ok(())
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
