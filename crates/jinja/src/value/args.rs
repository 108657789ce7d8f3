//! Arguments of a call, bound as Python binds them.

use std::sync::Arc;

use crate::error::Result;
use crate::value::{Value, failed};

/// The arguments of a call.
#[derive(Debug, Default)]
pub(crate) struct Args {
    /// By position.
    pub(crate) pos: Vec<Value>,
    /// By name, in the order of the call; no name twice.
    pub(crate) kw: Vec<(Arc<str>, Value)>,
}

impl Args {
    /// Positional arguments only.
    pub(crate) fn of(pos: Vec<Value>) -> Self {
        Self {
            pos,
            kw: Vec::new(),
        }
    }

    /// Binds to named parameters, of which the first `required` have no default. A parameter that was not given is
    /// `None`.
    pub(crate) fn bind<const N: usize>(
        self,
        function: &str,
        names: [&str; N],
        required: usize,
    ) -> Result<[Option<Value>; N]> {
        let mut bound = [const { None }; N];
        self.bind_to(&mut bound, function, &names, required)?;
        Ok(bound)
    }

    fn bind_to(
        self,
        bound: &mut [Option<Value>],
        function: &str,
        names: &[&str],
        required: usize,
    ) -> Result<()> {
        let (given, most) = (self.pos.len(), bound.len());
        if given > most {
            return Err(failed(format!(
                "{function}() takes at most {most} argument(s) but {given} were given"
            )));
        }
        for (place, value) in bound.iter_mut().zip(self.pos) {
            *place = Some(value);
        }
        for (name, value) in self.kw {
            let place = names
                .iter()
                .position(|known| **known == *name)
                .and_then(|index| bound.get_mut(index))
                .ok_or_else(|| unexpected_keyword(function, &name))?;
            if place.is_some() {
                return Err(failed(format!(
                    "{function}() got multiple values for argument '{name}'"
                )));
            }
            *place = Some(value);
        }
        for (name, place) in names.iter().zip(bound).take(required) {
            if place.is_none() {
                return Err(failed(format!(
                    "{function}() is missing the required argument '{name}'"
                )));
            }
        }
        Ok(())
    }

    /// Binds positional-only parameters, as most methods of Python's built-in types have them.
    pub(crate) fn positional<const N: usize>(
        self,
        function: &str,
        required: usize,
    ) -> Result<[Option<Value>; N]> {
        let mut bound = [const { None }; N];
        self.place(&mut bound, function, required)?;
        Ok(bound)
    }

    fn place(self, bound: &mut [Option<Value>], function: &str, required: usize) -> Result<()> {
        if !self.kw.is_empty() {
            return Err(failed(format!("{function}() takes no keyword arguments")));
        }
        let (given, most) = (self.pos.len(), bound.len());
        if given > most || given < required {
            return Err(failed(format!(
                "{function}() takes {required} to {most} argument(s) but {given} were given"
            )));
        }
        for (place, value) in bound.iter_mut().zip(self.pos) {
            *place = Some(value);
        }
        Ok(())
    }

    /// Takes a keyword argument out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let index = self.kw.iter().position(|(known, _)| **known == *name)?;
        Some(self.kw.remove(index).1)
    }
}

/// The error of an unknown keyword argument.
pub(crate) fn unexpected_keyword(function: &str, name: &str) -> crate::error::Error {
    failed(format!(
        "{function}() got an unexpected keyword argument '{name}'"
    ))
}
