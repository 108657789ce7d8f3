//! Python's operators.

mod arithmetic;
mod compare;
mod contains;
mod numbers;
mod pow;
mod text;

use std::cmp::Ordering;

pub(super) use arithmetic::too_large;
pub(super) use numbers::{true_div, truncated};
pub(super) use text::escape_into;

/// Arithmetic operators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Math {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
}

/// Ordering operators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Order {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Math {
    fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::FloorDiv => "//",
            Self::Mod => "%",
            Self::Pow => "** or pow()",
        }
    }
}

impl Order {
    fn holds(self, ordering: Option<Ordering>) -> bool {
        ordering.is_some_and(|ordering| match self {
            Self::Less => ordering.is_lt(),
            Self::LessEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterEqual => ordering.is_ge(),
        })
    }

    fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }
}
