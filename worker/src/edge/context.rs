//! The context of every step of a request: settings, origin, host.

use std::rc::Rc;

use cuecard_prompt::{Code, Error};
use worker::Env;

use super::config::Config;
use crate::origin::Origin;

/// The Worker's variables and origin, and the prefix of cache keys.
#[derive(Clone)]
pub(super) struct EdgeContext {
    pub(super) env: Env,
    pub(super) config: Rc<Config>,
    pub(super) origin: Rc<Origin>,
    /// The host of the request.
    pub(super) host: Rc<str>,
    /// The prefix of cache keys: a digest of the origin.
    pub(super) cache: Rc<str>,
}

/// The error of a failed call into the platform.
pub(super) fn internal(_: wasm_bindgen::JsValue) -> Error {
    Error::new(Code::Internal, "the platform failed")
}
