//! The names that a template assigns, collected before it is translated.

use std::collections::BTreeSet;

use super::expression::TagReader;
use super::names::AssignedNames;
use super::scan::{Markup, Piece};
use super::token_budget::TokenBudget;

/// Passes over the template to find the kinds of its names; each pass follows one more assignment.
const PASSES: u32 = 3;

/// The names that a template assigns.
pub(super) fn names(pieces: &[Piece<'_>], tokens: &TokenBudget) -> AssignedNames {
    let mut names = AssignedNames::new(shared(pieces));
    for _ in 0..PASSES {
        assign_kinds(&mut names, pieces, tokens);
    }
    names
}

/// Malformed tags are ignored here: the translation reports them.
fn assign_kinds(names: &mut AssignedNames, pieces: &[Piece<'_>], tokens: &TokenBudget) {
    for piece in pieces {
        let Piece::Tag(Markup { inner, at, .. }) = piece else {
            continue;
        };
        let Some(rest) = inner.strip_prefix("assign") else {
            continue;
        };
        let assigned = TagReader::new(rest, *at, names, tokens).and_then(|mut reader| {
            let name = reader.name()?.to_owned();
            reader.expect("=")?;
            reader.filtered()?;
            Ok((name, reader.kind))
        });
        if let Ok((name, kind)) = assigned {
            names.assign(name, kind);
        }
    }
}

fn shared(pieces: &[Piece<'_>]) -> BTreeSet<String> {
    let mut depth = 0_u32;
    let mut names = BTreeSet::new();
    for piece in pieces {
        let Piece::Tag(Markup { inner, .. }) = piece else {
            continue;
        };
        let mut words = inner
            .split(|c: char| c.is_whitespace() || c == '=')
            .filter(|word| !word.is_empty());
        let (tag, name) = (words.next(), words.next());
        if let (Some("assign" | "capture"), Some(name), 1..) = (tag, name, depth) {
            names.insert(name.to_owned());
        }
        match tag {
            Some("for" | "capture") => depth += 1,
            Some("endfor" | "endcapture") => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    names
}
