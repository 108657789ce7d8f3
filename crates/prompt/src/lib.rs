//! Prompts: the document, its typed inputs, Jinja2 rendering, messages and errors.
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

mod check;
mod document;
mod error;
mod export;
mod image;
mod import;
mod inputs;
pub mod issue;
pub mod json;
pub mod limits;
mod liquid;
mod payload;
mod prompt;
mod reference;
mod rendered;
mod rendered_message;
mod schema;
mod suggest;
mod template;
mod turn;
mod typed;

pub use cuecard_jinja as jinja;
pub use document::{
    Column, Content, Demonstrations, Document, Input, Message, Output, OutputType, Part, Role, Row,
    Technique, TemplateOptions, Type, Undefined, Version,
};
pub use error::{At, Code, Error, Issue, Problem, Result};
pub use export::Exported;
pub use import::{Imported, System, read_parameters};
pub use inputs::Given;
pub use liquid::liquid_to_jinja;
pub use payload::{Payload, Provider};
pub use prompt::{CHAIN_OF_THOUGHT, Plan, Prompt, RenderOptions};
pub use reference::{Reference, Selector, Slug, Tag, VersionNumber, parse_version};
pub use rendered::Rendered;
pub use rendered_message::{RenderedMessage, ToolCall};
pub use schema::Schema;
