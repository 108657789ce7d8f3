//! A compiled template: its tree with every name resolved.

use crate::compile::scope::{Root, resolve};
use crate::error::Result;
use crate::options::Options;
use crate::syntax::parser::parse;
use crate::syntax::tree::Tree;

/// A compiled template.
#[derive(Debug)]
pub struct Program {
    /// The syntax tree, with every name resolved to a slot.
    pub tree: Tree,
    /// The scopes and the unknown names that the resolver found.
    pub root: Root,
    /// A guess at the length of the output, in bytes.
    pub(crate) hint: usize,
}

impl Program {
    /// Compiles a template. Filters and tests that do not exist are no error here: [`Root::unknown`] lists them.
    ///
    /// # Errors
    /// `Syntax`, `Include`, `Limit`
    pub fn compile(source: &str, options: &Options, left: &mut usize) -> Result<Self> {
        let mut tree = parse(source, options, left)?;
        let root = resolve(&mut tree)?;
        Ok(Self {
            tree,
            root,
            hint: source.len().min(16 << 10) + 64,
        })
    }

    /// Whether the template has a block of the name.
    pub(crate) fn has_block(&self, name: &str) -> bool {
        self.tree.blocks.iter().any(|block| *block.name == *name)
    }
}
