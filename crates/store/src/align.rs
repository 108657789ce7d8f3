//! What two sequences have in common, in order.

/// A step from one sequence to the other; the numbers are indexes from 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// The same in both: index before, index after.
    Keep(usize, usize),
    /// Only in the first.
    Remove(usize),
    /// Only in the second.
    Add(usize),
}

/// The largest table of the exact comparison. Beyond it, what lies between the common beginning and the common end is
/// taken as replaced.
const MAX_CELLS: usize = 1 << 20;

/// The shortest way from `before` to `after`: removals come before additions.
pub(crate) fn align<T: PartialEq>(before: &[T], after: &[T]) -> Vec<Step> {
    let same = |(a, b): &(&T, &T)| a == b;
    let head = before.iter().zip(after).take_while(same).count();
    let (_, old) = before.split_at_checked(head).unwrap_or_default();
    let (_, new) = after.split_at_checked(head).unwrap_or_default();
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(same)
        .count();
    let (old, _) = old.split_at_checked(old.len() - tail).unwrap_or_default();
    let (new, _) = new.split_at_checked(new.len() - tail).unwrap_or_default();

    let mut steps: Vec<Step> = (0..head).map(|at| Step::Keep(at, at)).collect();
    steps.extend(middle(old, new).into_iter().map(|step| match step {
        Step::Keep(a, b) => Step::Keep(head + a, head + b),
        Step::Remove(a) => Step::Remove(head + a),
        Step::Add(b) => Step::Add(head + b),
    }));
    let (a, b) = (head + old.len(), head + new.len());
    steps.extend((0..tail).map(|at| Step::Keep(a + at, b + at)));
    steps
}

fn middle<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Step> {
    let width = new.len() + 1;
    let replaced = || {
        let removed = (0..old.len()).map(Step::Remove);
        removed.chain((0..new.len()).map(Step::Add)).collect()
    };
    if old.is_empty() || new.is_empty() || (old.len() + 1).saturating_mul(width) > MAX_CELLS {
        return replaced();
    }
    // `common[a * width + b]`: the length of the longest common subsequence of `old[a..]` and `new[b..]`.
    let mut common = vec![0u32; (old.len() + 1) * width];
    let at = |common: &[u32], a: usize, b: usize| common.get(a * width + b).copied().unwrap_or(0);
    for (a, x) in old.iter().enumerate().rev() {
        for (b, y) in new.iter().enumerate().rev() {
            let longest = if x == y {
                at(&common, a + 1, b + 1) + 1
            } else {
                at(&common, a + 1, b).max(at(&common, a, b + 1))
            };
            if let Some(cell) = common.get_mut(a * width + b) {
                *cell = longest;
            }
        }
    }
    let (mut a, mut b) = (0, 0);
    let mut steps = Vec::new();
    while let (Some(x), Some(y)) = (old.get(a), new.get(b)) {
        if x == y {
            steps.push(Step::Keep(a, b));
            (a, b) = (a + 1, b + 1);
        } else if at(&common, a + 1, b) >= at(&common, a, b + 1) {
            steps.push(Step::Remove(a));
            a += 1;
        } else {
            steps.push(Step::Add(b));
            b += 1;
        }
    }
    steps.extend((a..old.len()).map(Step::Remove));
    steps.extend((b..new.len()).map(Step::Add));
    steps
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
            for step in align(&before, &after) {
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
            .map(|n| if n % 3000 == 0 || n == 2999 { n } else { n + 1 })
            .collect();
        let steps = align(&before, &after);
        assert_eq!(steps.first(), Some(&Step::Keep(0, 0)));
        assert_eq!(steps.last(), Some(&Step::Keep(2999, 2999)));
        assert_eq!(steps.len(), 2 + 2 * 2998);
    }
}
