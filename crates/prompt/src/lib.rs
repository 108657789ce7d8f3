//! What a prompt is: the document, its typed inputs, Jinja2 rendering, messages and errors.
//!
//! ```
//! use cuecard_prompt::{Document, Prompt};
//! use serde_json::json;
//!
//! let document = Document::from_value(json!({
//!     "messages": [{ "role": "user", "content": "Hello {{ name }}" }],
//!     "inputs": [{ "name": "name", "type": "str" }],
//! }))?;
//! let prompt = Prompt::compile(&document)?;
//! assert_eq!(prompt.render(&json!({ "name": "Ada" }))?.messages[0].content, "Hello Ada".into());
//! # Ok::<(), cuecard_prompt::Error>(())
//! ```

mod document;
mod error;
mod prompt;
mod reference;

pub use document::{Content, Document, Input, Message, Part, Version};
pub use error::{At, Code, Error, Issue, Problem, Result};
pub use prompt::{Prompt, Rendered, RenderedMessage};
pub use reference::{Reference, Selector, Slug, Tag, VersionNumber, parse_version};
