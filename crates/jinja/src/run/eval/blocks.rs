//! `block`, and `self.name()`.

use std::sync::Arc;

use super::Flow;
use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::syntax::tree::*;
use crate::value::map::Map;
use crate::value::object::{Kind, Object};
use crate::value::{Missing, Str, Value, failed};

impl<'t> Ctx<'t> {
    pub(super) fn exec_block(&mut self, index: usize) -> Result<Flow> {
        let Some(block) = self.program.tree.blocks.get(index) else {
            return Ok(Flow::Normal);
        };
        if block.required {
            let detail = format!("Required block '{}' not found", block.name);
            return Err(failed(detail));
        }
        if block.scoped {
            self.charge(16 * block.locals.len())?;
            let mut overlay = Map::default();
            for (name, place) in &block.locals {
                if let Some(value) = self.read(*place) {
                    overlay.insert_str(Str::new(Arc::clone(name)), value);
                }
            }
            self.charge_memory(overlay.len() * 2 * size_of::<Value>())?;
            self.overlays.push(overlay);
        }
        let result = self.run_block(block);
        if block.scoped {
            self.overlays.pop();
        }
        result.map(|()| Flow::Normal)
    }

    fn run_block(&mut self, block: &'t Block) -> Result<()> {
        let frame = self.new_frame(block.slots, None)?;
        if let Some(slot) = block.self_slot {
            frame.set(slot, Some(Value::object(Object(Kind::Blocks))));
        }
        if let Some(slot) = block.super_slot {
            let hint = format!("there is no parent block called '{}'.", block.name);
            frame.set(slot, Some(self.undefined(Missing::Hint(hint.into()))));
        }
        self.deeper(|ctx| {
            let outer = std::mem::replace(&mut ctx.frame, frame);
            let around = std::mem::take(&mut ctx.escaping);
            ctx.enter(&block.scope)?;
            let result = ctx.exec(&block.body);
            ctx.frame = outer;
            ctx.escaping = around;
            result.map(drop)
        })
    }

    /// `self.name()`
    pub(crate) fn call_block(&mut self, name: &str) -> Result<Value> {
        let blocks = &self.program.tree.blocks;
        let Some(block) = blocks.iter().find(|block| *block.name == *name) else {
            return Err(failed("there is no such block"));
        };
        let ((), text) = self.capture_out(|ctx| ctx.nested(|ctx| ctx.run_block(block)))?;
        Ok(self.captured_str(text))
    }
}
