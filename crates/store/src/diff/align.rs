//! The common parts of two sequences, in order.

use std::hash::Hash;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput, Interner};

/// A step from one sequence to the other, with indexes from 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// The same in both: index before, index after.
    Keep(usize, usize),
    /// Only in the first sequence.
    Remove(usize),
    /// Only in the second sequence.
    Add(usize),
}

/// The most pairs that are compared, of all lines of a difference. The crate's heuristics do not keep it from quadratic
/// time: 50,000 lines of 97 kinds take it seconds. Beyond so many pairs, what lies between the common beginning and the
/// common end is taken as replaced.
pub(super) const MAX_PAIRS: usize = 1 << 22;

/// A short edit script from `before` to `after`: removals come before additions. The pairs that may have to be compared
/// are taken from `pairs`.
pub(super) fn align<T: Eq + Hash>(before: &[T], after: &[T], pairs: &mut usize) -> Vec<Step> {
    let same = |(a, b): &(&T, &T)| a == b;
    let head = before.iter().zip(after).take_while(same).count();
    let (_, old) = before.split_at_checked(head).unwrap_or_default();
    let (_, new) = after.split_at_checked(head).unwrap_or_default();
    let backwards = old.iter().rev().zip(new.iter().rev());
    let tail = backwards.take_while(same).count();
    let (old, _) = old.split_at_checked(old.len() - tail).unwrap_or_default();
    let (new, _) = new.split_at_checked(new.len() - tail).unwrap_or_default();

    let mut steps = Steps::default();
    steps.keep_until(head, head);
    for (removed, added) in hunks(old, new, pairs) {
        steps.keep_until(head + removed.start, head + added.start);
        steps.replace_until(head + removed.end, head + added.end);
    }
    steps.keep_until(before.len(), after.len());
    steps.steps
}

/// Pairs of a removed item and its replacement.
fn hunks<T: Eq + Hash>(
    old: &[T],
    new: &[T],
    pairs: &mut usize,
) -> Vec<(Range<usize>, Range<usize>)> {
    let Some(left) = pairs.checked_sub(old.len().saturating_mul(new.len())) else {
        return vec![(0..old.len(), 0..new.len())];
    };
    *pairs = left;
    let mut interner = Interner::new(old.len() + new.len());
    let tokens = InternedInput {
        before: old.iter().map(|one| interner.intern(one)).collect(),
        after: new.iter().map(|one| interner.intern(one)).collect(),
        interner,
    };
    let range = |range: Range<u32>| range.start as usize..range.end as usize;
    let diff = Diff::compute(Algorithm::Myers, &tokens);
    let hunks = diff.hunks();
    hunks
        .map(|hunk| (range(hunk.before), range(hunk.after)))
        .collect()
}

/// Steps, and how far they have advanced.
#[derive(Default)]
struct Steps {
    steps: Vec<Step>,
    before: usize,
    after: usize,
}

impl Steps {
    fn keep_until(&mut self, before: usize, after: usize) {
        let kept = (self.before..before).zip(self.after..after);
        self.steps.extend(kept.map(|(a, b)| Step::Keep(a, b)));
        (self.before, self.after) = (before, after);
    }

    fn replace_until(&mut self, before: usize, after: usize) {
        self.steps.extend((self.before..before).map(Step::Remove));
        self.steps.extend((self.after..after).map(Step::Add));
        (self.before, self.after) = (before, after);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_steps_lead_from_one_to_the_other(
            before in proptest::collection::vec(0u8..4, 0..12),
            after in proptest::collection::vec(0u8..4, 0..12),
        ) {
            let (mut a, mut b) = (0, 0);
            for step in align(&before, &after, &mut { MAX_PAIRS }) {
                match step {
                    Step::Keep(x, y) => {
                        prop_assert_eq!((x, y), (a, b));
                        prop_assert_eq!(before[x], after[y]);
                        (a, b) = (a + 1, b + 1);
                    }
                    Step::Remove(x) => {
                        prop_assert_eq!(x, a);
                        a += 1;
                    }
                    Step::Add(y) => {
                        prop_assert_eq!(y, b);
                        b += 1;
                    }
                }
            }
            prop_assert_eq!((a, b), (before.len(), after.len()));
        }
    }

    #[test]
    fn what_is_too_long_to_compare_is_replaced_between_its_ends() {
        let before: Vec<u32> = (0..3000).collect();
        let after: Vec<u32> = (0..3000)
            .map(|n| if n == 0 || n == 2999 { n } else { n + 1 })
            .collect();
        let steps = align(&before, &after, &mut { MAX_PAIRS });
        assert_eq!(steps.first(), Some(&Step::Keep(0, 0)));
        assert_eq!(steps.last(), Some(&Step::Keep(2999, 2999)));
        assert_eq!(steps.len(), 2 + 2 * 2998);
    }
}
