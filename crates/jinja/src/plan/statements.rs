//! Plans of statements.

use serde_json::{Value, json};

use super::{Planner, filter_node, is_member, list, node, variable, view};
use crate::Dialect;
use crate::run::ops::escape_into;
use crate::syntax::tree::*;

impl Planner<'_> {
    fn target(&mut self, target: &Target) -> Option<Value> {
        match target {
            Target::Name(name) => self.slot(name.place),
            Target::Tuple(items) => self.deeper(|planner| list(items, |item| planner.target(item))),
            Target::Namespace(..) => None,
        }
    }

    pub(super) fn body(&mut self, body: &[Stmt]) -> Option<Value> {
        self.deeper(|planner| list(body, |stmt| planner.statement(stmt)))
    }

    fn statement(&mut self, stmt: &Stmt) -> Option<Value> {
        match stmt {
            Stmt::Text(text, _) => Some((&**text).into()),
            Stmt::Print(value, _) => self.print(value),
            Stmt::If(branch) => {
                let branches = list(&branch.branches, |(test, body)| {
                    Some(Value::Array(vec![self.value(test)?, self.body(body)?]))
                });
                Some(node("if", [branches?, self.body(&branch.other)?]))
            }
            Stmt::For(each) => self.each(each),
            Stmt::Set(set) => match &set.target {
                Target::Name(name) => {
                    let slot = self.slot(name.place)?;
                    let value = match self.namespace(&set.value) {
                        Some(value) => {
                            self.spaces.push(self.at(name.place)?);
                            value
                        }
                        None => self.value(&set.value)?,
                    };
                    Some(node("set", [slot, value]))
                }
                Target::Namespace(owner, name) if is_member(name) => {
                    let slot = self.space(owner.place)?;
                    let value = self.value(&set.value)?;
                    Some(node("put", [slot.into(), (&**name).into(), value]))
                }
                _ => None,
            },
            Stmt::SetBlock(set) => {
                let Target::Name(name) = &set.target else {
                    return None;
                };
                let text = self.fresh();
                let capture = self.capture(text, &set.scope, &set.body)?;
                let value = match &set.filter {
                    Some(filter) => self.filtered(text, filter)?,
                    None => variable(text),
                };
                let set = node("set", [self.slot(name.place)?, value]);
                Some(in_turn(vec![capture, set]))
            }
            Stmt::FilterBlock(block) => {
                let text = self.fresh();
                let capture = self.capture(text, &block.scope, &block.body)?;
                let print = node("print", [self.filtered(text, &block.filter)?]);
                Some(in_turn(vec![capture, print]))
            }
            Stmt::Macro(stmt) => {
                let slot = self.slot(stmt.target.place)?;
                let around = std::mem::take(&mut self.at_once);
                let function = self.function(slot, stmt.function);
                self.at_once = around;
                function
            }
            Stmt::Generation(function, _) => {
                let slot = self.fresh();
                self.at_once += 1;
                let function = self.function(slot.into(), *function);
                self.at_once -= 1;
                let function = function?;
                let call = node("call", [variable(slot), json!([]), json!([])]);
                Some(in_turn(vec![function, node("print", [call])]))
            }
            _ => None,
        }
    }

    /// A filter that marks a text as safe has a plan only where it is printed at once: plans have no safe texts.
    fn print(&mut self, value: &Expr) -> Option<Value> {
        if let Some(json) = self.json(value) {
            return Some(json);
        }
        let of = match value {
            Expr::Filter(filter) if filter.args.is_empty() => match &*filter.name {
                "safe" => self.value(filter.value.as_ref()?)?,
                "e" | "escape" | "forceescape" => {
                    let mut text =
                        filter_node("string", self.value(filter.value.as_ref()?)?, Vec::new());
                    // `&` comes first, as the others make it.
                    for old in ["&", "<", ">", "'", "\""] {
                        let mut new = String::new();
                        escape_into(old, &mut new);
                        let both = [old, &*new].map(|text| node("const", [text.into()]));
                        text = filter_node("replace", text, both.into());
                    }
                    text
                }
                _ => self.value(value)?,
            },
            _ => self.value(value)?,
        };
        Some(node("print", [of]))
    }

    fn capture(&mut self, slot: u32, scope: &ScopeSlots, body: &[Stmt]) -> Option<Value> {
        let scope = self.scope(scope)?;
        Some(node("capture", [slot.into(), scope, self.body(body)?]))
    }

    /// A filter of what was captured. Its arguments are constants: names would be those of the block.
    fn filtered(&mut self, text: u32, filter: &Expr) -> Option<Value> {
        let mut next = Some(filter);
        while let Some(Expr::Filter(one)) = next {
            let is_constant = |arg: &Arg| match arg {
                Arg::Positional(value) | Arg::Keyword(_, value) => matches!(value, Expr::Const(_)),
                Arg::Sequence(_) | Arg::Mapping(_) => false,
            };
            if !one.args.iter().all(is_constant) {
                return None;
            }
            next = one.value.as_ref();
        }
        self.captured = next.is_none().then_some(text);
        let value = self.captured.and_then(|_| self.value(filter));
        self.captured = None;
        value
    }

    /// A macro, or the body of `generation`, in a slot.
    fn function(&mut self, slot: Value, index: usize) -> Option<Value> {
        let function = self.tree.functions.get(index)?;
        let special = [function.caller, function.kwargs, function.varargs];
        if special.iter().any(Option::is_some) {
            return None;
        }
        let first = self.free;
        self.free += function.slots;
        self.functions.push(first);
        let parts = self.function_parts(function);
        self.functions.pop();
        let (params, defaults, scope, body) = parts?;
        let slots = self.free - first;
        Some(node(
            "macro",
            [
                slot,
                params,
                defaults,
                scope,
                first.into(),
                slots.into(),
                body,
            ],
        ))
    }

    fn function_parts(&mut self, function: &Function) -> Option<(Value, Value, Value, Value)> {
        let params = list(&function.params, |param| {
            Some(Value::Array(vec![
                self.slot(param.place)?,
                (&*param.name).into(),
            ]))
        })?;
        let scope = self.scope(&function.scope)?;
        let required = function.params.len().checked_sub(function.defaults.len())?;
        let mut defaults = vec![Value::Null; required];
        for default in &function.defaults {
            defaults.push(self.value(default)?);
        }
        let body = self.body(&function.body)?;
        Some((params, Value::Array(defaults), scope, body))
    }

    /// `namespace(…)` with keywords.
    fn namespace(&mut self, expr: &Expr) -> Option<Value> {
        let Expr::Call(call) = expr else { return None };
        if self.global_of(&call.callee)? != "namespace" {
            return None;
        }
        let members = list(&call.args, |arg| match arg {
            Arg::Keyword(name, value) if is_member(name) => {
                Some(Value::Array(vec![(&**name).into(), self.value(value)?]))
            }
            _ => None,
        });
        Some(node("space", [members?]))
    }

    /// `tojson` where it is printed at once: elsewhere its result is marked as safe, which plans do not know.
    fn json(&mut self, value: &Expr) -> Option<Value> {
        let Expr::Filter(filter) = value else {
            return None;
        };
        if &*filter.name != "tojson" || self.dialect == Dialect::HuggingFace {
            return None;
        }
        let spaces = match &*filter.args {
            [] => Value::Null,
            [Arg::Positional(Expr::Const(Const::Int(spaces @ 0..=16)))] => (*spaces).into(),
            [Arg::Keyword(name, Expr::Const(Const::Int(spaces @ 0..=16)))]
                if &**name == "indent" =>
            {
                (*spaces).into()
            }
            _ => return None,
        };
        Some(node("json", [self.value(filter.value.as_ref()?)?, spaces]))
    }

    fn each(&mut self, each: &For) -> Option<Value> {
        if each.recursive {
            return None;
        }
        let (view, value) = match view(&each.iter) {
            Some((view, value)) => (view, self.value(value)?),
            None => ("", self.items(&each.iter)?),
        };
        let condition = match each.test {
            Some(test) => self.condition(self.tree.tests.get(test)?)?,
            None => Value::Null,
        };
        let target = self.target(&each.target)?;
        let place = match each.loop_place {
            Some(place) => Some(self.at(place)?),
            None => None,
        };
        self.loops.extend(place);
        let inside = self
            .scope(&each.scope)
            .and_then(|scope| Some((scope, self.body(&each.body)?)));
        if place.is_some() {
            self.loops.pop();
        }
        let (scope, body) = inside?;
        let other_scope = self.scope(&each.other_scope)?;
        let other = self.body(&each.other)?;
        Some(node(
            "for",
            [
                target,
                view.into(),
                value,
                place.into(),
                scope,
                body,
                other_scope,
                other,
                condition,
            ],
        ))
    }

    /// The condition of a loop: its target once more, and what must hold.
    fn condition(&mut self, test: &LoopTest) -> Option<Value> {
        self.functions.push(self.free);
        self.free += test.slots;
        let parts = self.target(&test.target).and_then(|target| {
            let scope = self.scope(&test.scope)?;
            Some(vec![target, scope, self.value(&test.test)?])
        });
        self.functions.pop();
        parts.map(Value::Array)
    }
}

/// Statements as one.
fn in_turn(statements: Vec<Value>) -> Value {
    node("if", [Value::Array(Vec::new()), Value::Array(statements)])
}
