//! What a template says of its names before it is translated: which ones live in a namespace, and what they may hold.

use std::collections::{BTreeMap, BTreeSet};

use super::expression::Reader;
use super::scan::{Markup, Piece};

/// What a value may be, where that decides how it prints or reckons.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Nothing special is known.
    Plain,
    /// A whole number.
    Number,
    /// `2.5`: products print otherwise.
    Fraction,
    /// `true`, `false` or `nil`: they print otherwise.
    Flag,
    /// A list prints otherwise.
    List,
    /// Escaped text, which Jinja2 tells apart from other text.
    Escaped,
    /// A name that holds several of these.
    Mixed,
}

/// The names that a template assigns.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Those that a block assigns or captures: in Liquid they outlive it, in Jinja2 only a namespace's do.
    pub(super) shared: BTreeSet<String>,
    kinds: BTreeMap<String, Kind>,
}

impl Names {
    /// How often the template is read to see what names hold; each time reaches one assignment further back.
    const PASSES: u32 = 3;

    pub(super) fn of(pieces: &[Piece<'_>]) -> Self {
        let mut names = Self {
            shared: shared(pieces),
            kinds: BTreeMap::new(),
        };
        for _ in 0..Self::PASSES {
            names.learn(pieces);
        }
        names
    }

    pub(super) fn kind(&self, name: &str) -> Kind {
        self.kinds.get(name).copied().unwrap_or(Kind::Plain)
    }

    /// What is malformed is told later.
    fn learn(&mut self, pieces: &[Piece<'_>]) {
        for piece in pieces {
            let Piece::Tag(Markup { inner, at, .. }) = piece else {
                continue;
            };
            let Some(rest) = inner.strip_prefix("assign") else {
                continue;
            };
            let learnt = Reader::new(rest, *at, self).and_then(|mut reader| {
                let name = reader.name()?.to_owned();
                reader.expect("=")?;
                reader.filtered()?;
                Ok((name, reader.kind))
            });
            if let Ok((name, kind)) = learnt
                && !matches!(kind, Kind::Plain | Kind::Number)
            {
                let known = self.kinds.entry(name).or_insert(kind);
                if *known != kind {
                    *known = Kind::Mixed;
                }
            }
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
