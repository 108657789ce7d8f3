//! Errors for JavaScript: the only module that names serde-wasm-bindgen.

use cuecard_prompt::{Code, Error};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// The error as the object that `js/error.ts` makes a `PromptError` of: an RFC 9457 problem.
pub(crate) fn problem(error: &Error) -> JsValue {
    object(&error.to_problem())
}

/// A bug on our side of the boundary.
pub(crate) fn internal(what: &str) -> JsValue {
    problem(&Error::new(Code::Internal, what))
}

/// Any of our own types as a plain object. Not for users' data: a key like `__proto__` would be assigned.
pub(crate) fn object<T: Serialize + ?Sized>(value: &T) -> JsValue {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .unwrap_or(JsValue::NULL)
}
