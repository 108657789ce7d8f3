//! A separate module for the command line: the constructs that other systems' clients read otherwise. It imports
//! nothing.

use cuecard_prompt::{Code, Document, Error, json};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::buffer;

/// Writes the warnings for the clients that the input's document names in `metadata.readBy`, as JSON; if it returns
/// `false`, the problem.
#[wasm_bindgen]
pub fn read_otherwise(length: usize) -> bool {
    let issues = buffer::read(length, issues);
    let is_read = issues.is_ok();
    let bytes = issues.or_else(|error| serde_json::to_vec(&error.to_problem()));
    buffer::write(bytes.unwrap_or_default());
    is_read
}

fn issues(document: &[u8]) -> Result<Vec<u8>, Error> {
    let issues = Document::from_value(json::parse_bytes(document)?)?.read_otherwise()?;
    serde_json::to_vec(&issues).map_err(|_| Error::new(Code::Internal, "unprintable"))
}
