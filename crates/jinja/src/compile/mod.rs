//! From tree to program: [`scope`] gives every name its slot.

pub(crate) mod program;
pub(crate) mod scope;
