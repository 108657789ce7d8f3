//! A map that is bounded by bytes.

use std::borrow::Borrow;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::Hash;

/// Keeps used items and drops unused ones, within a number of bytes that the caller accounts for.
///
/// Every item has an owner, and the owner of the most bytes loses items first: one owner's flood drops nothing else.
/// Among one owner's items the least recently used goes first, by second chance: a read sets a mark instead of moving
/// the item, and the oldest item without a mark is dropped.
#[derive(Debug)]
pub struct ClockCache<K, V> {
    items: HashMap<K, CachedItem<V>>,
    shares: HashMap<u64, OwnerShare<K>>,
    /// Shares ordered by bytes.
    by_bytes: BTreeSet<(usize, u64)>,
    bytes: usize,
    max_bytes: usize,
    turn: u64,
}

#[derive(Debug)]
struct CachedItem<V> {
    value: V,
    owner: u64,
    bytes: usize,
    used: bool,
    turn: u64,
}

/// The items of one owner.
#[derive(Debug)]
struct OwnerShare<K> {
    queue: VecDeque<(K, u64)>,
    items: usize,
    bytes: usize,
}

impl<K> Default for OwnerShare<K> {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            items: 0,
            bytes: 0,
        }
    }
}

impl<K: Clone + Eq + Hash, V> ClockCache<K, V> {
    /// The cost of an item beside its own bytes.
    pub const OVERHEAD: usize = 128;

    /// An empty cache for at most `max_bytes`.
    pub fn new(max_bytes: usize) -> Self {
        Self {
            items: HashMap::new(),
            shares: HashMap::new(),
            by_bytes: BTreeSet::new(),
            bytes: 0,
            max_bytes,
            turn: 0,
        }
    }

    /// The value under `key`; counts as a use.
    pub fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let item = self.items.get_mut(key)?;
        item.used = true;
        Some(&mut item.value)
    }

    /// The value under `key`; does not count as a use.
    pub fn peek<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.items.get(key).map(|item| &item.value)
    }

    /// As [`ClockCache::put_for`], with one owner for all items.
    pub fn put(&mut self, key: K, value: V, bytes: usize) {
        self.put_for(0, key, value, bytes);
    }

    /// Keeps an owner's `value`, which takes `bytes` with its key, in place of what was there. An item larger than the
    /// whole cache is not kept.
    pub fn put_for(&mut self, owner: u64, key: K, value: V, bytes: usize) {
        self.remove(&key);
        let bytes = bytes.saturating_add(Self::OVERHEAD);
        if bytes > self.max_bytes {
            return;
        }
        self.turn += 1;
        let turn = self.turn;
        let item = CachedItem {
            value,
            owner,
            bytes,
            used: false,
            turn,
        };
        self.items.insert(key.clone(), item);
        self.account(owner, |share| {
            share.queue.push_back((key, turn));
            share.items += 1;
            share.bytes += bytes;
        });
        self.bytes += bytes;
        self.shrink();
    }

    /// Drops what is under `key` and returns it.
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let item = self.items.remove(key)?;
        self.bytes -= item.bytes;
        self.account(item.owner, |share| {
            share.items -= 1;
            share.bytes -= item.bytes;
        });
        let items = &self.items;
        if let Some(share) = self.shares.get_mut(&item.owner)
            && share.queue.len() > 2 * share.items + 16
        {
            share.queue.retain(|(key, turn)| {
                items
                    .get(key.borrow())
                    .is_some_and(|item| item.turn == *turn)
            });
        }
        Some(item.value)
    }

    /// All items, in no order; does not count as a use.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.items
            .iter_mut()
            .map(|(key, item)| (key, &mut item.value))
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The bytes of all items, [`ClockCache::OVERHEAD`] included.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn shrink(&mut self) {
        while self.bytes > self.max_bytes {
            let Some((_, owner)) = self.by_bytes.last().copied() else {
                return;
            };
            let Some(share) = self.shares.get_mut(&owner) else {
                return;
            };
            let Some((key, turn)) = share.queue.pop_front() else {
                return;
            };
            match self.items.get_mut(&key) {
                Some(item) if item.turn == turn && item.used => {
                    item.used = false;
                    share.queue.push_back((key, turn));
                }
                Some(item) if item.turn == turn => {
                    self.remove(&key);
                }
                _ => {}
            }
        }
    }

    /// Changes a share; an empty one is removed.
    fn account(&mut self, owner: u64, change: impl FnOnce(&mut OwnerShare<K>)) {
        let share = self.shares.entry(owner).or_default();
        self.by_bytes.remove(&(share.bytes, owner));
        change(share);
        if share.items == 0 {
            self.shares.remove(&owner);
        } else {
            self.by_bytes.insert((share.bytes, owner));
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

    #[test]
    fn a_flood_drops_nothing_of_those_who_hold_less() {
        let mut cache = ClockCache::new(100 * ITEM);
        for key in 0..40_u32 {
            cache.put_for(1, key, (), 0);
        }
        for key in 1_000..2_000 {
            cache.put_for(2, key, (), 0);
            cache.get(&key);
        }
        assert!((0..40).all(|key| cache.peek(&key).is_some()));
        assert_eq!(cache.len(), 100);
        // Owners of few entries displace entries of the owner with the most, until all have equally many.
        for key in 2_000..2_200 {
            cache.put_for(u64::from(key), key, (), 0);
        }
        assert_eq!(cache.len(), 100);
        assert!((0..40).filter(|key| cache.peek(key).is_some()).count() <= 1);
    }

    proptest! {
        #[test]
        fn never_over_its_bytes_and_always_in_step(steps in prop::collection::vec((0_u8..12, 0_usize..600, 0_u8..3), 0..400)) {
            let mut cache = ClockCache::new(2_000);
            for (key, bytes, verb) in steps {
                match verb {
                    0 => cache.put_for(u64::from(key % 3), key, key, bytes),
                    1 => drop(cache.get(&key).map(|value| assert_eq!(*value, key))),
                    _ => drop(cache.remove(&key)),
                }
                prop_assert!(cache.bytes() <= 2_000);
                prop_assert_eq!(cache.bytes(), cache.items.values().map(|item| item.bytes).sum::<usize>());
                for (owner, share) in &cache.shares {
                    let of_owner = || cache.items.values().filter(|item| item.owner == *owner);
                    prop_assert_eq!(share.items, of_owner().count());
                    prop_assert_eq!(share.bytes, of_owner().map(|item| item.bytes).sum::<usize>());
                    prop_assert!(share.items > 0 && cache.by_bytes.contains(&(share.bytes, *owner)));
                    prop_assert!(share.queue.len() <= 2 * share.items + 17);
                }
                prop_assert_eq!(cache.shares.len(), cache.by_bytes.len());
            }
        }
    }
}
