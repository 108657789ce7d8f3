//! A map that is bounded by bytes.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Keeps what is used and drops what is not, within a number of bytes that the caller accounts for.
///
/// Least recently used, by second chance: a read sets a mark instead of moving the item, and the oldest item without a mark
/// goes first.
#[derive(Debug)]
pub struct ClockCache<K, V> {
    items: HashMap<K, Item<V>>,
    queue: VecDeque<(K, u64)>,
    bytes: usize,
    max_bytes: usize,
    turn: u64,
}

#[derive(Debug)]
struct Item<V> {
    value: V,
    bytes: usize,
    used: bool,
    turn: u64,
}

impl<K: Clone + Eq + Hash, V> ClockCache<K, V> {
    /// What one item costs beside its own bytes.
    pub const OVERHEAD: usize = 128;

    /// An empty cache for at most `max_bytes`.
    pub fn new(max_bytes: usize) -> Self {
        Self {
            items: HashMap::new(),
            queue: VecDeque::new(),
            bytes: 0,
            max_bytes,
            turn: 0,
        }
    }

    /// What is kept under `key`; counts as a use.
    pub fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let item = self.items.get_mut(key)?;
        item.used = true;
        Some(&mut item.value)
    }

    /// What is kept under `key`; does not count as a use.
    pub fn peek<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.items.get(key).map(|item| &item.value)
    }

    /// Keeps `value`, which takes `bytes` with its key, in place of what was there. An item larger than the whole cache is
    /// not kept.
    pub fn put(&mut self, key: K, value: V, bytes: usize) {
        self.remove(&key);
        let bytes = bytes.saturating_add(Self::OVERHEAD);
        if bytes > self.max_bytes {
            return;
        }
        self.turn += 1;
        self.bytes += bytes;
        self.queue.push_back((key.clone(), self.turn));
        let item = Item {
            value,
            bytes,
            used: false,
            turn: self.turn,
        };
        self.items.insert(key, item);
        self.shrink();
    }

    /// Drops what is under `key` and returns it.
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let item = self.items.remove(key)?;
        self.bytes -= item.bytes;
        if self.queue.len() > 2 * self.items.len() + 16 {
            let items = &self.items;
            self.queue.retain(|(key, turn)| {
                items
                    .get(key.borrow())
                    .is_some_and(|item| item.turn == *turn)
            });
        }
        Some(item.value)
    }

    /// Everything that is kept, in no order; does not count as a use.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.items
            .iter_mut()
            .map(|(key, item)| (key, &mut item.value))
    }

    /// How many items are kept.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The bytes that all items take, [`ClockCache::OVERHEAD`] included.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn shrink(&mut self) {
        while self.bytes > self.max_bytes {
            let Some((key, turn)) = self.queue.pop_front() else {
                return;
            };
            match self.items.get_mut(&key) {
                Some(item) if item.turn == turn && item.used => {
                    item.used = false;
                    self.queue.push_back((key, turn));
                }
                Some(item) if item.turn == turn => {
                    self.bytes -= item.bytes;
                    self.items.remove(&key);
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ITEM: usize = ClockCache::<u8, ()>::OVERHEAD;

    #[test]
    fn what_is_used_outlives_what_is_not() {
        let mut cache = ClockCache::new(3 * ITEM);
        for key in [1, 2, 3] {
            cache.put(key, key, 0);
        }
        cache.get(&1);
        cache.put(4, 4, 0);
        let mut kept: Vec<u8> = cache.iter_mut().map(|(key, _)| *key).collect();
        kept.sort_unstable();
        assert_eq!(kept, [1, 3, 4]);
    }

    #[test]
    fn what_is_too_large_is_not_kept_and_drops_its_predecessor() {
        let mut cache = ClockCache::new(2 * ITEM);
        cache.put("a", 1, 0);
        cache.put("a", 2, 2 * ITEM);
        assert!(cache.is_empty() && cache.bytes() == 0);
    }

    proptest! {
        #[test]
        fn never_over_its_bytes_and_always_in_step(steps in prop::collection::vec((0_u8..12, 0_usize..600, 0_u8..3), 0..400)) {
            let mut cache = ClockCache::new(2_000);
            for (key, bytes, verb) in steps {
                match verb {
                    0 => cache.put(key, key, bytes),
                    1 => drop(cache.get(&key).map(|value| assert_eq!(*value, key))),
                    _ => drop(cache.remove(&key)),
                }
                prop_assert!(cache.bytes() <= 2_000);
                prop_assert_eq!(cache.bytes(), cache.items.values().map(|item| item.bytes).sum::<usize>());
                prop_assert!(cache.queue.len() <= 2 * cache.items.len() + 17 || cache.queue.len() < 64);
            }
        }
    }
}
