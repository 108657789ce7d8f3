//! Pages of lists. A cursor is the sort key of the last item, so no page costs more than the first.

/// The most items of a page: 1 to 100.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit(u8);

impl Limit {
    /// The largest.
    pub const MAX: Self = Self(100);

    /// A limit from its number.
    pub fn new(items: u32) -> Option<Self> {
        let items = u8::try_from(items).ok()?;
        (1..=Self::MAX.0).contains(&items).then_some(Self(items))
    }

    pub(crate) fn items(self) -> usize {
        self.0.into()
    }

    pub(crate) fn and_one(self) -> i64 {
        i64::from(self.0) + 1
    }
}

impl Default for Limit {
    /// 50 items.
    fn default() -> Self {
        Self(50)
    }
}

/// A page, and where the next one starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T, C> {
    /// The items, in order.
    pub items: Vec<T>,
    /// The cursor of the next page; `None` at the end.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// Makes a page of at most one item more than it may hold.
    pub(crate) fn cut(mut items: Vec<T>, limit: Limit, cursor: impl Fn(&T) -> C) -> Self {
        let more = items.len() > limit.items();
        items.truncate(limit.items());
        let next = items.last().filter(|_| more).map(cursor);
        Self { items, next }
    }
}
