//! The order of a module's functions, which does not matter to an engine and helps compression a lot.

use std::collections::HashMap;

use anyhow::{Context, Result};
use wasm_encoder::{Encode, NameMap, NameSection, Section};
use wasmparser::{Parser, Payload, TypeRef};

/// Functions are alike by the pieces of this many bytes that they share.
const PIECE: usize = 6;
/// A piece that is in more functions than this tells nothing of them.
const COMMON: usize = 600;

/// The module with its functions named so that sorting them by name puts each behind the one it is most like.
pub fn name_by_likeness(module: &[u8]) -> Result<Vec<u8>> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload.context("not a module")? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    let mut ranks = vec![0; bodies.len()];
    for (rank, index) in by_likeness(&bodies).into_iter().enumerate() {
        ranks[index] = rank;
    }
    let mut names = NameMap::new();
    for index in 0..imported {
        names.append(index, &format!("import{index:05}"));
    }
    for (index, rank) in (imported..).zip(ranks) {
        names.append(index, &format!("{rank:05}"));
    }
    let mut section = NameSection::new();
    section.functions(&names);
    let mut named = module.to_vec();
    named.push(section.id());
    section.encode(&mut named);
    Ok(named)
}

/// Starts with the first function, and goes on with the remaining one that shares the most with the last.
fn by_likeness(bodies: &[&[u8]]) -> Vec<usize> {
    let pieces: Vec<Vec<&[u8]>> = bodies.iter().map(|body| pieces(body)).collect();
    let mut holders: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (index, pieces) in pieces.iter().enumerate() {
        for piece in pieces {
            holders.entry(piece).or_default().push(index);
        }
    }
    holders.retain(|_, holders| holders.len() < COMMON);

    let mut left = vec![true; bodies.len()];
    let mut order = Vec::with_capacity(bodies.len());
    let mut next = (!bodies.is_empty()).then_some(0);
    while let Some(last) = next {
        left[last] = false;
        order.push(last);
        let mut shared = vec![0_usize; bodies.len()];
        for index in pieces[last]
            .iter()
            .filter_map(|piece| holders.get(piece))
            .flatten()
        {
            shared[*index] += 1;
        }
        // How much is shared, of all that the two have, in parts of a million.
        let likeness = |&index: &usize| {
            shared[index] * 1_000_000 / (pieces[index].len() + pieces[last].len()).max(1)
        };
        let candidates = (0..bodies.len()).rev().filter(|&index| left[index]);
        next = candidates.max_by_key(likeness);
    }
    order
}

fn pieces(body: &[u8]) -> Vec<&[u8]> {
    let mut pieces: Vec<&[u8]> = body.windows(PIECE).collect();
    pieces.sort_unstable();
    pieces.dedup();
    pieces
}
