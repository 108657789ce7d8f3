//! What one render may cost. Every limit is counted, not timed: the same template and inputs stop at the same place
//! on every machine.

use crate::error::{Error, ErrorKind, Result};

/// Depth of nested nodes under evaluation: keeps a render within a small stack, also in an unoptimised build.
pub const MAX_NESTED: u32 = 500;

/// Limits of one render.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Units of work: one per node that is evaluated, per element that an operation touches, and per
    /// 16 to 256 bytes that it reads or makes.
    /// Default 300,000.
    pub work: u64,
    /// Bytes of strings and containers that the render creates, counted as they are created. Default 32 MiB.
    pub memory: u64,
    /// Nested macro calls, recursive loops, and levels of nested data that are printed or compared. Default 100.
    pub depth: u32,
    /// Bytes of output. Default 1 MiB.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            work: 300_000,
            memory: 32 << 20,
            depth: 100,
            output: 1 << 20,
        }
    }
}

impl Limits {
    /// Pays for work done between renders that share these limits.
    ///
    /// # Errors
    /// `Limit`
    pub fn spend(&mut self, units: usize) -> Result<()> {
        let mut budget = Budget::new(self);
        let result = budget.work(units);
        budget.leave_in(self);
        result
    }
}

/// What is left of the limits.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    work: u64,
    memory: u64,
    /// What `memory` was at first.
    memory_at_most: u64,
    depth: u32,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            work: limits.work,
            memory: limits.memory,
            memory_at_most: limits.memory,
            depth: limits.depth,
        }
    }

    /// Leaves what was not used for the next render.
    pub(crate) fn leave_in(&self, limits: &mut Limits) {
        limits.work = self.work;
        limits.memory = self.memory;
    }

    #[inline]
    pub(crate) fn work(&mut self, units: usize) -> Result<()> {
        match self.work.checked_sub(units as u64) {
            Some(left) => {
                self.work = left;
                Ok(())
            }
            None => {
                self.work = 0;
                Err(exceeded("the render does more work than allowed"))
            }
        }
    }

    #[inline]
    pub(crate) fn memory(&mut self, bytes: usize) -> Result<()> {
        self.work(1 + bytes / 32)?;
        self.take(bytes)
    }

    #[inline]
    fn take(&mut self, bytes: usize) -> Result<()> {
        match self.memory.checked_sub(bytes as u64) {
            Some(left) => {
                self.memory = left;
                Ok(())
            }
            None => {
                self.memory = 0;
                Err(exceeded("the render needs more memory than allowed"))
            }
        }
    }

    /// Pays for memory that is filled by copying.
    pub(crate) fn copy(&mut self, bytes: usize) -> Result<()> {
        self.work(1 + bytes / 256)?;
        self.take(bytes)
    }

    /// Gives back memory that was charged and is free again.
    pub(crate) fn give_back(&mut self, bytes: usize) {
        let memory = self.memory.saturating_add(bytes as u64);
        self.memory = memory.min(self.memory_at_most);
    }

    pub(crate) fn enter(&mut self) -> Result<()> {
        match self.depth.checked_sub(1) {
            Some(left) => {
                self.depth = left;
                Ok(())
            }
            None => Err(exceeded("calls or data are nested too deeply")),
        }
    }

    pub(crate) fn leave(&mut self) {
        self.depth += 1;
    }
}

/// `limit_exceeded` with what was exceeded.
pub(crate) fn exceeded(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::Limit, detail)
}
