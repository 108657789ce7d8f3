//! What nodes tell of themselves: their place, and whether they are constants.

use super::tree::*;

impl Expr {
    /// The place of the expression, as far as its nodes tell: literals have none.
    pub(crate) fn pos(&self) -> Option<Pos> {
        Some(match self {
            Self::Const(_) => return None,
            Self::Name(name) => name.pos,
            Self::Attribute(node) => node.pos,
            Self::Item(node) => node.pos,
            Self::Slice(node) => node.pos,
            Self::Call(node) => node.pos,
            Self::Filter(node) => node.pos,
            Self::Test(node) => node.pos,
            Self::Not(value) => return value.pos(),
            Self::Negate(node) | Self::Positive(node) => node.1,
            Self::Math(node) => node.pos,
            Self::And(node) | Self::Or(node) => return node.0.pos().or_else(|| node.1.pos()),
            Self::Concat(node) => node.1,
            Self::Compare(node) => node.pos,
            Self::If(node) => node.pos,
            Self::List(items) | Self::Tuple(items) => return items.iter().find_map(Self::pos),
            Self::Dict(node) => node.1,
        })
    }

    /// Whether the expression is made of literals alone.
    pub(crate) fn is_constant(&self) -> bool {
        match self {
            Self::Const(_) => true,
            Self::Negate(node) | Self::Positive(node) => node.0.is_constant(),
            Self::Tuple(items) => items.iter().all(Self::is_constant),
            _ => false,
        }
    }
}

impl Stmt {
    /// Where the statement is.
    pub(crate) fn pos(&self, tree: &Tree) -> Option<Pos> {
        Some(match self {
            Self::Text(_, pos)
            | Self::Print(_, pos)
            | Self::Do(_, pos)
            | Self::Block(_, pos)
            | Self::Generation(_, pos) => *pos,
            Self::If(node) => return node.branches.first()?.0.pos(),
            Self::For(node) => node.pos,
            Self::Recursive(index) => tree.loops.get(*index)?.pos,
            Self::With(node) => node.pos,
            Self::Set(node) => node.pos,
            Self::SetBlock(node) => node.pos,
            Self::FilterBlock(node) => return node.filter.pos(),
            Self::Macro(node) => node.target.pos,
            Self::CallBlock(node) => node.call.pos,
            Self::Autoescape(node) => return node.enabled.pos(),
            Self::Break | Self::Continue => return None,
        })
    }
}
