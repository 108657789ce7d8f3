//! "Did you mean …?"

use strsim::osa_distance;

/// The most steps of one search: one per pair of letters compared, and one per letter read.
const MAX_WORK: usize = 1 << 14;

/// The candidate that a misspelt name probably means: the nearest by edits (a swap of neighbours is one edit), ignoring
/// letter case and `_`, at most a third of the name away. Of very many candidates, the last are not considered.
pub(crate) fn suggest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let mut candidates = candidates.into_iter();
    nearest(name, &mut || candidates.next())
}

/// A function that gives the next candidate is less code in the wasm than an iterator, which has many functions.
fn nearest<'a>(name: &str, next: &mut dyn FnMut() -> Option<&'a str>) -> Option<String> {
    let (plain, length) = plain(name);
    let most = (length / 3).max(1);
    let mut left = MAX_WORK;
    let (distance, nearest) = std::iter::from_fn(next)
        .map_while(|candidate| {
            let (letters, count) = self::plain(candidate);
            // At least that many letters must be added or removed.
            let apart = length.abs_diff(count) > most;
            let pairs = if apart { 0 } else { length * count };
            left = left.checked_sub(count + pairs)?;
            Some((!apart).then(|| (osa_distance(&plain, &letters), candidate)))
        })
        .flatten()
        .min_by_key(|(distance, _)| *distance)?;
    // One edit turns every name of one letter into every other.
    (distance <= most && distance < length.max(1)).then(|| nearest.to_owned())
}

/// The name in its compared form, and its length.
fn plain(name: &str) -> (String, usize) {
    let letters = name.chars().take(256).filter(|c| *c != '_').take(64);
    let plain: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    let length = plain.chars().count();
    (plain, length)
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
