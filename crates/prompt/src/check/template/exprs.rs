//! What expressions read, and the shapes of their values.

use super::given::defined_if;
use super::{Walk, drop_shape};
use crate::check::{How, Shape};
use crate::issue;
use crate::jinja::library;
use crate::jinja::library::registry::{self, Gives};
use crate::jinja::syntax::tree::{Arg, CallExpr, Const, Expr, FilterExpr, TestExpr};
use crate::suggest::suggest;

impl<'a> Walk<'a> {
    pub(super) fn expr(&mut self, expr: &'a Expr) -> Shape<'a> {
        match expr {
            Expr::Name(name) => return self.read(name, How::Plain),
            Expr::Const(_) => {}
            Expr::Not(expr) => self.condition(expr),
            Expr::Negate(node) | Expr::Positive(node) => drop_shape(self.expr(&node.0)),
            Expr::Math(node) => {
                self.expr(&node.left);
                self.expr(&node.right);
            }
            Expr::And(node) => {
                self.expr(&node.0);
                self.guarded(defined_if(&node.0, true), |walk| walk.expr(&node.1));
            }
            Expr::Or(node) => {
                self.condition(&node.0);
                self.guarded(defined_if(&node.0, false), |walk| walk.expr(&node.1));
            }
            Expr::Concat(node) => self.exprs(&node.0),
            Expr::Compare(node) => {
                self.expr(&node.first);
                for (_, expr) in &node.rest {
                    self.expr(expr);
                }
            }
            Expr::If(node) => {
                self.condition(&node.test);
                self.guarded(defined_if(&node.test, true), |walk| walk.expr(&node.then));
                if let Some(other) = &node.other {
                    self.guarded(defined_if(&node.test, false), |walk| walk.expr(other));
                }
            }
            Expr::Filter(filter) => return self.filter(filter),
            Expr::Test(test) => self.test(test),
            Expr::Attribute(node) => {
                let shape = self.expr(&node.value);
                return self.attribute(shape, &node.name, node.pos);
            }
            Expr::Item(node) => {
                let shape = self.expr(&node.value);
                match &node.key {
                    Expr::Const(Const::Str(name)) => return self.attribute(shape, name, node.pos),
                    Expr::Const(_) => return shape.item(),
                    key => drop_shape(self.expr(key)),
                }
            }
            Expr::Slice(node) => {
                let shape = self.expr(&node.value);
                for expr in [&node.start, &node.stop, &node.step].into_iter().flatten() {
                    self.expr(expr);
                }
                return shape;
            }
            Expr::Call(call) => self.call(call),
            Expr::List(items) | Expr::Tuple(items) => self.exprs(items),
            Expr::Dict(node) => {
                for (key, value) in &node.0 {
                    self.expr(key);
                    self.expr(value);
                }
            }
        }
        Shape::Unknown
    }

    /// An expression of which only the truth matters.
    pub(super) fn condition(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => drop_shape(self.read(name, How::Tested)),
            Expr::And(node) | Expr::Or(node) => {
                self.condition(&node.0);
                let names = defined_if(&node.0, matches!(expr, Expr::And(_)));
                self.guarded(names, |walk| walk.condition(&node.1));
            }
            expr => drop_shape(self.expr(expr)),
        }
    }

    fn exprs(&mut self, exprs: &'a [Expr]) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn filter(&mut self, filter: &'a FilterExpr) -> Shape<'a> {
        let name = &*filter.name;
        let defaults = ["default", "d"].contains(&name);
        let shape = match &filter.value {
            Some(Expr::Name(name)) if defaults => self.read(name, How::Guarded),
            Some(expr) => self.expr(expr),
            None => Shape::Scalar,
        };
        if !library::is_filter(&filter.name) {
            self.unknown_name(name, filter.pos, issue::UNKNOWN_FILTER, "filter", &|| {
                suggest(name, registry::filter_names())
            });
        }
        self.args(&filter.args);
        match registry::gives(name) {
            Gives::Items => shape,
            Gives::Item => shape.item(),
            Gives::Other => Shape::Unknown,
        }
    }

    fn test(&mut self, test: &'a TestExpr) {
        let defined = ["defined", "undefined"].contains(&&*test.name);
        match &test.value {
            Expr::Name(name) if defined => drop_shape(self.read(name, How::Guarded)),
            expr => drop_shape(self.expr(expr)),
        }
        if !library::is_test(&test.name) {
            self.unknown_name(&test.name, test.pos, issue::UNKNOWN_TEST, "test", &|| {
                suggest(&test.name, registry::test_names())
            });
        }
        self.args(&test.args);
    }

    pub(super) fn call(&mut self, call: &'a CallExpr) {
        match &call.callee {
            Expr::Attribute(node) => {
                let shape = self.expr(&node.value);
                if !registry::is_method(&node.name) {
                    self.attribute(shape, &node.name, node.pos);
                }
            }
            other => drop_shape(self.expr(other)),
        }
        self.args(&call.args);
    }

    fn args(&mut self, args: &'a [Arg]) {
        for arg in args {
            let (Arg::Positional(expr)
            | Arg::Keyword(_, expr)
            | Arg::Sequence(expr)
            | Arg::Mapping(expr)) = arg;
            self.expr(expr);
        }
    }
}
