//! Plans of values of which only the items are read: loops and filters read them one by one.

use std::sync::Arc;

use serde_json::Value;

use super::values::tested;
use super::{Planner, attribute_node, filter_node, is_attribute, is_plain, node, variable, view};
use crate::library::registry;
use crate::syntax::tree::*;

impl Planner<'_> {
    /// A value of which only the items are read.
    pub(super) fn items(&mut self, expr: &Expr) -> Option<Value> {
        self.deeper(|planner| planner.generated(expr))
    }

    fn generated(&mut self, expr: &Expr) -> Option<Value> {
        if let Some((view, value)) = view(expr) {
            return Some(node("view", [view.into(), self.value(value)?]));
        }
        match expr {
            Expr::Call(call) if self.global_of(&call.callee) == Some("range") => {
                let mut ends = [Value::Null, Value::Null, Value::Null];
                // One argument is where it stops.
                let first = usize::from(call.args.len() == 1);
                for (place, arg) in call.args.iter().enumerate() {
                    let Arg::Positional(value) = arg else {
                        return None;
                    };
                    *ends.get_mut(first + place)? = self.value(value)?;
                }
                (!call.args.is_empty()).then(|| node("range", ends))
            }
            Expr::Filter(filter) => self.chosen(expr, filter),
            _ => self.value(expr),
        }
    }

    /// A filter; some read only the items of their value.
    fn chosen(&mut self, expr: &Expr, filter: &FilterExpr) -> Option<Value> {
        let Some(of) = &filter.value else {
            return self.value(expr);
        };
        let name = |value: &Expr| match value {
            Expr::Const(Const::Str(name)) if is_plain(name) && !is_attribute(name) => {
                Some(Arc::clone(name))
            }
            _ => None,
        };
        match (&*filter.name, &*filter.args) {
            ("map", [Arg::Keyword(key, value)]) if &**key == "attribute" => {
                let name = name(value)?;
                Some(node("map", [self.items(of)?, (&*name).into()]))
            }
            ("map", [Arg::Positional(Expr::Const(Const::Str(filter)))]) => {
                let planned = registry::find_filter(filter)?.planned?;
                // Filters that mark texts as safe, or that return other kinds of lists, have no plan.
                (planned.fewest == 0).then_some(())?;
                let slot = self.fresh();
                let one = filter_node(filter, variable(slot), Vec::new());
                Some(node("each", [self.items(of)?, slot.into(), one]))
            }
            (kind @ ("selectattr" | "rejectattr"), [Arg::Positional(attribute), test @ ..]) => {
                let name = name(attribute)?;
                let slot = self.fresh();
                let one = attribute_node(variable(slot), &name);
                self.picked(of, slot, one, kind == "rejectattr", test)
            }
            (kind @ ("select" | "reject"), test) => {
                let slot = self.fresh();
                self.picked(of, slot, variable(slot), kind == "reject", test)
            }
            ("reverse", []) => Some(filter_node("reverse", self.items(of)?, Vec::new())),
            _ => self.value(expr),
        }
    }

    /// The items of which a test holds, or does not; the test's argument is evaluated for each of them, so it is one
    /// that cannot fail.
    fn picked(
        &mut self,
        of: &Expr,
        slot: u32,
        one: Value,
        negated: bool,
        test: &[Arg],
    ) -> Option<Value> {
        let items = self.items(of)?;
        let holds = match test {
            [] => one,
            [Arg::Positional(Expr::Const(Const::Str(name))), rest @ ..] => {
                let rest = match rest {
                    [] => None,
                    [Arg::Positional(arg @ (Expr::Const(_) | Expr::Name(_)))] => {
                        Some(self.value(arg)?)
                    }
                    _ => return None,
                };
                tested(name, one, rest)?
            }
            _ => return None,
        };
        let holds = match negated {
            true => node("not", [holds]),
            false => holds,
        };
        Some(node("where", [items, slot.into(), holds]))
    }
}
