//! Jinja2's identifier tracking (`idtracking.py`, and the frames of `compiler.py`): every name gets a slot in the function
//! that owns it, so that nothing is looked up by name while rendering.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ast::*;
use super::lex::syntax;
use super::walk::{Tables, Use, find_undeclared, walk_expr, walk_stmt, walk_target};
use crate::error::{Code, Error, Result};

/// A variable as Jinja2 names it: two scopes of a function at one level share a variable of one name.
type Ident = (u32, Arc<str>);

#[derive(Clone, Debug)]
enum Source {
    Parameter,
    Resolve,
    Alias(usize, Ident),
    Missing,
}

/// What a scope knows; branches of an `if` lie as layers on top of what was known before.
#[derive(Debug, Default)]
struct Layer {
    refs: BTreeMap<Arc<str>, Ident>,
    loads: BTreeMap<Ident, Source>,
    stores: BTreeSet<Arc<str>>,
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
    slots: BTreeMap<Ident, u32>,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    symbols: usize,
    function: usize,
    toplevel: bool,
    /// In an `if` or a conditional expression, where unknown filters are errors only when reached.
    soft: bool,
}

/// What the resolver adds to the root of a template.
#[derive(Debug, Default)]
pub(super) struct Root {
    pub(super) scope: Scope,
    pub(super) slots: u32,
    pub(super) self_slot: Option<u32>,
}

/// Gives every name of the tree its place.
pub(super) fn resolve(tree: &mut Tree) -> Result<Root> {
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
        tables,
        has_blocks,
    };
    let root = resolver.root(&mut body)?;
    resolver.blocks()?;
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
    tables: Tables,
    has_blocks: bool,
}

