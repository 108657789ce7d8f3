//! From the syntax tree to what the evaluator runs.

/// A compiled template.
#[derive(Debug)]
pub(super) struct Program {
    blocks: Vec<std::sync::Arc<str>>,
}

impl Program {
    /// Whether the template has a block of the name.
    pub(super) fn has_block(&self, name: &str) -> bool {
        self.blocks.iter().any(|block| **block == *name)
    }
}
