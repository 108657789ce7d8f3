//! Texts as keys of an ordered map, by a hash of them first: texts with a long common beginning would cost that length
//! at each step of a search. Texts whose hashes collide cost no more than without hashes.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::Str;

/// A text and its hash.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct HashedText {
    hash: u64,
    text: Arc<str>,
}

impl HashedText {
    pub(crate) fn new(text: &Str) -> Self {
        Self {
            hash: hash(text),
            text: Arc::clone(text.shared()),
        }
    }
}

/// The value of a text.
pub(crate) fn get(map: &BTreeMap<HashedText, usize>, text: &str) -> Option<usize> {
    let key = (hash(text), text);
    map.get(&key as &dyn TextKey).copied()
}

/// A hash and its text, owned or not.
trait TextKey {
    fn parts(&self) -> (u64, &str);
}

impl TextKey for HashedText {
    fn parts(&self) -> (u64, &str) {
        (self.hash, &self.text)
    }
}

impl TextKey for (u64, &str) {
    fn parts(&self) -> (u64, &str) {
        *self
    }
}

impl<'a> Borrow<dyn TextKey + 'a> for HashedText {
    fn borrow(&self) -> &(dyn TextKey + 'a) {
        self
    }
}

impl PartialEq for dyn TextKey + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for dyn TextKey + '_ {}

impl PartialOrd for dyn TextKey + '_ {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for dyn TextKey + '_ {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

/// The multiplier of splitmix64.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

fn hash(text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    for (place, byte) in last.iter_mut().zip(rest) {
        *place = *byte;
    }
    let words = words.iter().copied().chain([last]);
    let mix = |hash: u64, word| (hash.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(MIX);
    words.fold(text.len() as u64, mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_among_its_kin() {
        let texts: Vec<String> = (0..300).map(|n| format!("{}{n}", "a".repeat(n))).collect();
        let map = texts.iter().enumerate();
        let map: BTreeMap<_, _> = map
            .map(|(index, text)| (HashedText::new(&Str::new(text.as_str())), index))
            .collect();
        for (index, text) in texts.iter().enumerate() {
            assert_eq!(get(&map, text), Some(index));
            assert_eq!(get(&map, &format!("{text}a")), None);
        }
        assert_eq!(get(&map, ""), None);
    }
}