impl Resolver {
    fn root(&mut self, body: &mut [Stmt]) -> Result<Root> {
        let function = self.new_function(None);
        let symbols = self.new_symbols(None, function);
        let frame = Frame {
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
            if special.contains("self") {
                block.self_slot = Some(self.declare(symbols, "self"));
            }
            if special.contains("super") {
                block.super_slot = Some(self.declare(symbols, "super"));
            }
            self.analyze(symbols, &block.body);
            block.scope = self.scope(symbols);
            let frame = Frame {
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

    // Symbols.

    fn new_function(&mut self, parent: Option<usize>) -> usize {
        self.functions.push(FunctionSlots {
            parent,
            slots: BTreeMap::new(),
        });
        self.functions.len() - 1
    }

    fn new_symbols(&mut self, parent: Option<usize>, function: usize) -> usize {
        let outer = parent.and_then(|parent| self.symbols.get(parent));
        self.symbols.push(Symbols {
            parent,
            level: outer.map_or(0, |outer| outer.level + 1),
            function,
            layers: vec![Layer::default()],
        });
        self.symbols.len() - 1
    }

    fn inner(&mut self, frame: Frame, function: usize) -> Frame {
        Frame {
            symbols: self.new_symbols(Some(frame.symbols), function),
            function,
            toplevel: false,
            soft: false,
        }
    }

    fn slots(&self, function: usize) -> u32 {
        self.functions
            .get(function)
            .map_or(0, |function| function.slots.len() as u32)
    }

    fn slot(&mut self, function: usize, ident: &Ident) -> u32 {
        let Some(function) = self.functions.get_mut(function) else {
            return 0;
        };
        let next = function.slots.len() as u32;
        *function.slots.entry(ident.clone()).or_insert(next)
    }

    fn top(&mut self, symbols: usize) -> Option<(&mut Layer, u32)> {
        let symbols = self.symbols.get_mut(symbols)?;
        let level = symbols.level;
        symbols.layers.last_mut().map(|layer| (layer, level))
    }

    fn define(&mut self, symbols: usize, name: &Arc<str>, source: Source) {
        if let Some((layer, level)) = self.top(symbols) {
            let ident = (level, Arc::clone(name));
            layer.refs.insert(Arc::clone(name), ident.clone());
            layer.loads.insert(ident, source);
        }
    }

    /// The scope's own variable of a name.
    fn own_ref(&self, symbols: usize, name: &str) -> Option<Ident> {
        let layers = &self.symbols.get(symbols)?.layers;
        layers
            .iter()
            .rev()
            .find_map(|layer| layer.refs.get(name))
            .cloned()
    }

    /// The variable of a name, and the function that owns it.
    fn find_ref(&self, symbols: Option<usize>, name: &str) -> Option<(usize, Ident)> {
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

    fn parent(&self, symbols: usize) -> Option<usize> {
        self.symbols.get(symbols)?.parent
    }

    fn store(&mut self, symbols: usize, name: &Arc<str>) {
        if let Some((layer, _)) = self.top(symbols) {
            layer.stores.insert(Arc::clone(name));
        }
        if self.own_ref(symbols, name).is_none() {
            let source = match self.find_ref(self.parent(symbols), name) {
                Some((function, ident)) => Source::Alias(function, ident),
                None => Source::Missing,
            };
            self.define(symbols, name, source);
        }
    }

    fn load(&mut self, symbols: usize, name: &Arc<str>) {
        if self.find_ref(Some(symbols), name).is_none() {
            self.define(symbols, name, Source::Resolve);
        }
    }

    fn parameter(&mut self, symbols: usize, name: &Arc<str>) {
        if let Some((layer, _)) = self.top(symbols) {
            layer.stores.insert(Arc::clone(name));
        }
        self.define(symbols, name, Source::Parameter);
    }

    /// Declares a parameter and gives its slot.
    fn declare(&mut self, symbols: usize, name: &str) -> u32 {
        let name: Arc<str> = name.into();
        self.parameter(symbols, &name);
        let found = self.find_ref(Some(symbols), &name);
        found.map_or(0, |(function, ident)| self.slot(function, &ident))
    }

    // Analysis: which names a scope loads and stores. It stops where another scope begins.

    fn analyze(&mut self, symbols: usize, body: &[Stmt]) {
        for stmt in body {
            self.visit(symbols, stmt);
        }
    }

    fn visit_expr(&mut self, symbols: usize, expr: &Expr) {
        walk_expr(expr, &mut |name| self.load(symbols, &name.name));
    }

    fn visit_target(&mut self, symbols: usize, target: &Target, used: Use) {
        match target {
            Target::Name(name) if used == Use::Parameter => self.parameter(symbols, &name.name),
            Target::Name(name) => self.store(symbols, &name.name),
            Target::Namespace(owner, _) => self.load(symbols, &owner.name),
            Target::Tuple(items) => {
                for item in items {
                    self.visit_target(symbols, item, used);
                }
            }
        }
    }

    fn visit_call(&mut self, symbols: usize, call: &Call) {
        self.visit_expr(symbols, &call.callee);
        for arg in &call.args {
            self.visit_expr(symbols, arg.expr());
        }
    }

    fn visit(&mut self, symbols: usize, stmt: &Stmt) {
        match stmt {
            Stmt::Text(_) | Stmt::Break | Stmt::Continue => {}
            Stmt::Print(expr) | Stmt::Do(expr) => self.visit_expr(symbols, expr),
            Stmt::If(node) => self.visit_if(symbols, node),
            Stmt::For(node) => self.visit_expr(symbols, &node.iter),
            Stmt::Recursive(index) => {
                let mut names = Vec::new();
                if let Some(node) = self.tables.recursive(*index) {
                    walk_expr(&node.iter, &mut |name| names.push(Arc::clone(&name.name)));
                }
                for name in names {
                    self.load(symbols, &name);
                }
            }
            Stmt::With(node) => {
                for (_, value) in &node.values {
                    self.visit_expr(symbols, value);
                }
            }
            Stmt::Set(node) => {
                self.visit_expr(symbols, &node.value);
                self.visit_target(symbols, &node.target, Use::Store);
            }
            Stmt::SetBlock(node) => self.visit_target(symbols, &node.target, Use::Store),
            Stmt::FilterBlock(node) => self.visit_expr(symbols, &node.filter),
            Stmt::Macro(node) => self.store(symbols, &node.target.name),
            Stmt::CallBlock(node) => self.visit_call(symbols, &node.call),
            Stmt::Block(..) | Stmt::Autoescape(_) => {}
        }
    }

    fn visit_if(&mut self, symbols: usize, node: &If) {
        let Some(((test, body), elifs)) = node.branches.split_first() else {
            return;
        };
        self.visit_expr(symbols, test);
        let branches = [
            self.branch(symbols, |this| this.analyze(symbols, body)),
            self.branch(symbols, |this| {
                for (test, body) in elifs {
                    this.visit_expr(symbols, test);
                    let branch = this.branch(symbols, |this| this.analyze(symbols, body));
                    this.merge(symbols, [branch]);
                }
            }),
            self.branch(symbols, |this| this.analyze(symbols, &node.other)),
        ];
        self.merge(symbols, branches);
    }

    fn branch(&mut self, symbols: usize, run: impl FnOnce(&mut Self)) -> Layer {
        if let Some(symbols) = self.symbols.get_mut(symbols) {
            symbols.layers.push(Layer::default());
        }
        run(self);
        let layers = self.symbols.get_mut(symbols).map(|s| &mut s.layers);
        layers.and_then(Vec::pop).unwrap_or_default()
    }

    fn merge<const N: usize>(&mut self, symbols: usize, branches: [Layer; N]) {
        let stored = |this: &Self, name: &str| {
            this.symbols
                .get(symbols)
                .is_some_and(|s| s.layers.iter().any(|layer| layer.stores.contains(name)))
        };
        let mut stores = BTreeSet::new();
        for name in branches.iter().flat_map(|branch| &branch.stores) {
            if !stored(self, name) {
                stores.insert(Arc::clone(name));
            }
        }
        for branch in branches {
            if let Some((layer, _)) = self.top(symbols) {
                layer.refs.extend(branch.refs);
                layer.loads.extend(branch.loads);
                layer.stores.extend(branch.stores);
            }
        }
        for name in stores {
            let Some((_, target)) = self.find_ref(Some(symbols), &name) else {
                continue;
            };
            let source = match self.find_ref(self.parent(symbols), &name) {
                Some((function, ident)) => Source::Alias(function, ident),
                None => Source::Resolve,
            };
            if let Some((layer, _)) = self.top(symbols) {
                layer.loads.insert(target, source);
            }
        }
    }

    // Resolution: places for every name, scopes for every block.

    /// What happens when the scope is entered.
    fn scope(&mut self, symbols: usize) -> Scope {
        let Some((function, layers)) = self
            .symbols
            .get(symbols)
            .map(|symbols| (symbols.function, &symbols.layers))
        else {
            return Scope::default();
        };
        let loads: Vec<(Ident, Source)> = layers
            .iter()
            .flat_map(|layer| layer.loads.clone())
            .collect();
        let mut scope = Scope::default();
        for (ident, source) in loads {
            let slot = self.slot(function, &ident);
            scope.owned.push(slot);
            let load = match source {
                Source::Parameter => continue,
                Source::Resolve => Load::Resolve(ident.1),
                Source::Alias(owner, outer) => Load::Alias(self.place(function, owner, &outer)),
                Source::Missing => Load::Missing,
            };
            scope.loads.push((slot, load));
        }
        scope
    }

    fn place(&mut self, from: usize, owner: usize, ident: &Ident) -> Place {
        let slot = self.slot(owner, ident);
        let mut up = 0;
        let mut function = from;
        while function != owner {
            let Some(parent) = self.functions.get(function).and_then(|f| f.parent) else {
                break;
            };
            function = parent;
            up += 1;
        }
        Place { up, slot }
    }

    fn name(&mut self, name: &mut Name, frame: Frame) {
        if self.find_ref(Some(frame.symbols), &name.name).is_none() {
            // Only what Jinja2's analysis leaves out comes here: arguments of a set block's filter.
            self.define(frame.symbols, &name.name, Source::Resolve);
        }
        if let Some((owner, ident)) = self.find_ref(Some(frame.symbols), &name.name) {
            name.place = self.place(frame.function, owner, &ident);
        }
    }

    fn target(&mut self, target: &mut Target, frame: Frame) {
        match target {
            Target::Name(name) | Target::Namespace(name, _) => self.name(name, frame),
            Target::Tuple(items) => {
                for item in items {
                    self.target(item, frame);
                }
            }
        }
    }

    fn args(&mut self, args: &mut [Arg], frame: Frame) -> Result<()> {
        args.iter_mut()
            .try_for_each(|arg| self.expr(arg.expr_mut(), frame))
    }

    fn expr(&mut self, expr: &mut Expr, frame: Frame) -> Result<()> {
        match expr {
            Expr::Const(_) => Ok(()),
            Expr::Name(name) => {
                self.name(name, frame);
                Ok(())
            }
            Expr::Attribute(node) => self.expr(&mut node.value, frame),
            Expr::Item(node) => {
                self.expr(&mut node.value, frame)?;
                self.expr(&mut node.key, frame)
            }
            Expr::Slice(node) => {
                self.expr(&mut node.value, frame)?;
                let parts = [&mut node.start, &mut node.stop, &mut node.step];
                parts
                    .into_iter()
                    .flatten()
                    .try_for_each(|part| self.expr(part, frame))
            }
            Expr::Call(node) => self.call(node, frame),
            Expr::Filter(node) => {
                if node.function.is_none() && !frame.soft {
                    return Err(unknown("filter", &node.name, node.pos));
                }
                if let Some(value) = &mut node.value {
                    self.expr(value, frame)?;
                }
                self.args(&mut node.args, frame)
            }
            Expr::Test(node) => {
                if node.function.is_none() && !frame.soft {
                    return Err(unknown("test", &node.name, node.pos));
                }
                self.expr(&mut node.value, frame)?;
                self.args(&mut node.args, frame)
            }
            Expr::Not(value) => self.expr(value, frame),
            Expr::Negate(node) | Expr::Positive(node) => self.expr(&mut node.0, frame),
            Expr::Math(node) => {
                self.expr(&mut node.left, frame)?;
                self.expr(&mut node.right, frame)
            }
            Expr::And(node) | Expr::Or(node) => {
                self.expr(&mut node.0, frame)?;
                self.expr(&mut node.1, frame)
            }
            Expr::Concat(node) => node.0.iter_mut().try_for_each(|e| self.expr(e, frame)),
            Expr::Compare(node) => {
                self.expr(&mut node.first, frame)?;
                let mut rest = node.rest.iter_mut();
                rest.try_for_each(|(_, expr)| self.expr(expr, frame))
            }
            Expr::If(node) => {
                let frame = Frame {
                    soft: true,
                    ..frame
                };
                self.expr(&mut node.test, frame)?;
                self.expr(&mut node.then, frame)?;
                match &mut node.other {
                    Some(other) => self.expr(other, frame),
                    None => Ok(()),
                }
            }
            Expr::List(items) | Expr::Tuple(items) => {
                items.iter_mut().try_for_each(|e| self.expr(e, frame))
            }
            Expr::Dict(node) => node.0.iter_mut().try_for_each(|(key, value)| {
                self.expr(key, frame)?;
                self.expr(value, frame)
            }),
        }
    }

    fn call(&mut self, call: &mut Call, frame: Frame) -> Result<()> {
        self.expr(&mut call.callee, frame)?;
        self.args(&mut call.args, frame)
    }

    fn stmts(&mut self, stmts: &mut [Stmt], frame: Frame) -> Result<()> {
        stmts.iter_mut().try_for_each(|stmt| self.stmt(stmt, frame))
    }

    fn stmt(&mut self, stmt: &mut Stmt, frame: Frame) -> Result<()> {
        let export = frame.toplevel && self.has_blocks;
        match stmt {
            Stmt::Text(_) | Stmt::Break | Stmt::Continue => Ok(()),
            Stmt::Print(expr) | Stmt::Do(expr) => self.expr(expr, frame),
            Stmt::If(node) => {
                let frame = Frame {
                    soft: true,
                    ..frame
                };
                for (test, body) in &mut node.branches {
                    self.expr(test, frame)?;
                    self.stmts(body, frame)?;
                }
                self.stmts(&mut node.other, frame)
            }
            Stmt::For(node) => self.for_loop(node, frame),
            Stmt::Recursive(index) => {
                let taken = self.tables.loops.get_mut(*index).and_then(Option::take);
                let Some(mut node) = taken else {
                    return Ok(());
                };
                self.for_loop(&mut node, frame)?;
                if let Some(place) = self.tables.loops.get_mut(*index) {
                    *place = Some(node);
                }
                Ok(())
            }
            Stmt::With(node) => {
                let inner = self.inner(frame, frame.function);
                for (target, _) in &node.values {
                    self.visit_target(inner.symbols, target, Use::Parameter);
                }
                self.analyze(inner.symbols, &node.body);
                node.scope = self.scope(inner.symbols);
                for (target, value) in &mut node.values {
                    self.target(target, inner);
                    self.expr(value, frame)?;
                }
                self.stmts(&mut node.body, inner)
            }
            Stmt::Set(node) => {
                node.export = export;
                self.target(&mut node.target, frame);
                self.expr(&mut node.value, frame)
            }
            Stmt::SetBlock(node) => {
                node.export = export;
                let inner = self.inner(frame, frame.function);
                self.analyze(inner.symbols, &node.body);
                self.target(&mut node.target, frame);
                if let Some(filter) = &mut node.filter {
                    self.expr(filter, inner)?;
                }
                node.scope = self.scope(inner.symbols);
                self.stmts(&mut node.body, inner)
            }
            Stmt::FilterBlock(node) => {
                let inner = self.inner(frame, frame.function);
                self.analyze(inner.symbols, &node.body);
                self.visit_expr(inner.symbols, &node.filter);
                node.scope = self.scope(inner.symbols);
                self.stmts(&mut node.body, inner)?;
                self.expr(&mut node.filter, inner)
            }
            Stmt::Macro(node) => {
                node.export = export;
                self.function(node.function, frame)?;
                self.name(&mut node.target, frame);
                Ok(())
            }
            Stmt::CallBlock(node) => {
                self.function(node.function, frame)?;
                self.call(&mut node.call, frame)
            }
            Stmt::Block(index, _) => {
                self.block_locals(*index, frame);
                Ok(())
            }
            Stmt::Autoescape(node) => {
                let inner = self.inner(frame, frame.function);
                self.visit_expr(inner.symbols, &node.enabled);
                self.analyze(inner.symbols, &node.body);
                node.scope = self.scope(inner.symbols);
                self.expr(&mut node.enabled, inner)?;
                self.stmts(&mut node.body, inner)
            }
        }
    }

    fn for_loop(&mut self, node: &mut For, frame: Frame) -> Result<()> {
        let function = if node.recursive {
            self.new_function(Some(frame.function))
        } else {
            frame.function
        };
        let body = self.inner(frame, function);
        let mut assigns_loop = None;
        let mut check = |name: &Name, used: Use| {
            if used == Use::Store && &*name.name == "loop" {
                assigns_loop = Some(name.pos);
            }
        };
        walk_target(&node.target, Use::Store, &mut check);
        for stmt in node.body.iter().chain(&node.other) {
            walk_stmt(stmt, &self.tables, true, &mut check);
        }
        if let Some(pos) = assigns_loop {
            let detail = "Can't assign to special loop variable in for-loop target";
            return Err(syntax(pos, detail));
        }
        let reads_loop = !find_undeclared(&node.body, &self.tables, &["loop"]).is_empty();
        let scoped_block = self.has_blocks;
        if node.recursive || reads_loop || scoped_block {
            let slot = self.declare(body.symbols, "loop");
            node.loop_place = Some(Place { up: 0, slot });
        }
        self.visit_target(body.symbols, &node.target, Use::Parameter);
        self.analyze(body.symbols, &node.body);
        node.scope = self.scope(body.symbols);
        if let Some(index) = node.test {
            self.loop_test(index, frame)?;
        }
        self.target(&mut node.target, body);
        self.expr(&mut node.iter, frame)?;
        self.stmts(&mut node.body, body)?;
        let other = self.inner(frame, function);
        self.analyze(other.symbols, &node.other);
        node.other_scope = self.scope(other.symbols);
        self.stmts(&mut node.other, other)?;
        if node.recursive {
            node.slots = self.slots(function);
        }
        Ok(())
    }

    fn loop_test(&mut self, index: usize, frame: Frame) -> Result<()> {
        let Some(mut test) = self.tables.tests.get_mut(index).and_then(Option::take) else {
            return Ok(());
        };
        let function = self.new_function(Some(frame.function));
        let inner = self.inner(frame, function);
        self.visit_target(inner.symbols, &test.target, Use::Parameter);
        self.visit_expr(inner.symbols, &test.test);
        test.scope = self.scope(inner.symbols);
        self.target(&mut test.target, inner);
        self.expr(&mut test.test, inner)?;
        test.slots = self.slots(function);
        if let Some(place) = self.tables.tests.get_mut(index) {
            *place = Some(test);
        }
        Ok(())
    }

    fn function(&mut self, index: usize, frame: Frame) -> Result<()> {
        let Some(mut node) = self.tables.functions.get_mut(index).and_then(Option::take) else {
            return Ok(());
        };
        let function = self.new_function(Some(frame.function));
        let inner = self.inner(frame, function);
        let analyze = |this: &mut Self, node: &Function| {
            for param in &node.params {
                this.parameter(inner.symbols, &param.name);
            }
            for default in &node.defaults {
                this.visit_expr(inner.symbols, default);
            }
            this.analyze(inner.symbols, &node.body);
        };
        analyze(self, &node);
        let special = ["caller", "kwargs", "varargs"];
        let undeclared = find_undeclared(&node.body, &self.tables, &special);
        let given = |name: &str| node.params.iter().position(|param| &*param.name == name);
        let first_default = node.params.len() - node.defaults.len().min(node.params.len());
        if undeclared.contains("caller") {
            match given("caller") {
                Some(place) if place < first_default => {
                    let detail = "When defining macros or call blocks the special \"caller\" argument must be omitted \
                                  or be given a default.";
                    return Err(syntax(node.pos, detail));
                }
                Some(_) => {}
                None => node.caller = Some(self.declare(inner.symbols, "caller")),
            }
        }
        if undeclared.contains("kwargs") && given("kwargs").is_none() {
            node.kwargs = Some(self.declare(inner.symbols, "kwargs"));
        }
        if undeclared.contains("varargs") && given("varargs").is_none() {
            node.varargs = Some(self.declare(inner.symbols, "varargs"));
        }
        analyze(self, &node);
        node.scope = self.scope(inner.symbols);
        for param in &mut node.params {
            self.name(param, inner);
        }
        for default in &mut node.defaults {
            self.expr(default, inner)?;
        }
        self.stmts(&mut node.body, inner)?;
        node.slots = self.slots(function);
        if let Some(place) = self.tables.functions.get_mut(index) {
            *place = Some(node);
        }
        Ok(())
    }

    /// What a scoped block sees: everything that the scopes around it have stored.
    fn block_locals(&mut self, index: usize, frame: Frame) {
        let scoped = self.tables.blocks.get(index).and_then(Option::as_ref);
        if !scoped.is_some_and(|block| block.scoped) {
            return;
        }
        let mut names = BTreeSet::new();
        let mut next = Some(frame.symbols);
        while let Some(symbols) = next.and_then(|index| self.symbols.get(index)) {
            for layer in &symbols.layers {
                names.extend(layer.stores.iter().cloned());
            }
            next = symbols.parent;
        }
        let mut locals = Vec::new();
        for name in names {
            if let Some((owner, ident)) = self.find_ref(Some(frame.symbols), &name) {
                locals.push((name, self.place(frame.function, owner, &ident)));
            }
        }
        if let Some(Some(block)) = self.tables.blocks.get_mut(index) {
            block.locals = locals;
        }
    }
}

fn unknown(kind: &str, name: &str, pos: Pos) -> Error {
    Error::new(
        Code::TemplateUnknownName,
        format!("No {kind} named '{name}'."),
    )
    .with_at(pos.into())
}
