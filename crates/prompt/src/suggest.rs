//! "Did you mean …?"

/// The most steps of one search: one per pair of letters that is compared, and one per letter that is read.
const MAX_WORK: usize = 1 << 14;

/// The candidate that a misspelt name was probably meant to be: nearest by edits (a swap of neighbours is one), letter
/// case and `_` aside, at most a third of the name away. Of very many candidates, the last are not looked at.
pub(crate) fn suggest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(name, &mut candidates.into_iter())
}

fn nearest(name: &str, candidates: &mut dyn Iterator<Item = &str>) -> Option<String> {
    let plain = plain(name);
    let most = (plain.len() / 3).max(1);
    let mut left = MAX_WORK;
    let (distance, nearest) = candidates
        .map_while(|candidate| {
            let letters = self::plain(candidate);
            // So many letters must be added or taken away.
            let apart = plain.len().abs_diff(letters.len()) > most;
            let pairs = if apart {
                0
            } else {
                plain.len() * letters.len()
            };
            left = left.checked_sub(letters.len() + pairs)?;
            Some((!apart).then(|| (edits(&plain, &letters), candidate)))
        })
        .flatten()
        .min_by_key(|(distance, _)| *distance)?;
    // One edit turns every one-letter name into every other.
    (distance <= most && distance < plain.len().max(1)).then(|| nearest.to_owned())
}

fn plain(name: &str) -> Vec<char> {
    let letters = name.chars().filter(|c| *c != '_').take(64);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Optimal string alignment distance.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(above.len());
        row.push(i + 1);
        for (j, cb) in b.iter().enumerate() {
            let at =
                |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX - 1);
            let mut best = (at(&above, j) + usize::from(ca != cb))
                .min(at(&above, j + 1) + 1)
                .min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(cb) && b.get(j - 1) == Some(ca);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn finds_what_was_meant() {
        let names = ["name", "customer_name", "orders", "x"];
        for (name, meant) in [
            ("nmae", Some("name")),
            ("Name", Some("name")),
            ("customerName", Some("customer_name")),
            ("order", Some("orders")),
            ("odrers", Some("orders")),
            ("y", None),
            ("company", None),
            ("", None),
        ] {
            assert_eq!(suggest(name, names).as_deref(), meant, "{name}");
        }
        assert_eq!(suggest("name", []), None);
    }
}
