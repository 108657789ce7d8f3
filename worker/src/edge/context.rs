//! What every step of a request takes: settings, origin, host.

use std::rc::Rc;

use cuecard_prompt::{Code, Error};
use worker::Env;

use super::config::Config;
use crate::origin::Origin;

/// The Worker's variables and origin, and what cache keys are under.
#[derive(Clone)]
pub(super) struct EdgeContext {
    pub(super) env: Env,
    pub(super) config: Rc<Config>,
    pub(super) origin: Rc<Origin>,
    /// The host that a request came to.
    pub(super) host: Rc<str>,
    /// What cache keys are under: a digest of the origin.
    pub(super) cache: Rc<str>,
}

/// The error where a call into the platform fails.
pub(super) fn internal(_: wasm_bindgen::JsValue) -> Error {
    Error::new(Code::Internal, "the platform failed")
}
