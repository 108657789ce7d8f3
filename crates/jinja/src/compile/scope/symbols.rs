//! The tables of variables: what a name means in a scope.

use std::sync::Arc;

use super::{FrameLayout, FunctionSlots, Ident, Layer, Numbers, Resolver, Symbols, VariableSource};
use crate::size;

impl Resolver {
    pub(super) fn new_function(&mut self, parent: Option<usize>) -> usize {
        self.functions.push(FunctionSlots {
            parent,
            ..FunctionSlots::default()
        });
        self.functions.len() - 1
    }

    pub(super) fn new_symbols(&mut self, parent: Option<usize>, function: usize) -> usize {
        let outer = parent.and_then(|parent| self.symbols.get(parent));
        self.symbols.push(Symbols {
            parent,
            level: outer.map_or(0, |outer| outer.level + 1),
            function,
            layers: vec![Layer::default()],
        });
        self.symbols.len() - 1
    }

    pub(super) fn inner(&mut self, frame: FrameLayout, function: usize) -> FrameLayout {
        FrameLayout {
            symbols: self.new_symbols(Some(frame.symbols), function),
            function,
            toplevel: false,
            soft: false,
        }
    }

    pub(super) fn slots(&self, function: usize) -> u32 {
        self.functions
            .get(function)
            .map_or(0, |function| function.count as u32)
    }

    pub(super) fn slot(&mut self, function: usize, ident: &Ident) -> u32 {
        let Some(function) = self.functions.get_mut(function) else {
            return 0;
        };
        let (level, name) = ident;
        let level = size::slot(*level);
        if function.slots.len() <= level {
            function.slots.resize_with(level + 1, Numbers::new);
        }
        let Some(variables) = function.slots.get_mut(level) else {
            return 0;
        };
        let slot = *variables.entry(Arc::clone(name)).or_insert(function.count);
        function.count = function.count.max(slot + 1);
        slot as u32
    }

    pub(super) fn top(&mut self, symbols: usize) -> Option<&mut Layer> {
        self.symbols.get_mut(symbols)?.layers.last_mut()
    }

    pub(super) fn define(&mut self, symbols: usize, name: &Arc<str>, source: VariableSource) {
        let place = self.sources.len();
        if let Some(layer) = self.top(symbols) {
            layer.loads.insert(Arc::clone(name), place);
            self.sources.push(source);
        }
    }

    /// The scope's own variable of a name.
    fn own_ref(&self, symbols: usize, name: &str) -> Option<Ident> {
        let Symbols { level, layers, .. } = self.symbols.get(symbols)?;
        let mut layers = layers.iter().rev();
        let (name, _) = layers.find_map(|layer| layer.loads.get_key_value(name))?;
        Some((*level, Arc::clone(name)))
    }

    /// The variable of a name, and the function that owns it.
    pub(super) fn find_ref(&self, symbols: Option<usize>, name: &str) -> Option<(usize, Ident)> {
        let mut next = symbols;
        while let Some(index) = next {
            let symbols = self.symbols.get(index)?;
            if let Some(ident) = self.own_ref(index, name) {
                return Some((symbols.function, ident));
            }
            next = symbols.parent;
        }
        None
    }

    pub(super) fn parent(&self, symbols: usize) -> Option<usize> {
        self.symbols.get(symbols)?.parent
    }

    pub(super) fn store(&mut self, symbols: usize, name: &Arc<str>) {
        if let Some(layer) = self.top(symbols) {
            layer.store(name);
        }
        if self.own_ref(symbols, name).is_none() {
            let source = match self.find_ref(self.parent(symbols), name) {
                Some((function, ident)) => VariableSource::Alias(function, ident),
                None => VariableSource::Missing,
            };
            self.define(symbols, name, source);
        }
    }

    pub(super) fn load(&mut self, symbols: usize, name: &Arc<str>) {
        if self.find_ref(Some(symbols), name).is_none() {
            self.define(symbols, name, VariableSource::Resolve);
        }
    }

    pub(super) fn parameter(&mut self, symbols: usize, name: &Arc<str>) {
        if let Some(layer) = self.top(symbols) {
            layer.store(name);
        }
        self.define(symbols, name, VariableSource::Parameter);
    }

    /// Declares a parameter and gives its slot.
    pub(super) fn declare(&mut self, symbols: usize, name: &str) -> u32 {
        let name: Arc<str> = name.into();
        self.parameter(symbols, &name);
        let found = self.find_ref(Some(symbols), &name);
        found.map_or(0, |(function, ident)| self.slot(function, &ident))
    }
}
