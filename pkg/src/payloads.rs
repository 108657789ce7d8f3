//! A separate module that writes rendered prompts as request bodies for model APIs. It imports nothing, and JavaScript
//! makes an instance of it when one is first asked for: who asks for none neither loads nor compiles it.

use cuecard_prompt::{Code, Error, Provider, Rendered};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{buffer, wire};

/// Writes the rendered prompt in the input for a model API, by its place in `Provider::ALL`: `{model, body, losses}` as
/// JSON in the output, or, where the answer is `false`, the problem.
#[wasm_bindgen]
pub fn payload(provider: usize, length: usize) -> bool {
    let written = write(provider, length);
    let is_written = written.is_ok();
    let bytes = written.or_else(|error| serde_json::to_vec(&error.to_problem()));
    buffer::write(bytes.unwrap_or_default());
    is_written
}

fn write(provider: usize, length: usize) -> Result<Vec<u8>, Error> {
    let garbled = || Error::new(Code::Internal, "the rendered prompt was garbled on the way");
    let value = buffer::read(length, wire::read).ok_or_else(garbled)?;
    let provider = Provider::ALL.get(provider);
    let provider = provider.ok_or_else(|| Error::new(Code::QueryInvalid, "no such API"))?;
    let payload = Rendered::from_value(value)?.payload(*provider)?;
    serde_json::to_vec(&payload).map_err(|_| Error::new(Code::Internal, "unprintable"))
}
