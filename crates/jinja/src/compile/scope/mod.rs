//! Jinja2's identifier tracking (`idtracking.py`, and the frames of `compiler.py`): every name gets a slot in the
//! function that owns it, so that nothing is looked up by name while rendering.

mod analysis;
mod names;
mod statements;
mod symbols;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::syntax::tree::*;
use crate::syntax::walk::{Tables, find_undeclared};

/// A variable as Jinja2 names it: two scopes of a function at one level share a variable of one name.
type Ident = (u32, Arc<str>);

/// Numbers by name. The resolver keeps one kind of map: each other one would be the same code in the wasm again.
type Numbers = BTreeMap<Arc<str>, usize>;

#[derive(Clone, Debug)]
enum VariableSource {
    Parameter,
    Resolve,
    Alias(usize, Ident),
    Missing,
}

/// The names that a scope knows; each branch of an `if` is a layer on top of the names known before it.
#[derive(Debug, Default)]
struct Layer {
    /// Where the variables come from, by their places in [`Resolver::sources`].
    loads: Numbers,
    stores: BTreeSet<Arc<str>>,
    /// Of `stores` those that no branch inside has brought: a merge has settled what those mean.
    stored_here: Vec<Arc<str>>,
}

impl Layer {
    fn store(&mut self, name: &Arc<str>) {
        if self.stores.insert(Arc::clone(name)) {
            self.stored_here.push(Arc::clone(name));
        }
    }

    /// Takes over the names of a branch. The fewer are added to the more, so that nested branches do not move all names
    /// at each level.
    fn absorb(&mut self, mut branch: Self) {
        if self.loads.len() < branch.loads.len() {
            std::mem::swap(&mut self.loads, &mut branch.loads);
            for (name, source) in branch.loads {
                self.loads.entry(name).or_insert(source);
            }
        } else {
            self.loads.extend(branch.loads);
        }
        if self.stores.len() < branch.stores.len() {
            std::mem::swap(&mut self.stores, &mut branch.stores);
        }
        self.stores.extend(branch.stores);
    }
}

#[derive(Debug)]
struct Symbols {
    parent: Option<usize>,
    level: u32,
    function: usize,
    layers: Vec<Layer>,
}

#[derive(Debug, Default)]
struct FunctionSlots {
    parent: Option<usize>,
    /// Of each level its variables.
    slots: Vec<Numbers>,
    count: usize,
}

#[derive(Clone, Copy, Debug)]
struct FrameLayout {
    symbols: usize,
    function: usize,
    toplevel: bool,
    /// Set inside an `if` or a conditional expression, where an unknown filter is an error only when it is reached.
    soft: bool,
}

/// The results of the resolver for the root of a template.
#[derive(Debug, Default)]
pub struct Root {
    /// The variables of the top level.
    pub scope: ScopeSlots,
    /// The number of slots that the template itself has.
    pub slots: u32,
    /// The slot of `self`, when the template reads it.
    pub self_slot: Option<u32>,
    /// The unknown filters and tests for which Jinja2 refuses the template.
    pub unknown: Vec<(Pos, Error)>,
}

/// Gives every name of the tree its place.
pub(crate) fn resolve(tree: &mut Tree) -> Result<Root> {
    let take = std::mem::take::<Tree>;
    let Tree {
        mut body,
        functions,
        loops,
        tests,
        blocks,
    } = take(tree);
    let has_blocks = !blocks.is_empty();
    let tables = Tables {
        functions: functions.into_iter().map(Some).collect(),
        loops: loops.into_iter().map(Some).collect(),
        tests: tests.into_iter().map(Some).collect(),
        blocks: blocks.into_iter().map(Some).collect(),
    };
    let mut resolver = Resolver {
        symbols: Vec::new(),
        functions: Vec::new(),
        sources: Vec::new(),
        tables,
        has_blocks,
        unknown: Vec::new(),
    };
    let mut root = resolver.root(&mut body)?;
    resolver.blocks()?;
    root.unknown = std::mem::take(&mut resolver.unknown);
    let tables = std::mem::take(&mut resolver.tables);
    *tree = Tree {
        body,
        functions: tables.functions.into_iter().flatten().collect(),
        loops: tables.loops.into_iter().flatten().collect(),
        tests: tables.tests.into_iter().flatten().collect(),
        blocks: tables.blocks.into_iter().flatten().collect(),
    };
    Ok(root)
}

struct Resolver {
    symbols: Vec<Symbols>,
    functions: Vec<FunctionSlots>,
    sources: Vec<VariableSource>,
    tables: Tables,
    has_blocks: bool,
    unknown: Vec<(Pos, Error)>,
}

impl Resolver {
    /// An error lists no more unknown filters and tests than this.
    const MAX_UNKNOWN: usize = 100;

    fn root(&mut self, body: &mut [Stmt]) -> Result<Root> {
        let function = self.new_function(None);
        let symbols = self.new_symbols(None, function);
        let frame = FrameLayout {
            symbols,
            function,
            toplevel: true,
            soft: false,
        };
        let reads_self = !find_undeclared(body, &self.tables, &["self"]).is_empty();
        let self_slot = reads_self.then(|| self.declare(symbols, "self"));
        self.analyze(symbols, body);
        let scope = self.scope(symbols);
        self.stmts(body, frame)?;
        Ok(Root {
            scope,
            slots: self.slots(function),
            self_slot,
            unknown: Vec::new(),
        })
    }

    fn blocks(&mut self) -> Result<()> {
        for index in 0..self.tables.blocks.len() {
            let Some(mut block) = self.tables.blocks.get_mut(index).and_then(Option::take) else {
                continue;
            };
            let function = self.new_function(None);
            let symbols = self.new_symbols(None, function);
            let special = find_undeclared(&block.body, &self.tables, &["self", "super"]);
            if special.contains(&"self") {
                block.self_slot = Some(self.declare(symbols, "self"));
            }
            if special.contains(&"super") {
                block.super_slot = Some(self.declare(symbols, "super"));
            }
            self.analyze(symbols, &block.body);
            block.scope = self.scope(symbols);
            let frame = FrameLayout {
                symbols,
                function,
                toplevel: false,
                soft: false,
            };
            self.stmts(&mut block.body, frame)?;
            block.slots = self.slots(function);
            if let Some(place) = self.tables.blocks.get_mut(index) {
                *place = Some(block);
            }
        }
        Ok(())
    }
}
