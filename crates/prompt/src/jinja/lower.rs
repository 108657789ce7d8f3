//! A compiled template: its tree with every name resolved.

use super::Options;
use super::ast::Tree;
use super::parser::parse;
use super::scope::{Root, resolve};
use crate::error::Result;

/// A compiled template.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) tree: Tree,
    pub(super) root: Root,
    /// A guess at the length of the output, in bytes.
    pub(super) hint: usize,
}

impl Program {
    pub(super) fn compile(source: &str, options: &Options, left: &mut usize) -> Result<Self> {
        let mut tree = parse(source, options, left)?;
        let root = resolve(&mut tree)?;
        if let Some((_, error)) = root.unknown.first() {
            return Err(error.clone());
        }
        Ok(Self {
            tree,
            root,
            hint: source.len().min(16 << 10) + 64,
        })
    }

    /// Whether the template has a block of the name.
    pub(super) fn has_block(&self, name: &str) -> bool {
        self.tree.blocks.iter().any(|block| *block.name == *name)
    }
}
