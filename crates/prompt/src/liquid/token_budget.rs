//! How many tokens of Liquid are still read.

use std::cell::Cell;

use crate::error::{At, Code, Error, Result};

/// The tokens that are left; shared by the readers of one template.
#[derive(Debug)]
pub(super) struct TokenBudget(Cell<usize>);

impl TokenBudget {
    pub(super) fn new(left: usize) -> Self {
        Self(Cell::new(left))
    }

    pub(super) fn left(&self) -> usize {
        self.0.get()
    }

    /// Takes so many tokens.
    ///
    /// # Errors
    /// `limit_exceeded` where there are fewer, then and from then on
    pub(super) fn pay(&self, tokens: usize, at: At) -> Result<()> {
        let left = self.0.get().checked_sub(tokens);
        self.0.set(left.unwrap_or_default());
        match left {
            Some(_) => Ok(()),
            None => {
                let detail = "the Liquid templates have too many tokens";
                Err(Error::new(Code::LimitExceeded, detail).with_at(at))
            }
        }
    }
}
