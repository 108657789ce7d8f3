//! What a template reads and does, for the static check: one walk through its tree.

mod exprs;
mod given;
mod variables;

use std::collections::BTreeSet;

use super::{AttributeShape, Findings, How, Known, NameRead, Shape, TemplatePlace};
use crate::error::{At, Issue};
use crate::issue;
use crate::jinja::library;
use crate::jinja::syntax::tree::{Block, For, Function, Name, Pos, ScopeSlots, Stmt, Target, Tree};
use crate::jinja::{Program, Root};
use crate::schema::Schema;
use crate::suggest::suggest;
use given::{collect_assigned, defined_if};
use variables::{Assigned, InitialValue, Variable, Variables};

/// The most guaranteed names remembered per `if`; more are rare, and would cost their square.
const MAX_GUARDS: usize = 64;

/// Notes what a template reads and does.
pub(crate) fn walk<'a>(
    findings: &'a mut Findings,
    known: Known<'a>,
    place: &'a TemplatePlace,
    program: &'a Program,
) {
    let Program { tree, root, .. } = program;
    let before = findings.reads.len();
    let mut walk = Walk {
        findings,
        known,
        place,
        tree,
        root,
        assigned: collect_assigned(tree),
        guards: Vec::new(),
        variables: Variables::default(),
        looked_up: BTreeSet::new(),
        block_locals: None,
    };
    walk.variables.push(false);
    walk.scope(&root.scope);
    walk.body(&tree.body);
    walk.note_unread(before);
}

struct Walk<'a> {
    findings: &'a mut Findings,
    known: Known<'a>,
    place: &'a TemplatePlace,
    tree: &'a Tree,
    root: &'a Root,
    /// Names that the template assigns to anywhere: a macro reads them when it is called, and a block when it runs.
    assigned: BTreeSet<String>,
    /// Names that the enclosing conditions guarantee.
    guards: Vec<Vec<String>>,
    variables: Variables<'a>,
    /// Names that are looked up outside the template when a scope is entered.
    looked_up: BTreeSet<&'a str>,
    /// In a block, the variables that it sees of the scopes around it.
    block_locals: Option<BTreeSet<&'a str>>,
}

