//! From text to tree: [`lexer`] cuts tokens as Jinja2's lexer does, [`parser`] makes the [`tree`] of them, [`walk`] goes
//! through its names.

pub(crate) mod lexer;
mod literal;
pub(crate) mod parser;
pub mod tree;
pub(crate) mod walk;
