//! From text to tree: [`lexer`] cuts tokens as Jinja2's lexer does, [`parser`] builds the [`tree`] from them, [`walk`]
//! visits its names, and `place` tells where its nodes are.

pub(crate) mod lexer;
mod literal;
pub(crate) mod parser;
mod place;
pub mod tree;
pub(crate) mod walk;