impl<'a> Walk<'a> {
    fn body(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn scope(&mut self, scope: &'a ScopeSlots) {
        let (known, assigned) = (self.known, &self.assigned);
        let (looked_up, block) = (&mut self.looked_up, self.block_locals.as_ref());
        self.variables.enter(scope, |name| {
            looked_up.insert(name);
            let input = known.input(name);
            // A block finds the names assigned to at the template's top level, and those of the scopes around it.
            let perhaps =
                block.is_some_and(|locals| locals.contains(name) || assigned.contains(name));
            Variable {
                shape: match input {
                    Some((input, schema)) if !perhaps => Shape::of(input, schema.as_deref()),
                    _ => Shape::Unknown,
                },
                origin: InitialValue::Outside,
                assigned: match perhaps {
                    true => Assigned::Perhaps,
                    false => Assigned::No,
                },
            }
        });
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Text(..) | Stmt::Break | Stmt::Continue => {}
            Stmt::Print(expr, _) | Stmt::Do(expr, _) => {
                self.expr(expr);
            }
            Stmt::If(stmt) => {
                let mut otherwise = Vec::new();
                let mut branches = Vec::with_capacity(stmt.branches.len() + 1);
                for (test, body) in &stmt.branches {
                    self.guarded(otherwise.clone(), |walk| walk.condition(test));
                    let mut names = defined_if(test, true);
                    names.extend(otherwise.iter().cloned());
                    self.variables.begin_branch();
                    self.guarded(names, |walk| walk.body(body));
                    branches.push(self.variables.end_branch());
                    let names = defined_if(test, false).into_iter();
                    otherwise.extend(names);
                    otherwise.truncate(MAX_GUARDS);
                }
                self.variables.begin_branch();
                self.guarded(otherwise, |walk| walk.body(&stmt.other));
                branches.push(self.variables.end_branch());
                self.variables.join(&branches);
            }
            Stmt::For(stmt) => self.for_loop(stmt),
            Stmt::Recursive(index) => {
                if let Some(stmt) = self.tree.loops.get(*index) {
                    self.for_loop(stmt);
                }
            }
            Stmt::With(stmt) => {
                let values = stmt.values.iter().map(|(_, expr)| self.expr(expr));
                let shapes: Vec<_> = values.collect();
                self.scope(&stmt.scope);
                for ((target, _), shape) in stmt.values.iter().zip(shapes) {
                    self.assign(target, shape);
                }
                self.body(&stmt.body);
            }
            Stmt::Set(stmt) => {
                let shape = self.expr(&stmt.value);
                self.assign(&stmt.target, shape);
            }
            Stmt::SetBlock(stmt) => {
                self.scope(&stmt.scope);
                self.body(&stmt.body);
                if let Some(filter) = &stmt.filter {
                    self.expr(filter);
                }
                self.assign(&stmt.target, Shape::Scalar);
            }
            Stmt::FilterBlock(stmt) => {
                self.scope(&stmt.scope);
                self.body(&stmt.body);
                self.expr(&stmt.filter);
            }
            Stmt::Macro(stmt) => {
                self.variables.assign(stmt.target.place, Shape::Unknown);
                self.function(stmt.function, true);
            }
            Stmt::Generation(function, _) => self.function(*function, false),
            Stmt::CallBlock(stmt) => {
                self.call(&stmt.call);
                self.function(stmt.function, false);
            }
            Stmt::Block(index, _) => {
                if let Some(block) = self.tree.blocks.get(*index) {
                    self.block(block);
                }
            }
            Stmt::Autoescape(stmt) => {
                self.scope(&stmt.scope);
                self.expr(&stmt.enabled);
                self.body(&stmt.body);
            }
        }
    }

    fn for_loop(&mut self, stmt: &'a For) {
        let item = self.expr(&stmt.iter).item();
        if let Some(test) = stmt.test.and_then(|index| self.tree.tests.get(index)) {
            self.variables.push(false);
            self.scope(&test.scope);
            self.assign(&test.target, item);
            self.condition(&test.test);
            self.variables.pop();
        }
        if stmt.recursive {
            self.variables.push(false);
        }
        self.scope(&stmt.scope);
        self.assign(&stmt.target, item);
        self.body(&stmt.body);
        self.scope(&stmt.other_scope);
        self.body(&stmt.other);
        if stmt.recursive {
            self.variables.pop();
        }
    }

    /// The function of a macro, or of a call block, which runs at once.
    fn function(&mut self, index: usize, is_macro: bool) {
        let tree: &'a Tree = self.tree;
        let Some(Function {
            params,
            defaults,
            body,
            scope,
            ..
        }) = tree.functions.get(index)
        else {
            return;
        };
        self.variables.push(is_macro);
        self.scope(scope);
        for default in defaults {
            self.expr(default);
        }
        for param in params {
            self.variables.assign(param.place, Shape::Unknown);
        }
        self.body(body);
        self.variables.pop();
    }

    fn block(&mut self, block: &'a Block) {
        let mut locals = BTreeSet::new();
        locals.extend(block.locals.iter().map(|(name, _)| &**name));
        let outer_locals = self.block_locals.replace(locals);
        let outer = std::mem::take(&mut self.variables);
        self.variables.push(false);
        self.scope(&block.scope);
        self.body(&block.body);
        self.variables = outer;
        self.block_locals = outer_locals;
    }

    fn assign(&mut self, target: &Target, shape: Shape<'a>) {
        match target {
            Target::Name(name) => self.variables.assign(name.place, shape),
            Target::Namespace(name, _) => drop_shape(self.read(name, How::Plain)),
            Target::Tuple(items) => items
                .iter()
                .for_each(|item| self.assign(item, Shape::Unknown)),
        }
    }

    fn guarded<T>(&mut self, names: Vec<String>, run: impl FnOnce(&mut Self) -> T) -> T {
        self.guards.push(names);
        let result = run(self);
        self.guards.pop();
        result
    }

    fn read(&mut self, name: &Name, how: How) -> Shape<'a> {
        let variable = self.variables.get(name.place);
        let late = self.variables.is_late(name.place) && self.assigned.contains(&*name.name);
        let how = match variable.assigned {
            _ if variable.origin == InitialValue::Inside => return variable.shape,
            Assigned::Yes => return variable.shape,
            Assigned::Perhaps => How::Perhaps,
            Assigned::No if late => How::Perhaps,
            Assigned::No if self.is_guarded(&name.name) => How::Guarded,
            Assigned::No => how,
        };
        self.note(&name.name, how, Some(self.at(name.pos)));
        variable.shape
    }

    fn is_guarded(&self, name: &str) -> bool {
        self.guards.iter().flatten().any(|guarded| guarded == name)
    }

    fn note(&mut self, name: &str, how: How, at: Option<At>) {
        let declared = self.known.input(name).is_some();
        let how = match !declared && library::is_global(name, self.known.dialect) {
            true => How::Global,
            false => how,
        };
        self.findings.reads.push(NameRead {
            name: name.to_owned(),
            how,
            pointer: self.place.pointer.clone(),
            at,
        });
    }

    /// Names that are looked up, but always assigned to before they are read. `before`: the reads of earlier templates.
    fn note_unread(&mut self, before: usize) {
        let mut names: Vec<(&str, bool)> =
            self.looked_up.iter().map(|name| (*name, false)).collect();
        for read in self.findings.reads.iter().skip(before) {
            let place = names.binary_search_by_key(&read.name.as_str(), |(name, _)| name);
            if let Some((_, is_read)) = place.ok().and_then(|place| names.get_mut(place)) {
                *is_read = true;
            }
        }
        let unread = names.iter().filter(|(_, is_read)| !is_read);
        for name in unread.map(|(name, _)| *name) {
            self.note(name, How::Perhaps, None);
        }
    }

    fn attribute(&mut self, shape: Shape<'a>, name: &str, pos: Pos) -> Shape<'a> {
        match shape.attribute(name) {
            AttributeShape::Some(shape) => shape,
            AttributeShape::None(schema) => {
                let (place, at) = (self.place, self.at(pos));
                let schema = schema.filter(|_| self.findings.suggests());
                self.findings.warning(|| {
                    let message = format!("there is no attribute `{name}`");
                    let mut issue = Issue::new(issue::UNKNOWN_ATTRIBUTE, &place.pointer, message);
                    let names = schema.into_iter().flat_map(Schema::names);
                    issue.suggestion = suggest(name, names);
                    issue.at = Some(at);
                    issue
                });
                Shape::Unknown
            }
        }
    }

    /// An unknown filter or test. Inside a branch, Jinja2 fails only when the branch is taken.
    fn unknown_name(
        &mut self,
        name: &str,
        pos: Pos,
        code: &str,
        what: &str,
        suggestion: &dyn Fn() -> Option<String>,
    ) {
        let (place, at) = (self.place, self.at(pos));
        let issue = || {
            let message = format!("there is no {what} `{name}`");
            let mut issue = Issue::new(code, &place.pointer, message);
            issue.suggestion = suggestion();
            issue.at = Some(at);
            issue
        };
        if self.known.strict || self.root.unknown.iter().any(|(refused, _)| *refused == pos) {
            self.findings.error(issue);
        } else {
            self.findings.warning(issue);
        }
    }

    fn at(&self, pos: Pos) -> At {
        At {
            message: u32::try_from(self.place.message).ok(),
            line: pos.line,
            column: pos.column,
        }
    }
}

/// Marks a shape as unused.
fn drop_shape(_: Shape<'_>) {}
